"""How good a likelihood is: ranking, calibration, and both with intervals that respect that one client's invoices hang together."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Metric = Callable[[Floats, Floats, Floats], float]

DRAWS: Final = 1000
LEAST_TOLD: Final = 5
"""Outcomes of either kind, and clusters, below which there is no interval. Of so many of a kind one draw in 150 (e to the minus 5) holds
none and falls out; of two, one in seven: what is left is the interval of other records, and its ends are those of single rows."""
TOO_FEW: Final = "too few for an interval"
_TINY: Final = 1e-6
"""No likelihood is certain: log loss counts at most this far from nought and one."""


def auc(labels: Floats, scores: Floats, weights: Floats) -> float:
    """Chance that a positive outranks a negative, ties half. NaN without both."""
    order = np.argsort(scores, kind="stable")
    y, w, s = labels[order], weights[order], scores[order]
    starts = np.flatnonzero(np.r_[True, s[1:] != s[:-1]])
    positive, negative = np.add.reduceat(w * y, starts), np.add.reduceat(w * (1 - y), starts)
    if not positive.sum() or not negative.sum():
        return float("nan")
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum() / (positive.sum() * negative.sum()))


def average_precision(labels: Floats, scores: Floats, weights: Floats) -> float:
    """Area under precision and recall, as steps. NaN without positives."""
    order = np.argsort(-scores, kind="stable")
    y, w, s = labels[order], weights[order], scores[order]
    ends = np.flatnonzero(np.r_[s[1:] != s[:-1], True])
    caught, flagged = np.cumsum(w * y)[ends], np.cumsum(w)[ends]
    if not caught[-1]:
        return float("nan")
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(flagged > 0, caught / flagged, 0.0)
    return float((precision * np.diff(np.r_[0.0, caught])).sum() / caught[-1])


def brier(labels: Floats, scores: Floats, weights: Floats) -> float:
    return float(np.average((scores - labels) ** 2, weights=weights))


def log_loss(labels: Floats, scores: Floats, weights: Floats) -> float:
    p = np.clip(scores, _TINY, 1 - _TINY)
    return float(np.average(-(labels * np.log(p) + (1 - labels) * np.log(1 - p)), weights=weights))


METRICS: Final[Mapping[str, Metric]] = MappingProxyType({"auc": auc, "pr_auc": average_precision, "brier": brier, "log_loss": log_loss})


def evaluate(labels: Floats, scores: Floats, clusters: NDArray[np.int64], *, seed: int = 7, draws: int = DRAWS) -> dict[str, object]:
    """Each metric with its 95 % interval over whole clusters drawn again, n and positives; intervals are None where `too_few`."""
    ones = np.ones(len(labels))
    draws = 0 if too_few(labels, clusters) else draws
    drawn = [_each(labels, scores, weights) for weights in redrawn(clusters, seed=seed, draws=draws)]
    return {
        **{name: _number(metric(labels, scores, ones)) for name, metric in METRICS.items()},
        "n": len(labels),
        "positives": int(labels.sum()),
        "intervals": {name: interval([one[name] for one in drawn]) for name in METRICS},
        "calibration": calibration(labels, scores),
    }


def too_few(labels: Floats, clusters: NDArray[np.int64]) -> bool:
    """Whether an interval would mean nothing."""
    return bool(min(labels.sum(), len(labels) - labels.sum(), len(np.unique(clusters))) < LEAST_TOLD)


def _each(labels: Floats, scores: Floats, weights: Floats) -> dict[str, float]:
    return {name: metric(labels, scores, weights) for name, metric in METRICS.items()}


def compared(
    labels: Floats, model: Floats, rule: Floats, clusters: NDArray[np.int64], *, seed: int = 7, draws: int = DRAWS
) -> dict[str, object]:
    """Model less rule, paired on the same draws: each metric's difference with its 95 % interval, None where `too_few`."""
    ones = np.ones(len(labels))
    differences: dict[str, list[float]] = {name: [] for name in METRICS}
    for weights in redrawn(clusters, seed=seed, draws=0 if too_few(labels, clusters) else draws):
        for name, metric in METRICS.items():
            differences[name].append(metric(labels, model, weights) - metric(labels, rule, weights))
    return {
        name: {"difference": _number(metric(labels, model, ones) - metric(labels, rule, ones)), "interval": interval(differences[name])}
        for name, metric in METRICS.items()
    }


def calibration(labels: Floats, scores: Floats, *, bins: int = 10) -> dict[str, object]:
    """Expected calibration error over bins of equal mass, what chance alone would give, and mean predicted over observed."""
    order = np.argsort(scores, kind="stable")
    groups = [group for group in np.array_split(order, bins) if len(group)]
    error = sum(len(group) * abs(scores[group].mean() - labels[group].mean()) for group in groups) / max(len(labels), 1)
    rng = np.random.default_rng(7)
    chance = [
        sum(len(group) * abs(scores[group].mean() - drawn[group].mean()) for group in groups) / max(len(labels), 1)
        for drawn in (rng.random((50, len(labels))) < scores).astype(float)
    ]
    return {
        "ece": _number(error),
        "ece_by_chance": _number(float(np.mean(chance))),
        "predicted_to_observed": _number(float(scores.sum() / labels.sum())) if labels.sum() else None,
        "bins": [
            {"n": len(group), "predicted": _number(scores[group].mean()), "observed": _number(labels[group].mean())} for group in groups
        ],
    }


def interval(values: list[float]) -> list[float] | None:
    """Middle 95 % of the draws that have a value."""
    kept = [value for value in values if not np.isnan(value)]
    return [_number(float(np.quantile(kept, q))) or 0.0 for q in (0.025, 0.975)] if kept else None


def redrawn(clusters: NDArray[np.int64], *, seed: int = 7, draws: int = DRAWS) -> Iterator[Floats]:
    """Weights of the rows when whole clusters are drawn again with replacement."""
    rng = np.random.default_rng(seed)
    names, member = np.unique(clusters, return_inverse=True)
    for _ in range(draws if len(names) else 0):
        times = np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))
        yield times[member].astype(np.float64)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)


def mean_interval(values: Floats, clusters: NDArray[np.int64]) -> list[float] | None:
    """Of a mean over rows, by drawing whole clusters."""
    rng = np.random.default_rng(7)
    names, member = np.unique(clusters, return_inverse=True)
    sums, counts = np.bincount(member, weights=values), np.bincount(member)
    draws = rng.integers(len(names), size=(1000, len(names)))
    return interval(list(sums[draws].sum(axis=1) / counts[draws].sum(axis=1)))
