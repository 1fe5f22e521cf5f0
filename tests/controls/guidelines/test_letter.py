"""A letter taken apart into clauses, each with its number and its line."""

from datetime import date
from pathlib import Path
from typing import Final

import pytest

from controls.guidelines.document import Reading, UnreadableDocumentError
from controls.guidelines.reading import read_document

DOCS: Final = Path(__file__).parents[3] / "docs" / "guidelines"
HEAD: Final = "Client: C1\nEffective: 2026-01-01\n\n"


def numbers(text: str) -> list[tuple[str, str, int]]:
    return [(one.number, one.text, one.line) for one in read_document(HEAD + text, name="letter.txt").clauses]


def test_the_example_is_read_with_its_clauses() -> None:
    found = read_document((DOCS / "aldgate_rail_2022.txt").read_text("utf-8"), name="aldgate_rail_2022.txt")
    assert (found.client_id, found.document, found.effective_on) == (
        "C00001",
        "Billing guidelines of Aldgate Rail, edition 2022",
        date(2022, 1, 1),
    )
    assert {rule.citation: (rule.control, dict(rule.parameters)) for rule in found.rules} == {
        "1.1": ("po_missing", {}),
        "1.2": ("client_format_rule", {"field": "po_ref", "pattern": r"PO\-.*"}),
        "2.1": ("late_entry", {"days": 60}),
        "2.2": ("narrative_too_short", {"words": 4}),
        "2.3": ("block_narrative", {}),
        "2.5(a), 2.5(b)": ("forbidden_task", {"text": "internal meeting, secretarial, photocopying"}),
        "3.1": ("expense_without_receipt", {"free_up_to": 50.0}),
        "3.2": ("expense_over_policy", {"of_category": "lodging", "limit": 180.0}),
    }
    assert [one.clause.number for one in found.unread] == ["line 5", "2.2", "2.4", "3.3"]
    assert found.faults == ()


def test_a_clause_that_wraps_is_one_and_a_number_inside_it_begins_none() -> None:
    assert numbers("1. Time older than\n30 days is not accepted.\n2. We pay within\n3.5 Weeks of nothing.") == [
        ("1", "Time older than 30 days is not accepted.", 4),
        ("2", "We pay within 3.5 Weeks of nothing.", 6),
    ]


def test_lettered_parts_belong_to_their_clause() -> None:
    assert numbers("4.2 We do not pay for:\n(a) photocopying; and\nb) filing.\n4.3 Thank you.") == [
        ("4.2(a)", "We do not pay for: (a) photocopying; and", 5),
        ("4.2(b)", "We do not pay for: (b) filing.", 6),
        ("4.3", "Thank you.", 7),
    ]
    assert [one[0] for one in numbers("4.2 Be brief.\n(a) In words.")] == ["4.2", "4.2(a)"]


def test_a_part_of_a_list_is_read_with_what_leads_into_it() -> None:
    found = read_document(HEAD + "4.2 We do not pay for:\n(a) photocopying; and\n(b) lunches.", name="a.txt")
    assert [(one.control, dict(one.parameters), one.citation) for one in found.rules] == [
        ("forbidden_task", {"text": "photocopying"}, "4.2(a)")
    ]
    assert [one.text for one in found.unread] == ["We do not pay for: (b) lunches."]
    paid = read_document(HEAD + "4.2 The following is billable:\n(a) Travel time is not billable.", name="a.txt")
    assert paid.rules == (), "what leads into a list may turn it round"


def test_a_heading_is_no_clause_and_a_paragraph_without_a_number_is_cited_by_its_line() -> None:
    assert numbers("1. Time\n1.1 Late time is late.\n\nYours sincerely") == [
        ("1.1", "Late time is late.", 5),
        ("line 7", "Yours sincerely", 7),
    ]


def test_a_short_clause_that_ends_in_a_full_stop_is_no_heading() -> None:
    assert [one[0] for one in numbers("1. Be brief.\n1.1 Late time is late.")] == ["1", "1.1"]


def test_whose_it_is_and_from_when_may_be_told_beside_it() -> None:
    found = read_document("1. A purchase order number is required.", name="a.txt", client="C9", effective_on=date(2026, 2, 1))
    assert (found.client_id, found.effective_on, found.rules[0].control) == ("C9", date(2026, 2, 1), "po_missing")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1. A purchase order number is required.", "whose it is"),
        ("Client: C1\n1. Hello.", "from when it holds; write a line `Effective: 2026-01-01`"),
        ("Client: C1\nEffective: 1 March 2026\n", "effective_on is '1 March 2026'; write a day such as 2026-01-01"),
    ],
)
def test_what_a_letter_lacks_is_told_with_how_to_mend_it(text: str, says: str) -> None:
    with pytest.raises(UnreadableDocumentError, match=says):
        read_document(text, name="a.txt")


def test_another_letter_has_another_digest() -> None:
    one, other = (read_document(HEAD + text, name="a.txt").digest for text in ("1. A.", "1. B."))
    assert one != other


@pytest.mark.parametrize("heading", ["Time", "Travel and expenses", "Our billing requirements"])
def test_a_heading_that_names_a_topic_confines_nothing(heading: str) -> None:
    found = read_document(HEAD + f"4. {heading}\n4.1 Travel time is not billable.", name="a.txt")
    assert [rule.citation for rule in found.rules] == ["4.1"]


@pytest.mark.parametrize("heading", ["Project Falcon", "Partners", "Time of partners"])
def test_a_heading_that_may_confine_what_stands_below_it_leaves_it_to_a_person(heading: str) -> None:
    found = read_document(HEAD + f"4. {heading}\n4.1 Travel time is not billable.", name="a.txt")
    assert found.rules == ()
    assert [one.why for one in found.unread] == [f"its heading “{heading}” may confine it"]


def with_travel(other: str) -> Reading:
    return read_document(HEAD + f"2.1 Travel time is not billable.\n{other}", name="a.txt")


@pytest.mark.parametrize(
    "other",
    [
        "2.2 Clause 2.1 is about trips of more than four hours.",
        "2.2 See 2.1 for short trips.",
        "3. Section 2 is about trips of more than four hours.",
        "3. Paragraphs §2 and 5 are about trips of more than four hours.",
    ],
)
def test_a_clause_that_an_unread_one_refers_to_is_left_to_a_person(other: str) -> None:
    found = with_travel(other)
    assert found.rules == ()
    assert found.unread[0].why == f"clause {other.split(maxsplit=1)[0].rstrip('.')}, which is not read, refers to it"


@pytest.mark.parametrize(
    "other",
    [
        "2.2 We use two portals.",
        "2.2 We use version 2.10 of the portal.",
        "2.2 Time older than 30 days is not accepted.",
    ],
)
def test_a_number_that_is_no_reference_takes_nothing_back(other: str) -> None:
    assert "travel_time" in [rule.control for rule in with_travel(other).rules]
