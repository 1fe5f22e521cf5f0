"""The book of timesheets: which days of a week were to be worked, which are in, and which lack."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl

from features.timesheets import FULL_WEEK, worked
from models.finding import Evidence
from models.subject import Subject
from records.known import ENTER, LEAVE, Known, micros

_WEEKDAYS: Final = 7
_WEEKS: Final = 8
"""Weeks before the instant that are held: a sheet is looked at until two weeks after its deadline."""
NO_TEAM: Final = "No team on record"
Day = tuple[str, date]
"""Person, or office, and day."""


class TimesheetBook:
    """The days of every person's weeks as known at one instant. It names no other person and adds up nobody's record."""

    def __init__(self, known: Known, as_of: datetime) -> None:
        self._as_of = as_of
        first = (as_of - timedelta(weeks=_WEEKS)).date()
        self._entered = _entered(known, as_of, first)
        people = known.at(as_of, "person").select("person_id", "practice", "office", "weekly_minutes").collect().to_dicts()
        self._people = {one["person_id"]: one for one in people}
        calendar = (
            known.at(as_of, "calendar_day")
            .filter(pl.col("day") > first, pl.col("working"))
            .select("calendar_id", "day", "minutes")
            .collect()
        )
        self._calendar: dict[Day, int] = {(office, day): minutes for office, day, minutes in calendar.rows()}
        self._away = _away(known, as_of, first)

    def subject(self, row: dict[str, Any]) -> Subject:
        person, week = str(row["person_id"]), row["week"]
        due = datetime.fromtimestamp(row["due"] / 1e6, tz=ZoneInfo(row["zone"]))
        about = self._people.get(person, {})
        return Subject(
            reference=f"{person}, week of {week:%-d %b %Y}",
            client_id="",
            client_name=" · ".join(part for part in (about.get("practice"), about.get("office")) if part) or NO_TEAM,
            due_on=due.date(),
            evidence=(self._week(person, week),),
            facts={
                "Deadline": f"{due:%a %-d %b %Y, %H:%M} {row['zone']}",
                "Days due": str(row["needed"]),
                "Days with time": str(row["entered"]),
                "Days lacking": str(row["lacking"]),
                "Leave considered": f"{row['away_days']} of the week's days, as registered by then",
                "Office closed": f"{row['closed_days']} of Monday to Friday",
            },
        )

    def _week(self, person: str, monday: date) -> Evidence:
        """Monday to Friday, and a day of the weekend with time on it."""
        days = (monday + timedelta(days=offset) for offset in range(_WEEKDAYS))
        rows = [self._day(person, day) for day in days if day.weekday() < _WEEKDAYS - 2 or (person, day) in self._entered]
        source = f"calendar_day, absence and time_entry records, as known at {self._as_of:%Y-%m-%d %H:%M} UTC"
        return Evidence("The week", ("Day", "Expected hours", "Entered hours", "First entered"), tuple(rows), source)

    def _day(self, person: str, day: date) -> tuple[str, ...]:
        about = self._people.get(person, {})
        planned = self._calendar.get((str(about.get("office")), day), 0)
        away = self._away.get((person, day), 0)
        expected = (planned - min(planned, away)) * about.get("weekly_minutes", FULL_WEEK) / FULL_WEEK
        minutes, came = self._entered.get((person, day), (0, None))
        if came is not None:
            said = f"{datetime.fromtimestamp(came / 1e6, tz=UTC):%a %-d %b, %H:%M}"
        elif expected:
            said = "nothing on record"
        else:
            said = "away, as registered" if away else "office closed"
        return f"{day:%a %-d %b}", f"{expected / 60:.2f}", f"{minutes / 60:.2f}" if minutes else "", said


def _entered(known: Known, as_of: datetime, first: date) -> dict[Day, tuple[int, int]]:
    """By person and day: minutes on record, and when the first of them came in (microseconds)."""
    moment = micros(as_of)
    here = known.derived(worked).frame.filter((pl.col(ENTER) <= moment) & (moment < pl.col(LEAVE)) & (pl.col("worked_on") > first))
    days = here.group_by("person_id", "worked_on").agg(pl.col("minutes").sum(), pl.col(ENTER).min()).collect().rows()
    return {(person, day): (minutes, came) for person, day, minutes, came in days}


def _away(known: Known, as_of: datetime, first: date) -> dict[Day, int]:
    """By person and day: the most minutes of an absence registered by then; its kind stays untold."""
    told = known.at(as_of, "absence").filter(pl.col("ends_on") > first)
    days = told.with_columns(day=pl.date_ranges("starts_on", "ends_on")).explode("day").group_by("person_id", "day")
    return {(person, day): minutes for person, day, minutes in days.agg(pl.col("minutes_per_day").max()).collect().rows()}
