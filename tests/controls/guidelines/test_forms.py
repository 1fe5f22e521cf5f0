"""The shortest text that fits forms, held against Python's own regular expressions."""

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controls.guidelines.forms import UnreadableFormError, shortest

ATOMS = st.sampled_from(["a", "b", "[ab]", "[^a]", ".", r"\d", "0", r"\-", "[0-9a]", r"\w"])
TIMES = st.sampled_from(["", "", "?", "*", "+", "{2}", "{1,3}", "{0,1}", "{2,}"])


def _joined(parts: list[str]) -> str:
    return "".join(parts)


PATTERNS = st.recursive(
    st.lists(st.tuples(ATOMS, TIMES).map("".join), min_size=1, max_size=3).map(_joined),
    lambda inner: st.tuples(inner, inner, TIMES).map(lambda three: f"(?:{three[0]}|{three[1]}){three[2]}"),
    max_leaves=4,
)
TEXTS = st.text("ab0-", max_size=4)


@settings(deadline=None)
@given(PATTERNS, PATTERNS)
def test_what_is_found_fits_and_misses(one: str, other: str) -> None:
    both, only = shortest([one, other]), shortest([one], misses=[other])
    if both is not None:
        assert re.fullmatch(one, both)
        assert re.fullmatch(other, both)
    if only is not None:
        assert re.fullmatch(one, only)
        assert not re.fullmatch(other, only)


@settings(deadline=None)
@given(PATTERNS, PATTERNS, TEXTS)
def test_nothing_shorter_was_passed_over(one: str, other: str, text: str) -> None:
    if re.fullmatch(one, text) and re.fullmatch(other, text):
        found = shortest([one, other])
        assert found is not None
        assert len(found) <= len(text)


@pytest.mark.parametrize(
    ("fits", "found"),
    [
        (["45[0-9]{8}"], "4500000000"),
        (["45[0-9]{8}", "[0-9]{10}"], "4500000000"),
        (["45[0-9]{8}", "[0-9]{9}"], None),
        (["45[0-9]{8}", r"AR\-.*"], None),
        (["PO-[0-9]+|RAIL/.+", "R.*"], "RAIL/0"),
    ],
)
def test_forms_of_orders(fits: list[str], found: str | None) -> None:
    assert shortest(fits) == found
    for pattern in fits if found else ():
        assert pl.select(pl.lit(found).str.contains(f"^(?:{pattern})$")).item(), "the engine of the controls agrees"


@pytest.mark.parametrize("pattern", ["(?=a)b", "a{2", "(a", "a)", "[a", r"\b", "*a", "a{100}", "^a"])
def test_what_is_not_read_is_refused(pattern: str) -> None:
    with pytest.raises(UnreadableFormError):
        shortest([pattern])
