"""Office calendars: which days are worked, with public holidays of a fixed date and those that move with Easter."""

from typing import Final

import numpy as np
import polars as pl

from simulation.days import day_of, weekday
from simulation.draws import Flags, Ints
from simulation.places import OFFICES, PLACES
from simulation.plan import Plan

DAY_MINUTES: Final = 480
WEEK_DAYS: Final = 5
_BEFORE_DAYS: Final = 7
"""By which the deadline of timesheets was set before the firm's first day."""
FIXED_HOLIDAYS: Final = {
    "DE": ("01-01", "05-01", "10-03", "12-25", "12-26"),
    "GB": ("01-01", "12-25", "12-26"),
    "US": ("01-01", "07-04", "12-25"),
}
EASTER_HOLIDAYS: Final = {"DE": (-2, 1, 39, 50), "GB": (-2, 1), "US": (-2,)}
"""Days after Easter Sunday."""


def horizon(plan: Plan) -> Ints:
    """Every day from the firm's first to the end of the last worked month."""
    return np.arange(plan.first, plan.end, dtype=np.int64)


def working_days(plan: Plan) -> Flags:
    """Offices x days of the horizon: whether the office works."""
    days = horizon(plan)
    open_days = np.tile(weekday(days) < WEEK_DAYS, (len(OFFICES), 1))
    for office in OFFICES:
        open_days[office] &= ~np.isin(days, _holidays(plan, PLACES[office].code))
    return open_days


def days_due(plan: Plan, people: pl.DataFrame, *, away: Flags, open_days: Flags) -> Flags:
    """People x days of the horizon: the office works and the person is not away; part-timers are off on the last days of the week."""
    ordered = people.sort("person")
    whole = weekday(horizon(plan))[None, :] < ordered["weekly_minutes"].to_numpy()[:, None] // DAY_MINUTES
    return np.asarray(open_days[ordered["office"].to_numpy()] & ~away & whole)


def _holidays(plan: Plan, country: str) -> list[int]:
    years = range(plan.start.year, plan.start.year + plan.months // 12 + 2)
    fixed = [day_of(np.datetime64(f"{year}-{day}", "D").astype(object)) for year in years for day in FIXED_HOLIDAYS[country]]
    return fixed + [_easter(year) + after for year in years for after in EASTER_HOLIDAYS[country]]


def _easter(year: int) -> int:
    """Day of Easter Sunday in the Gregorian calendar (the anonymous algorithm of 1876, as in Meeus, Astronomical Algorithms, chapter 8)."""
    golden, century, rest = year % 19, year // 100, year % 100
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    shift = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * shift + 114, 31)
    return day_of(np.datetime64(f"{year}-{month:02d}-{day + 1:02d}", "D").astype(object))


def export_deadline(plan: Plan) -> pl.DataFrame:
    """One for all offices (simulation/tardiness.py), in force since before the firm's first week."""
    told = {"deadline_id": "T1", "office": None, "due_day": "next_monday", "due_time": "12:00", "time_zone": "UTC"}
    return pl.DataFrame(told, schema_overrides={"office": pl.String}).with_columns(
        effective_on=pl.lit(plan.first - _BEFORE_DAYS), _known_on=pl.lit(plan.first - _BEFORE_DAYS)
    )


def export_calendar(plan: Plan, open_days: Flags) -> pl.DataFrame:
    days = horizon(plan)
    tables = [
        pl.DataFrame(
            {"calendar_id": PLACES[office].city, "day": days, "working": open_days[office], "minutes": open_days[office] * DAY_MINUTES}
        )
        for office in OFFICES
    ]
    return pl.concat(tables).with_columns(_known_on=pl.lit(plan.first - 1))
