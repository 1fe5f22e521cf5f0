"""Timesheets, scored: who is on the list, what is certain, what a person is told, and how it ends."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from models.closures import closures
from models.finding import Finding
from models.missing_time import MISSING_TIME
from models.scoring import score
from records.known import Known
from tests.ledger import Ledger, moment

MONDAY = date(2025, 3, 3)
SATURDAY_NOON = "2025-03-08T12:00"
DEADLINE = "2025-03-10T12:00"


def worked(*, lacks: int, came: str | None = None, weeks: int = 30) -> Ledger:
    """Two people's weeks up to the one of 3 March, in which `p1` writes the last `lacks` days at `came`, or not at all."""
    begin = MONDAY - timedelta(weeks=weeks - 1)
    told = Ledger().calendar(begin, weeks).person("p1").person("p2")
    for number in range(7 * weeks):
        day = begin + timedelta(days=number)
        if day.weekday() > 4:
            continue
        evening = moment(f"{day}T17:00")
        late = day >= MONDAY and day.weekday() > 4 - lacks
        told.time("p2", day, entered=evening)
        if not late:
            told.time("p1", day, entered=evening)
        elif came:
            told.time("p1", day, entered=moment(came))
    return told


def found(told: Ledger, root: Path, at: str) -> list[Finding]:
    known = told.known(root, until=at)
    return list(score(known, MISSING_TIME, None, as_of=moment(at)).findings)


def test_only_who_lacks_days_is_on_the_list_from_two_days_before_the_deadline(tmp_path: Path) -> None:
    told = worked(lacks=2)
    assert found(told, tmp_path, "2025-03-08T11:59") == []
    [one] = found(told, tmp_path, SATURDAY_NOON)
    assert one.entity_id == "p1:2025-03-03"
    assert one.due_on == date(2025, 3, 10)
    assert one.facts["Days lacking"] == "2"
    assert one.client_name == "advisory · here"
    assert [row[3] for row in one.evidence[0].rows][-2:] == ["nothing on record"] * 2
    # Two of five days at eight hours and a hundred an hour.
    assert one.amount_at_stake == Decimal(1600)
    assert one.probability == one.rule_probability
    assert one.title == "The timesheet of p1, week of 3 Mar 2025 may be missing at the deadline"


def test_a_day_on_which_nobody_works_is_not_due_whatever_its_minutes(tmp_path: Path) -> None:
    told = worked(lacks=2)
    for row in told.rows["calendar_day"]:
        if row["day"] >= date(2025, 3, 6):  # type: ignore[operator]
            row |= {"working": False, "minutes": 480}
    assert found(told, tmp_path / "closed", SATURDAY_NOON) == []
    told.rows["calendar_day"][-4] |= {"working": True}
    assert told.rows["calendar_day"][-4]["day"] == date(2025, 3, 6)
    [one] = found(told, tmp_path / "thursday", SATURDAY_NOON)
    assert (one.facts["Days due"], one.facts["Days lacking"], one.facts["Office closed"]) == ("4", "1", "1 of Monday to Friday")
    assert one.evidence[0].rows[4] == ("Fri 7 Mar", "0.00", "", "office closed")


def test_the_office_s_own_deadline_counts_on_its_clock(tmp_path: Path) -> None:
    told = worked(lacks=2).deadline("friday", "17:00", "America/New_York", office="here")
    assert found(told, tmp_path, "2025-03-05T21:59") == []
    one = next(one for one in found(told, tmp_path, "2025-03-05T22:00") if one.entity_id == "p1:2025-03-03")
    assert one.due_on == date(2025, 3, 7)
    assert one.facts["Deadline"] == "Fri 7 Mar 2025, 17:00 America/New_York"
    # `p2` has Friday in at five o'clock in London, five hours before the deadline.
    [late] = found(told, tmp_path, "2025-03-07T22:00")
    assert (late.entity_id, late.probability, late.happened) == ("p1:2025-03-03", None, True)


def test_after_the_deadline_it_is_a_fact(tmp_path: Path) -> None:
    [before] = found(worked(lacks=1), tmp_path, "2025-03-10T11:59")
    assert before.probability is not None
    assert before.probability < 1
    assert (before.happened, before.provisional) == (False, True)
    assert before.title == "The timesheet of p1, week of 3 Mar 2025 may be missing at the deadline"
    [after] = found(worked(lacks=1), tmp_path, DEADLINE)
    assert (after.happened, after.probability, after.rule_probability, after.provisional) == (True, None, None, False)
    # On the day of the deadline itself, and not only from the next.
    assert after.title == "The timesheet of p1, week of 3 Mar 2025 was not complete at its deadline"
    assert [one.text for one in after.reasons] == ["Its deadline was on 10 Mar 2025, and days that were due have no time on record."]
    assert not any("missing at the deadline" in name or "simple rule" in name for name in after.facts)
    assert after.expected_loss == after.stake_reporting


def test_registered_leave_and_holidays_are_not_lacking_and_never_counted_twice(tmp_path: Path) -> None:
    away = worked(lacks=2).absence("p1", date(2025, 3, 6), date(2025, 3, 7), registered="2025-02-01")
    twice = worked(lacks=2).absence("p1", date(2025, 3, 6), date(2025, 3, 6), registered="2025-02-01")
    twice.absence("p1", date(2025, 3, 5), date(2025, 3, 6), registered="2025-02-03")
    assert found(away, tmp_path / "away", SATURDAY_NOON) == []
    # Wednesday and Thursday are away, once each: of three days due three are in.
    assert found(twice, tmp_path / "twice", SATURDAY_NOON) == []
    late = worked(lacks=2).absence("p1", date(2025, 3, 6), date(2025, 3, 7), registered="2025-03-09")
    assert len(found(late, tmp_path / "late", SATURDAY_NOON)) == 1


def test_each_day_tells_what_was_expected_and_what_came(tmp_path: Path) -> None:
    told = worked(lacks=2).absence("p1", date(2025, 3, 5), date(2025, 3, 5), registered="2025-02-01")
    told.rows["absence"][0] |= {"kind": "sick", "minutes_per_day": 240}
    [one] = found(told, tmp_path, SATURDAY_NOON)
    [week] = one.evidence
    assert week.columns == ("Day", "Expected hours", "Entered hours", "First entered")
    assert week.rows[0] == ("Mon 3 Mar", "8.00", "8.00", "Mon 3 Mar, 17:00")
    assert week.rows[2] == ("Wed 5 Mar", "4.00", "8.00", "Wed 5 Mar, 17:00")
    assert week.rows[4] == ("Fri 7 Mar", "8.00", "", "nothing on record")
    assert one.facts["Leave considered"] == "1 of the week's days, as registered by then"
    assert "sick" not in str(one)


def test_a_day_off_is_expected_of_nobody(tmp_path: Path) -> None:
    told = worked(lacks=2).absence("p1", date(2025, 3, 7), date(2025, 3, 7), registered="2025-02-01")
    [one] = found(told, tmp_path, SATURDAY_NOON)
    assert one.evidence[0].rows[4] == ("Fri 7 Mar", "0.00", "", "away, as registered")
    assert one.facts["Days lacking"] == "1"


def test_a_person_of_no_team_is_not_named_in_its_place(tmp_path: Path) -> None:
    told = worked(lacks=2)
    told.rows["person"][0] |= {"practice": None}
    [one] = found(told, tmp_path, SATURDAY_NOON)
    assert one.client_name == "here"


def test_a_part_timer_owes_the_days_of_their_minutes(tmp_path: Path) -> None:
    told = worked(lacks=2)
    told.rows["person"][0]["weekly_minutes"] = 1440
    assert found(told, tmp_path, SATURDAY_NOON) == []


@pytest.mark.parametrize(
    ("came", "outcome", "sentence"),
    [
        ("2025-03-12T09:00", "entered", "Complete since 12 Mar 2025."),
        ("2025-03-24T11:59", "entered", "Complete since 24 Mar 2025."),
        (None, "not_entered", "Not complete 14 days after its deadline: for the next close, no longer for a reminder."),
    ],
)
def test_it_ends_when_it_is_complete_or_two_weeks_after_the_deadline(tmp_path: Path, came: str | None, outcome: str, sentence: str) -> None:
    known = worked(lacks=1, came=came).known(tmp_path, until="2025-03-31")
    [ended] = [one for one in closures(known, MISSING_TIME, as_of=moment("2025-03-31")) if one.entity_id == "p1:2025-03-03"]
    assert (ended.outcome, ended.sentence) == (outcome, sentence)


def test_what_is_complete_is_off_the_list_at_once(tmp_path: Path) -> None:
    told = worked(lacks=1, came="2025-03-09T09:00")
    assert len(found(told, tmp_path / "before", "2025-03-09T08:59")) == 1
    assert found(told, tmp_path / "after", "2025-03-09T09:00") == []


def test_a_past_score_is_the_same_whatever_came_later(tmp_path: Path) -> None:
    # A rate that comes to be known later makes no home currency of another one now, and leave registered later excuses nobody now.
    told = worked(lacks=1, came="2025-03-12T09:00").rate("USD", "EUR", "0.9", on="2025-04-01")
    told.absence("p1", date(2025, 3, 7), date(2025, 3, 7), registered="2025-03-13")
    at = moment(SATURDAY_NOON)
    now = score(Known(told.lake(tmp_path), until=datetime(2025, 6, 1, tzinfo=at.tzinfo)), MISSING_TIME, None, as_of=at)
    assert list(now.findings) == found(told.until(at), tmp_path / "then", SATURDAY_NOON)
