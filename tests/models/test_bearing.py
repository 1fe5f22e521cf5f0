"""Which bill a record bears on, and whether that can still be changed."""

from datetime import date

import pytest

from models.bearing import FRESH_DAYS, UNBILLED, Bearing, Bearings, stage_of
from models.checked import checked
from models.dispute import FRESH_DAYS as CONTESTED_FOR
from tests.controls.case import Told, known, told
from tests.ledger import moment
from tests.models.test_checked import BY_NAME

AT = moment("2025-04-02")
OUT: dict[str, list[Told]] = {"invoice": [{"issued_on": "2025-04-01"}]}


def bearings(rows: dict[str, list[Told]]) -> Bearings:
    return Bearings(known(told(rows)), AT)


def test_a_bill_is_fresh_as_long_as_its_dispute_is_told() -> None:
    assert FRESH_DAYS == CONTESTED_FOR


@pytest.mark.parametrize(
    ("issued_on", "is_over", "stage"),
    [
        (None, False, "draft"),
        (None, True, "issued"),
        (date(2025, 4, 1), False, "fresh"),
        (date(2025, 4, 1), True, "issued"),
        (date(2025, 3, 4), False, "fresh"),
        (date(2025, 3, 3), False, "issued"),
    ],
)
def test_the_stage_of_a_bill(issued_on: date | None, is_over: bool, stage: str) -> None:  # noqa: FBT001 (a parameter of the test)
    assert stage_of(issued_on, as_of=AT, is_over=is_over) == stage


def test_a_line_bears_on_its_bill_and_work_on_the_bill_of_its_line() -> None:
    found = bearings({})
    assert found.of("invoice", "i") == found.of("invoice_line", "l") == Bearing("i", "draft")
    assert bearings(OUT).of("invoice_line", "l") == Bearing("i", "fresh")
    entry = bearings({"time_entry": [{"entry_id": "e9", "invoice_line_id": None}, {"entry_id": "e8", "invoice_line_id": "l"}]})
    assert entry.of("time_entry", "e9") == UNBILLED
    assert entry.of("time_entry", "e8") == Bearing("i", "draft")
    assert found.of("project", "p") == found.of("invoice_line", "unheard of") == UNBILLED


def test_what_a_control_finds_is_one_case_with_its_bill() -> None:
    rows: dict[str, list[Told]] = {"invoice_line": [{"unit_price": 110}], "contract": [{"po_required": True, "po_ref": "PO-7"}]}
    [line] = checked(known(told(rows)), BY_NAME["rate_above_card"], as_of=AT).findings
    [head] = checked(known(told(rows)), BY_NAME["po_missing"], as_of=AT).findings
    assert line.case_key == head.case_key == "invoice:i"
    assert line.bearing.stage == "draft"
