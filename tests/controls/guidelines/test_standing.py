"""Guidelines in the records: what stands, what no control reads, and the rows that a signature adds."""

import json
from datetime import date
from typing import Any, Final

import pytest

from controls.guidelines.reading import read_document
from controls.guidelines.standing import SOURCE, TABLE, Sign, misfits, rules_of, signed, standing_rows, with_signed
from controls.late_entry import late_entry
from records.held import Held
from records.known import Known
from records.lake import Lake
from tests.controls.case import Told, found_at, known, told
from tests.ledger import moment

SIGN: Final = Sign("Ana Ortiz", moment("2025-03-20T09:00"), "Ben Okoro", moment("2025-03-21T09:00"))
OLD: Final = "Client: c\nDocument: First edition\nEffective: 2025-01-01\n\n2.1 Time older than 60 days is not accepted."
NEW: Final = OLD.replace("First", "Second").replace("2025-01-01", "2025-03-01").replace("60", "30")
LATE: Final[dict[str, list[Told]]] = {"time_entry": [{"entered_at": "2025-04-12T09:00", "recorded": "2025-04-12T09:00"}]}
"""Work of 3 March that was entered 40 days later."""


def rows(records: Known, at: str = "2025-05-01") -> list[dict[str, Any]]:
    return standing_rows(records, at=moment(at), client_id="c")


def added(lake: Lake, text: str, *, sign: Sign = SIGN) -> Lake:
    """The lake with what signing a letter adds."""
    return with_signed(lake, read_document(text, name="a.txt"), sign=sign)


def records_of(lake: Lake) -> Known:
    return Known(lake, until=moment("2025-12-31"))


def test_a_signed_rule_counts_from_the_sign_off_on_and_cites_its_clause() -> None:
    lake = added(Held(told(LATE).frames()), NEW)
    [row] = rows(records_of(lake))
    assert (row["rule"], json.loads(row["parameters"]), row["source"], row["effective_on"]) == (
        "late_entry",
        {"days": 30},
        SOURCE,
        date(2025, 3, 1),
    )
    assert row["text"] == "Second edition, clause 2.1: “Time older than 30 days is not accepted.”"
    audit = json.loads(row["raw"])
    assert (audit["prepared_by"], audit["signed_by"], audit["clauses"]) == ("Ana Ortiz", "Ben Okoro", ["2.1"])
    assert audit["document"] == read_document(NEW, name="a.txt").digest
    [late] = found_at(late_entry, records_of(lake), "2025-04-20")
    assert (late["expected"], late["found"], late["rests_on_table"], late["rests_on_id"]) == ("30", "40", TABLE, row["guideline_id"])


def test_before_the_sign_off_nothing_is_known_of_it() -> None:
    late = Sign("Ana", moment("2025-04-29T09:00"), "Ben", moment("2025-04-30T09:00"))
    lake = added(Held(told(LATE).frames()), NEW, sign=late)
    assert found_at(late_entry, records_of(lake), "2025-04-29") == []
    assert len(found_at(late_entry, records_of(lake), "2025-04-30")) == 1


def test_the_next_document_takes_the_place_of_the_last_from_its_own_day_on() -> None:
    later = Sign("Ana", moment("2025-03-22T09:00"), "Ben", moment("2025-03-22T10:00"))
    lake = added(added(Held(told(LATE).frames()), OLD), NEW, sign=later)
    first, second = sorted(rows(records_of(lake)), key=lambda row: row["effective_on"])
    assert (first["ends_on"], second["ends_on"]) == (date(2025, 2, 28), None)
    assert json.loads(first["parameters"]) == {"days": 60}
    [before] = rows(records_of(lake), "2025-03-21T12:00")
    assert before["ends_on"] is None, "as it was known then"


def test_a_document_that_was_to_begin_no_earlier_is_gone() -> None:
    later = Sign("Ana", moment("2025-03-22T09:00"), "Ben", moment("2025-03-22T10:00"))
    lake = added(added(Held(told(LATE).frames()), NEW), OLD, sign=later)
    [row] = rows(records_of(lake))
    assert json.loads(row["parameters"]) == {"days": 60}


def test_the_firms_own_rows_stay_as_they_are() -> None:
    own: dict[str, list[Told]] = {"billing_guideline": [{"rule": "late_entry", "parameters": '{"days": 90}', "text": "Ninety days."}]}
    lake = added(Held(told(own).frames()), NEW)
    found = {row["guideline_id"]: row for row in rows(records_of(lake))}
    assert found["gl"]["ends_on"] is None
    assert [row["rule"] for row in signed(list(found.values()))] == ["late_entry"]
    assert {one.place for one in rules_of(list(found.values()))} == {
        "guideline gl of the records",
        "clause 2.1 of the document in force",
    }


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"rule": "po_required", "parameters": "{}"}, "no control is named 'po_required'"),
        ({"rule": "late_entry", "parameters": '{"day": 30}'}, "late_entry has no parameter 'day'"),
        ({"rule": "late_entry", "parameters": '{"days": "30"}'}, "days is '30', but it takes days"),
        ({"rule": "late_entry", "parameters": "[30]"}, "late_entry has no parameter 'parameters'"),
        ({"rule": "late_entry", "parameters": '{"days": 30}'}, None),
        ({"rule": "late_entry"}, None),
    ],
)
def test_what_no_control_reads_of_a_row_is_told(row: Told, what: str | None) -> None:
    found = misfits(rows(known(told({"billing_guideline": [row]}))))
    assert [(one.guideline_id, one.client_id, one.what) for one in found] == ([("gl", "c", what)] if what else [])


def test_a_lake_beneath_gives_the_tables_that_are_not_given() -> None:
    lake = Held({}, Held(told({}).frames()))
    assert lake.read("client").collect()["client_id"].to_list() == ["c"]
    assert lake.versions() == Held(told({}).frames()).versions()
    assert Held({}).read("client").collect().is_empty()
