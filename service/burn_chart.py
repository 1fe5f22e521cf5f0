"""The chart of a project's cost: spent, planned, granted, and where it leads. One object makes picture, description and table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from models.project_course import Burn, Mark

WIDTH = 520
"""In user units; the page scales it."""
HEIGHT = 210
LEFT, RIGHT = 8, 80
"""Free space beside the lines: right of them stand their names."""
TOP, FOOT = 16, 40
"""Below the axis stand the milestones and the days."""
LABEL_HEIGHT = 14
MOST_WEEKS = 12
"""Rows of the table: of more weeks every second, third … is shown, and the last."""
Point = tuple[float, float]


@dataclass(frozen=True)
class EndLabel:
    """The name of a line at its right end."""

    of: str
    value: int
    y: float
    """Of its first line; the value stands below."""


@dataclass(frozen=True)
class Diamond:
    mark: Mark
    x: float


@dataclass(frozen=True)
class BurnChart:
    burn: Burn

    @property
    def width(self) -> int:
        return WIDTH

    @property
    def height(self) -> int:
        return HEIGHT

    @property
    def axis_y(self) -> int:
        return HEIGHT - FOOT

    @property
    def right(self) -> int:
        return WIDTH - RIGHT

    @property
    def spent_now(self) -> int:
        return self.burn.spent[-1][1] if self.burn.spent else 0

    @property
    def today_x(self) -> float:
        return self.x(self.burn.read_on)

    @cached_property
    def first(self) -> date:
        return min([self.burn.starts_on, *(day for day, _ in self.burn.spent)])

    @cached_property
    def last(self) -> date:
        return max(self.burn.ends_on, self.burn.read_on, self.first + timedelta(days=7))

    @cached_property
    def actual(self) -> str:
        """Points of the line of what was spent, as SVG writes them."""
        return _points([(self.x(self.first), self.y(0)), *((self.x(day), self.y(cost)) for day, cost in self.burn.spent)])

    @property
    def plan(self) -> str:
        """Evenly from nought at the start to the planned cost at the planned end."""
        return _points([(self.x(self.burn.starts_on), self.y(0)), (self.x(self.burn.ends_on), self.y(self.burn.planned))])

    @property
    def onward(self) -> str:
        """From what was spent to the cost in the end, if it goes on like this."""
        day = self.burn.spent[-1][0] if self.burn.spent else self.first
        return _points([(self.x(day), self.y(self.spent_now)), (self.x(self.last), self.y(self.burn.at_completion))])

    @property
    def granted_y(self) -> float:
        return self.y(self.burn.granted)

    @cached_property
    def labels(self) -> tuple[EndLabel, ...]:
        """Names of the lines at their right ends, from the top, moved apart where they would lie on each other."""
        ends = sorted((("granted", self.burn.granted), ("goes_on", self.burn.at_completion)), key=lambda one: -one[1])
        placed: list[EndLabel] = []
        least = 0.0
        for of, value in ends:
            y = max(self.y(value), least)
            placed.append(EndLabel(of, value, round(y, 1)))
            least = y + 2 * LABEL_HEIGHT + 2
        return tuple(placed)

    @cached_property
    def diamonds(self) -> tuple[Diamond, ...]:
        return tuple(Diamond(one, self.x(one.on)) for one in self.burn.milestones if self.first <= one.on <= self.last)

    @cached_property
    def table(self) -> tuple[tuple[date, int, int], ...]:
        """Day, cost by then, and what an even course of the plan would have spent."""
        step = -(-len(self.burn.spent) // MOST_WEEKS) or 1
        kept = self.burn.spent[::-1][::step][::-1]
        return tuple((day, cost, self.planned_by(day)) for day, cost in kept)

    def planned_by(self, day: date) -> int:
        whole = max((self.burn.ends_on - self.burn.starts_on).days, 1)
        passed = min(max((day - self.burn.starts_on).days / whole, 0.0), 1.0)
        return round(self.burn.planned * passed)

    def x(self, day: date) -> float:
        share = (day - self.first).days / (self.last - self.first).days
        return round(LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT), 1)

    def y(self, cost: int) -> float:
        top = max(self.burn.granted, self.burn.planned, self.burn.at_completion, self.spent_now, 1)
        return round(self.axis_y - cost / top * (self.axis_y - TOP), 1)


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)
