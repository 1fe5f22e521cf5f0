"""Rows in memory are read as the lake reads them."""

from pathlib import Path

from records.held import Held
from records.known import Known
from records.tables import TABLES
from tests.controls.case import told
from tests.ledger import moment


def test_they_say_what_a_lake_of_them_says(tmp_path: Path) -> None:
    firm = told({"invoice_line": [{"unit_price": 100, "recorded": "2025-04-10"}], "expense": [{}]})
    until = moment("2025-05-01")
    held, lake = Known(Held(firm.frames()), until=until), Known(firm.lake(tmp_path), until=until)
    for table in TABLES:
        assert held.versions(table).frame.collect().equals(lake.versions(table).frame.collect()), table


def test_what_is_not_given_holds_nothing() -> None:
    held = Held({})
    assert held.versions() == {}
    assert held.read("invoice").collect().is_empty()
