"""What is usual of a value that stands out: never a range that holds it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.usual_values import Side, usual_text

RATES = st.integers(1, 10_000)


def said(seen: int, others: list[int], side: Side = "either") -> str:
    return usual_text(seen, others, shown=str, counted=f"in {len(others)}", side=side)


@pytest.mark.parametrize(
    ("seen", "others", "side", "says"),
    [
        (150, [90] * 40, "either", "90 in 40"),
        (150, [90, 100, 120], "either", "90 to 120 in 3"),
        (60, [90, 100, 120], "either", "90 to 120 in 3"),
        # Once before it stood at the same rate: "90 to 150" would say that it is usual.
        (150, [90] * 40 + [150], "either", "on average 91 in 41, 1 of them as far from it"),
        (120, [90] * 40 + [150], "either", "on average 91 in 41, 1 of them as far from it"),
        # As far below as it is above.
        (100, [50, 200, 50, 200], "either", "on average 100 in 4, 4 of them as far from it"),
        (200, [50, 200], "either", "on average 100 in 2, 2 of them as far from it"),
        (200, [50, 200], "above", "on average 100 in 2, 1 of them as long"),
        (150, [150] * 3, "either", "on average 150 in 3, 3 of them as far from it"),
        (420, [60, 75, 60, 480], "above", "on average 107 in 4, 1 of them as long"),
    ],
)
def test_what_is_usual_is_told_by_what_makes_it_odd(seen: int, others: list[int], side: Side, says: str) -> None:
    assert said(seen, others, side) == says


@given(RATES, st.lists(RATES, min_size=1, max_size=30), st.sampled_from(["either", "above"]))
def test_no_range_holds_the_value(seen: int, others: list[int], side: Side) -> None:
    told = said(seen, others, side)
    if held := re.fullmatch(r"(\d+)(?: to (\d+))? in \d+", told):
        low, high = int(held[1]), int(held[2] or held[1])
        assert not low <= seen <= high
    else:
        assert re.fullmatch(rf"on average \d+ in {len(others)}, \d+ of them .+", told)
