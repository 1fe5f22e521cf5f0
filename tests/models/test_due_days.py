"""One count of days to and since a due date, whether it is told by a fact, a reason or a page."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.invoices import invoice_days_to_due
from features.payments import client_oldest_overdue_days, client_overdue_count
from features.time_capture import sheet_days_to_deadline
from models.collections import COLLECTIONS
from models.due_days import days_as_read, days_overdue
from models.numbers import framed
from records.known import Known, instant_of
from service.pages.wording import Wording
from tests.ledger import Ledger

DUE_ON = date(2026, 9, 28)


@pytest.mark.parametrize(
    ("as_of", "to_due", "overdue"),
    [
        # The records of the due date itself: it is over with them, and the list is read on the day after.
        (datetime(2026, 9, 29, tzinfo=UTC), 0.0, 1),
        (datetime(2026, 9, 28, 23, 59, tzinfo=UTC), 1 / 1440, 0),
        (datetime(2026, 9, 28, tzinfo=UTC), 1.0, 0),
        (datetime(2026, 9, 27, tzinfo=UTC), 2.0, -1),
        (datetime(2026, 9, 29, 7, 30, tzinfo=UTC), -0.3125, 1),
        (datetime(2026, 11, 26, tzinfo=UTC), -58.0, 59),
        (datetime(2026, 11, 26, 20, tzinfo=UTC), -58 - 20 / 24, 59),
    ],
)
def test_a_signal_is_read_as_days_on_the_calendar(as_of: datetime, to_due: float, overdue: int) -> None:
    assert days_overdue(DUE_ON, as_of.date()) == overdue
    assert days_as_read(invoice_days_to_due, to_due, as_of=as_of) == -overdue
    if to_due < 0:
        assert days_as_read(client_oldest_overdue_days, -to_due, as_of=as_of) == overdue


@pytest.mark.parametrize(
    ("as_of", "left"),
    [
        (datetime(2026, 11, 21, tzinfo=UTC), 2),
        (datetime(2026, 11, 21, 12, tzinfo=UTC), 2),
        (datetime(2026, 11, 22, tzinfo=UTC), 1),
        (datetime(2026, 11, 23, 11, tzinfo=UTC), 0),
        (datetime(2026, 11, 24, tzinfo=UTC), -1),
    ],
)
def test_a_deadline_at_noon_is_on_its_own_day(as_of: datetime, left: int) -> None:
    deadline = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert days_as_read(sheet_days_to_deadline, (deadline - as_of) / timedelta(days=1), as_of=as_of) == left


def test_other_signals_and_none_overdue_stay_what_they_are() -> None:
    assert days_as_read(client_overdue_count, 3.5, as_of=datetime(2026, 11, 24, tzinfo=UTC)) == 3.5
    assert days_as_read(client_oldest_overdue_days, 0.0, as_of=datetime(2026, 11, 24, tzinfo=UTC)) == 0.0


@given(st.integers(-400, 400), st.timedeltas(timedelta(0), timedelta(days=1) - timedelta(seconds=2)))
def test_the_float_of_a_signal_gives_the_day_back(days: int, into: timedelta) -> None:
    as_of = datetime(2026, 11, 26, tzinfo=UTC) + into
    due_on = as_of.date() - timedelta(days=days)
    signal = (instant_of(due_on) - as_of) / timedelta(days=1)
    assert days_as_read(invoice_days_to_due, signal, as_of=as_of) == -days


@pytest.mark.parametrize("day", [date(2026, 9, 27), date(2026, 9, 28), date(2026, 9, 29), date(2026, 11, 25)])
def test_facts_reasons_and_pages_count_alike(tmp_path: Path, day: date) -> None:
    known: Known = Ledger().client("A").invoice("i", "A", issued="2026-08-14", due=f"{DUE_ON}").known(tmp_path, until=f"{day}")
    as_of = instant_of(day)
    [row] = framed(known, COLLECTIONS, instants=[as_of]).to_dicts()
    overdue = days_overdue(DUE_ON, as_of.date())
    assert days_as_read(invoice_days_to_due, row[invoice_days_to_due.name], as_of=as_of) == -overdue
    fact = COLLECTIONS.book(known, as_of).subject(row).facts.get("Overdue")
    assert fact == (None if overdue <= 0 else "1 day" if overdue == 1 else f"{overdue} days")
    page = Wording("en", "UTC", as_of + timedelta(hours=6)).days_left(DUE_ON)
    assert page == ("today" if overdue == 0 else f"{overdue} day{'s' if overdue > 1 else ''} ago" if overdue > 0 else "in 1 day")
