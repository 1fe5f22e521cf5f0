"""What can be known of a firm: shown the hidden drivers a model comes near the truth, and with fewer drivers there is less to know."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from simulation.cycle import SECOND_PART
from simulation.disputes import USUAL_CENTS
from simulation.ledger import Ledger, ledger_of
from simulation.mechanisms.catalog import MECHANISMS
from simulation.plan import Plan
from simulation.timesheets import month_entries
from simulation.work import effort, hourly_lines, joined_lines
from simulation.world import World, world_of
from training.metrics import auc

PLAN = Plan(people=150, months=30, seed=31)
LEARNED_MONTHS = 20
TELLING = sorted(set(MECHANISMS) - {"chance"})
"""By chance there is nothing to know: test_invariance.py."""

Floats = NDArray[np.float64]
Worked = tuple[World, pl.DataFrame, pl.DataFrame]


@pytest.fixture(scope="module")
def worked() -> Worked:
    world = world_of(PLAN)
    rows = [month_entries(PLAN, world.office, month) for month in range(PLAN.months)]
    done = pl.concat([effort(part, month=month, cost=world.cost) for month, part in enumerate(rows)])
    return world, joined_lines([hourly_lines(part) for part in rows]), done


def reach(truth: Floats, scores: Floats) -> float:
    """AUC against true probabilities; that of the truth itself is the most there is."""
    return auc(truth, scores, np.ones(len(truth)))


def leaked(world: World, ledger: Ledger) -> Floats:
    """What decides a dispute and no table tells: strictness, contentment, and the errors by the weight of their kind and severity."""
    drafts = ledger.drafts
    strictness = world.market["strictness"].to_numpy()[drafts["client"].to_numpy()]
    size = np.log(np.maximum(drafts["net"].to_numpy(), 1) / USUAL_CENTS)
    weights = ledger.course.weights
    drivers = (strictness, drafts["satisfaction"].to_numpy(), np.clip(size, -3, 3), weights.sum(axis=1), weights.max(axis=1))
    return np.column_stack(drivers)


@pytest.mark.parametrize("mechanism", TELLING)
def test_a_model_that_is_shown_the_hidden_drivers_comes_near_the_truth(worked: Worked, mechanism: str) -> None:
    world, hourly, done = worked
    ledger = ledger_of(replace(PLAN, mechanism=mechanism), world, hourly=hourly, done=done)
    drivers, outcome, truth = leaked(world, ledger), ledger.drafts["disputed"].to_numpy(), ledger.course.probability
    before = ledger.drafts["month"].to_numpy() % SECOND_PART < LEARNED_MONTHS
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(drivers[before], outcome[before])
    reached = reach(truth[~before], model.predict_proba(drivers[~before])[:, 1])
    most = reach(truth[~before], truth[~before])
    assert (reached - 0.5) / (most - 0.5) > 0.93
    assert reached <= most


def without(worked: Worked, driver: str) -> World:
    world = worked[0]
    if driver == "errors":
        return replace(world, traits=replace(world.traits, sloppiness=0.0))
    return replace(world, market=world.market.with_columns(pl.col("strictness") * 0.0))


@pytest.mark.parametrize("mechanism", TELLING)
@pytest.mark.parametrize("driver", ["errors", "strictness"])
def test_without_a_driver_there_is_less_to_know(worked: Worked, mechanism: str, driver: str) -> None:
    plan = replace(PLAN, mechanism=mechanism)
    _, hourly, done = worked
    whole, less = (ledger_of(plan, world, hourly=hourly, done=done).course.probability for world in (worked[0], without(worked, driver)))
    assert reach(less, less) < reach(whole, whole) - 0.01
