"""What keeps a document from being signed, and what a person is only told."""

from typing import Final

import pytest

from controls.guidelines.examples import Example
from controls.guidelines.reading import read_document
from controls.guidelines.review import Review, review
from tests.controls.case import Told, known, told
from tests.ledger import moment

HEAD: Final = "client: c\neffective_on: 2025-01-01\nclauses:\n"
AT: Final = moment("2025-04-20")


def reviewed(clauses: str, rows: dict[str, list[Told]] | None = None, *, head: str = HEAD) -> Review:
    return review(read_document(head + clauses, name="a.yaml"), known(told(rows or {})), at=AT)


SOUND: Final = '- {clause: "1", text: Time older than 60 days is not accepted.}\n'


def test_a_sound_document_can_be_signed() -> None:
    found = reviewed(SOUND)
    assert found.obstacles == ()
    assert [(one.wanted, one.fired) for one in found.examples] == [(False, False), (True, True)]


@pytest.mark.parametrize(
    ("clauses", "says"),
    [
        (
            SOUND + '- {clause: "2", text: T., rule: late_entries}',
            "line 5: clause 2: no control is named 'late_entries'. Did you mean late_entry?",
        ),
        (
            SOUND + '- {clause: "2", text: Time older than 30 days is not accepted.}',
            "clause 1 and clause 2: late_entry says days 60 and 30",
        ),
        ('- {clause: "1", text: T., rule: narrative_too_short, parameters: {words: 0}}', "there is nothing that it refuses"),
        ('- {clause: "1", text: Be kind.}', "no rule was read, so there is nothing to sign"),
        ('- {clause: "1", text: Expenses above GBP 50 need a receipt.}', "amounts are in GBP, and the client is billed in EUR"),
    ],
)
def test_what_blocks_is_told_with_how_to_mend_it(clauses: str, says: str) -> None:
    assert says in "; ".join(reviewed(clauses).obstacles)


def test_a_client_that_the_records_do_not_know_blocks() -> None:
    [obstacle] = reviewed(SOUND, head=HEAD.replace("client: c", "client: x")).obstacles
    assert obstacle.startswith("line 1: the records know no client x")


def test_what_goes_against_the_records_is_told_and_blocks_nothing() -> None:
    found = reviewed(
        SOUND + '- {clause: "2", text: Hotels are reimbursed up to EUR 180.}\n- {clause: "3", text: A purchase order is required.}',
        {
            "contract": [{"late_entry_cutoff_days": 90}],
            "billing_guideline": [{"rule": "late_entry", "parameters": '{"days": 45}'}],
            "expense": [{}],
        },
    )
    assert found.obstacles == ()
    assert [(one.one, one.other) for one in found.contradictions] == [
        ("clause 1", "guideline gl of the records"),
        ("clause 1", "contract C-1"),
        ("clause 3", "contract C-1"),
        ("clause 2", "the records"),
    ]
    assert found.contradictions[-1].mend == "Name one of those that there are: travel."


def test_an_example_that_is_not_confirmed_blocks() -> None:
    found = reviewed(SOUND)
    wrong = Example(found.reading.rules[0], "entered 61 days after the work", wanted=True, fired=False)
    assert Review(found.reading, (wrong,), (), ()).obstacles == ("clause 1: late_entry does not confirm: entered 61 days after the work",)


def test_without_records_the_document_stands_for_itself() -> None:
    found = review(read_document(HEAD.replace("client: c", "client: x") + SOUND, name="a.yaml"))
    assert found.obstacles == ()
