"""A guideline document in YAML: every fault has its line and its mend, and nothing is left aside in silence."""

from datetime import date
from pathlib import Path
from typing import Final

import pytest

from controls.guidelines.document import Reading, UnreadableDocumentError
from controls.guidelines.reading import read_document

DOCS: Final = Path(__file__).parents[3] / "docs" / "guidelines"
HEAD: Final = "client: C1\neffective_on: 2026-01-01\nclauses:\n"


def read(clauses: str) -> Reading:
    return read_document(HEAD + clauses, name="guideline.yaml")


def test_the_example_is_read_without_a_fault() -> None:
    found = read_document((DOCS / "aldgate_rail_2023.yaml").read_text("utf-8"), name="aldgate_rail_2023.yaml")
    assert found.faults == ()
    assert [one.citation for one in found.rules] == ["1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "3.1", "3.2"]
    assert [(one.clause.number, one.why) for one in found.unread] == [("3.3", "left to people")]


def test_numbers_and_names_stay_as_they_are_written() -> None:
    found = read_document(
        "client: 0017\neffective_on: 2026-01-01\nends_on: 2026-12-31\nclauses:\n- {clause: 3.10, text: No PO, rule: po_missing}",
        name="a.yml",
    )
    assert (found.client_id, found.ends_on, found.rules[0].citation) == ("0017", date(2026, 12, 31), "3.10")


@pytest.mark.parametrize(
    ("clauses", "line", "what", "mend"),
    [
        ('- {clause: "1", text: T., rule: late_entries}', 4, "no control is named 'late_entries'", "Did you mean late_entry?"),
        (
            '- {clause: "1", text: T., rule: po_required}',
            4,
            "no control is named 'po_required'",
            "Did you mean po_missing, po_wrong or po_exhausted?",
        ),
        ('- {clause: "1", text: T., rule: kindness}', 4, "no control is named 'kindness'", "docs/controls.md"),
        ('- {clause: "1", text: T., rule: duplicate_line}', 4, "duplicate_line is the same for every client", "Leave the rule out."),
        (
            '- clause: "1"\n  text: T.\n  rule: late_entry\n  parameters:\n    day: 30',
            8,
            "clause 1: late_entry has no parameter 'day'",
            "It has: days.",
        ),
        (
            '- clause: "1"\n  text: T.\n  rule: late_entry\n  parameters:\n    days: "30"',
            8,
            "clause 1: days is '30', but it takes days",
            "Write days: 30, without quotation marks.",
        ),
        (
            '- clause: "1"\n  text: T.\n  rule: late_entry\n  parameters: {days: 30.5}',
            7,
            "days is 30.5, but it takes days",
            "Write days: 60.",
        ),
        ('- clause: "1"\n  text: T.\n  rule: late_entry\n  parameters: {days: -1}', 7, "days is -1, below nought", "Write days: 60."),
        ('- clause: "1"\n  text: T.\n  rule: cap_nearly_reached\n  parameters: {share: 80}', 7, "share is 80, more than the whole", "0.9"),
        (
            '- clause: "1"\n  text: T.\n  rule: non_working_day\n  parameters: {allowed: 1}',
            7,
            "allowed is 1, but it takes yes or no",
            "allowed: false",
        ),
        (
            '- clause: "1"\n  text: T.\n  rule: client_format_rule\n  parameters: {field: po}',
            7,
            "field is 'po', which is none",
            "one of po_ref",
        ),
        (
            '- clause: "1"\n  text: T.\n  rule: client_format_rule\n  parameters: {pattern: "45["}',
            7,
            "the pattern '45[' cannot be read",
            "regular expression",
        ),
        ('- clause: "1"\n  text: T.\n  rule: late_entry\n  parameters: 30', 7, "the parameters of late_entry are no mapping", "{days: 30}"),
        ('- clause: "1"\n  text: T.\n  rules: late_entry', 6, "nothing is read from 'rules'", "It may say clause, text, rule"),
        ('- clause: "1"\n  text: T.\n  text: U.', 6, "'text' stands here twice", "Keep one of the two."),
        ("- text: T.", 4, "a clause has no clause", "give its number"),
        ('- clause: "1"\n  rule: po_missing', 4, "a clause has no text", "the client's own words"),
        ('- clause: "1"\n  text: T.\n  parameters: {days: 3}', 6, "parameters without a rule", "Name the control"),
        ("- just words", 4, "a clause is no mapping", "Write `- clause:"),
        (
            '- clause: "1"\n  text: Time older than 30 days is not accepted.\n  rule: late_entry\n  parameters: {days: 60}',
            6,
            "clause 1: its words read as late_entry {'days': 30}, and the rule says {'days': 60}",
            "Correct the parameters, or the words.",
        ),
    ],
)
def test_a_fault_is_told_with_its_line_and_its_mend(clauses: str, line: int, what: str, mend: str) -> None:
    [fault] = read(clauses).faults
    assert fault.line == line
    assert what in fault.what
    assert mend in fault.mend


def test_a_rule_with_a_fault_is_no_rule() -> None:
    assert read('- {clause: "1", text: T., rule: late_entry, parameters: {days: many, day: 1}}').rules == ()


def test_a_document_that_ends_before_it_begins_says_so() -> None:
    found = read_document(HEAD.replace("clauses", "ends_on: 2025-01-01\nclauses") + '- {clause: "1", text: T.}', name="a.yaml")
    assert [(one.line, one.what) for one in found.faults] == [(3, "it ends on 2025-01-01, before it is effective on 2026-01-01")]


def test_clauses_that_say_the_same_are_one_rule_that_cites_both() -> None:
    found = read('- {clause: "1", text: T., rule: po_missing}\n- {clause: "2", text: U., rule: po_missing}')
    assert [one.citation for one in found.rules] == ["1, 2"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("client: [", "cannot be read as YAML"),
        ("words", "no client and no clauses"),
        ("effective_on: 2026-01-01\nclauses: []", "no client"),
        ("client: C1\nclauses: []", "no effective_on"),
        ("client: C1\neffective_on: soon\nclauses: []", "line 2: effective_on is 'soon'"),
        ("client: C1\neffective_on: 2026-01-01", "no clauses"),
    ],
)
def test_what_is_no_guideline_document_is_refused(text: str, says: str) -> None:
    with pytest.raises(UnreadableDocumentError, match=says):
        read_document(text, name="a.yaml")
