"""A recommendation over the wire: every field with its unit and an example."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field

from models.dealings import PromiseState
from models.finding import Kind
from models.finding import Role as OwnerRole
from service.api.wire import LikelihoodField, MoneyField, Wire
from service.row import RecommendationRow
from service.status import DismissReason, Status


class Recommendation(Wire):
    """A finding that a person decides on. Nothing is posted anywhere."""

    id: Annotated[str, Field(description="Outlives every re-score. Opaque: quote it in paths.", examples=["collections:INV-20177:once"])]
    etag: Annotated[str, Field(description="Entity tag of this state, for If-Match.", examples=['"3.open"'])]
    run_id: Annotated[str, Field(description="Scoring run that the figures are of.", examples=["5b1f0c6e"])]
    rank: Annotated[int, Field(description="Place in that run by expected loss, from 1.", examples=[1], ge=1)]
    kind: Annotated[
        Kind, Field(description="control: certain, from a rule; risk: likely, from a model; anomaly: unusual.", examples=["risk"])
    ]
    risk: Annotated[str, Field(description="Name of the risk or control.", examples=["collections"])]
    title: Annotated[str, Field(description="The finding in a few words.", examples=["Likely to be paid late"])]
    entity_type: Annotated[str, Field(description="Table of the record it is about.", examples=["invoice"])]
    entity_id: Annotated[str, Field(description="Key of that record in its source.", examples=["INV-20177"])]
    owner_role: Annotated[OwnerRole, Field(description="Role that decides on it.", examples=["collector"])]
    client_id: Annotated[str, Field(description="Key of the client.", examples=["C-104"])]
    client_name: Annotated[str, Field(description="Name of the client.", examples=["Corvid Foods"])]
    reference: Annotated[str, Field(description="What a person calls the record, such as the invoice's number.", examples=["INV-20177"])]
    due_on: Annotated[
        date | None,
        Field(
            description="Day on which the invoice is to be paid, deadline of the timesheet or planned end of the project.",
            examples=["2026-11-05"],
        ),
    ]
    at_stake: Annotated[MoneyField, Field(description="Money at stake in the record's own currency.")]
    at_stake_reporting: Annotated[MoneyField, Field(description="The same in the reporting currency, at the rate known at `as_of`.")]
    expected_loss: Annotated[
        MoneyField,
        Field(description="Likelihood x stake x share that acting can save: what the list ranks by. Of an anomaly its amount."),
    ]
    probability: Annotated[
        float | None,
        Field(description="Calibrated, 0 to 1. Null when certain, happened, withheld or an anomaly.", examples=[0.81], ge=0, le=1),
    ]
    likelihood: Annotated[LikelihoodField | None, Field(description="The probability in words. Null when withheld, and for an anomaly.")]
    happened: Annotated[
        bool,
        Field(description="What it warns of has already happened, as the records show: a fact, without a probability.", examples=[False]),
    ]
    unusualness: Annotated[
        float | None,
        Field(
            description="Of an anomaly: the share of past records of its kind that are at least as unusual. A rank, no probability.",
            examples=[None],
            ge=0,
            le=1,
        ),
    ]
    withheld: Annotated[str, Field(description="Why the likelihood is not shown, or empty.", examples=[""])]
    predicted_on: Annotated[date | None, Field(description="Median of the predicted date of payment.", examples=["2026-12-09"])]
    predicted_low_on: Annotated[date | None, Field(description="Start of the 80 % range.", examples=["2026-12-03"])]
    predicted_high_on: Annotated[date | None, Field(description="End of the 80 % range.", examples=["2027-01-02"])]
    top_reason: Annotated[
        str,
        Field(description="Strongest raising reason; empty when there is none.", examples=["It paid 8 of its last 10 invoices late."]),
    ]
    suggestion: Annotated[str, Field(description="What a person could do outside this system.", examples=["Call the client."])]
    provisional: Annotated[
        bool,
        Field(
            description="Likelihood and expected loss are a simple rule's or simulated firms': too few own outcomes, or none that helps.",
            examples=[False],
        ),
    ]
    as_of: Annotated[datetime, Field(description="End of the records that were scored.", examples=["2026-11-24T00:00:00Z"])]
    first_found_at: Annotated[datetime, Field(description="When a scoring found it first.", examples=["2026-11-20T05:10:00Z"])]
    in_dispute: Annotated[bool, Field(description="A dispute on it is open, as the records show.", examples=[False])]
    promise_state: Annotated[
        PromiseState | None,
        Field(description="Of the promise made last that is about it, recorded or logged; part: kept in part.", examples=["open"]),
    ]
    promised_for_on: Annotated[date | None, Field(description="By which day it is promised.", examples=["2026-12-03"])]
    promised: Annotated[MoneyField | None, Field(description="What of that promise falls on this record and has not come.")]
    status: Annotated[Status, Field(description="Where it stands now.", examples=["open"])]
    snoozed_until: Annotated[datetime | None, Field(description="When it comes back by itself.", examples=[None])]
    dismiss_reason: Annotated[DismissReason | None, Field(description="Why it was dismissed.", examples=[None])]
    decided_at: Annotated[datetime | None, Field(description="When a person decided last.", examples=[None])]
    decided_by: Annotated[str, Field(description="Name of that person, or empty.", examples=[""])]
    closed_at: Annotated[datetime | None, Field(description="When it closed by itself.", examples=[None])]
    closed_sentence: Annotated[str, Field(description="Why, or empty.", examples=["Paid in full on 3 Dec 2026."])]
    outcome: Annotated[
        str | None,
        Field(description="What the records show became of it, whatever was decided.", examples=["paid"]),
    ]
    outcome_on: Annotated[date | None, Field(description="Since when.", examples=["2026-12-03"])]

    @classmethod
    def of(cls, row: RecommendationRow) -> Self:
        return cls.model_validate(row)


class RecommendationList(Wire):
    """One page."""

    items: list[Recommendation]
    next_cursor: Annotated[str | None, Field(description="Send it as `cursor` for the next page; null on the last.", examples=[None])]
