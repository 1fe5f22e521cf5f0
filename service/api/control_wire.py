"""Controls over the wire: what each checks, and its ledger."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from service.api.wire import Money, Wire
from service.control_ledger import LedgerLine
from service.control_proposals import Proposal, ProposalKind


class Tolerance(Wire):
    """What a control allows; a client's billing_guideline of the control's name sets it otherwise."""

    name: Annotated[str, Field(description="Its name in a guideline.", examples=["rounding"])]
    default: Annotated[bool | int | float | str, Field(description="What holds without a guideline.", examples=[0.01])]
    unit: Annotated[str, Field(description="What the default is in.", examples=["money"])]
    reason: Annotated[str, Field(description="Why that much.", examples=["Cards are agreed to the cent."])]


class TriedOnHistory(Wire):
    """What came of trying it with `plumbline controls backtest`."""

    tried_at: Annotated[datetime, Field(description="When.", examples=["2026-11-24T09:30:00Z"])]
    as_of: Annotated[datetime, Field(description="End of the records that it was tried on.", examples=["2026-11-24T00:00:00Z"])]
    as_is: Annotated[int, Field(description="Findings of the control as it is, through all these records.", examples=[120])]
    tried: Annotated[int, Field(description="Findings as tried.", examples=[70])]
    vanished: Annotated[int, Field(description="Found only as it is.", examples=[50])]
    vanished_invoices: Annotated[int, Field(description="Invoices that these are on.", examples=[41])]
    vanished_disputed: Annotated[int, Field(description="Of them disputed afterwards.", examples=[1])]


class ControlProposal(Wire):
    """What the verdicts propose. Words alone: nothing changes by itself."""

    kind: Annotated[ProposalKind, Field(description="Set a tolerance so that it says less; retire it; look at it.", examples=["tighten"])]
    says: Annotated[
        str,
        Field(
            description="What to do, and why.",
            examples=["Retire it: nothing that it said was right. Of 12 verdicts 0 were right (95 %: 0% to 24%)."],
        ),
    ]
    tolerance: Annotated[str | None, Field(description="Which tolerance to set, where one would do.", examples=["rounding"])]
    value: Annotated[float | None, Field(description="To what, in the tolerance's unit.", examples=[0.25])]
    command: Annotated[
        str,
        Field(description="What tries it on history first.", examples=["plumbline controls backtest rate_above_card --set rounding=0.25"]),
    ]
    tried: Annotated[TriedOnHistory | None, Field(description="The last time that just this was tried; null: untried.")]

    @classmethod
    def of(cls, one: Proposal) -> Self:
        return cls(
            kind=one.kind,
            says=one.says,
            tolerance=one.tolerance or None,
            value=one.value,
            command=one.command,
            tried=TriedOnHistory.model_validate(one.tried) if one.tried else None,
        )


class Control(Wire):
    """One control and its ledger."""

    name: Annotated[str, Field(description="Its name.", examples=["rate_above_card"])]
    says: Annotated[str, Field(description="What it says when it finds something.", examples=["A line is billed above the card."])]
    severity: Annotated[str, Field(description="blocker, error, warning or notice.", examples=["error"])]
    family: Annotated[str, Field(description="What it is about.", examples=["rates"])]
    tolerances: list[Tolerance]
    recommendations: Annotated[int, Field(description="Recommendations it has made; one that is found again is one.", examples=[41])]
    waiting: Annotated[int, Field(description="Of them, not decided yet.", examples=[3])]
    right: Annotated[int, Field(description="Accepted, or dismissed though it was so.", examples=[35])]
    wrong: Annotated[int, Field(description="Dismissed since the evidence was wrong.", examples=[1])]
    precision: Annotated[float | None, Field(description="right / (right + wrong); null before any verdict.", examples=[0.97])]
    precision_low: Annotated[float | None, Field(description="Lower end of its 95 % interval.", examples=[0.86])]
    precision_high: Annotated[float | None, Field(description="Upper end of it.", examples=[0.995])]
    money_found: list[Money]
    minutes_spent: Annotated[
        float | None,
        Field(
            description="Of all people together: from one decision to the same person's next in a sitting, without its first. "
            "Null where fewer than 5 decisions were timed.",
            examples=[52.5],
        ),
    ]
    minutes_timed: Annotated[int, Field(description="Decisions that `minutes_spent` is the sum of.", examples=[31])]
    proposal: Annotated[ControlProposal | None, Field(description="What its verdicts propose; null: nothing.")]

    @classmethod
    def of(cls, line: LedgerLine) -> Self:
        low, high = line.precision_interval or (None, None)
        one = line.control
        return cls(
            name=one.name,
            says=one.says,
            severity=one.severity,
            family=one.family,
            tolerances=[Tolerance.model_validate(tolerance) for tolerance in one.tolerances],
            recommendations=line.recommendations,
            waiting=line.waiting,
            right=line.right,
            wrong=line.wrong,
            precision=line.precision,
            precision_low=low,
            precision_high=high,
            money_found=[Money(amount=money.plain, currency=money.currency) for money in line.found],
            minutes_spent=round(line.spent.minutes, 1) if line.spent else None,
            minutes_timed=line.spent.timed if line.spent else 0,
            proposal=ControlProposal.of(line.proposal) if line.proposal else None,
        )


class ControlList(Wire):
    """All controls whose findings the reader may see."""

    items: list[Control]
