"""Every control is cleared by some change, or cannot stand on a draft; no change says what no record says."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Any, Final

import polars as pl
import pytest

from controls.catalog import CONTROLS
from controls.control import LEVEL
from models.fixes.change import CONTROL, Change, named
from models.fixes.clearing import CLEARS, NOT_ON_A_DRAFT, candidates, unsaid
from models.fixes.draft import Ground
from models.fixes.smallest import Passing
from tests.controls.case import cases, found_at
from tests.models.fixes.desk import Desk, desk, read

SUMS: Final = ("sum_of_lines", "gross_arithmetic", "line_arithmetic")
"""What taking a line out, or pricing it anew, would put wrong."""
EVERYTHING: Final = Passing(on_face=1, beneath=1)
"""Lets nothing stand, not even a notice."""
RECOMPUTED: Final = frozenset({"net_amount", "unit_price", "quantity", "line_no", "tax_amount", "gross_amount"})
NOT_VALUES: Final = frozenset({"deleted", "billable", "kind", "unit", "invoice_id"})
"""What says that a line is on the bill, or what sort of line gives money back."""
GIVEN_BACK: Final = "Reduction to the agreed cap"


def test_every_control_is_in_one_table() -> None:
    assert {*CLEARS, *NOT_ON_A_DRAFT} == {one.name for one in CONTROLS}
    assert CLEARS.keys().isdisjoint(NOT_ON_A_DRAFT)


@pytest.mark.parametrize("control", NOT_ON_A_DRAFT)
def test_what_cannot_stand_on_a_draft_never_names_one(control: str) -> None:
    fired = [(case, at) for case in cases(control) if case.fires for at, wanted in case.moments if wanted]
    found = [row for case, at in fired for row in found_at(CONTROL[control], desk(case.rows, at=at).known, at)]
    assert found
    assert not any("invoice_id" in row for row in found)


EXPENSE_LINE: Final[dict[str, Any]] = {
    "line_id": "x",
    "line_no": 2,
    "kind": "expense",
    "person_id": None,
    "role": None,
    "quantity": 1,
    "unit": "EA",
    "expense_id": "e",
    "description": "Train to the client",
    "period_start_on": "2025-03-04",
    "period_end_on": "2025-03-04",
}


def billed(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The case with what it is about on the standing firm's draft: controls' own cases leave some of it off every bill."""
    put: dict[str, list[dict[str, Any]]] = {table: [dict(one) for one in told] for table, told in rows.items()}
    if "expense" in put:
        amount = put["expense"][0].get("amount", 50)
        put["expense"][0]["invoice_line_id"] = "x"
        put["invoice_line"] = [{}, EXPENSE_LINE | {"unit_price": amount, "net_amount": amount}]
        put["invoice"] = [{"net_amount": 800 + amount, "gross_amount": 952 + amount}]
    elif put["time_entry"]:
        put["time_entry"][0]["invoice_line_id"] = "l"
    return put


def firing(control: str) -> Iterator[tuple[Desk, str]]:
    """The cases of a control whose finding is on a bill, each with that bill."""
    looked = tuple(CONTROL[name] for name in dict.fromkeys((control, *SUMS)))
    own = [(case.rows, at, wanted) for case in cases(control) for at, wanted in case.moments]
    put = [(billed(rows), at, wanted) for rows, at, wanted in own if "expense" in rows or "time_entry" in rows]
    for rows, at, wanted in (*own, *put):
        here = desk(rows, at=at, controls=looked)
        found = found_at(CONTROL[control], here.known, at) if wanted else []
        named_bills = sorted({row["invoice_id"] for row in found if "invoice_id" in row})
        if named_bills:
            yield here, named_bills[0]


CASES_LOOKED_AT: Final = 3
"""Of each control: enough that what is on record, and what has to be asked for, are both met."""


@pytest.mark.parametrize("control", CLEARS)
def test_what_a_control_finds_on_a_draft_is_cleared(control: str) -> None:
    here, bill = next(firing(control))
    fix = here.fix(here.draft(bill), EVERYTHING)
    assert control in {name for name, _, _ in fix.together.clears}
    assert fix.passes, fix.left
    assert not fix.together.causes
    answered = {one for step in fix.steps for one in step.change.answers}
    assert {named(one) for one in EVERYTHING.over(here.judge(fix.draft).findings.to_dicts())} <= answered


@cache
def offered() -> tuple[tuple[Ground, Change], ...]:
    """Every change that is offered for some cases of each control, and for each draft of the cases."""
    met = [one for control in CLEARS for one in islice(firing(control), CASES_LOOKED_AT)]
    told = []
    for here, bill in [*met, *((desk(one.get("rows", {}), controls=(CONTROL[name] for name in SUMS)), "i") for one in read())]:
        ground = Ground(here.known, here.draft(bill), as_of=here.as_of)
        made = candidates(here.judge(ground.draft).findings.to_dicts(), ground)
        told += [(ground, change) for change in (*made, *unsaid(ground, made))]
    return tuple(told)


def test_no_value_is_invented() -> None:
    for ground, change in offered():
        recorded = _values(ground)
        for cell in change.cells:
            known = cell.supposed or cell.new is None or cell.column in RECOMPUTED | NOT_VALUES or cell.new == GIVEN_BACK
            assert known or _parts(cell.new) <= recorded, (change.says, cell)
        if any(not cell.supposed and cell.column not in NOT_VALUES for cell in change.cells):
            table, record_id = change.source or ("", "")
            assert ground.row(table, record_id), f"{change.says} rests on no record"
    assert len({change.kind for _, change in offered()}) == 5


def test_a_price_or_an_amount_is_on_record_or_comes_of_what_is() -> None:
    for ground, change in offered():
        for cell in change.cells:
            if cell.column not in {"unit_price", "quantity"} or cell.old is None:
                continue
            line = ground.row("invoice_line", cell.record_id)
            hours = Decimal(sum(one["minutes"] for one in ground.entries(cell.record_id))) / 60
            kept = hours.quantize(Decimal("0.0001"))
            rates = {Decimal(str(one["bill_rate"])) for one in ground.known.at(ground.as_of, "rate_card_line").collect().to_dicts()}
            limits = _limits(ground)
            assert line is not None
            assert cell.new in rates | limits | {kept, Decimal(1)}, (change.says, cell.new)


def test_what_is_asked_for_is_never_shown() -> None:
    for _, change in offered():
        for cell in change.cells:
            if cell.supposed and isinstance(cell.new, str):
                assert cell.new not in change.says.split() or cell.new == "present"


def test_a_line_that_names_its_expense_is_found_though_the_expense_does_not_name_it() -> None:
    control = CONTROL["expense_without_receipt"]
    line = EXPENSE_LINE | {"unit_price": 50, "net_amount": 50}
    here = desk({"expense": [{"receipt": "missing"}], "invoice_line": [{}, line]}, controls=(control,))
    told = control.findings(here.known).frame.collect().with_columns(control=pl.lit(control.name), severity=pl.lit(LEVEL[control.severity]))
    assert told["line_id"].to_list() == [None]
    made = candidates(told.to_dicts(), Ground(here.known, here.draft(), as_of=here.as_of))
    assert [f"{one.kind} {sorted(one.lines)}" for one in made] == ["ask ['x']", "take out ['x']"]


def _values(ground: Ground) -> set[Any]:
    found: set[Any] = set()
    for table in (
        "invoice",
        "invoice_line",
        "contract",
        "project",
        "assignment",
        "rate_card_line",
        "time_entry",
        "expense",
        "billing_guideline",
    ):
        for row in ground.known.at(ground.as_of, table).collect().to_dicts():
            found |= {value for value in row.values() if value is not None}
    return found | _limits(ground)


def _limits(ground: Ground) -> set[Any]:
    """Numbers that clients' guidelines name."""
    texts = [one["parameters"] or "" for one in ground.known.at(ground.as_of, "billing_guideline").collect().to_dicts()]
    words = [word.strip('{}",:') for text in texts for word in text.replace(":", " ").split()]
    numbers = {Decimal(word) for word in words if word.replace(".", "", 1).isdigit()}
    return numbers | {int(one) for one in numbers} | {Decimal(0), 0}


def _parts(value: object) -> set[object]:
    """A text of several records is as known as its parts."""
    if not isinstance(value, str):
        return {value}
    return {part for words in value.split("; ") for part in words.split(": ", 1)}
