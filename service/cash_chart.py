"""The chart of expected cash: a dot a week with its ranges. One object makes picture and table, so that they cannot disagree."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from models.cash import CashForecast

WIDTH = 520
"""In user units; the page scales it."""
HEIGHT = 200
LEFT, RIGHT = 52, 8
"""Left of the weeks stand the amounts of the scale."""
TOP, FOOT = 10, 24
"""Below the axis stand the days on which weeks begin."""
MOST_LABELS = 7
THICKNESS = (12, 6, 1.5)
"""Of the 50, 80 and 95 % ranges, in user units: the surer, the thinner."""
STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Bar:
    """One range of one week."""

    share: float
    y: float
    height: float
    width: float


@dataclass(frozen=True)
class WeekMark:
    begins: date
    x: float
    y: float
    """Of what is expected."""
    bars: tuple[Bar, ...]
    """The widest range first, so that the narrower lie on it."""
    is_labelled: bool


@dataclass(frozen=True)
class CashChart:
    """Of one currency; without a week there is no chart."""

    forecast: CashForecast

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
    def left(self) -> int:
        return LEFT

    @cached_property
    def top(self) -> Decimal:
        """The highest end of a range, never nought: what the scale must hold."""
        ends = [part.high for week in self.forecast.weeks for part in week.ranges]
        return max([*ends, *(week.expected for week in self.forecast.weeks), Decimal(1)])

    @cached_property
    def ticks(self) -> tuple[tuple[Decimal, float], ...]:
        """Round amounts within the scale, and where they stand."""
        size = Decimal(10) ** (len(str(int(self.top / 3))) - 1)
        step = next(size * Decimal(str(one)) for one in STEPS if size * Decimal(str(one)) * 4 > self.top)
        return tuple((step * number, self.y(step * number)) for number in range(int(self.top / step) + 1))

    @cached_property
    def marks(self) -> tuple[WeekMark, ...]:
        weeks = self.forecast.weeks
        room = (WIDTH - LEFT - RIGHT) / max(len(weeks), 1)
        step = -(-len(weeks) // MOST_LABELS)
        return tuple(
            WeekMark(
                begins=week.begins,
                x=round(LEFT + room * (place + 0.5), 1),
                y=self.y(week.expected),
                bars=tuple(
                    Bar(part.share, self.y(part.high), max(round(self.y(part.low) - self.y(part.high), 1), 1.0), width)
                    for part, width in sorted(zip(week.ranges, THICKNESS, strict=True), key=lambda one: -one[0].share)
                ),
                is_labelled=place % step == 0,
            )
            for place, week in enumerate(weeks)
        )

    def y(self, amount: Decimal) -> float:
        return round(self.axis_y - float(amount / self.top) * (self.axis_y - TOP), 1)
