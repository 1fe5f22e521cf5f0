"""Signals of how people's time comes in, worked by hand on a few weeks of three people."""

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from features.feature import Feature
from features.frame import build
from features.time_capture import person_catch_up_rate, person_load_21d, person_missing_recent_rate, person_missing_when_behind_rate
from features.timesheets import against_usual
from features.windows import AS_OF
from records.known import Known, micros
from tests.ledger import Ledger, moment

FIRST = date(2025, 1, 6)
WEEKS = 6
SATURDAY = datetime.combine(FIRST + timedelta(weeks=WEEKS, days=5), datetime.min.time()) + timedelta(hours=12)
AT = f"{SATURDAY:%Y-%m-%dT%H:%M}"


def said(known: Known, person: str, one: Feature) -> float:
    spine = pl.DataFrame({AS_OF: [micros(moment(AT))], "person_id": [person]})
    return float(build(known, spine, [one])[one.name][0])


def six_weeks(*, missed: dict[str, set[int]], caught_up: dict[str, set[int]]) -> Ledger:
    """Everybody works from Monday to Friday; Friday comes two days after the deadline where it was missed, else on Sunday or at once."""
    told = Ledger().calendar(FIRST, WEEKS + 1)
    for person in ("a", "b", "c"):
        told.person(person)
        for week in range(WEEKS):
            monday = FIRST + timedelta(weeks=week)
            for day in (monday + timedelta(days=number) for number in range(5)):
                late = week in missed.get(person, ()) and day.weekday() == 4
                waits = 5 if late else 2 if week in caught_up.get(person, ()) and day.weekday() == 4 else 0
                told.time(person, day, entered=moment(f"{day + timedelta(days=waits)}T17:00"))
    return told


def test_a_recent_deadline_says_more_of_a_person_than_an_old_one(tmp_path: Path) -> None:
    known = six_weeks(missed={"a": {0, 1}, "b": {4, 5}}, caught_up={}).known(tmp_path, until=AT)
    ages = [timedelta(weeks=WEEKS - 1 - week) + timedelta(days=5) for week in range(WEEKS)]
    weights = [2 ** (-age.total_seconds() / 86400 / 120) for age in ages]
    firm = (4 + 0.5) / (18 + 1)
    for person, weeks in (("a", (0, 1)), ("b", (4, 5)), ("c", ())):
        expected = (sum(weights[week] for week in weeks) + 8 * firm) / (sum(weights) + 8)
        assert said(known, person, person_missing_recent_rate) == pytest.approx(expected)
    assert said(known, "a", person_missing_recent_rate) < said(known, "b", person_missing_recent_rate)


def test_of_sheets_that_lack_days_those_are_missing_that_nobody_catches_up_with(tmp_path: Path) -> None:
    known = six_weeks(missed={"a": {1, 3}}, caught_up={"b": {2, 5}, "c": {4}}).known(tmp_path, until=AT)
    catches_up = (3 + 0.5) / (16 + 1)
    recent = said(known, "a", person_missing_recent_rate)
    expected = recent / (recent + (1 - recent) * catches_up)
    assert said(known, "a", person_missing_when_behind_rate) == pytest.approx(expected)
    for person, own, in_time in (("a", 0, 4), ("b", 2, 6), ("c", 1, 6)):
        assert said(known, person, person_catch_up_rate) == pytest.approx((own + 16 * catches_up) / (in_time + 16))


def test_before_anything_is_on_record_a_sheet_that_lacks_days_is_likelier_to_miss_than_not(tmp_path: Path) -> None:
    known = Ledger().calendar(FIRST, WEEKS + 1).person("a", recorded="2025-02-18").known(tmp_path, until=AT)
    assert said(known, "a", person_missing_when_behind_rate) == pytest.approx(0.5 / (0.5 + 0.5 * 0.5))


def entries(*minutes: tuple[str, int]) -> Ledger:
    """One entry a day of one person, each entered on its evening, the last on the eve of AT; project and minutes."""
    told = Ledger().calendar(FIRST, WEEKS + 1).person("a")
    for before, (project, spent) in enumerate(reversed(minutes), start=1):
        day = SATURDAY.date() - timedelta(days=before)
        told.time("a", day, entered=moment(f"{day}T17:00"), minutes=spent, project_id=project)
    return told


def test_the_usual_minutes_of_an_entry_are_those_of_what_was_on_record_before_it(tmp_path: Path) -> None:
    told = entries(("j", 100), ("j", 200), ("k", 60), ("j", 300))
    at = moment(AT) - timedelta(days=2)
    told.time("a", at.date(), entered=at, minutes=480, billable=False, entry_id="internal")
    found = told.known(tmp_path, until=AT).derived(against_usual).frame.sort("happened").select("minutes", "usual").collect()
    # The first has none. Each later one: the project's own earlier minutes, and eight entries of the mean of any project.
    usual = [(100 + 8 * 100) / 9, (0 + 8 * 150) / 8, (300 + 8 * 120) / 10]
    assert found.rows() == [(spent, round(one)) for spent, one in zip((200, 60, 300), usual, strict=True)]


def test_the_load_is_what_entries_take_beside_what_they_usually_take(tmp_path: Path) -> None:
    month = [("j", 120), ("k", 240)] * 15
    usual = entries(*month, *[("j", 120), ("k", 240)] * 10).known(tmp_path / "usual", until=AT)
    loaded = entries(*month, *[("j", 150), ("k", 300)] * 10).known(tmp_path / "loaded", until=AT)
    # Another mix of the same work is no load: who turns from short entries to long ones on another project does not do more.
    turned = entries(*month, *[("k", 240)] * 20).known(tmp_path / "turned", until=AT)
    assert said(usual, "a", person_load_21d) == pytest.approx(1, abs=0.02)
    assert said(turned, "a", person_load_21d) == pytest.approx(1, abs=0.1)
    assert 1.05 < said(loaded, "a", person_load_21d) < 1.25
    assert said(loaded, "a", person_load_21d) > said(turned, "a", person_load_21d)


def test_without_a_record_the_load_is_usual(tmp_path: Path) -> None:
    assert said(Ledger().calendar(FIRST, WEEKS + 1).person("a").known(tmp_path, until=AT), "a", person_load_21d) == 1
