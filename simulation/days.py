"""Civil days as whole numbers since 1970-01-01, months as whole numbers since the firm's first, instants as microseconds UTC."""

from datetime import date
from typing import Final

import numpy as np

from simulation.draws import Floats, Ints

NEVER: Final = 60_000
"""The day of what does not happen (in the year 2134): later than any `until`, so it leaves the export as an empty field."""
DAY_MICROS: Final = 86_400_000_000
HOUR_MICROS: Final = 3_600_000_000


def day_of(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def month_starts(first: date, months: int) -> Ints:
    """First days of `months` + 1 months, beginning with the month of `first`."""
    origin = np.datetime64(first, "M")
    return (origin + np.arange(months + 1)).astype("datetime64[D]").astype(np.int64)


def instant(days: Ints, hours: Floats) -> Ints:
    """Microseconds of an hour (fraction allowed) of a day; whole seconds, as most systems keep them."""
    return days * DAY_MICROS + np.round(hours * 3600).astype(np.int64) * 1_000_000


def end_of(days: Ints) -> Ints:
    """The instant at which a civil day is over and what it tells is known."""
    return (days + 1) * DAY_MICROS


def next_workday(days: Ints, after: Ints | int) -> Ints:
    """The day that lies `after` working days (Monday to Friday) behind each day, itself moved to a working day first."""
    moved = np.busday_offset(days.astype("datetime64[D]"), after, roll="forward")
    return np.asarray(moved.astype(np.int64))


def weekday(days: Ints) -> Ints:
    """Monday is 0: 1970-01-01 was a Thursday."""
    return (days + 3) % 7


def years_since(days: Ints, first: int) -> Ints:
    """How many Januaries lie between a first day and each day."""
    years = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
    return np.asarray(years - np.datetime64(first, "D").astype("datetime64[Y]").astype(np.int64))
