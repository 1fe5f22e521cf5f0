"""What a new document changes, and the findings that appear and clear by it."""

from datetime import date
from decimal import Decimal
from typing import Final

import pytest

from controls.guidelines.changes import Change, Effect, changes, effect
from controls.guidelines.contradictions import placed
from controls.guidelines.document import Reading
from controls.guidelines.reading import read_document
from controls.guidelines.standing import Sign, with_signed
from records.held import Held
from records.lake import Lake
from tests.controls.case import Told, told
from tests.ledger import moment

HEAD: Final = "Client: c\nEffective: 2025-01-01\n\n"
OLD: Final = (
    HEAD + "1. Time older than 60 days is not accepted.\n2. Block billing is not accepted.\n3. Hotels are reimbursed up to EUR 180."
)
NEW: Final = (
    HEAD + "1. Hotels are reimbursed up to EUR 180.\n2. Time older than 30 days is not accepted.\n3. Narratives must have at least 6 words."
)
AT: Final = moment("2025-04-20")


def read(text: str) -> Reading:
    return read_document(text, name="a.txt")


def test_rules_are_added_removed_changed_and_cited_anew() -> None:
    found = changes(placed(read(OLD)), placed(read(NEW)))
    assert [(one.kind, one.control, one.about, dict(one.parameters)) for one in found] == [
        ("cited anew", "expense_over_policy", "lodging", {}),
        ("changed", "late_entry", "", {"days": (60, 30)}),
        ("added", "narrative_too_short", "", {"words": (None, 6)}),
        ("removed", "block_narrative", "", {"parts": (2, None), "longer_than": (120, None)}),
    ]


def test_a_document_beside_itself_is_the_same() -> None:
    assert changes(placed(read(OLD)), placed(read(OLD))) == []


def test_what_is_usual_and_what_is_written_out_are_one() -> None:
    written = "client: c\neffective_on: 2025-01-01\nclauses:\n- {clause: '2', text: T., rule: block_narrative, parameters: {parts: 2}}"
    usual = HEAD + "2. Block billing is not accepted."
    assert changes(placed(read(usual)), placed(read_document(written, name="a.yaml"))) == []


def done(before: str | None, after: str, rows: dict[str, list[Told]]) -> Effect:
    lake: Lake = Held(told(rows).frames())
    if before is not None:
        lake = with_signed(lake, read(before), sign=Sign("", AT, "", moment("2025-04-19")))
    return effect(lake, with_signed(lake, read(after), sign=Sign("", AT, "", AT)), client_id="c", as_of=AT)


LATE: Final[dict[str, list[Told]]] = {"time_entry": [{"entered_at": "2025-04-12T09:00"}]}
"""Work of 3 March that was entered 40 days later, and is on a draft."""


def test_a_finding_appears_on_the_open_draft_with_its_money() -> None:
    found = done(OLD, NEW, LATE)
    assert [(one.control, one.entity_id, one.on, one.place, one.money, one.currency) for one in found.appears] == [
        ("late_entry", "t", "i", "open draft", Decimal("800.00"), "EUR")
    ]
    assert found.appears[0].guideline_id is not None
    assert found.clears == ()


def test_the_other_way_round_it_clears() -> None:
    found = done(NEW, OLD, LATE)
    assert [one.control for one in found.clears] == ["late_entry"]
    assert found.appears == ()


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ({"time_entry": [{"entered_at": "2025-04-12T09:00", "invoice_line_id": None}]}, "not billed yet"),
        ({**LATE, "invoice": [{"issued_on": "2025-04-14", "number": "R-1", "recorded": "2025-04-14"}]}, "issued bill"),
    ],
)
def test_what_is_not_on_a_draft_is_told_apart(rows: dict[str, list[Told]], place: str) -> None:
    assert [one.place for one in done(None, NEW, rows).appears] == [place]


def test_the_old_document_holds_until_the_day_before_the_new_one() -> None:
    strict, lenient = NEW, OLD.replace("2025-01-01", "2025-03-04")
    assert done(strict, lenient, LATE) == Effect((), ()), "work of 3 March is judged by the old one as before"
    assert len(done(strict, lenient.replace("2025-03-04", "2025-03-03"), LATE).clears) == 1


def test_another_clients_findings_are_none_of_this() -> None:
    assert done(None, NEW.replace("Client: c", "Client: d"), LATE) == Effect((), ())


def test_a_rule_of_a_later_day_moves_nothing_yet() -> None:
    assert done(None, NEW.replace("2025-01-01", "2025-06-01"), LATE) == Effect((), ())


def test_a_change_says_where_each_side_stands() -> None:
    [one] = [one for one in changes(placed(read(OLD)), placed(read(NEW))) if one.kind == "changed"]
    assert isinstance(one, Change)
    assert one.before is not None
    assert one.after is not None
    assert (one.before.place, one.after.place, one.after.effective_on) == ("clause 1", "clause 2", date(2025, 1, 1))
