"""The smallest fix of a draft over the wire: words and values, which nothing here can carry out."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field

from models.fixes.smallest import Fix, Step
from service.api.draft_names import Pointers, name_of
from service.api.wire import Money, Wire
from service.money import Money as Amount


class FixCell(Wire):
    """One value of one record."""

    pointer: Annotated[
        str | None,
        Field(
            description="JSON pointer into the request; null for what it does not hold, such as a time entry or a line to be added.",
            examples=["/body/lines/3/item_net_price"],
        ),
    ]
    record: Annotated[str, Field(description="Its table.", examples=["invoice_line"])]
    record_identifier: Annotated[str, Field(description="Key of that record.", examples=["unsaved draft-4"])]
    field: Annotated[
        str,
        Field(description="As a request names it; what no request has a name for, as its table does.", examples=["item_net_price"]),
    ]
    old: Annotated[str | None, Field(description="What it is.", examples=["154.00"])]
    new: Annotated[str | None, Field(description="What it should be; null where it has to be asked for.", examples=["140.00"])]


class FixStep(Wire):
    """One thing that a person could do. Nothing here can carry it out."""

    kind: Annotated[str, Field(description="correct, add, take out, move or ask.", examples=["correct"])]
    says: Annotated[str, Field(description="What to do.", examples=["Line 4: bill 140.00 an hour, as the card has it."])]
    cells: Annotated[list[FixCell], Field(description="What is other afterwards; totals that follow are not listed.")]
    source: Annotated[str | None, Field(description="Table of the record that a new value is from.", examples=["rate_card_line"])]
    source_identifier: Annotated[str | None, Field(description="Key of that record.", examples=["R-88"])]
    minutes: Annotated[int, Field(description="Of work.", examples=[3])]
    held_back: Annotated[Money, Field(description="Rightly the firm's, and not on this bill any more.")]
    clears: Annotated[
        list[str], Field(description="Controls that no longer find anything, by this step alone.", examples=[["rate_above_card"]])
    ]
    probability: Annotated[float | None, Field(description="Of a dispute after this step alone.", examples=[0.06])]


class SmallestFix(Wire):
    """The fewest changes, then the cheapest, that bring the draft under the line; each scored again."""

    passes: Annotated[bool, Field(description="Whether it is under the line then.", examples=[True])]
    steps: Annotated[list[FixStep], Field(description="Empty where nothing need be done, or nothing can.")]
    minutes: Annotated[int, Field(description="Of work, in all.", examples=[6])]
    probability: Annotated[float | None, Field(description="Of a dispute after all of them.", examples=[0.05])]
    amount_before: Annotated[Money, Field(description="Of the bill, with tax where it has any.")]
    amount_after: Annotated[Money, Field(description="The same after all of them.")]
    left: Annotated[list[str], Field(description="What still keeps it back.", examples=[[]])]
    instead: Annotated[list[str], Field(description="Other changes for the same findings.", examples=[["Take line 4 out."]])]

    @classmethod
    def of(cls, fix: Fix, pointers: Pointers, *, currency: str) -> Self:
        return cls(
            passes=fix.passes,
            steps=[_step(one, pointers, currency=currency) for one in fix.steps],
            minutes=fix.minutes,
            probability=fix.together.probability,
            amount_before=money_of(fix.before.amount, currency),
            amount_after=money_of(fix.together.amount, currency),
            left=[one.why for one in fix.left],
            instead=[one.says for one in fix.instead],
        )


def _step(step: Step, pointers: Pointers, *, currency: str) -> FixStep:
    change = step.change
    table, record = change.source or (None, None)
    return FixStep(
        kind=change.kind,
        says=change.says,
        cells=[
            FixCell(
                pointer=pointers.of_cell(*one.place),
                record=one.table,
                record_identifier=one.record_id,
                field=name_of(one.table, one.column),
                old=_text(one.old),
                new=None if one.supposed else _text(one.new),
            )
            for one in change.cells
        ],
        source=table,
        source_identifier=record,
        minutes=change.minutes,
        held_back=money_of(change.held_back, currency),
        clears=sorted({control for control, _, _ in step.alone.clears}),
        probability=step.alone.probability,
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def money_of(amount: Decimal, currency: str) -> Money:
    return Money(amount=Amount(amount, currency).plain, currency=currency)
