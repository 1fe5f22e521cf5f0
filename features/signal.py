"""Signals: arithmetic over aggregates, so that a feature reads as what it means."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import polars as pl

from features.windows import AS_OF, Aggregate, How
from records.known import DAY, ENTER, MONEY_SCALE, Facts


@dataclass(frozen=True)
class Signal:
    """A float for each spine row, and the aggregates that it is made of."""

    value: pl.Expr
    aggregates: tuple[Aggregate, ...] = ()

    def apply(self, change: Callable[[pl.Expr], pl.Expr]) -> "Signal":
        return Signal(change(self.value), self.aggregates)

    def __add__(self, other: "Signal | float") -> "Signal":
        return self._with(other, lambda left, right: left + right)

    def __sub__(self, other: "Signal | float") -> "Signal":
        return self._with(other, lambda left, right: left - right)

    def __mul__(self, other: "Signal | float") -> "Signal":
        return self._with(other, lambda left, right: left * right)

    def __truediv__(self, other: "Signal | float") -> "Signal":
        """Nothing divided by nothing is not known."""
        return self._with(other, _divided)

    def _with(self, other: "Signal | float", change: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> "Signal":
        if isinstance(other, Signal):
            return Signal(change(self.value, other.value), (*self.aggregates, *other.aggregates))
        return Signal(change(self.value, pl.lit(float(other))), self.aggregates)


def _divided(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    # The engine divides many rows by one number through its reciprocal, and one row exactly: the last bit would depend on how many rows are
    # asked for. By a column it always divides exactly.
    column = right + left * 0.0
    return pl.when(right != 0).then(left / column)


NOW: Final = Signal(pl.col(AS_OF))
"""The row's own instant, microseconds."""


def _signal(one: Aggregate) -> Signal:
    return Signal(pl.col(one.name).cast(pl.Float64), (one,))


def count(facts: Facts, *, by: str | None, days: int | None = None, event: str = ENTER) -> Signal:
    """How many facts hold, of those that happened in the last `days`."""
    return _signal(Aggregate(facts, "sum", None, by, days, event))


def total(facts: Facts, of: str, *, by: str | None, days: int | None = None, event: str = ENTER) -> Signal:
    """Sum of a value over the facts that hold, in the value's engine unit."""
    return _signal(Aggregate(facts, "sum", of, by, days, event))


def mean(facts: Facts, of: str, *, by: str | None, days: int | None = None, event: str = ENTER) -> Signal:
    return total(facts, of, by=by, days=days, event=event) / count(facts, by=by, days=days, event=event)


def standing(facts: Facts, of: str, *, by: str) -> Signal:
    """The value of the one fact that holds of those of a key that never overlap."""
    return _signal(Aggregate(facts, "standing", of, by))


def ordered(facts: Facts, of: str, *, how: How, by: str | None, days: int | None = None, event: str = ENTER) -> Signal:
    """Median, least, greatest, latest, number of different, streak or forgetting sum of a value over the facts that hold."""
    return _signal(Aggregate(facts, how, of, by, days, event))


def days_between(earlier: Signal, later: Signal) -> Signal:
    """Days from one instant to another, both in microseconds."""
    return (later - earlier) / DAY


def in_units(money: Signal) -> Signal:
    """Engine money as units of currency."""
    return money / MONEY_SCALE
