"""One mapping from probability to words, and every word on the right side of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.words import BANDS, HIGHEST, likelihood


@given(st.floats(0, 1), st.floats(0, 1))
def test_words_never_fall_as_the_probability_rises(one: float, other: float) -> None:
    order = [*(words for _, words in BANDS), HIGHEST]
    lower, higher = sorted((one, other))
    assert order.index(likelihood(lower)) <= order.index(likelihood(higher))


@given(st.floats(0, 1))
def test_the_words_and_the_number_say_the_same(probability: float) -> None:
    told = {
        "very unlikely": (0, 0.1, "fewer than 1 in 10"),
        "unlikely": (0.1, 0.33, "about 2 in 10"),
        "about as likely as not": (0.33, 0.66, "about 5 in 10"),
        "likely": (0.66, 0.9, "about 8 in 10"),
        "very likely": (0.9, 1.01, "more than 9 in 10"),
    }
    found = likelihood(probability)
    low, high, about = told[found.words]
    assert low <= probability < high
    assert found.about == about


@pytest.mark.parametrize("outside", [-0.01, 1.01, float("nan")])
def test_what_is_no_probability_is_refused(outside: float) -> None:
    with pytest.raises(ValueError, match=r"0\.\.1"):
        likelihood(outside)
