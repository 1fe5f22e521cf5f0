"""What undoes each kind of injected error, worked out from the firm's records by another way than the controls': the counterfactual draft.

Of a dearer or another grade's line the truth is what its time entries carry, which the simulator writes from the agreed card; of days that
were moved it is the same days moved back; of a head it is the contract.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from models.fixes.change import Change
from models.fixes.changed import money
from models.fixes.draft import Ground
from simulation.cycle import SECOND_PART
from simulation.spoiling import SHIFTED_DAYS

Row = dict[str, Any]


def undoes(kind: str, line_id: str | None, *, change: Change, ground: Ground) -> bool:
    """Whether a change makes of the draft what it would have been without the error: the same record, column and value."""
    return UNDONE[kind](line_id, change, ground)


def _values(change: Change, table: str, record_id: str | None) -> Row:
    return {one.column: one.new for one in change.cells if one.table == table and one.record_id == record_id}


def _agreed(line_id: str | None, ground: Ground) -> Row:
    """Role and price of a line's first entry."""
    own = ground.entries(line_id or "")
    return {"unit_price": own[0]["bill_rate"], "role": own[0]["role"]} if own else {}


def _stale_rate(line_id: str | None, change: Change, ground: Ground) -> bool:
    return _values(change, "invoice_line", line_id) == {"unit_price": _agreed(line_id, ground).get("unit_price")}


def _wrong_grade(line_id: str | None, change: Change, ground: Ground) -> bool:
    return _values(change, "invoice_line", line_id) == _agreed(line_id, ground)


def _duplicate(line_id: str | None, change: Change, ground: Ground) -> bool:
    del ground
    return any(_values(change, "invoice_line", one).get("deleted") is True for one in (line_id, f"{line_id}-D"))


def _out_of_period(line_id: str | None, change: Change, ground: Ground) -> bool:
    line = ground.row("invoice_line", line_id)
    return line is not None and _values(change, "invoice_line", line_id) == {
        name: line[name] + timedelta(days=SHIFTED_DAYS) for name in ("period_start_on", "period_end_on")
    }


def _over_cap(line_id: str | None, change: Change, ground: Ground) -> bool:
    """A reduction by what the fees so far are over the cap, or by all of this bill's fees where others were over it already."""
    del line_id
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


def _missing_po(line_id: str | None, change: Change, ground: Ground) -> bool:
    del line_id
    return bool(ground.contract) and _values(change, "invoice", ground.draft.invoice_id) == {"po_ref": (ground.contract or {})["po_ref"]}


def _unapproved_expense(line_id: str | None, change: Change, ground: Ground) -> bool:
    line = ground.row("invoice_line", line_id)
    return line is not None and set(_values(change, "expense", line["expense_id"])) == {"approved_at"}


def _vague_text(line_id: str | None, change: Change, ground: Ground) -> bool:
    """The words need not be the same: they must name the task that was worked."""
    text = str(_values(change, "invoice_line", line_id).get("description", "")).lower()
    tasks = {one["task"].lower() for one in ground.entries(line_id or "") if one["task"]}
    return bool(tasks) and all(task in text for task in tasks)


def _wrong_entity(line_id: str | None, change: Change, ground: Ground) -> bool:
    del line_id
    entity = (ground.contract or {}).get("legal_entity")
    return _values(change, "invoice", ground.draft.invoice_id) == {"legal_entity": entity}


def _milestone_unsigned(line_id: str | None, change: Change, ground: Ground) -> bool:
    line = ground.row("invoice_line", line_id)
    return line is not None and set(_values(change, "milestone", line["milestone_id"])) == {"accepted_on"}


def _rounding(line_id: str | None, change: Change, ground: Ground) -> bool:
    line = ground.row("invoice_line", line_id)
    return line is not None and _values(change, "invoice_line", line_id) == {"net_amount": money(line["quantity"] * line["unit_price"])}


def _split(line_id: str | None, change: Change, ground: Ground) -> bool:
    """The lines of both halves on one of the two."""
    del line_id
    own = ground.draft.invoice_id
    project, _, month = own.partition("-")
    number = int(month)
    other = f"{project}-{number - SECOND_PART:03d}" if number >= SECOND_PART else f"{project}-{number + SECOND_PART}"
    moved = {one.old for one in change.cells if one.column == "invoice_id" and one.new == own}
    return change.kind == "move" and moved == {other}


UNDONE: Final[Mapping[str, Callable[[str | None, Change, Ground], bool]]] = MappingProxyType(
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
