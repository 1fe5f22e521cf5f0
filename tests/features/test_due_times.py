"""Deadlines of timesheets: which holds for a week and an office, and at which instant."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.due_times import DAYS_AFTER_MONDAY, due_at, due_times
from tests.ledger import Ledger

WEEK = date(2025, 3, 3)
"""The next week's Sunday, 9 March, is when clocks change in New York; in Berlin they do on the 30th."""


def due(told: Ledger, root: Path, *, week: date = WEEK, office: str = "here") -> tuple[str, str]:
    [one] = due_times(told.known(root), pl.LazyFrame({"office": [office], "week": [week]})).to_dicts()
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=one["due"])
    return f"{instant:%Y-%m-%dT%H:%M}", one["zone"]


def test_where_nobody_set_one_it_is_noon_of_the_monday_after(tmp_path: Path) -> None:
    assert due(Ledger(), tmp_path) == ("2025-03-10T12:00", "UTC")


@pytest.mark.parametrize(
    ("day", "clock", "zone", "instant"),
    [
        ("friday", "17:00", "Europe/Berlin", "2025-03-07T16:00"),
        ("friday", "17:00", "America/New_York", "2025-03-07T22:00"),
        ("next_monday", "09:00", "America/New_York", "2025-03-10T13:00"),
        ("sunday", "23:30", "Pacific/Auckland", "2025-03-09T10:30"),
        # The clock in New York goes from two to three: half past two is what it would have been.
        ("sunday", "02:30", "America/New_York", "2025-03-09T07:30"),
    ],
)
def test_it_is_told_on_the_office_s_clock(day: str, clock: str, zone: str, instant: str, tmp_path: Path) -> None:
    assert due(Ledger().deadline(day, clock, zone), tmp_path) == (instant, zone)


def test_an_office_s_own_goes_before_the_firm_s(tmp_path: Path) -> None:
    told = Ledger().deadline("friday", "17:00", "UTC").deadline("sunday", "20:00", "UTC", office="there")
    assert due(told, tmp_path / "a") == ("2025-03-07T17:00", "UTC")
    assert due(told, tmp_path / "b", office="there") == ("2025-03-09T20:00", "UTC")


def test_what_is_set_after_a_week_s_monday_counts_from_the_next(tmp_path: Path) -> None:
    told = Ledger().deadline("friday", "17:00", "UTC", recorded="2025-03-04T00:01")
    assert due(told, tmp_path / "a") == ("2025-03-10T12:00", "UTC")
    assert due(told, tmp_path / "b", week=WEEK + timedelta(days=7)) == ("2025-03-14T17:00", "UTC")
    later = Ledger().deadline("friday", "17:00", "UTC", effective_on="2025-03-10")
    assert due(later, tmp_path / "c") == ("2025-03-10T12:00", "UTC")
    assert due(later, tmp_path / "d", week=WEEK + timedelta(days=7)) == ("2025-03-14T17:00", "UTC")


def test_the_newest_in_force_holds_and_one_taken_back_does_not(tmp_path: Path) -> None:
    told = Ledger().deadline("friday", "17:00", "UTC").deadline("sunday", "20:00", "UTC", recorded="2025-02-01", effective_on="2025-02-03")
    assert due(told, tmp_path / "a") == ("2025-03-09T20:00", "UTC")
    told.delete("timesheet_deadline", "None-2025-02-01", recorded="2025-03-01")
    assert due(told, tmp_path / "b") == ("2025-03-07T17:00", "UTC")


@given(
    week=st.dates(date(2015, 1, 1), date(2035, 1, 1)).map(lambda day: day - timedelta(days=day.weekday())),
    day=st.sampled_from(sorted(DAYS_AFTER_MONDAY)),
    clock=st.times().map(lambda one: one.strftime("%H:%M")),
    zone=st.sampled_from(["UTC", "Europe/London", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "America/New_York"]),
)
def test_the_clock_on_the_wall_shows_it(week: date, day: str, clock: str, zone: str) -> None:
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=due_at(week, day, clock, zone))).astimezone(ZoneInfo(zone))
    named = datetime.combine(week + timedelta(days=DAYS_AFTER_MONDAY[day]), datetime.strptime(clock, "%H:%M").time())  # noqa: DTZ007
    # An hour that summer time leaves out is the only one that no clock shows.
    assert abs(local.replace(tzinfo=None) - named) in {timedelta(), timedelta(minutes=30), timedelta(hours=1)}
    if timedelta() != abs(local.replace(tzinfo=None) - named):
        assert local.utcoffset() != (local - timedelta(hours=2)).utcoffset()
