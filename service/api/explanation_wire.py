"""An explanation and a history over the wire."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field

from service import explanation as explained
from service.api.recommendation_wire import Recommendation
from service.api.wire import Likelihood, LikelihoodField, MoneyField, Wire
from service.row import RecommendationRow
from service.status import DismissReason, Verdict


class Reason(Wire):
    """One group of signals that moved the likelihood."""

    code: Annotated[str, Field(description="Stable name of the group.", examples=["late_rate"])]
    text: Annotated[str, Field(description="The reason as a sentence.", examples=["It paid 8 of its last 10 invoices late."])]
    raises: Annotated[bool, Field(description="Whether it raises the likelihood or lowers it.", examples=[True])]
    effect: Annotated[float, Field(description="Log-odds; base and all reasons add up to the score.", examples=[1.2])]
    seen: Annotated[str, Field(description="The value seen, with its unit.", examples=["80 %"])]
    usual: Annotated[str, Field(description="The usual value, with its unit.", examples=["35 %"])]


class Evidence(Wire):
    """Records that a person can check against the source."""

    title: Annotated[str, Field(description="What the table shows.", examples=["Last invoices"])]
    columns: Annotated[list[str], Field(description="Headings.", examples=[["invoice", "days late"]])]
    rows: Annotated[list[list[str]], Field(description="Cells, ready to read.", examples=[[["INV-1", "12"]]])]
    source: Annotated[str, Field(description="System and time of reading.", examples=["ERP, read 23 Nov 2026"])]


class Course(Wire):
    """Of a project: where its margin goes. Shares of the revenue."""

    planned: Annotated[float, Field(description="Planned margin.", examples=[0.36])]
    goes_on: Annotated[float, Field(description="Margin if it goes on like this.", examples=[0.27])]
    causes: Annotated[
        dict[str, float],
        Field(description="What each cause adds or takes; the sum leads from planned to goes_on.", examples=[{"effort": -0.09}]),
    ]
    low: Annotated[float | None, Field(description="Lower end of the 80 % range of the margin at completion, or null.", examples=[0.21])]
    middle: Annotated[float | None, Field(description="Middle of the forecast, or null without one.", examples=[0.28])]
    high: Annotated[float | None, Field(description="Upper end of that range, or null.", examples=[0.34])]


class LinePart(Wire):
    """One line of an invoice, and its part of the invoice's likelihood."""

    line_id: Annotated[str, Field(description="Of which line.", examples=["L-20177-4"])]
    line_no: Annotated[int, Field(description="Its number on the invoice.", examples=[4])]
    what: Annotated[str, Field(description="What it says.", examples=["Analysis with the client's team"])]
    amount: Annotated[Decimal, Field(description="Net, in the invoice's currency.", examples=["1120.00"])]
    share: Annotated[float, Field(description="Of the likelihood; the shares of an invoice add up to 1.", examples=[0.62])]
    probability: Annotated[float | None, Field(description="Share x the invoice's. Null when it has none.", examples=[0.19])]
    why: Annotated[str, Field(description="What is amiss with it, or empty.", examples=["12% over the card of 2025-03-01"])]


class Explanation(Wire):
    """Why this was recommended: evidence first, likelihood second, reasons third."""

    recommendation_id: Annotated[str, Field(description="Of which recommendation.", examples=["collections:INV-20177:once"])]
    run_id: Annotated[str, Field(description="Scoring run that it explains.", examples=["5b1f0c6e"])]
    evidence: Annotated[list[Evidence], Field(description="Tables of records.")]
    facts: Annotated[dict[str, str], Field(description="Further figures, ready to read.", examples=[{"Terms": "30 days"}])]
    probability: Annotated[float | None, Field(description="Calibrated, 0 to 1. Null when certain or withheld.", examples=[0.81])]
    likelihood: Annotated[LikelihoodField | None, Field(description="The probability in words.")]
    rule_probability: Annotated[
        float | None, Field(description="What the simple rule says, 0 to 1. Null without a rule, or when withheld.", examples=[0.4])
    ]
    withheld: Annotated[str, Field(description="Why likelihood and reasons are not shown, or empty.", examples=[""])]
    caveat: Annotated[
        str,
        Field(
            description="Why likelihood and expected money are provisional, or the simple rule ranks; empty where neither holds.",
            examples=["Provisional: learned from simulated firms, 14 own outcomes so far."],
        ),
    ]
    reasons: Annotated[list[Reason], Field(description="Strongest first, raising and lowering; empty when withheld.")]
    predicted_dates: Annotated[
        list[date], Field(description="20 equally likely dates of payment, in order; or none.", examples=[["2026-12-01", "2026-12-03"]])
    ]
    course: Annotated[Course | None, Field(description="Where the margin of a project goes; null for other records.")]
    suggestion: Annotated[str, Field(description="What a person could do outside this system.", examples=["Call the client."])]
    clears: Annotated[str, Field(description="Which record closes it by itself.", examples=["It closes once the records show it paid."])]
    model_version: Annotated[str, Field(description="What scored it.", examples=["3"])]
    model_digest: Annotated[str, Field(description="SHA-256 of the model's files.", examples=["9f3c1d"])]
    as_of: Annotated[datetime, Field(description="End of the records that were scored.", examples=["2026-11-24T00:00:00Z"])]
    scored_at: Annotated[datetime, Field(description="When.", examples=["2026-11-24T05:10:00Z"])]
    notices: Annotated[list[str], Field(description="What a reader must know about the run.", examples=[[]])]
    lines: Annotated[list[LinePart], Field(description="Parts of the likelihood by line, the likeliest first; empty when withheld.")]

    @classmethod
    def of(cls, row: RecommendationRow, explanation: explained.Explanation) -> Self:
        return cls(
            recommendation_id=row.id,
            run_id=row.run_id,
            evidence=[Evidence.model_validate(one) for one in explanation.evidence],
            facts=dict(explanation.facts),
            probability=row.probability,
            likelihood=Likelihood.of(row.likelihood) if row.likelihood else None,
            rule_probability=explanation.rule_probability,
            withheld=row.withheld,
            caveat=explanation.caveat,
            reasons=[Reason.model_validate(one) for one in explanation.reasons],
            predicted_dates=list(explanation.predicted_dates),
            course=Course.model_validate(explanation.course) if explanation.course else None,
            suggestion=row.suggestion,
            clears=explanation.clears,
            model_version=explanation.model_version,
            model_digest=explanation.model_digest,
            as_of=row.as_of,
            scored_at=explanation.scored_at,
            notices=list(explanation.notices),
            lines=[LinePart.model_validate(one) for one in explanation.lines],
        )


class ScorePoint(Wire):
    """What one scoring run said."""

    run_id: Annotated[str, Field(description="The run.", examples=["5b1f0c6e"])]
    as_of: Annotated[datetime, Field(description="End of the records it read.", examples=["2026-11-24T00:00:00Z"])]
    scored_at: Annotated[datetime, Field(description="When it scored.", examples=["2026-11-24T05:10:00Z"])]
    rank: Annotated[int, Field(description="Place in the run, from 1.", examples=[1])]
    probability: Annotated[float | None, Field(description="Calibrated, 0 to 1. Null when certain or withheld.", examples=[0.81])]
    unusualness: Annotated[float | None, Field(description="Of an anomaly: the share at least as unusual. A rank.", examples=[None])]
    expected_loss: Annotated[MoneyField, Field(description="In the reporting currency.")]
    at_stake: Annotated[MoneyField, Field(description="In the record's own currency.")]
    model_version: Annotated[str, Field(description="What scored it.", examples=["3"])]

    @classmethod
    def of(cls, point: explained.ScorePoint) -> Self:
        return cls.model_validate(point)


class Event(Wire):
    """One thing that happened to a recommendation. Events are never changed."""

    id: Annotated[int, Field(description="Grows with time.", examples=[41822])]
    verdict: Annotated[Verdict, Field(description="What happened: the first four by a person.", examples=["dismiss"])]
    reason: Annotated[DismissReason | None, Field(description="Why it was dismissed.", examples=["client_agreed"])]
    note: Annotated[str, Field(description="The person's note, or why it closed.", examples=["Agreed by mail on 20 Nov."])]
    actor: Annotated[str, Field(description="Who; Plumbline for what records and clock did.", examples=["Ama Okafor"])]
    decided_at: Annotated[datetime, Field(description="When.", examples=["2026-11-24T09:14:00Z"])]
    snoozed_until: Annotated[datetime | None, Field(description="Until when it was snoozed.", examples=[None])]
    run_id: Annotated[str, Field(description="Run whose figures the person saw.", examples=["5b1f0c6e"])]
    rank: Annotated[int | None, Field(description="Rank as it was seen.", examples=[1])]
    probability: Annotated[float | None, Field(description="Probability as it was seen, 0 to 1.", examples=[0.81])]

    @classmethod
    def of(cls, event: explained.Event) -> Self:
        return cls.model_validate(event)


class RecommendationDetail(Wire):
    """A recommendation with its explanation and everything that happened to it."""

    recommendation: Recommendation
    explanation: Explanation
    scores: Annotated[list[ScorePoint], Field(description="What each scoring run said, newest first.")]
    events: Annotated[list[Event], Field(description="Decisions, and what records and clock did; newest first.")]

    @classmethod
    def of(cls, detail: explained.RecommendationDetail) -> Self:
        return cls(
            recommendation=Recommendation.of(detail.row),
            explanation=Explanation.of(detail.row, detail.explanation),
            scores=[ScorePoint.of(point) for point in detail.scores],
            events=[Event.of(event) for event in detail.events],
        )
