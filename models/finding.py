"""What was found: one shape for the certain (controls), the likely (risks) and the unusual (anomalies)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from urllib.parse import quote, unquote

from models.bearing import UNBILLED, Bearing, stage_of
from models.dealings import Dealings
from models.project_course import ProjectCourse

Kind = Literal["control", "risk", "anomaly"]
Role = Literal["billing_reviewer", "delivery_lead", "collector"]
Ending = Literal["paid", "cancelled", "disputed", "sent", "written_off", "entered", "not_entered", "closed"]
"""What became of a record that was on a worklist."""

ONCE = "once"
"""The period of a thing that lives once, as an invoice does; a timesheet's period is its week."""


def finding_id(check: str, entity_id: str, period: str = ONCE) -> str:
    """The identity of a finding. It outlives every re-score, so a decision stays attached to it."""
    return f"{check}:{quote(entity_id, safe='')}:{period}"


def parse_finding_id(identity: str) -> tuple[str, str, str]:
    """Risk or control, entity and period of an identity that `finding_id` built."""
    check, entity, period = identity.split(":")
    return check, unquote(entity), period


@dataclass(frozen=True)
class Reason:
    """One group of signals that moved a likelihood, in words a person may read."""

    code: str
    text: str
    raises: bool
    effect: float
    """Log-odds; the sum of all reasons and the base is the score. Of an anomaly: minus the logarithm of the share of past records that
    stand out as much in this respect, and nothing is summed."""
    seen: str
    usual: str


@dataclass(frozen=True)
class Evidence:
    """A small table of records that a person can check against the source."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    source: str
    """System and time of reading, as text."""


@dataclass(frozen=True)
class LinePart:
    """One line of an invoice, and its part of the invoice's likelihood."""

    line_id: str
    line_no: int
    what: str
    amount: Decimal
    """Net, in the invoice's currency."""
    share: float
    """Of the likelihood: the shares of an invoice's lines add up to one."""
    probability: float | None
    """Share x the invoice's; None where that has none."""
    why: str
    """What is amiss with it, as a clause; empty where nothing is."""


@dataclass(frozen=True)
class Finding:
    """One thing found about one record, as of one instant."""

    kind: Kind
    risk: str
    """Name of the risk or control."""
    entity_type: str
    entity_id: str
    period: str
    title: str
    as_of: datetime
    owner_role: Role
    client_id: str
    client_name: str
    reference: str
    """What a person calls the record, such as the invoice's number."""
    due_on: date | None
    """Day on which the invoice is to be paid, deadline of the timesheet or planned end of the project."""
    issued_on: date | None
    """Day on which the invoice went to the client; None for a draft."""
    amount_at_stake: Decimal
    currency: str
    stake_reporting: Decimal
    """`amount_at_stake` in the firm's reporting currency, at the rate known at `as_of`."""
    reporting_currency: str
    probability: float | None
    """Calibrated; None for a control, which is certain, and for what has already happened."""
    expected_loss: Decimal
    """probability x stake x share that acting can save, in the reporting currency: what the worklist ranks by."""
    predicted_on: date | None
    predicted_low_on: date | None
    predicted_high_on: date | None
    """Median and 80 % range of the date of payment; None where no date is predicted."""
    predicted_dates: tuple[date, ...]
    """20 equally likely dates, in order; empty where no date is predicted."""
    suggestion: str
    clears: str
    """Which record would close it, as a sentence."""
    reasons: tuple[Reason, ...]
    evidence: tuple[Evidence, ...]
    rule_probability: float | None
    """What the simple rule says, shown beside the model."""
    facts: dict[str, str]
    """Further figures of the record, ready to read: what they are -> value."""
    dealings: Dealings
    """What the records tell of the client: promises, payments, disputes. Empty where nobody collects."""
    provisional: bool
    """Scored by a simple rule or by what simulated firms taught: there are too few own outcomes to trust, or none that helps."""
    model_version: str
    unusualness: float | None = None
    """Of an anomaly: the share of the firm's past records of its kind that are at least as unusual. A rank, never a probability."""
    lines: tuple[LinePart, ...] = ()
    """The record's lines, the likeliest first; empty where it has none or they are not judged."""
    course: ProjectCourse | None = None
    """Of a project: its margin and its cost against plan, to be drawn."""
    caveat: str = ""
    """Why it is provisional, a whole sentence; empty where it is not, or where there is no model at all."""
    happened: bool = False
    """Of a risk: what it warns of has already happened, as the records show. A fact, which is ranked by all the money at stake."""
    bears_on: Bearing | None = None
    """The bill that it is about; None: what its record says, an invoice itself or no bill."""

    @property
    def bearing(self) -> Bearing:
        if self.bears_on is not None:
            return self.bears_on
        if self.entity_type != "invoice":
            return UNBILLED
        return Bearing(self.entity_id, stage_of(self.issued_on, as_of=self.as_of))

    @property
    def case_key(self) -> str:
        """What a reviewer looks at in one go: the bill, or a record that is on none."""
        bill = self.bearing.bill_id
        return f"invoice:{bill}" if bill else f"{self.entity_type}:{self.entity_id}"

    @property
    def id(self) -> str:
        return finding_id(self.risk, self.entity_id, self.period)

    @property
    def in_dispute(self) -> bool:
        """Whether a dispute on the record is open."""
        return self.dealings.disputes_now(self.entity_id)


@dataclass(frozen=True)
class Closure:
    """What the records say became of a record that was on a worklist: reason enough to close its recommendation."""

    entity_type: str
    entity_id: str
    outcome: Ending
    on: date
    sentence: str


@dataclass(frozen=True)
class ScoringRun:
    """One scoring of one risk: which model read which data when."""

    id: str
    risk: str
    as_of: datetime
    scored_at: datetime
    model_version: str
    model_digest: str
    lake_versions: dict[str, int]
    """Delta version of each table read: the data, to the row."""
    withheld: str
    """Why likelihoods must not be shown (calibration failed, too few outcomes), or empty."""
    notices: tuple[str, ...]
    """What a reader of the worklist must know, such as a currency without a rate."""
