"""The judge of cash forecasts: its score, its reference, and what it counts as cash of a week."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.cash import WEEKS, cash_by_week, crps, rolled
from features.windows import AS_OF
from records.known import DAY, MONEY_SCALE, micros
from tests.ledger import Ledger, moment


def test_crps_of_a_normal_forecast_is_what_the_formula_says() -> None:
    """Gneiting and Raftery 2007: of N(0, 1) at nought it is 2 phi(0) - 1 / sqrt(pi)."""
    sample = np.random.default_rng(1).standard_normal(20_000)
    assert crps(sample, 0.0) == pytest.approx(2 / np.sqrt(2 * np.pi) - 1 / np.sqrt(np.pi), abs=0.01)
    assert crps(np.array([3.0]), 5.0) == 2


def test_money_counts_in_the_week_in_which_it_came_and_in_the_first_when_it_was_not_on_record(tmp_path: Path) -> None:
    told = Ledger().client("A").invoice("i", "A", issued="2025-01-01", due="2025-02-01", amount=100)
    told.payment("i", "A", on="2025-01-05", amount=10, recorded="2025-01-08")
    told.payment("i", "A", on="2025-01-07", amount=20).payment("i", "A", on="2025-01-13", amount=30)
    told.payment("i", "A", on="2025-01-14", amount=40).payment("i", "A", on="2025-01-02", amount=5)
    known = told.known(tmp_path)
    found = cash_by_week(known, pl.DataFrame({"invoice_id": ["i"], AS_OF: [micros(moment("2025-01-06"))]}))
    assert [found[f"week_{n}"].item() / MONEY_SCALE for n in range(3)] == [10 + 20 + 30, 40, 0]


def test_roll_rates_are_learned_from_the_past_and_applied_to_the_last() -> None:
    """Half of what is a day overdue comes in the first week; the last instant owes three times as much, of which other sums came."""
    instants = [0, 7 * DAY, 14 * DAY]
    came = {f"week_{n}": [50, 50, 0] if n == 0 else [0, 0, 0] for n in range(WEEKS)}
    rows = pl.DataFrame({AS_OF: instants, "due": [at - DAY for at in instants], "owed": [100, 100, 300], **came})
    expected, actual = rolled(rows, instants)
    assert expected[:, 0].tolist() == [50, 50, 150]
    assert actual[:, 0].tolist() == [50, 50, 0]
    assert not expected[:, 1:].any()
