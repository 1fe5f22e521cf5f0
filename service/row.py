"""One line of a list of recommendations: what it shows, and how it is asked for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from models.bearing import Stage
from models.dealings import PromiseState
from models.finding import Kind, Role
from service.money import Money
from service.status import DismissReason, Mark, Status, View
from service.words import Likelihood, unusual


class Sort(StrEnum):
    """Orders of the list; each ends with the id, so that no two rows tie."""

    EXPECTED_LOSS = "-expected_loss"
    AT_STAKE = "-at_stake"
    DUE_ON = "due_on"
    CLIENT_NAME = "client_name"
    CLOSED_AT = "-closed_at"
    """Only the closed list has it, and it is its default."""


@dataclass(frozen=True)
class Filters:
    """Rows that match all given filters; an empty collection or None does not filter."""

    view: View = View.OPEN
    owner_roles: Collection[Role] = ()
    risks: Collection[str] = ()
    client_id: str | None = None
    currencies: Collection[str] = ()
    """Original currencies, ISO 4217."""
    min_at_risk: Decimal | None = None
    """At stake in the reporting currency, at least."""
    mark: Mark | None = None
    """What singles it out; None for all."""
    stages: Collection[Stage] = ()
    """Of the bill that it is about."""
    draft_id: str = ""
    """Of the draft that it is about; empty where it is about none."""
    one_a_case: bool = False
    """Of what is about one bill, or one record that is on none, only the row with the largest expected loss."""
    search: str = ""
    """Words of client, reference, title or record id, any case; all must occur."""


@dataclass(frozen=True)
class RecommendationRow:
    """One recommendation as a list shows it."""

    id: str
    version: int
    """Counts its changes; `etag` is what If-Match compares."""
    run_id: str
    """The scoring run this row's figures are of."""
    rank: int
    """Place in its run, from 1."""
    kind: Kind
    risk: str
    title: str
    entity_type: str
    entity_id: str
    owner_role: Role
    client_id: str
    client_name: str
    reference: str
    due_on: date | None
    at_stake: Money
    """In the record's own currency."""
    at_stake_reporting: Money
    expected_loss: Money
    """In the reporting currency: what the list ranks by."""
    probability: float | None
    """None when certain, when it has happened, or withheld."""
    likelihood: Likelihood | None
    """Words for `probability`; "certain" for a control, "has happened" for a fact; None when withheld, and for an anomaly."""
    unusualness: float | None
    """Of an anomaly: share of past records of its kind that are at least as unusual. A rank, no probability."""
    withheld: str
    """Why likelihood is not shown, or empty."""
    predicted_on: date | None
    predicted_low_on: date | None
    predicted_high_on: date | None
    """Median and 80 % range of the payment date."""
    top_reason: str
    """The strongest raising reason as a sentence; empty when there is none or likelihood is withheld."""
    suggestion: str
    provisional: bool
    """Likelihood and expected loss are a simple rule's or simulated firms': there is no model of the firm's own to trust yet."""
    as_of: datetime
    """State of the records that were scored."""
    first_found_at: datetime
    in_dispute: bool
    """A dispute on it is open, as the records show."""
    promise_state: PromiseState | None
    """Of the promise that counts for it, the one made last; None without one."""
    promised_for_on: date | None
    promised: Money | None
    """What of that promise falls on this record and has not come, in the record's own currency."""
    status: Status
    """As of now: a snoozed one whose time has come is open."""
    snoozed_until: datetime | None
    dismiss_reason: DismissReason | None
    decided_at: datetime | None
    decided_by: str
    closed_at: datetime | None
    closed_sentence: str
    """Why it closed by itself, such as "Paid in full on 3 Dec 2026."; empty unless closed."""
    outcome: str | None
    """What the records show became of it: paid, cancelled, disputed, sent, written_off."""
    outcome_on: date | None
    stage: Stage = "unbilled"
    """Of the bill that it is about."""
    draft_id: str = ""
    """Of the draft that it is about; empty where it is about none."""
    happened: bool = False
    """What it warns of has happened already, as the records show."""
    further: int = 0
    """How many more rows the same filters hold of its case; only where one row a case was asked for."""

    @property
    def said(self) -> Likelihood | None:
        """What a list says in the column of likelihood: for an anomaly how unusual it is, which is no likelihood."""
        return self.likelihood if self.unusualness is None else unusual(self.unusualness)

    @property
    def etag(self) -> str:
        """Strong entity tag: changes with every decision, re-score and returning snooze."""
        return f'"{self.version}.{self.status}"'
