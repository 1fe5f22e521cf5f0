"""On which days a client's payments run, and what that leaves of the time: a detector of weekly, fortnightly and monthly runs.

The days on which a client paid are laid around a circle of 7, 15 and 30 days. Where they lie close together the client pays in runs of that
period, and where they lie is when the next run comes (mean direction of circular statistics, Mardia and Jupp 2000). An invoice that misses
the last run before a border has passed it already, whatever the client's habit. A run on a weekend is carried out on the Monday, and that
may be too late.
"""

from math import pi
from typing import Final

import polars as pl

from features.feature import feature
from features.histories import VERY_LATE_DAYS, settlements
from features.lateness import client_pace, or_nought, position
from features.pace import HELD_UP, HELD_UP_DAYS, SCALE_DAYS
from features.payments import HABIT
from features.signal import NOW, Signal, total
from features.staging import Parts, staged
from records.known import DAY, ENTER, LEAVE, Facts, Known

RUNS: Final = "payment run"

PERIODS_DAYS: Final = (30, 15, 7)
"""The longest first: who pays every thirtieth day is as regular on a circle of fifteen."""
REGULAR: Final = 0.6
"""Concentration from which days of payment are taken for runs: runs that move off weekends leave more than 0.9, ten days by chance
exceed 0.5 once in twenty."""
LEAST_PAYMENTS: Final = 4
"""With three payments anything looks regular."""
WINDOW_DAYS: Final = 365
"""A client that has changed its bank or its system keeps to other days."""
_FINE: Final = 10_000
"""Directions are kept as whole numbers of ten-thousandths, so that their sums do not depend on their order."""
_WEEK: Final = 7
_MONDAY, _SATURDAY = 0, 5
_FIRST_WEEKDAY: Final = 3
"""Day 0, the first of 1970, was a Thursday."""

_FAR: Final = 30.0
"""Beyond so many scales the logistic is nought or one to the last bit that matters."""


def paydays(known: Known) -> Facts:
    """Settled invoices, with the direction in which their day of payment lies on the circle of each period: `along_<p>`, `across_<p>`.

    `told_<p>`: 1 for those whose day tells of a period. Of one longer than a week Mondays do not, on which runs of a weekend are carried
    out: with them the day of the run seemed to lie a day late for one client in three.
    """
    paid = known.derived(settlements)
    day = pl.col("paid_on").cast(pl.Int32).cast(pl.Int64)
    monday = (day + _FIRST_WEEKDAY) % _WEEK == _MONDAY
    columns: dict[str, pl.Expr] = {}
    for period in PERIODS_DAYS:
        angle, told = (day % period).cast(pl.Float64) * (2 * pi / period), pl.lit(1) if period == _WEEK else (~monday).cast(pl.Int64)
        columns |= {f"along_{period}": angle.cos() * _FINE * told, f"across_{period}": angle.sin() * _FINE * told, f"told_{period}": told}
    whole = {name: column.round().cast(pl.Int64) for name, column in columns.items()}
    return Facts(f"{paid.name}.paydays", paid.frame.select("client_id", "paid_at", ENTER, LEAVE, **whole))


@feature(unit="days", group=RUNS, phrase="its payment runs are {seen} apart (usual: {usual})", missing="zero")
def client_run_period(known: Known) -> Signal:
    """Days from one payment run of the client to the next, of 7, 15 and 30; 0 where its payments keep to none."""
    return _period(known)


@feature(unit="days", group=RUNS, phrase="its next payment run is probably in {seen} (usual: {usual})", missing="zero")
def client_days_to_run(known: Known) -> Signal:
    """Days to the client's next probable payment run; 0 where its payments keep to none."""
    return _to_run(known)


@feature(unit="days", group=RUNS, phrase="its last payment run before 30 days over is probably in {seen} (usual: {usual})")
def invoice_days_to_last_run(known: Known) -> Signal:
    """Days to the last probable payment run in which the invoice would not be more than 30 days late; 0 where none is left."""
    left = position(known) * -1.0 + float(VERY_LATE_DAYS)
    return staged({"left": left, "period": _period(known), "first": _to_run(known), "today": NOW / DAY - 1.0}, _last_run)


def _last_run(seen: Parts) -> Signal:
    left, period, first = seen["left"], seen["period"], seen["first"]
    nominal = (first + ((left - first) / period).apply(lambda runs: runs.floor()) * period).value
    # What falls on a weekend is carried out on the Monday, which may be too late.
    weekday = (seen["today"].value + nominal + _FIRST_WEEKDAY).round() % _WEEK
    carried_out = nominal + pl.when(weekday >= _SATURDAY).then(_WEEK - weekday).otherwise(0.0)
    in_time = nominal - pl.when(carried_out > left.value).then(period.value).otherwise(0.0)
    in_runs = pl.when(left.value >= first.value).then(in_time).otherwise(0.0)
    last = pl.when(period.value.is_null()).then(left.value).otherwise(in_runs)
    return Signal(last.clip(lower_bound=0.0))


@feature(unit="share", group=HABIT, phrase="by its pace and its payment runs {seen} of such invoices go over 30 days (usual: {usual})")
def invoice_very_late_chance(known: Known) -> Signal:
    """How likely the invoice goes more than 30 days over, open as it is, if the client keeps to its pace and to its payment runs."""
    parts = {
        "at": position(known),
        "pace": or_nought(client_pace.compute(known)),
        "left": invoice_days_to_last_run.compute(known),
        "since": or_nought(_to_run(known) - _period(known)),
    }
    return staged(parts, lambda seen: _later(seen["at"] + seen["left"], seen["pace"]) / _later(seen["at"] + seen["since"], seen["pace"]))


def _later(than: Signal, habit: Signal) -> Signal:
    """Share of payments that are meant to be made later than so many days after the due date (as `later` of pace.py)."""
    usual = _above((than - habit) / SCALE_DAYS)
    held_up = _above((than - habit - HELD_UP_DAYS) / HELD_UP_DAYS)
    return usual * (1 - HELD_UP) + held_up * HELD_UP


def _above(level: Signal) -> Signal:
    return level.apply(lambda scales: 1.0 / (1.0 + scales.clip(-_FAR, _FAR).exp()))


def _period(known: Known) -> Signal:
    """The longest period to which the client keeps, null for none."""
    strengths = [_strength(known, period) for period in PERIODS_DAYS]
    kept = [pl.when(one.value >= REGULAR).then(pl.lit(float(period))) for period, one in zip(PERIODS_DAYS, strengths, strict=True)]
    return Signal(pl.coalesce(kept), tuple(part for one in strengths for part in one.aggregates))


def _strength(known: Known, period: int) -> Signal:
    """Length of the mean direction, less what chance gives; null while there are few payments."""
    paid = total(known.derived(paydays), f"told_{period}", by="client_id", days=WINDOW_DAYS, event="paid_at")
    along, across = _direction(known, period)
    squared = ((along * along + across * across) / float(_FINE**2) - paid) / (paid * (paid - 1.0))
    return Signal(pl.when(paid.value >= LEAST_PAYMENTS).then(squared.value.clip(0.0, 1.0).sqrt()), squared.aggregates)


def _direction(known: Known, period: int) -> tuple[Signal, Signal]:
    paid = known.derived(paydays)
    along, across = (total(paid, f"{name}_{period}", by="client_id", days=WINDOW_DAYS, event="paid_at") for name in ("along", "across"))
    return along, across


def _to_run(known: Known) -> Signal:
    """Days from the end of the row's day to the client's next probable run; null where it keeps to none."""
    period, today = _period(known), NOW / DAY - 1.0
    waits, aggregates = [], period.aggregates
    for days in PERIODS_DAYS:
        along, across = _direction(known, days)
        usual = (pl.arctan2(across.value, along.value) * (days / (2 * pi))).round()
        waits.append(pl.when(period.value == days).then(days - (today.value - usual) % days))
        aggregates = (*aggregates, *along.aggregates, *across.aggregates)
    return Signal(pl.coalesce(waits), aggregates)
