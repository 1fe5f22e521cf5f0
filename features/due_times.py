"""When timesheets are due: each office's deadline, as the firm had set it by the end of the week's Monday.

A deadline is set for an office or for the whole firm, as a day, a time on the clock and its time zone; so its instant moves with summer
time. One that was set later in a week counts from the next week on: nobody can have kept to it before.
"""

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from records.known import ENTER, LEAVE, Known, day_end, micros

DAYS_AFTER_MONDAY: Final = {
    "wednesday": 2,
    "thursday": 3,
    "friday": 4,
    "saturday": 5,
    "sunday": 6,
    "next_monday": 7,
    "next_tuesday": 8,
    "next_wednesday": 9,
}
USUAL: Final = ("next_monday", "12:00", "UTC")
"""Of an office that has set none: the noon before which a Monday's reports are drawn up."""


def due_times(known: Known, weeks: pl.LazyFrame) -> pl.DataFrame:
    """`weeks`: office and week (its Monday). The same rows with `due` (microseconds UTC) and `zone`, in which it is told."""
    asked = weeks.unique().collect()
    return (
        asked.join(_set(known, asked), on=["office", "week"], how="left")
        .with_columns(
            pl.struct("week", "due_day", "due_time", "time_zone")
            .map_elements(lambda one: due_at(one["week"], one["due_day"], one["due_time"], one["time_zone"]), return_dtype=pl.Int64)
            .alias("due"),
            zone=pl.col("time_zone").fill_null(USUAL[2]),
        )
        .select("office", "week", "due", "zone")
    )


def _set(known: Known, asked: pl.DataFrame) -> pl.DataFrame:
    """By office and week, the deadline in force on its Monday: the office's own before the firm's, the newest first."""
    told = known.versions("timesheet_deadline").frame.rename({"office": "of"}).collect()
    monday = day_end("week")
    held = asked.join(told, how="cross").filter(
        (pl.col(ENTER) <= monday) & (monday < pl.col(LEAVE)),
        pl.col("effective_on") <= pl.col("week"),
        pl.col("of").is_null() | (pl.col("of") == pl.col("office")),
    )
    first = held.sort(pl.col("of").is_null(), "effective_on", "deadline_id", descending=[False, True, False])
    return first.unique(["office", "week"], keep="first", maintain_order=True).select("office", "week", "due_day", "due_time", "time_zone")


@cache
def due_at(week: date, due_day: str | None, due_time: str | None, zone: str | None) -> int:
    """Microseconds UTC of a week's deadline; of a time that summer time leaves out, as the clock before it would have told."""
    if due_day is None or due_time is None or zone is None:
        due_day, due_time, zone = USUAL
    day = week + timedelta(days=DAYS_AFTER_MONDAY[due_day])
    return micros(datetime.combine(day, time.fromisoformat(due_time), ZoneInfo(zone)))
