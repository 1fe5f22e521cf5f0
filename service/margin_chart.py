"""The chart of a margin: a table whose rows lie on one axis, from the plan over each cause to the end. Table and picture are one."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from models.project_course import ProjectCourse

WIDTH = 108
"""Of the whole axis, in user units: with names and figures beside it, it fits a window of 320 px."""
EDGE = 7
"""Free space at both ends: the radius of a dot and its rim."""
LEAST_SPAN = 0.10
"""Ten points of margin: a project that goes as planned must not look dramatic."""
A_POINT = 0.01

Kind = Literal["plan", "cause", "goes_on", "forecast"]


@dataclass(frozen=True)
class MarginRow:
    """One row: what it is, and where its dot or bar lies."""

    kind: Kind
    cause: str
    """Name of the cause; empty for other rows."""
    value: float
    """Margin, or what a cause adds to it, as a share of the revenue."""
    x: float
    """Of the dot; of the end of a cause's bar."""
    bar_x: float
    bar_width: float
    """Nought where there is no bar."""
    lowers: bool


@dataclass(frozen=True)
class MarginChart:
    """From the planned margin over each cause to the margin at completion."""

    course: ProjectCourse

    @property
    def width(self) -> int:
        return WIDTH

    @property
    def has_forecast(self) -> bool:
        return self.course.middle is not None

    @property
    def plan_x(self) -> float:
        return self._x(self.course.planned)

    @cached_property
    def rows(self) -> tuple[MarginRow, ...]:
        course = self.course
        rows = [self._dot("plan", course.planned)]
        margin = course.planned
        for cause, moved in course.causes.items():
            rows.append(self._bar("cause", moved, begin=margin, end=margin + moved, at=margin + moved, cause=cause))
            margin += moved
        rows.append(self._dot("goes_on", course.goes_on))
        if course.middle is not None and course.low is not None and course.high is not None:
            rows.append(self._bar("forecast", course.middle, begin=course.low, end=course.high, at=course.middle))
        return tuple(rows)

    @property
    def taking(self) -> tuple[tuple[str, float], ...]:
        """The causes that take at least a point, the largest first."""
        return tuple(sorted(((cause, moved) for cause, moved in self.course.causes.items() if moved <= -A_POINT), key=lambda one: one[1]))

    def _dot(self, kind: Kind, margin: float) -> MarginRow:
        return self._bar(kind, margin, begin=margin, end=margin, at=margin)

    def _bar(self, kind: Kind, value: float, *, begin: float, end: float, at: float, cause: str = "") -> MarginRow:
        left, right = sorted((self._x(begin), self._x(end)))
        return MarginRow(kind, cause, value, self._x(at), left, round(right - left, 1), lowers=end < begin)

    @cached_property
    def _ends(self) -> tuple[float, float]:
        course = self.course
        seen = [course.planned, course.goes_on, *(one for one in (course.low, course.high) if one is not None)]
        margin = course.planned
        for moved in course.causes.values():
            margin += moved
            seen.append(margin)
        low, high = min(seen), max(seen)
        spare = max(LEAST_SPAN - (high - low), 0.0) / 2
        return low - spare, high + spare

    def _x(self, margin: float) -> float:
        low, high = self._ends
        return round(EDGE + (margin - low) / (high - low) * (WIDTH - 2 * EDGE), 1)
