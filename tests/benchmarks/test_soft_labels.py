"""Soft labels: the metrics of the field where p is 0 or 1, and their mean over redrawn outcomes where it is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss, roc_auc_score

from benchmarks.soft_labels import BINS, METRICS, Cut, Floats, Prepared, Rows, Scorer, measure

AUC, LOG_LOSS, PRECISION, MONEY, RATIO, ECE = range(len(METRICS))


def rows_of(truth: Floats, *, stake: Floats | None = None, worklist: object = None) -> Rows:
    size = len(truth)
    lists = np.zeros(size, dtype=np.int64) if worklist is None else np.asarray(worklist, dtype=np.int64)
    return Rows(truth, np.ones(size) if stake is None else stake, lists, np.arange(size, dtype=np.int64))


def values_of(rows: Rows, scores: Floats, *, likelihood: bool = True, capacity: float = 0.2) -> Floats:
    return Prepared(rows, Scorer("one", scores, likelihood), capacity=capacity).at(np.ones(len(scores)))


@st.composite
def scored(draw: st.DrawFn) -> tuple[Floats, Floats]:
    size = draw(st.integers(2, 50))
    labels = np.array([0, 1, *draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))], dtype=float)
    return labels, np.array(draw(st.lists(st.integers(1, 9), min_size=size + 2, max_size=size + 2))) / 10


@settings(deadline=None)
@given(scored())
def test_where_the_truth_is_certain_they_are_the_metrics_of_the_field(found: tuple[Floats, Floats]) -> None:
    labels, scores = found
    values = values_of(rows_of(labels), scores)
    assert values[AUC] == pytest.approx(roc_auc_score(labels, scores), abs=1e-9)
    assert values[LOG_LOSS] == pytest.approx(log_loss(labels, scores), abs=1e-9)


def firm(rng: np.random.Generator, size: int = 400) -> tuple[Rows, Floats]:
    """Rare outcomes, money, four worklists, and a score that knows something of the truth."""
    truth = rng.beta(0.6, 6, size)
    scores = np.clip(truth * rng.lognormal(0, 0.6, size), 0.001, 0.999)
    return rows_of(truth, stake=rng.lognormal(8, 1, size), worklist=np.arange(size) % 4), scores


def test_they_are_the_mean_over_redrawn_outcomes() -> None:
    """Ratios of sums (AUC, money, calibration) have a bias of the order of one over the outcomes drawn: the rows are many enough for it."""
    rng = np.random.default_rng(11)
    rows, scores = firm(rng, size=2000)
    soft = values_of(rows, scores)
    redraws = np.array(
        [
            values_of(Rows((rng.random(len(scores)) < rows.truth).astype(float), rows.stake, rows.worklist, rows.cluster), scores)
            for _ in range(500)
        ]
    )
    error = redraws.std(axis=0) / 500**0.5
    for metric in (AUC, LOG_LOSS, PRECISION, MONEY, RATIO):
        assert abs(redraws[:, metric].mean() - soft[metric]) < 4 * error[metric] + 1e-3, METRICS[metric]


def test_soft_labels_are_the_quieter_ones() -> None:
    """What they are for: the same firm drawn again moves a metric on outcomes, and moves none on probabilities."""
    rng = np.random.default_rng(12)
    rows, scores = firm(rng)
    realised = [
        values_of(Rows((rng.random(400) < rows.truth).astype(float), rows.stake, rows.worklist, rows.cluster), scores) for _ in range(50)
    ]
    assert np.std(realised, axis=0)[PRECISION] > 0.02


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_the_truth_itself_is_the_best_there_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, scores = firm(rng, size=60)
    best, other = values_of(rows, rows.truth), values_of(rows, scores)
    assert best[RATIO] == pytest.approx(1)
    assert best[ECE] == pytest.approx(0)
    assert best[LOG_LOSS] <= other[LOG_LOSS] + 1e-12
    for metric in (AUC, PRECISION):
        assert best[metric] >= other[metric] - 1e-12
    assert best[PRECISION] >= rows.truth.mean() - 1e-12


@settings(deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 0.99))
def test_a_constant_ranks_nothing(seed: int, constant: float) -> None:
    rows, _ = firm(np.random.default_rng(seed), size=60)
    values = values_of(rows, np.full(60, constant), likelihood=False, capacity=0.25)
    assert values[AUC] == pytest.approx(0.5)
    assert values[PRECISION] == pytest.approx(rows.truth.mean())
    assert values[MONEY] == pytest.approx(0.25)
    assert np.isnan(values[[LOG_LOSS, RATIO, ECE]]).all()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=40), st.floats(0.05, 1))
def test_a_cut_takes_its_share_of_each_worklist_and_the_best_of_it(found: list[tuple[int, int, int]], share: float) -> None:
    worklist, scores, weights = (np.array(column) for column in zip(*found, strict=True))
    taken = Cut.of(scores.astype(float), worklist).taken(weights.astype(float), share)
    for one in np.unique(worklist):
        inside = worklist == one
        assert taken[inside].sum() == pytest.approx(share * weights[inside].sum())
        full, some = inside & (taken >= weights - 1e-9), inside & (taken > 1e-9)
        if some.any() and (inside & ~full).any():
            assert scores[some].min() >= scores[inside & ~full].max()


def test_money_is_ranked_by_expected_loss_where_the_score_is_a_likelihood() -> None:
    rows = rows_of(np.array([0.5, 0.4, 0.1, 0.1]), stake=np.array([1.0, 100.0, 1.0, 1.0]))
    assert values_of(rows, rows.truth, capacity=0.25)[MONEY] == pytest.approx(40 / 40.7)
    assert values_of(rows, rows.truth, likelihood=False, capacity=0.25)[MONEY] == pytest.approx(0.5 / 40.7)


def test_weights_count_as_so_many_rows() -> None:
    rng = np.random.default_rng(3)
    rows, scores = firm(rng, size=80)
    times = rng.integers(0, 4, 80)
    again = Rows(
        np.repeat(rows.truth, times), np.repeat(rows.stake, times), np.repeat(rows.worklist, times), np.repeat(rows.cluster, times)
    )
    weighed = Prepared(rows, Scorer("one", scores, likelihood=True), capacity=0.3).at(times.astype(float))
    repeated = values_of(again, np.repeat(scores, times), capacity=0.3)
    # Bins of equal mass are those of the rows as they are: only what is no bin's must agree.
    np.testing.assert_allclose(weighed[:ECE], repeated[:ECE])


def test_the_interval_is_paired_and_wider_where_rows_hang_together() -> None:
    rng = np.random.default_rng(4)
    rows, scores = firm(rng)
    model, rule = Scorer("model", scores, likelihood=True), Scorer("rule", rows.stake, likelihood=False)
    alone = measure(rows, [model, rule, Scorer("truth", rows.truth, likelihood=True)], capacity=0.1, draws=200)
    found, drawn = alone.less("auc", 0, 1)
    assert found == pytest.approx(alone.values[0, AUC] - alone.values[1, AUC])
    np.testing.assert_allclose(drawn, alone.drawn[:, 0, AUC] - alone.drawn[:, 1, AUC])
    share, _ = alone.share_of_gain("auc", model=0, rule=1, ceiling=2)
    assert 0 < share < 1
    assert alone.share_of_gain("auc", model=2, rule=1, ceiling=2)[0] == pytest.approx(1)
    assert np.isnan(alone.share_of_gain("auc", model=0, rule=1, ceiling=1)[0])
    by_truth = np.argsort(np.argsort(rows.truth)) // 40
    together = measure(Rows(rows.truth, rows.stake, rows.worklist, by_truth), [model], capacity=0.1, draws=200)
    assert np.std(together.drawn[:, 0, PRECISION]) > np.std(alone.drawn[:, 0, PRECISION])


def test_the_floor_is_what_a_calibrated_score_shows() -> None:
    """A score that is right on average in each of its values, over rows that are not: the error found is near its floor, never nought."""
    rng = np.random.default_rng(8)
    scores = np.repeat(np.linspace(0.05, 0.5, BINS), 40)
    truth = np.clip(scores + rng.normal(0, 0.03, len(scores)), 0, 1)
    found = measure(rows_of(truth), [Scorer("one", scores, likelihood=True)], capacity=0.1, draws=300)
    assert found.floor[0] == pytest.approx(found.values[0, ECE], rel=0.6)
    off = measure(rows_of(truth), [Scorer("off", scores + 0.05, likelihood=True)], capacity=0.1, draws=300)
    assert off.values[0, ECE] > 5 * off.floor[0]


def test_the_best_rule_is_chosen_for_each_metric() -> None:
    rng = np.random.default_rng(9)
    rows, scores = firm(rng)
    amount, share = Scorer("amount", rows.stake, likelihood=False), Scorer("share", scores, likelihood=True)
    found = measure(rows, [amount, share], capacity=0.1, draws=0)
    assert found.best("auc", (0, 1)) == 1
    assert found.best("log_loss", (0, 1)) == 1
    assert found.best("log_loss", (0,)) is None
