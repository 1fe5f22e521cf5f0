"""The chart of a project's cost against its plan."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.project_course import Burn, Mark
from service.burn_chart import HEIGHT, LABEL_HEIGHT, MOST_WEEKS, WIDTH, BurnChart

START = date(2026, 1, 5)
BURN = Burn(
    currency="EUR",
    starts_on=START,
    ends_on=START + timedelta(days=200),
    read_on=START + timedelta(days=100),
    planned=1000,
    granted=1100,
    spent=((START + timedelta(days=6), 100), (START + timedelta(days=100), 700)),
    at_completion=1400,
    milestones=(Mark(START + timedelta(days=50), "Design", done=True), Mark(START + timedelta(days=900), "Never", done=False)),
)
COSTS = st.lists(st.integers(0, 10**7), min_size=0, max_size=60)


def points(line: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (one.split(",") for one in line.split())]


@given(steps=COSTS, planned=st.integers(1, 10**7), granted=st.integers(1, 10**7), late=st.integers(0, 400))
def test_every_line_stays_in_the_picture_and_money_never_falls(steps: list[int], planned: int, granted: int, late: int) -> None:
    spent, cost = [], 0
    for week, step in enumerate(steps):
        cost += step
        spent.append((START + timedelta(days=7 * week + 6), cost))
    read_on = max([START + timedelta(days=late), *(day for day, _ in spent)])
    chart = BurnChart(
        replace(
            BURN, spent=tuple(spent), planned=planned, granted=granted, at_completion=max(cost, planned), read_on=read_on, milestones=()
        )
    )
    for line in (chart.actual, chart.plan, chart.onward):
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points(line))
    ups = points(chart.actual)
    assert all(one[0] <= other[0] and one[1] >= other[1] for one, other in itertools.pairwise(ups))
    first, second = chart.labels
    assert second.y - first.y >= 2 * LABEL_HEIGHT
    assert len(chart.table) <= MOST_WEEKS
    if spent:
        assert chart.table[-1][:2] == spent[-1]


def test_the_table_tells_what_was_planned_by_each_day() -> None:
    chart = BurnChart(BURN)
    assert chart.table == ((START + timedelta(days=6), 100, 30), (START + timedelta(days=100), 700, 500))
    assert [label.of for label in chart.labels] == ["goes_on", "granted"]


def test_a_milestone_beyond_the_axis_is_not_drawn_at_its_end() -> None:
    assert [one.mark.name for one in BurnChart(BURN).diamonds] == ["Design"]


def test_a_project_that_has_not_begun_to_cost_is_drawn_too() -> None:
    chart = BurnChart(replace(BURN, spent=(), starts_on=BURN.ends_on, read_on=BURN.ends_on))
    assert chart.table == ()
    assert chart.spent_now == 0
    assert len(points(chart.onward)) == 2
