"""What undoes each kind of injected error, worked out from the firm's records by another way than the controls': the counterfactual draft.

Of a price the truth is the card as the firm has it in the end, whatever of it was recorded by the day of drafting; of a grade it is what
the line's time entries carry; of days that were moved it is the same days moved back; of a head it is the contract.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from models.fixes.change import Change
from models.fixes.changed import money
from models.fixes.draft import Ground
from simulation.cycle import SECOND_PART
from simulation.spoiling import SHIFTED_DAYS

Row = dict[str, Any]


@dataclass(frozen=True)
class Error:
    """One injected error."""

    kind: str
    line_id: str | None
    cards: pl.DataFrame
    """All lines of rate cards, as the firm has them in the end."""


def undoes(error: Error, *, change: Change, ground: Ground) -> bool:
    """Whether a change makes of the draft what it would have been without the error: the same record, column and value."""
    return error.kind in UNDONE and UNDONE[error.kind](error, change, ground)


def _values(change: Change, table: str, record_id: str | None) -> Row:
    return {one.column: one.new for one in change.cells if one.table == table and one.record_id == record_id}


def _price(error: Error, ground: Ground, role: str) -> Decimal | None:
    """What the contract's card has for a role on the line's first day."""
    line, contract = ground.row("invoice_line", error.line_id), ground.contract
    if line is None or contract is None:
        return None
    own = error.cards.filter((pl.col("contract_id") == contract["contract_id"]) & (pl.col("role") == role))
    held = own.filter(pl.col("effective_on") <= line["period_start_on"]).sort("effective_on", "recorded_at")
    return Decimal(held["bill_rate"][-1]) if held.height else None


def _stale_rate(error: Error, change: Change, ground: Ground) -> bool:
    line = ground.row("invoice_line", error.line_id)
    price = None if line is None else _price(error, ground, line["role"])
    return price is not None and _values(change, "invoice_line", error.line_id) == {"unit_price": price}


def _wrong_grade(error: Error, change: Change, ground: Ground) -> bool:
    roles = {one["role"] for one in ground.entries(error.line_id or "")}
    return any(
        _values(change, "invoice_line", error.line_id) == {"role": role, "unit_price": _price(error, ground, role)} for role in roles
    )


def _duplicate(error: Error, change: Change, ground: Ground) -> bool:
    del ground
    return any(_values(change, "invoice_line", one).get("deleted") is True for one in (error.line_id, f"{error.line_id}-D"))


def _out_of_period(error: Error, change: Change, ground: Ground) -> bool:
    line = ground.row("invoice_line", error.line_id)
    return line is not None and _values(change, "invoice_line", error.line_id) == {
        name: line[name] + timedelta(days=SHIFTED_DAYS) for name in ("period_start_on", "period_end_on")
    }


def _over_cap(error: Error, change: Change, ground: Ground) -> bool:
    """A reduction by what the fees so far are over the cap, or by all of this bill's fees where others were over it already."""
    del error
    given = [one.new for one in change.cells if one.table == "invoice_line" and one.column == "net_amount" and one.old is None]
    return bool(given) and isinstance(given[0], Decimal) and abs(given[0] + _over(ground)) <= Decimal("0.01")


def _over(ground: Ground) -> Decimal:
    contract, head = ground.contract, ground.head
    if contract is None or contract["cap_amount"] is None:
        return Decimal(0)
    bills = [one for one in ground.rows("invoice", "contract_id", contract["contract_id"]) if one["cancelled_at"] is None]
    before = [one["invoice_id"] for one in bills if (one["drafted_at"], one["invoice_id"]) <= (head["drafted_at"], head["invoice_id"])]
    fees = {
        bill: sum((one["net_amount"] for one in ground.rows("invoice_line", "invoice_id", bill) if _is_fee(one)), Decimal(0))
        for bill in before
    }
    above: Decimal = sum(fees.values(), Decimal(0)) - contract["cap_amount"]
    return min(above, fees[head["invoice_id"]])


def _is_fee(line: Row) -> bool:
    return line["kind"] in {"time", "adjustment"}


def _missing_po(error: Error, change: Change, ground: Ground) -> bool:
    del error
    return bool(ground.contract) and _values(change, "invoice", ground.draft.invoice_id) == {"po_ref": (ground.contract or {})["po_ref"]}


def _unapproved_expense(error: Error, change: Change, ground: Ground) -> bool:
    line = ground.row("invoice_line", error.line_id)
    return line is not None and set(_values(change, "expense", line["expense_id"])) == {"approved_at"}


def _vague_text(error: Error, change: Change, ground: Ground) -> bool:
    """The words need not be the same: they must name the task that was worked."""
    text = str(_values(change, "invoice_line", error.line_id).get("description", "")).lower()
    tasks = {one["task"].lower() for one in ground.entries(error.line_id or "") if one["task"]}
    return bool(tasks) and all(task in text for task in tasks)


def _wrong_entity(error: Error, change: Change, ground: Ground) -> bool:
    del error
    entity = (ground.contract or {}).get("legal_entity")
    return _values(change, "invoice", ground.draft.invoice_id) == {"legal_entity": entity}


def _milestone_unsigned(error: Error, change: Change, ground: Ground) -> bool:
    """Acceptance of the one that lacks it: the truth names any of the draft's milestone lines, as they were drawn."""
    del error
    lacking = [one["milestone_id"] for one in ground.lines if one["milestone_id"] and not _accepted(ground, one["milestone_id"])]
    return any(set(_values(change, "milestone", one)) == {"accepted_on"} for one in lacking)


def _accepted(ground: Ground, milestone_id: str) -> bool:
    return (ground.row("milestone", milestone_id) or {}).get("accepted_on") is not None


def _rounding(error: Error, change: Change, ground: Ground) -> bool:
    line = ground.row("invoice_line", error.line_id)
    return line is not None and _values(change, "invoice_line", error.line_id) == {
        "net_amount": money(line["quantity"] * line["unit_price"])
    }


def _split(error: Error, change: Change, ground: Ground) -> bool:
    """The lines of both halves on one of the two."""
    del error
    own = ground.draft.invoice_id
    project, _, month = own.partition("-")
    number = int(month)
    other = f"{project}-{number - SECOND_PART:03d}" if number >= SECOND_PART else f"{project}-{number + SECOND_PART}"
    moved = {one.old for one in change.cells if one.column == "invoice_id" and one.new == own}
    return change.kind == "move" and moved == {other}


UNDONE: Final[Mapping[str, Callable[[Error, Change, Ground], bool]]] = MappingProxyType(
    {
        "stale_rate": _stale_rate,
        "wrong_grade": _wrong_grade,
        "duplicate": _duplicate,
        "out_of_period": _out_of_period,
        "over_cap": _over_cap,
        "missing_po": _missing_po,
        "unapproved_expense": _unapproved_expense,
        "vague_text": _vague_text,
        "wrong_entity": _wrong_entity,
        "milestone_unsigned": _milestone_unsigned,
        "rounding": _rounding,
        "split": _split,
    }
)
"""Kind of error -> whether a change undoes it. `wrong_contact` leaves no trace in the records, so nothing on record can undo it."""
