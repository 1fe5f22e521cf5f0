"""The detector of payment runs: on clients that keep to one, on one that does not, and what a run leaves of the time."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from features import lateness, payment_runs
from features.feature import Feature
from features.pace import later
from features.payment_runs import PERIODS_DAYS
from tests.features.worked import value
from tests.ledger import Ledger

PHASE = date(2024, 1, 5)
"""A Friday; every run below is a whole number of periods after it."""
TODAY = date(2025, 3, 1)


def paying(days: Iterable[date], *, due: date) -> Ledger:
    """Client A pays an invoice on each of the days, two weeks after it was due, and has `a1` open."""
    told = Ledger().client("A")
    for number, day in enumerate(days):
        told.invoice(f"p{number}", "A", issued=f"{day - timedelta(days=40)}", due=f"{day - timedelta(days=14)}")
        told.payment(f"p{number}", "A", on=f"{day}")
    return told.invoice("a1", "A", issued=f"{due - timedelta(days=30)}", due=f"{due}")


def runs(period: int) -> list[date]:
    """Every run, or every second of a week's, in the year before TODAY."""
    days = [PHASE + timedelta(days=number * period) for number in range(500 // period)]
    return [day for day in days if TODAY - timedelta(days=330) < day <= TODAY][:: 2 if period == min(PERIODS_DAYS) else 1]


def to_next(period: int) -> int:
    return period - (TODAY - PHASE).days % period


@pytest.mark.parametrize("period", PERIODS_DAYS)
def test_a_run_is_found_with_the_day_of_the_next_one(period: int, tmp_path: Path) -> None:
    lake = paying(runs(period), due=TODAY).lake(tmp_path)
    assert value(lake, payment_runs.client_run_period, invoice="a1", at=f"{TODAY}") == period
    assert value(lake, payment_runs.client_days_to_run, invoice="a1", at=f"{TODAY}") == to_next(period)
    last = to_next(period) + (30 - to_next(period)) // period * period
    assert value(lake, payment_runs.invoice_days_to_last_run, invoice="a1", at=f"{TODAY}") == last


@pytest.mark.parametrize("later", range(7))
@pytest.mark.parametrize("period", [30, 15])
def test_a_run_that_moves_off_weekends_is_found_on_its_own_day(period: int, later: int, tmp_path: Path) -> None:
    """Whichever weekday the runs begin with: by the Mondays to which some are moved, it would seem to lie a day late."""
    shift = timedelta(days=later)
    lake = paying([carried_out(day + shift) for day in runs(period) if day + shift <= TODAY], due=TODAY).lake(tmp_path)
    assert value(lake, payment_runs.client_run_period, invoice="a1", at=f"{TODAY}") == period
    found = value(lake, payment_runs.client_days_to_run, invoice="a1", at=f"{TODAY}")
    assert found == (to_next(period) + later - 1) % period + 1


def test_who_pays_on_any_day_keeps_to_no_run(tmp_path: Path) -> None:
    days = [TODAY - timedelta(days=3 + 23 * number + number * number % 11) for number in range(14)]
    lake = paying(days, due=TODAY - timedelta(days=12)).lake(tmp_path)
    assert value(lake, payment_runs.client_run_period, invoice="a1", at=f"{TODAY}") == 0
    assert value(lake, payment_runs.client_days_to_run, invoice="a1", at=f"{TODAY}") == 0
    assert value(lake, payment_runs.invoice_days_to_last_run, invoice="a1", at=f"{TODAY}") == 18


def test_three_payments_are_too_few_to_tell(tmp_path: Path) -> None:
    lake = paying(runs(30)[-3:], due=TODAY).lake(tmp_path)
    assert value(lake, payment_runs.client_run_period, invoice="a1", at=f"{TODAY}") == 0


def test_without_a_run_before_the_border_an_invoice_is_bound_to_go_over_it(tmp_path: Path) -> None:
    lake = paying(runs(30), due=TODAY - timedelta(days=28)).lake(tmp_path)
    assert to_next(30) > 2
    assert value(lake, payment_runs.invoice_days_to_last_run, invoice="a1", at=f"{TODAY}") == 0


def carried_out(day: date) -> date:
    return day + timedelta(days=7 - day.weekday() if day.weekday() > 4 else 0)


@pytest.mark.parametrize(("due", "left"), [(date(2025, 2, 6), 0), (date(2025, 2, 8), 7)])
def test_a_run_of_a_weekend_is_carried_out_on_the_monday_which_may_be_too_late(due: date, left: int, tmp_path: Path) -> None:
    """The run of 8 March 2025, a Saturday, is carried out on the 10th: 32 days after a due date, or 30."""
    days = [carried_out(date(2025, 3, 8) - timedelta(days=30 * number)) for number in range(1, 11)]
    lake = paying(days, due=due).lake(tmp_path)
    assert value(lake, payment_runs.client_days_to_run, invoice="a1", at=f"{TODAY}") == 7
    assert value(lake, payment_runs.invoice_days_to_last_run, invoice="a1", at=f"{TODAY}") == left


def test_the_day_of_a_run_is_told_by_those_that_nothing_moved(tmp_path: Path) -> None:
    """Of a client that happened to pay in four runs of a working day and in all of a Saturday: by these it would lie a day late."""
    days = [PHASE + timedelta(days=15 * number) for number in range(34)]
    recent = [day for day in days if TODAY - timedelta(days=330) < day <= TODAY]
    saturdays = [day for day in recent if day.weekday() == 5]
    chosen = sorted([*saturdays, *[day for day in recent if day.weekday() in {1, 2, 3, 4}][:4]])
    assert len(saturdays) >= 3
    lake = paying([carried_out(day) for day in chosen], due=TODAY).lake(tmp_path)
    assert value(lake, payment_runs.client_run_period, invoice="a1", at=f"{TODAY}") == 15
    assert value(lake, payment_runs.client_days_to_run, invoice="a1", at=f"{TODAY}") == to_next(15)


def test_mondays_do_not_tell_of_a_month(tmp_path: Path) -> None:
    """What is paid every fourth Monday is a run of weeks: of a longer one only days that nothing was moved to tell."""
    lake = paying([date(2025, 2, 24) - timedelta(days=28 * number) for number in range(10)], due=TODAY).lake(tmp_path)
    assert value(lake, payment_runs.client_run_period, invoice="a1", at=f"{TODAY}") == 7


def test_the_chance_is_that_of_the_pace_between_the_runs(tmp_path: Path) -> None:
    """Of those that were not meant to be paid by the last run, the share that is not by the last before the border."""
    lake = paying(runs(30), due=TODAY).lake(tmp_path)
    pace = value(lake, lateness.client_pace, invoice="a1", at=f"{TODAY}")
    assert pace is not None
    border = to_next(30)
    still = [float(later(np.array([days - pace]))[0]) for days in (border - 30, border)]
    found = value(lake, payment_runs.invoice_very_late_chance, invoice="a1", at=f"{TODAY}")
    assert found == pytest.approx(still[1] / still[0], rel=1e-6)


def test_the_chance_rises_to_certainty_at_the_border(tmp_path: Path) -> None:
    lake = paying([TODAY - timedelta(days=3 + 23 * number + number * number % 11) for number in range(14)], due=TODAY).lake(tmp_path)
    days = (TODAY + timedelta(days=number) for number in (0, 10, 20, 29, 30))
    found = [value(lake, payment_runs.invoice_very_late_chance, invoice="a1", at=f"{day}") for day in days]
    assert None not in found
    assert found == sorted(found, key=lambda one: one or 0.0)
    assert found[-1] == 1


def test_every_feature_of_payment_runs_is_tried() -> None:
    tried = {
        payment_runs.client_run_period,
        payment_runs.client_days_to_run,
        payment_runs.invoice_days_to_last_run,
        payment_runs.invoice_very_late_chance,
    }
    declared = {one for one in vars(payment_runs).values() if isinstance(one, Feature) and one.compute.__module__ == payment_runs.__name__}
    assert tried == declared
