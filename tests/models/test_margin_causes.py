"""Where a margin goes: the causes add up, and each is the one that moved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.margin_causes import CAUSES, Course, causes, margin_of

PLAN = Course(hours=100, cost=60, price=125, charged=0.8)
"""A margin of 40 %: an hour costs 60 and brings 100."""
FEE = 10_000.0

numbers = st.floats(0.5, 200)
courses = st.builds(Course, hours=numbers, cost=numbers, price=numbers, charged=st.floats(0.1, 1.0))


@given(courses, courses, st.floats(1, 300), st.one_of(st.none(), st.floats(100, 20_000)))
def test_the_causes_add_up_to_the_difference(plan: Course, forecast: Course, granted: float, fee: float | None) -> None:
    parts = causes(plan, forecast, granted=granted, fee=fee)
    assert tuple(parts) == CAUSES
    whole = margin_of(forecast, fee=fee) - margin_of(plan, fee=fee)
    assert sum(parts.values()) == pytest.approx(whole, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(
    ("forecast", "granted", "fee", "moved"),
    [
        (Course(110, 60, 125, 0.8), 100, FEE, {"effort": -0.06}),
        (Course(110, 60, 125, 0.8), 105, FEE, {"scope": -0.03, "effort": -0.03}),
        (Course(110, 60, 125, 0.8), 120, FEE, {"scope": -0.06}),
        (Course(90, 60, 125, 0.8), 100, FEE, {"effort": 0.06}),
        (Course(100, 66, 125, 0.8), 100, FEE, {"mix": -0.06}),
        (Course(100, 60, 100, 0.5), 100, FEE, {}),
        # Where time is billed, more hours bring as much as they cost, and price and what is not charged tell.
        (Course(110, 60, 125, 0.8), 100, None, {}),
        (Course(100, 60, 100, 0.8), 100, None, {"rate": -0.15}),
        (Course(100, 60, 125, 0.6), 100, None, {"write-down": -0.2}),
    ],
)
def test_a_cause_is_what_moved(forecast: Course, granted: float, fee: float | None, moved: dict[str, float]) -> None:
    found = causes(PLAN, forecast, granted=granted, fee=fee)
    assert {cause: points for cause, points in found.items() if abs(points) > 1e-12} == pytest.approx(moved)
