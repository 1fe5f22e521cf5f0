"""Charts of a recommendation. One object makes the picture, the description and the table, so that they cannot disagree."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby

from models.finding import Reason

WIDTH = 520
"""Of a dot plot, in user units; the page scales it."""
MARGIN = 26
"""Free space left and right of the first and last dot: half a tick label."""
LABEL_ROOM = 42
"""Half a tick label with its year, at most, in user units."""
STEPS = (21, 18, 15, 12, 9, 6)
"""From dot to dot, in user units: the largest with which the stacks stay below TALLEST, so that few dots are read as stacks."""
TALLEST = 130
HEAD = 22
"""Above the highest dot: the label of the due line."""
FOOT = 24
"""Below the axis: tick labels."""
TICK_STEPS_DAYS = (1, 2, 7, 14, 28, 56, 91, 182, 364)
MOST_TICKS = 6
MOST_REASONS = 6
"""More rows than this are one row "all others" (ux.md 2.3)."""
BAR_WIDTH = 120
"""Of the whole bar column, in user units; the middle is no effect."""


@dataclass(frozen=True)
class Dot:
    """One of the equally likely dates, placed."""

    on: date
    x: float
    y: float
    late: bool


@dataclass(frozen=True)
class Tick:
    on: date
    x: float

    @property
    def anchor(self) -> str:
        """Which part of its label stands at x: one with its year must not run out of the picture."""
        return "start" if self.x < LABEL_ROOM else "end" if self.x > WIDTH - LABEL_ROOM else "middle"


@dataclass(frozen=True)
class DateShare:
    """One line of the table behind the dots."""

    on: date
    dots: int
    late: bool


@dataclass(frozen=True)
class DotPlot:
    """A quantile dot plot of a date of payment: equally likely dates as dots, the due date as a line.

    Method: Fernandes et al., CHI 2018 (quantile dotplots). Dots stand in columns counted from the due line, so none straddles it.
    """

    dates: tuple[date, ...]
    """In order; not empty."""
    due_on: date | None
    low_on: date | None
    high_on: date | None
    """80 % range."""

    @property
    def total(self) -> int:
        return len(self.dates)

    @property
    def late(self) -> int:
        """How many of the dates lie after the due date."""
        return sum(self.is_late(day) for day in self.dates)

    @property
    def in_time(self) -> int:
        return self.total - self.late

    @property
    def middle_on(self) -> date:
        return self.dates[(self.total - 1) // 2]

    @cached_property
    def table(self) -> tuple[DateShare, ...]:
        return tuple(DateShare(on, len(list(days)), self.is_late(on)) for on, days in groupby(self.dates))

    @cached_property
    def dots(self) -> tuple[Dot, ...]:
        placed = []
        for column, days in groupby(self.dates, key=lambda day: self._column(day, self.step)):
            x = round(self._origin + (column + 0.5) * self.step, 1)
            placed += [Dot(day, x, self.axis_y - self.step * (level + 0.5), self.is_late(day)) for level, day in enumerate(days)]
        return tuple(placed)

    @property
    def due_x(self) -> float | None:
        """Where the line stands: at the end of the due date."""
        return None if self.due_on is None else round(self._origin, 1)

    @cached_property
    def ticks(self) -> tuple[Tick, ...]:
        days = (self._last - self._first).days
        step = next((step for step in TICK_STEPS_DAYS if days / step < MOST_TICKS), TICK_STEPS_DAYS[-1])
        count = min(days // step, MOST_TICKS) + 1
        placed = tuple(Tick(day, round(self.x(day), 1)) for day in (self._first + timedelta(days=step * i) for i in range(count)))
        # The last label stands left of its tick, where the one before may already be.
        is_crowded = len(placed) > 1 and placed[-1].anchor == "end" and placed[-1].x - placed[-2].x < 3 * LABEL_ROOM
        return placed[:-1] if is_crowded else placed

    @property
    def width(self) -> int:
        return WIDTH

    @property
    def axis_y(self) -> int:
        return HEAD + self.step * self._tallest(self.step)

    @cached_property
    def step(self) -> int:
        return next((step for step in STEPS if step * self._tallest(step) <= TALLEST), STEPS[-1])

    @property
    def radius(self) -> float:
        return self.step / 2 - 1

    @property
    def height(self) -> int:
        return self.axis_y + FOOT

    def is_late(self, day: date) -> bool:
        return self.due_on is not None and day > self.due_on

    def x(self, day: date) -> float:
        """Noon of the day."""
        return MARGIN + (day - self._first).days * self._day_width

    @cached_property
    def _day_width(self) -> float:
        return (WIDTH - 2 * MARGIN) / max((self._last - self._first).days, 1)

    @cached_property
    def _origin(self) -> float:
        """From where columns of dots are counted: the end of the due date, or of the first date."""
        return self.x(self.due_on or self._first) + self._day_width / 2

    def _column(self, day: date, step: int) -> int:
        return math.floor((self.x(day) - self._origin) / step)

    def _tallest(self, step: int) -> int:
        return max(Counter(self._column(day, step) for day in self.dates).values())

    @property
    def _first(self) -> date:
        return min(self.dates[0], self.due_on or self.dates[0])

    @property
    def _last(self) -> date:
        return max(self.dates[-1], self.due_on + timedelta(days=1) if self.due_on else self.dates[-1])


@dataclass(frozen=True)
class ReasonBar:
    """One row of the table of reasons: what was seen, what is usual, and a bar to the right (raises) or left (lowers)."""

    text: str
    seen: str
    usual: str
    raises: bool
    effect: float
    """Log-odds."""
    x: float
    width: float

    @property
    def signed(self) -> str:
        return f"{self.effect:+.2f}".replace("-", "−")


@dataclass(frozen=True)
class ReasonBars:
    """Reasons for and against, largest first, and what all the others add up to."""

    reasons: tuple[Reason, ...]

    @property
    def middle(self) -> float:
        return BAR_WIDTH / 2

    @property
    def full(self) -> int:
        return BAR_WIDTH

    @cached_property
    def rows(self) -> tuple[ReasonBar, ...]:
        ordered = sorted(self.reasons, key=lambda reason: -abs(reason.effect))
        largest = max((abs(reason.effect) for reason in ordered), default=0.0) or 1.0
        return tuple(self._bar(reason, largest) for reason in ordered[:MOST_REASONS])

    @property
    def others(self) -> float:
        """Sum of the effects without a row of their own; 0 when each has one."""
        return sum(reason.effect for reason in sorted(self.reasons, key=lambda reason: -abs(reason.effect))[MOST_REASONS:])

    @property
    def raising(self) -> tuple[ReasonBar, ...]:
        """What the sentence may name: the strongest that raise the likelihood, at most three (ux.md 2.2, T9)."""
        return tuple(row for row in self.rows if row.raises)[:3]

    @property
    def lowering(self) -> tuple[ReasonBar, ...]:
        return tuple(row for row in self.rows if not row.raises)

    def _bar(self, reason: Reason, largest: float) -> ReasonBar:
        width = round(max(abs(reason.effect) / largest * (self.middle - 2), 1), 1)
        x = self.middle if reason.raises else self.middle - width
        return ReasonBar(reason.text, reason.seen, reason.usual, raises=reason.raises, effect=reason.effect, x=x, width=width)


def dot_plot(dates: Sequence[date], *, due_on: date | None, low_on: date | None, high_on: date | None) -> DotPlot | None:
    """None where no date is predicted."""
    return DotPlot(tuple(sorted(dates)), due_on, low_on, high_on) if dates else None
