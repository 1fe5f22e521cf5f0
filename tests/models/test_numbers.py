"""What is known of a row's payment runs: its own day is the one that ends with the instant."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from features.payment_runs import client_days_to_run, client_run_period
from features.windows import AS_OF
from models.numbers import payment_runs
from records.known import micros

MONDAY = datetime(2025, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize(("instant", "weekday"), [(MONDAY + timedelta(days=1), 0), (MONDAY + timedelta(hours=9), 0), (MONDAY, 6)])
def test_the_end_of_a_day_is_said_on_that_day(instant: datetime, weekday: int) -> None:
    rows = pl.DataFrame({AS_OF: [micros(instant)], client_run_period.name: [15.0], client_days_to_run.name: [4.0]})
    found = payment_runs(rows)
    assert (found.weekday.tolist(), found.period.tolist(), found.wait.tolist()) == ([weekday], [15.0], [4.0])


def test_who_keeps_to_no_run_has_a_period_of_nought() -> None:
    rows = pl.DataFrame(
        {AS_OF: [micros(MONDAY)], client_run_period.name: [None], client_days_to_run.name: [None]},
        schema_overrides={client_run_period.name: pl.Float64, client_days_to_run.name: pl.Float64},
    )
    assert payment_runs(rows).period.tolist() == [0.0]
