"""One mapping from probability to words, and every word on the right side of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.words import BANDS, HIGHEST, likelihood


@given(st.floats(0, 1), st.floats(0, 1))
def test_words_never_fall_as_the_probability_rises(one: float, other: float) -> None:
    order = [*(words for _, words in BANDS), HIGHEST]
    lower, higher = sorted((one, other))
    assert order.index(likelihood(lower).words) <= order.index(likelihood(higher).words)


@given(st.floats(0, 1))
def test_the_words_the_frequency_and_the_number_say_the_same(probability: float) -> None:
    told = {
        "very unlikely": (0, 10),
        "unlikely": (10, 33),
        "about as likely as not": (33, 66),
        "likely": (66, 90),
        "very likely": (90, 101),
    }
    found = likelihood(probability)
    low, high = told[found.words]
    shown = int(f"{probability:.0%}".rstrip("%"))
    assert low <= shown < high
    tenths = {"fewer than 1 in 10": 0, "more than 9 in 10": 10} | {f"about {n} in 10": n for n in range(1, 10)}
    assert abs(10 * tenths[found.about] - shown) <= 5


@pytest.mark.parametrize(
    ("probability", "words", "about"),
    [
        (0.0, "very unlikely", "fewer than 1 in 10"),
        (0.05, "very unlikely", "about 1 in 10"),
        (0.094, "very unlikely", "about 1 in 10"),
        (0.1, "unlikely", "about 1 in 10"),
        (0.15, "unlikely", "about 2 in 10"),
        (0.32, "unlikely", "about 3 in 10"),
        (0.34, "about as likely as not", "about 3 in 10"),
        (0.35, "about as likely as not", "about 4 in 10"),
        (0.5, "about as likely as not", "about 5 in 10"),
        (0.65, "about as likely as not", "about 6 in 10"),
        (0.66, "likely", "about 7 in 10"),
        (0.81, "likely", "about 8 in 10"),
        (0.9, "very likely", "about 9 in 10"),
        (0.95, "very likely", "about 9 in 10"),
        (0.96, "very likely", "more than 9 in 10"),
        (1.0, "very likely", "more than 9 in 10"),
    ],
)
def test_a_frequency_is_the_number_s_own(probability: float, words: str, about: str) -> None:
    found = likelihood(probability)
    assert (found.words, found.about) == (words, about)


@pytest.mark.parametrize("outside", [-0.01, 1.01, float("nan")])
def test_what_is_no_probability_is_refused(outside: float) -> None:
    with pytest.raises(ValueError, match=r"0\.\.1"):
        likelihood(outside)
