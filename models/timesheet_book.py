"""The book of timesheets: whose week it is, what is in and what lacks, day by day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from features.timesheets import worked
from models.finding import Evidence
from models.subject import Subject
from records.known import ENTER, LEAVE, Known, micros

_WEEKDAYS = 7


class TimesheetBook:
    """The days of every person's weeks as known at one instant. It names no other person and adds up nobody's record."""

    def __init__(self, known: Known, as_of: datetime) -> None:
        self._as_of = as_of
        moment = micros(as_of)
        here = known.derived(worked).frame.filter((pl.col(ENTER) <= moment) & (moment < pl.col(LEAVE)))
        recent = here.filter(pl.col("worked_on") > (as_of - timedelta(weeks=8)).date()).group_by("person_id", "worked_on")
        days = recent.agg(pl.col("minutes").sum(), pl.col(ENTER).min()).collect().rows()
        self._days = {(person, day): (minutes, came) for person, day, minutes, came in days}
        people = known.at(as_of, "person").select("person_id", "practice", "office").collect().rows()
        self._teams = {person: " · ".join(part for part in (practice, office) if part) for person, practice, office in people}

    def subject(self, row: dict[str, Any]) -> Subject:
        person, week = str(row["person_id"]), row["week"]
        due = datetime.fromtimestamp(row["due"] / 1e6, tz=UTC)
        return Subject(
            reference=f"{person}, week of {week:%-d %b %Y}",
            client_id="",
            client_name=self._teams.get(person) or person,
            due_on=due.date(),
            evidence=(self._week(person, week),),
            facts={
                "Deadline": f"{due:%a %-d %b %Y, %H:%M} UTC",
                "Days due": str(row["needed"]),
                "Days with time": str(row["entered"]),
                "Days lacking": str(row["lacking"]),
            },
        )

    def _week(self, person: str, monday: date) -> Evidence:
        rows = []
        for offset in range(_WEEKDAYS):
            day = monday + timedelta(days=offset)
            found = self._days.get((person, day))
            if found is None and offset >= _WEEKDAYS - 2:
                continue
            minutes, came = found or (0, None)
            said = f"{datetime.fromtimestamp(came / 1e6, tz=UTC):%a %-d %b, %H:%M}" if came else "nothing on record"
            rows.append((f"{day:%a %-d %b}", f"{minutes / 60:.2f}" if found else "", said))
        source = f"time_entry records, as known at {self._as_of:%Y-%m-%d %H:%M} UTC"
        return Evidence("The week", ("Day", "Hours", "First entered"), tuple(rows), source)
