"""Controls over the wire: what each checks, and its ledger."""

from typing import Annotated, Self

from pydantic import Field

from service.api.wire import Money, Wire
from service.control_ledger import LedgerLine


class Tolerance(Wire):
    """What a control allows; a client's billing_guideline of the control's name sets it otherwise."""

    name: Annotated[str, Field(description="Its name in a guideline.", examples=["rounding"])]
    default: Annotated[bool | int | float | str, Field(description="What holds without a guideline.", examples=[0.01])]
    unit: Annotated[str, Field(description="What the default is in.", examples=["money"])]
    reason: Annotated[str, Field(description="Why that much.", examples=["Cards are agreed to the cent."])]


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
        )


class ControlList(Wire):
    """All controls whose findings the reader may see."""

    items: list[Control]
