"""What a timesheet comes to: by the days that had time at its deadline, and what was still due two weeks later."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from models.missing_time import MISSING_TIME
from records.known import micros
from tests.ledger import Ledger, moment
from training.history import history
from training.labels import labelled

WEEK = date(2025, 3, 3)


def week(*, friday: str | None) -> Ledger:
    """A person's weeks up to the one of 3 March, whose Friday comes in at an instant, or never."""
    told = Ledger().calendar(WEEK - timedelta(7), 6).person("p")
    for day in (WEEK + timedelta(number) for number in (-7, -6, -5, -4, -3, 0, 1, 2, 3)):
        told.time("p", day, entered=moment(f"{day}T17:00"))
    return told.time("p", WEEK + timedelta(4), entered=moment(friday)) if friday else told


WEEKS: tuple[tuple[Ledger, int | str, str], ...] = (
    (week(friday="2025-03-10T11:59"), 0, "2025-04-30"),
    (week(friday="2025-03-10T12:01"), 1, "2025-04-30"),
    (week(friday=None), 1, "2025-04-30"),
    (week(friday=None), "undecided", "2025-03-24T11:59"),
    # Sick on Friday, as the register learns on Wednesday: nothing was due.
    (week(friday=None).absence("p", WEEK + timedelta(4), WEEK + timedelta(4), registered="2025-03-12"), 0, "2025-04-30"),
    (week(friday=None).absence("p", WEEK, WEEK + timedelta(4), registered="2025-03-12"), "not_due", "2025-04-30"),
)


@pytest.mark.parametrize(("told", "expected", "until"), WEEKS)
def test_the_label_of_a_timesheet(told: Ledger, expected: int | str, until: str, tmp_path: Path) -> None:
    past = history(told.lake(tmp_path), MISSING_TIME, until=moment(until))
    rows = labelled(past.known, past.frame, MISSING_TIME.targets[0]).filter(pl.col("timesheet_id") == f"p:{WEEK}")
    # At both ages the same: two days and one day before the deadline.
    for found in rows.to_dicts():
        assert (found["dropped"] if isinstance(expected, str) else found["label"]) == expected
        assert found["decided_at"] == micros(moment("2025-03-24T12:00"))
    assert rows["age_days"].to_list() == [0, 1]
