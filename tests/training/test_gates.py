"""When a model abstains, and in which band the simple rule ranks: planted failures are found, sound models and luck are not."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.calibration import expit
from models.collections import COLLECTIONS
from models.footing import band_says, ruled_rows
from training.gates import ENOUGH_TO_JUDGE, LEAST_ROWS, abstains, by_segment, ruled_bands
from training.metrics import compared, evaluate

Floats = NDArray[np.float64]
SEGMENT = COLLECTIONS.segments[0]
PLACE = COLLECTIONS.features.index(SEGMENT.feature)


def judged(labels: Floats, model: Floats, rule: Floats, *, clients: int = 60) -> dict[str, Any]:
    clusters = np.arange(len(labels)) % clients
    return {
        "modelled": True,
        "model": evaluate(labels, model, clusters, draws=200),
        "rule": evaluate(labels, rule, clusters, draws=200),
        "model_less_rule": compared(labels, model, rule, clusters, draws=200),
    }


def drawn(size: int, *, seed: int = 1, told: float = 1.0) -> tuple[Floats, Floats]:
    """Likelihoods and outcomes; `told`: how much the first say of the second."""
    draw = np.random.default_rng(seed)
    score = draw.normal(-1.5, 1, size)
    return expit(score), (draw.random(size) < expit(told * score + (1 - told) * -1.2)).astype(float)


def test_where_nothing_can_be_foretold_the_model_abstains_and_says_what_was_measured() -> None:
    model, labels = drawn(1200, told=0.0)
    said = abstains(judged(labels, model, np.full(len(labels), labels.mean())))
    assert said.startswith(
        f"The model abstains: on 1,200 tested, {int(labels.sum()):,} with the outcome, it told them apart no better than"
    )
    assert "AUC 0." in said
    assert "the simple rule 0.50" in said


def test_of_a_handful_of_clients_nothing_is_asked_however_many_outcomes() -> None:
    model, labels = drawn(1200, told=0.0)
    rule = np.full(len(labels), labels.mean())
    assert abstains(judged(labels, model, rule, clients=5)) != ""
    assert abstains(judged(labels, model, rule, clients=4)) == ""


def test_a_model_that_tells_things_apart_ranks() -> None:
    model, labels = drawn(1200)
    assert abstains(judged(labels, model, np.full(len(labels), labels.mean()))) == ""


def test_a_model_that_is_worse_than_the_rule_abstains() -> None:
    rule, labels = drawn(1200)
    assert "its likelihoods were worse than the simple rule's" in abstains(judged(labels, np.clip(rule * 3, 0, 0.99), rule))


@pytest.mark.parametrize(("outcomes", "judges"), [(ENOUGH_TO_JUDGE - 1, False), (ENOUGH_TO_JUDGE, True)])
def test_of_very_few_outcomes_nothing_is_asked(outcomes: int, judges: bool) -> None:  # noqa: FBT001 - a case
    labels = np.r_[np.ones(outcomes), np.zeros(400)]
    model = np.random.default_rng(3).random(len(labels))
    assert bool(abstains(judged(labels, model, np.full(len(labels), 0.05)))) is judges


def test_what_was_not_modelled_or_not_tested_does_not_abstain() -> None:
    model, labels = drawn(500, told=0.0)
    assert abstains(None) == ""
    assert abstains({**judged(labels, model, model), "modelled": False}) == ""


def segments(*, bad: bool, seed: int = 5) -> list[dict[str, Any]]:
    """A backtest of which new clients are scored the wrong way round, or not."""
    size = 2000
    model, labels = drawn(size, seed=seed)
    values = np.full((size, len(COLLECTIONS.features)), np.nan)
    values[:, PLACE] = np.tile([30.0, 400.0, 500.0, 900.0], size // 4)
    new = values[:, PLACE] < SEGMENT.borders[0]
    said = np.where(new & bad, 1 - model, model)
    rule = np.full(size, labels.mean())
    return by_segment(COLLECTIONS, values, labels=labels, model=said, rule=rule, clusters=np.arange(size) % 50)


def test_a_planted_bad_segment_is_ruled_and_no_other() -> None:
    found = segments(bad=True)
    [ruled] = [one for one in found if one["ruled"] and one["band"]["feature"] == SEGMENT.feature.name]
    assert ruled["says"] == "client tenure under 180 days"
    assert ruled["ruled"].startswith(
        "Ranked by rule and amount only, client tenure under 180 days: on 500 tested there the model did worse"
    )
    assert ruled["model_less_rule"]["interval"][0] > 0


@pytest.mark.parametrize("seed", range(5, 10))
def test_a_sound_model_is_ruled_nowhere(seed: int) -> None:
    assert ruled_bands(segments(bad=False, seed=seed)) == ()


def test_a_band_of_few_rows_is_not_judged_by_itself() -> None:
    size = LEAST_ROWS - 1
    model, labels = drawn(size)
    values = np.full((size, len(COLLECTIONS.features)), 30.0)
    found = by_segment(COLLECTIONS, values, labels=labels, model=1 - model, rule=model, clusters=np.arange(size))
    assert ruled_bands(found) == ()


def test_rows_of_a_ruled_band_are_told_why_and_others_not() -> None:
    values = np.zeros((4, len(COLLECTIONS.features)))
    values[:, PLACE] = [10, 179, 180, np.nan]
    why = ruled_rows(ruled_bands(segments(bad=True)), COLLECTIONS.features, values)
    assert [bool(one) for one in why] == [True, True, False, False]


def test_bands_are_exhaustive_and_disjoint_and_read_well() -> None:
    values = np.array([0.0, 179.9, 180.0, 5000.0, np.nan])
    bands = SEGMENT.bands(values)
    assert [band_says(SEGMENT, band) for band in bands] == [
        "client tenure under 180 days",
        "client tenure 180 days or more",
        "client tenure not known",
    ]
    assert np.array([band.holds(values) for band in bands]).sum(axis=0).tolist() == [1, 1, 1, 1, 1]
    thirds = COLLECTIONS.segments[1].bands(np.arange(1000.0, 31_000.0, 1000.0))
    assert [band_says(COLLECTIONS.segments[1], band) for band in thirds] == [
        "invoice amount under 10,667",
        "invoice amount 10,667 to 20,333",
        "invoice amount 20,333 or more",
    ]
