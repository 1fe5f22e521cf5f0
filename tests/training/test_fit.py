"""What is fitted: when it is refused, that it learns nothing where there is nothing, and that calibration makes likelihoods honest."""

from dataclasses import replace

import numpy as np
import pytest

from features.feature import Feature
from models.calibration import expit
from models.collections import COLLECTIONS
from models.dispute import DISPUTE
from models.estimators.adapted import Adapted
from models.estimators.blend import Blend
from models.estimators.linear import Linear, shaped
from models.reasons import LEAST_EFFECT
from training.fit import ENOUGH_FOR_SLOPES, ENOUGH_POSITIVES, SHARES, STRENGTHS, Rows, fit, scaling_of, uncalibrated
from training.metrics import brier, calibration, evaluate

RULE = DISPUTE.targets[0].rule
PLACE = DISPUTE.features.index(RULE)
DAY = 86_400_000_000


def rows(size: int, *, seed: int = 1, told: float = 1.0, chance: float = 0.3) -> Rows:
    """Rows in order of time, whose outcome follows the rule's share by `told`, decided after 60 days; one client in 40 rows."""
    draw = np.random.default_rng(seed)
    values = draw.random((size, len(DISPUTE.features)))
    values[:, PLACE] = np.clip(expit(np.log(chance / (1 - chance)) + draw.normal(0, 1, size)), 0.01, 0.99)
    likely = expit(told * shaped(values[:, [PLACE]], ("log_odds",))[:, 0] + (1 - told) * np.log(chance / (1 - chance)))
    labels = (draw.random(size) < likely).astype(float)
    as_of = np.arange(size, dtype=np.int64) * DAY // 2
    return Rows(values, labels, np.arange(size), np.arange(size) % 40, as_of, as_of + 60 * DAY)


def with_outcomes(found: Rows, *, positives: int, negatives: int) -> Rows:
    kept = np.concatenate([np.flatnonzero(found.labels == 1)[:positives], np.flatnonzero(found.labels == 0)[:negatives]])
    return found.take(np.isin(np.arange(len(found.labels)), kept))


@pytest.mark.parametrize(("positives", "negatives"), [(ENOUGH_POSITIVES - 1, 300), (300, ENOUGH_POSITIVES - 1), (0, 300), (0, 0)])
def test_below_sixty_outcomes_of_either_kind_there_is_no_model(positives: int, negatives: int) -> None:
    assert fit(with_outcomes(rows(1500), positives=positives, negatives=negatives), DISPUTE, RULE) is None


def test_from_sixty_on_there_is_one() -> None:
    assert fit(with_outcomes(rows(1500), positives=ENOUGH_POSITIVES, negatives=300), DISPUTE, RULE) is not None


def test_an_invoice_that_is_seen_at_three_ages_is_one_outcome() -> None:
    found = with_outcomes(rows(1500), positives=ENOUGH_POSITIVES, negatives=300)
    assert fit(replace(found, entities=found.entities // 3), DISPUTE, RULE) is None


def test_a_model_of_a_random_bit_says_nothing_of_what_comes() -> None:
    learned = fit(rows(1600, told=0.0), DISPUTE, RULE)
    ahead = rows(1200, seed=2, told=0.0)
    assert learned is not None
    found = evaluate(ahead.labels, learned.probability(ahead.values), ahead.clients, draws=300)
    low, high = found["intervals"]["auc"]  # type: ignore[index]
    assert low <= 0.5 <= high
    assert calibration(ahead.labels, learned.probability(ahead.values))["ece"] < 0.08  # type: ignore[operator]


def test_where_only_the_rule_tells_the_model_is_hardly_worse_than_the_truth() -> None:
    learned = fit(rows(1600), DISPUTE, RULE)
    ahead = rows(3000, seed=3)
    ones = np.ones(len(ahead.labels))
    assert learned is not None
    assert brier(ahead.labels, learned.probability(ahead.values), ones) < brier(ahead.labels, ahead.values[:, PLACE], ones) + 0.005


def test_calibration_is_learned_from_rows_that_lay_ahead() -> None:
    """A mean of two models is drawn together or apart; what is said must be what happens."""
    learned = fit(_shouted(rows(2000)), DISPUTE, RULE)
    assert learned is not None
    assert (learned.calibration.slope, learned.calibration.offset) != (1.0, 0.0)
    cost = []
    # Of one future alone the difference is as large as its noise.
    for seed in range(4, 10):
        ahead = _shouted(rows(3000, seed=seed))
        said, ones = learned.probability(ahead.values), np.ones(len(ahead.labels))
        cost.append(brier(ahead.labels, said, ones) - brier(ahead.labels, expit(learned.log_odds(ahead.values)), ones))
        assert calibration(ahead.labels, said)["predicted_to_observed"] == pytest.approx(1, abs=0.12)
    assert np.mean(cost) <= 1e-4


def _shouted(found: Rows) -> Rows:
    """The same rows, with signals that told of the outcome at first and of nothing since."""
    draw = np.random.default_rng(len(found.labels))
    values = found.values.copy()
    other = next(place for place in range(values.shape[1]) if place != PLACE)
    early = found.as_of < np.quantile(found.as_of, 0.3)
    values[:, other] = np.where(early, found.labels + draw.normal(0, 0.4, len(found.labels)), draw.normal(0.5, 0.6, len(found.labels)))
    return replace(found, values=values)


def test_what_each_feature_adds_makes_up_the_log_odds() -> None:
    found = rows(1200)
    learned = fit(found, DISPUTE, RULE)
    assert learned is not None
    said = learned.calibration.slope * learned.log_odds(found.values) + learned.calibration.offset
    base = said - learned.contributions(found.values).sum(axis=1)
    assert base == pytest.approx(np.full(len(base), base[0]), abs=1e-6)
    assert np.abs(learned.contributions(found.values)[:, PLACE]).max() > LEAST_EFFECT


@pytest.mark.parametrize("one", [use.feature for use in DISPUTE.uses if use.direction], ids=lambda one: one.name)
def test_trees_move_only_in_the_declared_direction(one: Feature) -> None:
    found = rows(1200)
    learned = fit(found, DISPUTE, RULE)
    assert isinstance(learned, Blend)
    place = DISPUTE.features.index(one)
    direction = next(use.direction for use in DISPUTE.uses if use.feature is one)
    steps = np.repeat(found.values[:1], 50, axis=0)
    steps[:, place] = np.linspace(0, 1, 50)
    assert (direction * np.diff(learned.trees.log_odds(steps)) >= -1e-9).all()


def test_columns_without_a_value_or_with_one_only_do_no_harm() -> None:
    values = np.random.default_rng(1).random((50, len(COLLECTIONS.features)))
    values[:, 0], values[:, 1] = np.nan, 7.0
    scaled = scaling_of(values, COLLECTIONS.features).apply(values)
    assert np.isfinite(scaled).all()
    assert scaled[:, :2] == pytest.approx(0)


def test_an_invoice_a_hundred_times_the_usual_is_clipped() -> None:
    values = np.random.default_rng(1).random((200, len(COLLECTIONS.features)))
    scaling = scaling_of(values, COLLECTIONS.features)
    odd = values[:1] * 1e9
    assert np.abs(scaling.apply(odd)).max() < 6


def test_the_same_rows_give_the_same_model() -> None:
    found = rows(900)
    first, again = (fit(found, DISPUTE, RULE) for _ in range(2))
    assert isinstance(first, Blend)
    assert isinstance(again, Blend)
    assert first.trees.to_text() == again.trees.to_text()
    assert (first.linear, first.calibration, first.start) == (again.linear, again.calibration, again.start)


@pytest.fixture(scope="module")
def prior() -> Blend:
    """Learned from other rows in which the outcome follows the rule."""
    return uncalibrated(rows(1500, seed=21), DISPUTE, RULE)[STRENGTHS[1]]


@pytest.mark.parametrize(
    ("positives", "own"),
    [(0, None), (ENOUGH_FOR_SLOPES - 1, None), (ENOUGH_FOR_SLOPES, Linear), (ENOUGH_POSITIVES - 1, Linear)],
)
def test_below_sixty_outcomes_the_prior_ranks_and_the_own_part_grows_with_them(prior: Blend, positives: int, own: type | None) -> None:
    learned = fit(with_outcomes(rows(1500), positives=positives, negatives=400), DISPUTE, RULE, prior=prior)
    assert isinstance(learned, Adapted)
    assert learned.prior is prior
    assert isinstance(learned.own, own or type(None))


def test_at_sixty_outcomes_the_own_blend_may_take_a_share_that_its_later_outcomes_chose(prior: Blend) -> None:
    """What the prior knows nothing of, and the own outcomes show again and again, is taken from them."""
    alone = fit(with_outcomes(rows(1500), positives=ENOUGH_POSITIVES, negatives=400), DISPUTE, RULE, prior=prior)
    assert alone is not None
    found = rows(2500, told=0.0, seed=5)
    other = next(place for place in range(found.values.shape[1]) if place != PLACE and DISPUTE.uses[place].direction == 1)
    turned = replace(found, labels=(found.values[:, other] > 0.7).astype(float))
    learned = fit(turned, DISPUTE, RULE, prior=prior)
    assert isinstance(learned, Blend) or (learned is not None and learned.own_weight >= SHARES[-2])
    likely = learned.probability(turned.values)
    assert evaluate(turned.labels, likely, turned.clients, draws=1)["auc"] == pytest.approx(1, abs=0.02)


def test_an_adapted_model_adds_up_to_its_log_odds(prior: Blend) -> None:
    found = rows(1500)
    for positives in (5, 40, 300):
        learned = fit(with_outcomes(found, positives=positives, negatives=900), DISPUTE, RULE, prior=prior)
        assert learned is not None
        said = learned.calibration.slope * learned.log_odds(found.values) + learned.calibration.offset
        base = said - learned.contributions(found.values).sum(axis=1)
        assert base == pytest.approx(np.full(len(base), base[0]), abs=1e-6)
        assert learned.probability(found.values) == pytest.approx(expit(said))
