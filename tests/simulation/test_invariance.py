"""What no firm may break: work covers bills, bills cover cash, and an action touches only what it acts on."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from simulation.cycle import SECOND_PART
from simulation.draws import Draws
from simulation.drift import Drift
from simulation.faults import KIND_NUMBER
from simulation.firm import run
from simulation.ledger import Ledger, ledger_of
from simulation.mechanisms.catalog import MECHANISMS
from simulation.paying import paid_by, pay
from simulation.plan import Plan
from simulation.timesheets import month_entries
from simulation.work import effort, hourly_lines, joined_lines
from simulation.world import World, world_of

PLAN = Plan(people=60, months=18, seed=5)


def _worked(plan: Plan) -> tuple[World, pl.DataFrame, pl.DataFrame]:
    world = world_of(plan)
    rows = [month_entries(plan, world.office, month) for month in range(plan.months)]
    done = pl.concat([effort(part, month=month, cost=world.cost) for month, part in enumerate(rows)])
    return world, joined_lines([hourly_lines(part) for part in rows]), done


@pytest.fixture(scope="module")
def worked() -> tuple[World, pl.DataFrame, pl.DataFrame]:
    return _worked(PLAN)


@pytest.fixture(scope="module")
def ledger(worked: tuple[World, pl.DataFrame, pl.DataFrame]) -> Ledger:
    return ledger_of(PLAN, worked[0], hourly=worked[1], done=worked[2])


def test_hours_billed_are_hours_worked(tmp_path: Path) -> None:
    run(tmp_path, replace(PLAN, people=30, months=9))
    entries = pl.read_parquet(tmp_path / "time_entry.parquet").sort("recorded_at")
    billed = entries.filter(pl.col("invoice_line_id").is_not_null())
    most = (
        billed.group_by("entry_id", "invoice_line_id").agg(pl.col("minutes").max()).group_by("invoice_line_id").agg(pl.col("minutes").sum())
    )
    lines = pl.read_parquet(tmp_path / "invoice_line.parquet").filter((pl.col("kind") == "time") & ~pl.col("line_id").str.ends_with("-D"))
    both = lines.join(most, left_on="line_id", right_on="invoice_line_id", how="left")
    assert both["minutes"].null_count() == 0
    assert both.filter(pl.col("quantity").cast(pl.Float64) * 60 > pl.col("minutes") + 0.5).is_empty()


def test_cash_on_an_invoice_never_exceeds_what_is_owed(ledger: Ledger) -> None:
    standing = ledger.cash.allocations.filter(pl.col("reversed_on") > PLAN.end * 2).group_by("invoice_id").agg(got=pl.col("amount").sum())
    owed = ledger.drafts.select("invoice_id", "payable", "cancelled").join(standing, on="invoice_id")
    assert owed.filter(pl.col("got") > pl.col("payable")).is_empty()
    assert owed.filter("cancelled").is_empty()


def test_allocations_of_a_payment_add_up_to_it(ledger: Ledger) -> None:
    standing = ledger.cash.allocations.filter(pl.col("reversed_on") > PLAN.end * 2).group_by("payment_id").agg(got=pl.col("amount").sum())
    both = ledger.cash.payments.select("payment_id", "amount").join(standing, on="payment_id", how="full")
    assert both.filter(pl.col("got") != pl.col("amount")).is_empty()
    assert both["got"].null_count() == 0


def test_a_call_to_one_client_moves_no_other_clients_payment(ledger: Ledger) -> None:
    drafts, client = ledger.drafts, ledger.drafts["client"].to_numpy()
    disputed = drafts["disputed"].to_numpy()
    forced = ledger.habit.dunned.copy()
    forced[client == client[0]] = ~forced[client == client[0]]
    other = pay(PLAN, drafts, habit=replace(ledger.habit, dunned=forced), disputed=disputed)
    same = client != client[0]
    np.testing.assert_array_equal(other.first_on[same], ledger.paid.first_on[same])
    np.testing.assert_array_equal(other.rest_on[same], ledger.paid.rest_on[same])


def test_without_its_errors_a_firm_works_and_the_clean_drafts_fare_the_same(
    worked: tuple[World, pl.DataFrame, pl.DataFrame], ledger: Ledger
) -> None:
    world, hourly, done = worked
    calm = replace(world, traits=replace(world.traits, sloppiness=0.0))
    clean = ledger_of(PLAN, calm, hourly=hourly, done=done)
    with_error = ledger.faults.select("project", month=pl.col("month") % SECOND_PART).unique()
    columns = ["invoice_id", "gross", "disputed", "first_on", "rest_on"]
    kept = ledger.drafts.filter(pl.col("month") < SECOND_PART).join(with_error, on=("project", "month"), how="anti").select(columns)
    again = clean.drafts.join(with_error, on=("project", "month"), how="anti").select(columns)
    assert kept.join(again, on=columns, how="anti").is_empty()
    assert clean.course.probability.mean() < ledger.course.probability.mean()


def test_probabilities_are_the_mean_of_redrawn_outcomes(ledger: Ledger) -> None:
    redraws, drafts, habit = 60, ledger.drafts, ledger.habit
    kept = ~drafts["cancelled"].to_numpy()
    late = np.zeros(len(drafts))
    for seed in range(redraws):
        # Only what decides is drawn anew; the hidden days that the probability is conditional on stay, since they are in `habit`.
        plan = replace(PLAN, seed=1_000 + seed)
        disputed = Draws(1_000 + seed).uniform("redraw", np.arange(len(drafts))) < ledger.course.probability
        paid = pay(plan, drafts, habit=habit, disputed=disputed)
        late += np.maximum(paid.first_on, paid.rest_on) > habit.due + 30
    told = 1 - paid_by(habit, habit.due + 30, ledger.course.probability)
    error = np.abs(late / redraws - told)[kept]
    assert abs((late / redraws)[kept].mean() - told[kept].mean()) < 0.005
    assert error.mean() < 0.06


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_each_mechanism_reaches_the_published_dispute_rate(worked: tuple[World, pl.DataFrame, pl.DataFrame], mechanism: str) -> None:
    found = ledger_of(replace(PLAN, mechanism=mechanism), worked[0], hourly=worked[1], done=worked[2])
    assert 0.01 < found.course.probability.mean() < 0.06


def test_by_chance_no_error_makes_a_dispute_likelier(worked: tuple[World, pl.DataFrame, pl.DataFrame]) -> None:
    found = ledger_of(replace(PLAN, mechanism="chance"), worked[0], hourly=worked[1], done=worked[2])
    assert np.ptp(found.course.probability) == 0


def test_a_drift_leaves_the_months_before_it_as_they_were(worked: tuple[World, pl.DataFrame, pl.DataFrame], ledger: Ledger) -> None:
    drifted = ledger_of(replace(PLAN, drifts=(Drift("price_wave", date(2024, 1, 1)),)), worked[0], hourly=worked[1], done=worked[2])
    month = ledger.drafts["month"].to_numpy() % SECOND_PART
    before, moved = month < 12, drifted.course.probability - ledger.course.probability
    assert np.all(moved[before] == 0)
    assert moved[~before].max() > 0


def test_a_drift_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="is no drift"):
        Drift.parse("flood@2024-01-01")


def test_who_finds_an_overcharge_disputes_what_it_made_the_invoice_dearer(ledger: Ledger) -> None:
    stale = KIND_NUMBER["stale_rate"]
    raised = ledger.drafts.filter(pl.col("disputed") & (pl.col("fault") == stale))
    extra = ledger.lines.filter(pl.col("fault") == stale).group_by("project", "month").agg(over=(pl.col("net") - pl.col("clean_net")).sum())
    both = raised.join(extra, on=("project", "month"))
    assert len(both) == len(raised) > 0
    assert both.filter((pl.col("disputed_amount") - pl.col("over") * (1 + pl.col("tax_rate"))).abs() > 1).is_empty()
