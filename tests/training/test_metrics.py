"""Metrics against scikit-learn, and intervals against what they promise."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from training.metrics import METRICS, auc, average_precision, calibration, compared, evaluate, interval

Floats = NDArray[np.float64]
ORACLES = {"auc": roc_auc_score, "pr_auc": average_precision_score, "brier": brier_score_loss, "log_loss": log_loss}


@st.composite
def scored(draw: st.DrawFn) -> tuple[Floats, Floats, Floats]:
    """Labels of both kinds, scores with ties, and whole weights of which some are nought."""
    size = draw(st.integers(4, 60))
    labels = np.array([0, 1, *draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))], dtype=float)
    scores = np.array(draw(st.lists(st.integers(1, 9), min_size=size + 2, max_size=size + 2))) / 10
    weights = np.array([1, 1, *draw(st.lists(st.integers(0, 4), min_size=size, max_size=size))], dtype=float)
    return labels, scores, weights


@pytest.mark.parametrize("name", METRICS)
@given(found=scored())
def test_a_metric_is_the_one_that_the_field_computes(name: str, found: tuple[Floats, Floats, Floats]) -> None:
    labels, scores, weights = found
    assert METRICS[name](labels, scores, weights) == pytest.approx(ORACLES[name](labels, scores, sample_weight=weights), abs=1e-9)


@given(scored())
def test_weights_count_as_so_many_rows(found: tuple[Floats, Floats, Floats]) -> None:
    labels, scores, weights = found
    times = weights.astype(int)
    for metric in METRICS.values():
        repeated = metric(np.repeat(labels, times), np.repeat(scores, times), np.ones(times.sum()))
        assert metric(labels, scores, weights) == pytest.approx(repeated, abs=1e-9)


def test_without_both_outcomes_nothing_is_ranked() -> None:
    scores, weights = np.array([0.1, 0.7]), np.ones(2)
    assert np.isnan(auc(np.ones(2), scores, weights))
    assert np.isnan(auc(np.zeros(2), scores, weights))
    assert np.isnan(average_precision(np.zeros(2), scores, weights))
    found = evaluate(np.zeros(2), scores, np.array([1, 2]))
    assert found["auc"] is None
    assert found["intervals"]["auc"] is None  # type: ignore[index]


@pytest.mark.parametrize(
    ("positives", "negatives", "clusters", "told"),
    [(5, 5, 5, True), (4, 40, 20, False), (40, 4, 20, False), (40, 40, 4, False), (1, 1, 2, False), (5, 200, 100, True)],
)
def test_of_too_few_no_interval_is_told(positives: int, negatives: int, clusters: int, told: bool) -> None:  # noqa: FBT001
    labels = np.repeat([1.0, 0.0], [positives, negatives])
    scores = np.linspace(0.9, 0.1, len(labels))
    of = np.arange(len(labels)) % clusters
    found = evaluate(labels, scores, of, draws=50)
    assert {one is not None for one in found["intervals"].values()} == {told}  # type: ignore[attr-defined]
    assert found["pr_auc"] == 1.0
    less = compared(labels, scores, scores / 2, of, draws=50)
    assert {one["interval"] is not None for one in less.values()} == {told}  # type: ignore[index]
    assert all(one["difference"] is not None for one in less.values())  # type: ignore[index]


def drawn(rng: np.random.Generator, *, clusters: int, size: int) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Clients with a likelihood of their own, which is what the score says: as good as a score can be."""
    each = np.repeat(rng.beta(2, 3, clusters), size)
    return (rng.random(clusters * size) < each).astype(float), each, np.repeat(np.arange(clusters), size)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    labels, scores, _ = drawn(rng, clusters=4000, size=10)
    truth = auc(labels, scores, np.ones(len(labels)))
    held = 0
    for _ in range(60):
        labels, scores, clusters = drawn(rng, clusters=40, size=10)
        low, high = evaluate(labels, scores, clusters, draws=200)["intervals"]["auc"]  # type: ignore[index]
        held += int(low <= truth <= high)
    assert held >= 51


def test_clients_whose_invoices_hang_together_give_a_wider_interval() -> None:
    labels, scores, clusters = drawn(np.random.default_rng(6), clusters=20, size=30)
    together, apart = (evaluate(labels, scores, one)["intervals"]["brier"] for one in (clusters, np.arange(len(labels))))  # type: ignore[index]
    assert together[1] - together[0] > 1.5 * (apart[1] - apart[0])


def test_the_same_question_has_the_same_answer_and_goes_into_json() -> None:
    labels, scores, clusters = drawn(np.random.default_rng(7), clusters=10, size=8)
    assert json.dumps(evaluate(labels, scores, clusters)) == json.dumps(evaluate(labels, scores, clusters))


def test_a_comparison_is_paired() -> None:
    """Two scores that are nearly one differ with near certainty, however uncertain each is."""
    labels, scores, clusters = drawn(np.random.default_rng(8), clusters=30, size=10)
    same = compared(labels, scores, scores, clusters)
    assert all(one == {"difference": 0.0, "interval": [0.0, 0.0]} for one in same.values())
    bent = compared(labels, scores, np.clip(scores + 0.2, 0, 1), clusters)["brier"]
    alone = evaluate(labels, scores, clusters)["intervals"]["brier"]  # type: ignore[index]
    assert bent["difference"] == pytest.approx(-0.04, abs=0.02)  # type: ignore[index]
    assert bent["interval"][1] < 0  # type: ignore[index]
    assert alone[0] < alone[1]


def test_an_interval_is_the_middle_of_what_was_drawn() -> None:
    assert interval([float(number) for number in range(1001)]) == [25.0, 975.0]
    assert interval([1.0, float("nan"), 3.0]) == [1.05, 2.95]
    assert interval([float("nan")]) is None
    assert interval([]) is None


def test_calibration_is_told_from_chance() -> None:
    rng = np.random.default_rng(9)
    labels, scores, _ = drawn(rng, clusters=800, size=5)
    honest, boastful = calibration(labels, scores), calibration(labels, scores**0.5)
    assert honest["ece"] < 2 * honest["ece_by_chance"]  # type: ignore[operator]
    assert honest["predicted_to_observed"] == pytest.approx(1, abs=0.05)
    assert boastful["ece"] > 5 * boastful["ece_by_chance"]  # type: ignore[operator]
    assert boastful["predicted_to_observed"] > 1.3  # type: ignore[operator]
    assert sum(one["n"] for one in honest["bins"]) == len(labels)  # type: ignore[attr-defined]


def test_what_never_happened_has_no_ratio() -> None:
    assert calibration(np.zeros(4), np.full(4, 0.2))["predicted_to_observed"] is None
