"""A margin's chart: every row on one axis, each cause from where the one before ended."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.margin_causes import CAUSES
from models.project_course import Burn, ProjectCourse
from service.margin_chart import EDGE, WIDTH, MarginChart

BURN = Burn("EUR", date(2026, 1, 5), date(2026, 6, 1), date(2026, 3, 1), 100, 100, (), 100, ())
SHARES = st.floats(-0.5, 0.5).map(lambda share: round(share, 4))


def course(planned: float, moved: list[float]) -> ProjectCourse:
    causes = dict(zip(CAUSES, moved, strict=True))
    return ProjectCourse(planned, planned + sum(moved), causes, BURN)


@given(planned=SHARES, moved=st.lists(SHARES, min_size=5, max_size=5), spread=st.floats(0.0, 0.3))
def test_bars_lie_end_to_end_within_the_picture(planned: float, moved: list[float], spread: float) -> None:
    without = course(planned, moved)
    middle = without.goes_on
    told = replace(without, low=middle - spread, middle=middle, high=middle + spread)
    rows = MarginChart(told).rows
    assert [row.kind for row in rows] == ["plan", *["cause"] * 5, "goes_on", "forecast"]
    at = rows[0].x
    for row in rows[1:6]:
        assert at == pytest.approx(row.bar_x if not row.lowers else row.bar_x + row.bar_width, abs=0.11)
        at = row.x
    assert at == pytest.approx(rows[6].x, abs=0.11)
    assert rows[7].bar_x - 0.1 <= rows[7].x <= rows[7].bar_x + rows[7].bar_width + 0.1
    assert all(row.bar_x >= EDGE - 0.1 and row.bar_x + row.bar_width <= WIDTH - EDGE + 0.2 for row in rows)


def test_without_a_forecast_there_is_no_row_of_one() -> None:
    chart = MarginChart(course(0.3, [0.0] * 5))
    assert [row.kind for row in chart.rows][-1] == "goes_on"
    # As planned: plan and end stand in the middle of ten points.
    assert {row.x for row in chart.rows} == {WIDTH / 2}
    assert chart.taking == ()


def test_the_largest_taker_comes_first_and_what_takes_no_point_is_not_named() -> None:
    chart = MarginChart(course(0.3, [-0.02, -0.05, 0.04, -0.009, -0.01]))
    assert chart.taking == (("effort", -0.05), ("scope", -0.02), ("write-down", -0.01))
