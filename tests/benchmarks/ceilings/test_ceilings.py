"""The ceilings: each sees only what was known, comes nearer the truth than any rule, and is calibrated."""

from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from benchmarks.ceilings.catalog import CEILINGS
from benchmarks.ceilings.contested_drafts import STRICT, Client
from benchmarks.ceilings.falling_margins import FLOOR, _reports
from benchmarks.ceilings.late_payment import CALM, TURNS, _smoothed
from benchmarks.ceilings.payment_odds import CALENDARS, GRID, HABITS, Calendar, Items, first_by, held, paid_on, unpaid
from benchmarks.learned import Firm
from benchmarks.pooled import kept
from benchmarks.soft_labels import METRICS
from benchmarks.truths import SUBJECTS, read_scores
from models.catalog import RISKS
from records.known import DAY, Known
from simulation.days import day_of, next_workday

every_risk = pytest.mark.parametrize("risk", [risk.name for risk in RISKS])
MONDAY = day_of(datetime(2024, 9, 2, tzinfo=UTC).date())


def test_every_risk_that_can_be_judged_has_its_ceiling() -> None:
    assert set(CEILINGS) == {subject.risk for subject in SUBJECTS} == {risk.name for risk in RISKS}


@every_risk
def test_a_ceiling_knows_nothing_that_is_recorded_later(risk: str, small: Firm) -> None:
    """The same to the last bit from records that end with the rows, and from those that go on for months."""
    told = read_scores([small.place / f"ceiling-{risk}.parquet"])
    first = told["as_of"].unique().sort()[1]
    rows = told.filter(pl.col("as_of") == first).select("entity_id", "as_of", "probability").sort("entity_id")
    assert rows.height > 3
    found = CEILINGS[risk](Known(small.lake, until=first), rows.drop("probability"), small.tables / "truth", "additive").sort("entity_id")
    np.testing.assert_allclose(found["probability"].to_numpy(), rows["probability"].to_numpy(), rtol=1e-9)


@pytest.mark.parametrize("risk", [risk.name for risk in RISKS if risk.name != "margin"])
def test_a_ceiling_has_less_log_loss_than_the_rules_and_says_about_what_is_true(risk: str, small: Firm) -> None:
    table = kept(small.place / f"judged-{risk}.npz")
    assert table.ceiling is not None
    loss = table.measured.values[:, METRICS.index("log_loss")]
    constant = -(table.base_rate * np.log(table.base_rate) + (1 - table.base_rate) * np.log(1 - table.base_rate))
    assert loss[-1] < loss[table.ceiling] < constant
    assert all(loss[table.ceiling] < loss[rule] for rule in table.rules if not np.isnan(loss[rule]))
    # Of two dozen clients, whose strictness spreads widely, the mean says little; on firms of usual size docs/quality.md tells it.
    assert table.measured.values[table.ceiling, METRICS.index("ratio")] == pytest.approx(1, abs=0.4)


def test_reports_tell_the_overrun_as_it_was(small: Firm) -> None:
    """A margin's truth is fitted on the firm's closed projects, of so small a firm a handful; what the ceiling reads must be exact."""
    known = Known(small.lake, until=small.ends)
    told = _reports(known).group_by("project_id").agg(pl.col("overrun", "day").last())
    truth = pl.read_parquet(small.tables / "truth" / "project.parquet").filter(pl.col("shock") == 1)
    both = told.join(truth, on="project_id", suffix="_true").filter(pl.col("overrun_true") > FLOOR)
    assert both.height > 30
    assert (both["overrun"] / both["overrun_true"] - 1).abs().quantile(0.9) < 0.05  # type: ignore[operator]


def items(*due: int, net: float = 500_000.0) -> Items:
    return Items(np.array(due), np.array(due) - 30, np.full(len(due), net), np.zeros((len(due), 4), dtype=bool))


def test_a_calendar_finds_its_last_run_and_moves_those_on_a_weekend() -> None:
    weekly = Calendar(7, (MONDAY - 2) % 7)
    assert weekly.last(np.array([MONDAY - 1, MONDAY, MONDAY + 4])).tolist() == [MONDAY - 9, MONDAY - 2, MONDAY - 2]
    assert weekly.runs_on(np.array([MONDAY, MONDAY + 1, MONDAY + 7])).tolist() == [True, False, True]
    day = np.arange(MONDAY, MONDAY + 60)
    for calendar in CALENDARS:
        run = calendar.last(day)
        assert np.all(next_workday(run, 0) <= day)
        assert np.all((run - calendar.phase) % calendar.days == 0)
        assert np.all(next_workday(run + calendar.days, 0) > day)


def test_the_odds_of_the_days_on_which_it_may_be_paid_make_up_what_is_paid() -> None:
    """Over all runs after the invoice was issued: nothing is counted twice, and nothing left out."""
    one, calendar = items(MONDAY), Calendar(15, 3)
    days = np.array([day for day in range(MONDAY - 25, MONDAY + 150) if calendar.runs_on(np.array([day]))[0]])
    each = np.exp([paid_on(one, np.array([day]), calendar=calendar, mean=-5.0)[0] for day in days])
    by_then = first_by(one, np.array([days[-1]]), mean=-5.0, steps=np.zeros((1, 4)))[0]
    np.testing.assert_allclose(each.sum(axis=0), by_then, atol=1e-6)


def test_the_later_the_habit_the_more_is_unpaid_and_stress_puts_it_off() -> None:
    one, nobody = items(MONDAY), np.array([-1])
    state = held(one, day=MONDAY, opened=nobody, resolved=nobody)
    still = unpaid(one, np.array([MONDAY + 30]), now=MONDAY, calendar=Calendar(7, 1), mean=-5.0, dispute=state)[0]
    assert still.shape == GRID
    assert np.all(np.diff(still, axis=0) >= 0)
    assert np.all(still[..., 1] >= still[..., 0])
    disputed = held(one, day=MONDAY, opened=np.array([MONDAY - 3]), resolved=nobody)
    assert np.all(unpaid(one, np.array([MONDAY + 10]), now=MONDAY, calendar=Calendar(7, 1), mean=-5.0, dispute=disputed) >= still - 1)
    assert disputed.probability.tolist() == [1.0]
    assert np.all(disputed.until > MONDAY)


def test_months_of_evidence_are_weighed_as_all_paths_of_a_chain_would_be() -> None:
    draw = np.random.default_rng(3)
    evidence = np.log(draw.uniform(0.2, 1.0, (4, *GRID)))
    posterior, total = _smoothed(evidence)
    prior = np.exp(-0.5 * (HABITS / 10.0) ** 2)
    fixed = prior[:, None, None] * np.array([0.55, 0.35, 0.10]) * np.ones(GRID[:3])
    fixed /= fixed.sum()
    wanted, whole = np.zeros((4, *GRID)), 0.0
    for path in np.ndindex(2, 2, 2, 2):
        odds = CALM[path[0]] * np.prod([TURNS[a, b] for a, b in pairwise(path)])
        likely = fixed * odds * np.prod([np.exp(evidence[month][..., state]) for month, state in enumerate(path)], axis=0)
        whole += likely.sum()
        for month, state in enumerate(path):
            wanted[month][..., state] += likely
    np.testing.assert_allclose(posterior, wanted / whole, rtol=1e-9)
    assert total == pytest.approx(np.log(whole))


def test_a_client_that_objected_is_stricter_and_one_that_had_its_time_less_so() -> None:
    odds = np.tile(1 / (1 + np.exp(3 - STRICT))[:, None], (1, 7))[None].repeat(3, axis=0)
    at = 200 * DAY

    def of(*, opened: int) -> float:
        drafted, never = np.array([0, 10 * DAY, 190 * DAY]), 10**9 * DAY
        client = Client(odds, np.array([1, 2, 3]), np.array([0.0, 0.0, 6.0]), drafted, drafted + DAY, np.array([opened, never, never]))
        return float(client.disputed(at, np.array([2]))[0][0])

    prior = float(np.average(odds[0, :, 0], weights=np.exp(-0.5 * STRICT**2)))
    assert of(opened=20 * DAY) > prior > of(opened=10**9 * DAY)
    assert of(opened=at + 1) == of(opened=10**9 * DAY), "what is opened later is not known"
