"""How a prior is drawn to own outcomes: its order stays, its level goes from its own to the firm's as outcomes come in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration import expit
from models.dispute import DISPUTE
from models.estimators.blend import Blend
from tests.training.test_fit import RULE, rows
from training.adapt import PRIOR_OUTCOMES, levelled, mean_loss, sigmoid_near_one, sloped
from training.fit import STRENGTHS, scaling_of, uncalibrated

PRIOR = uncalibrated(rows(900, seed=31), DISPUTE, RULE)[STRENGTHS[0]]
AHEAD = rows(300, seed=32).values


def mean(size: int, outcomes: int, *, prior: Blend = PRIOR) -> float:
    """Mean likelihood of rows of which so many had the outcome, once the prior is drawn to them."""
    found = rows(size, seed=33)
    labels = np.zeros(size)
    labels[np.random.default_rng(4).permutation(size)[:outcomes]] = 1.0
    return float(levelled(prior, found.values, labels, entities=found.entities).probability(found.values).mean())


def test_without_a_row_the_prior_is_as_it_was() -> None:
    none = levelled(PRIOR, np.empty((0, AHEAD.shape[1])), np.empty(0), entities=np.empty(0, dtype=np.int64))
    assert none.probability(AHEAD) == pytest.approx(PRIOR.probability(AHEAD))


@settings(max_examples=25, deadline=None)
@given(st.integers(5, 19), st.floats(0.02, 0.9))
def test_the_level_lies_between_the_prior_and_the_own_rate_and_the_order_stays(outcomes: int, rate: float) -> None:
    size = max(outcomes + 1, round(outcomes / rate))
    found = rows(size, seed=33)
    labels = np.zeros(size)
    labels[np.random.default_rng(4).permutation(size)[:outcomes]] = 1.0
    taught = PRIOR.probability(found.values)
    model = levelled(PRIOR, found.values, labels, entities=found.entities)
    low, high = sorted((float(taught.mean()), outcomes / size))
    assert low - 1e-6 <= model.probability(found.values).mean() <= high + 1e-6
    order = np.argsort(PRIOR.log_odds(AHEAD), kind="stable")
    assert (np.diff(model.log_odds(AHEAD)[order]) >= -1e-12).all()


def test_the_level_shrinks_to_the_own_rate_as_counts_grow() -> None:
    off = [abs(mean(size, size // 10) - 0.1) for size in (20, 100, 500, 2500)]
    assert off == sorted(off, reverse=True)
    assert off[-1] < 0.01
    assert off[0] > 0.1


def test_as_many_outcomes_as_the_prior_is_worth_go_half_of_the_way() -> None:
    expected = rows(400, seed=33)
    taught = float(PRIOR.probability(expected.values).mean())
    # As many rows as the prior would expect PRIOR_OUTCOMES outcomes of, with twice as many: the level is half as high again.
    size = round(PRIOR_OUTCOMES / taught)
    assert mean(size, 2 * PRIOR_OUTCOMES) == pytest.approx(1.5 * taught, rel=0.2)


def test_rows_of_one_entity_at_several_ages_are_one_witness() -> None:
    found = rows(120, seed=33)
    labels = np.ones(120)
    alone = levelled(PRIOR, found.values, labels, entities=found.entities)
    together = levelled(PRIOR, found.values, labels, entities=found.entities // 5)
    assert together.calibration.offset < alone.calibration.offset


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_calibration_repairs_what_is_said_too_loudly_or_too_softly(factor: float) -> None:
    draw = np.random.default_rng(6)
    true = draw.normal(-2.0, 1.2, 6000)
    labels = (draw.random(6000) < expit(true)).astype(float)
    repaired = sigmoid_near_one(factor * true, labels, independent=6000)
    assert repaired.slope == pytest.approx(1 / factor, rel=0.1)
    assert mean_loss(repaired.apply(factor * true), labels) < mean_loss(expit(factor * true), labels) - 0.005
    assert repaired.apply(factor * true).mean() == pytest.approx(labels.mean(), abs=0.01)


def test_slopes_stay_near_the_prior_and_move_to_what_outcomes_show() -> None:
    # 42 outcomes: slopes are drawn where there are 20 to 59.
    found = rows(200, seed=33)
    place = next(place for place, use in enumerate(DISPUTE.uses) if use.feature is not RULE)
    labels = (found.values[:, place] > 0.8).astype(float)
    scaling = scaling_of(found.values, DISPUTE.features)
    model = sloped(PRIOR, found.values, labels, entities=found.entities, scaling=scaling)
    assert model.own is not None
    moved = np.array(model.own.coefficients)  # type: ignore[union-attr]
    others = np.delete(np.abs(moved), [place, PRIOR.start.column])
    assert moved[place] > 3 * others.max(), "only the rule's own signal may move so far beside it"
    assert 0 < moved[place] < 0.5
    taught = expit(PRIOR.log_odds(found.values))
    assert np.corrcoef(model.probability(found.values), taught)[0, 1] > 0.8
