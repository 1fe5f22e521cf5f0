"""Sentences of guidelines: what is read is read whole, and what only looks like it is left to a person."""

from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from controls.guidelines.checking import faults_of
from controls.guidelines.document import Clause
from controls.guidelines.phrases import NOT_A_QUANTITY, NOT_READ, NOT_SURE, Phrase, phrases, read_clause

SENTENCES: Final[list[dict[str, Any]]] = yaml.safe_load((Path(__file__).parent / "sentences.yaml").read_text("utf-8"))
PHRASES: Final = phrases().listed


def clause(text: str) -> Clause:
    return Clause("3.2", text, 7)


@pytest.mark.parametrize("said", SENTENCES, ids=lambda said: said["says"])
def test_a_sentence_is_read_as_it_is_meant_or_not_at_all(said: dict[str, Any]) -> None:
    rules, unread = read_clause(clause(said["says"]))
    if "rule" not in said:
        assert not rules
        assert [one.text for one in unread] == [said["says"]]
        return
    [rule] = rules
    assert (rule.control, dict(rule.parameters), rule.currency) == (said["rule"], said.get("parameters", {}), said.get("currency"))
    assert (rule.citation, unread) == ("3.2", [])


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.reads)
def test_every_phrase_reads_its_example_as_a_rule_that_its_control_takes(phrase: Phrase) -> None:
    [rule], unread = read_clause(clause(phrase.reads))
    assert rule.control == phrase.control
    assert not unread
    assert faults_of(rule.control, rule.parameters) == []


def test_each_kind_of_rule_has_look_alikes_that_are_not_read() -> None:
    silent = sum("rule" not in said for said in SENTENCES)
    assert {said["rule"] for said in SENTENCES if "rule" in said} >= {phrase.control for phrase in PHRASES} - {
        "time_not_billed",
        "expense_not_billed",
    }
    assert silent > len(SENTENCES) / 3


@pytest.mark.parametrize(
    "after",
    ["Unless we agree otherwise.", "This does not apply to trips of four hours.", "You may ask for an exception.", "However, see 5."],
)
def test_a_clause_of_which_an_unread_sentence_may_take_back_the_rest_is_not_read(after: str) -> None:
    rules, [unread] = read_clause(clause(f"Travel time is not billable. {after}"))
    assert (rules, unread.why, unread.text) == ([], NOT_SURE, f"Travel time is not billable. {after}")


def test_a_clause_may_be_read_in_part_and_says_so() -> None:
    [rule], [unread] = read_clause(clause("Block billing is not accepted. Our auditors sample the entries."))
    assert rule.control == "block_narrative"
    assert (unread.text, unread.why) == ("Our auditors sample the entries.", NOT_READ)


def test_a_quantity_that_contradicts_itself_is_not_read() -> None:
    rules, [unread] = read_clause(clause("Time older than sixty (90) days is not accepted."))
    assert (rules, unread.why) == ([], NOT_A_QUANTITY)


@settings(deadline=None)
@given(number=st.integers(1, 3650), unit=st.sampled_from([("days", 1), ("calendar days", 1), ("weeks", 7)]))
def test_any_number_of_days_is_read_as_it_stands(number: int, unit: tuple[str, int]) -> None:
    [rule], _ = read_clause(clause(f"Time older than {number} {unit[0]} is not accepted."))
    assert rule.parameters == {"days": number * unit[1]}


@settings(deadline=None)
@given(cents=st.integers(1, 10_000_000))
def test_any_amount_is_read_to_the_cent(cents: int) -> None:
    [rule], _ = read_clause(clause(f"Expenses above EUR {cents / 100:,.2f} need a receipt."))
    assert round(float(rule.parameters["free_up_to"]) * 100) == cents


@settings(deadline=None)
@given(st.sampled_from([phrase.reads for phrase in PHRASES]), st.sampled_from(["mostly", "not", "in principle", "except on Fridays"]))
def test_a_word_more_is_not_read_over(sentence: str, word: str) -> None:
    rules, _ = read_clause(clause(f"{sentence.rstrip('.')} {word}."))
    assert rules == []
