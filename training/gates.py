"""Gates: where the backtest does not bear a model out, the simple rule ranks in its place, everywhere or in a segment; and says why.

A model must tell things apart better than chance, and be no worse than the rule that a person would use. Both are asked with their
interval, so that luck decides neither way; of very few outcomes nothing is asked, and the model stays provisional.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.footing import Ruled, band_says
from models.risk import Risk
from models.segment import Band

Floats = NDArray[np.float64]

ENOUGH_TO_JUDGE: Final = 20
"""Tested outcomes below which a backtest cannot tell a model from chance: with twenty an AUC of 0.63 is told from 0.5, and no less."""
LEAST_ROWS: Final = 100
LEAST_OUTCOMES: Final = 10
"""Of either kind in a band, to judge it by itself: with fewer its log loss hangs on single rows."""
BAND_INTERVAL: Final = (0.005, 0.995)
"""Some ten bands are asked at once: at 95 % one in four sound models would be ruled somewhere."""
RATIO_BOUNDS: Final = (0.67, 1.5)
"""Mean predicted over observed beyond which expected money is off by half."""
DRAWS: Final = 1000
ONE_SIDED: Final = 1.2816 / 1.96
"""What of the lower half of a 95 % interval a lower 90 % bound takes. At 95 % both ways, weak but real models of some sixty outcomes would
be silenced with useless ones; of the useless, one in ten is let through."""
CHANCE: Final = 0.5
"""AUC of an order that a coin gives."""


def abstains(overall: Mapping[str, Any] | None) -> str:
    """Why the simple rule is to rank by a target, as a sentence with what was measured; empty where the model may, or cannot be judged."""
    if overall is None or not overall["modelled"] or _fewest(overall["model"]) < ENOUGH_TO_JUDGE:
        return ""
    if overall["model"]["intervals"]["auc"] is None:
        # Of a handful of clients, however many outcomes: what would hold of the next one nobody can say.
        return ""
    model, rule, less = overall["model"], overall["rule"], overall["model_less_rule"]
    measured = f"on {model['n']:,} tested, {model['positives']:,} with the outcome"
    if _least_auc(model) <= CHANCE:
        return (
            f"The model abstains: {measured}, it told them apart no better than chance "
            f"(AUC {_with_interval(model, 'auc')}; the simple rule {rule['auc']:.2f})."
        )
    worse = (less["log_loss"]["interval"] or [0.0])[0] > 0
    if worse:
        return (
            f"The model abstains: {measured}, its likelihoods were worse than the simple rule's "
            f"(log loss {model['log_loss']:.3f}, the rule's {rule['log_loss']:.3f})."
        )
    return ""


def _least_auc(model: Mapping[str, Any]) -> float:
    """Lower bound of the AUC at ONE_SIDED, from its 95 % interval as if it were normal."""
    return float(model["auc"] - (model["auc"] - model["intervals"]["auc"][0]) * ONE_SIDED)


def _fewest(model: Mapping[str, Any]) -> int:
    return int(min(model["positives"], model["n"] - model["positives"]))


def _with_interval(found: Mapping[str, Any], metric: str) -> str:
    low, high = found["intervals"][metric]
    return f"{found[metric]:.2f}, {low:.2f} to {high:.2f}"


def by_segment(
    risk: Risk, values: Floats, *, labels: Floats, model: Floats, rule: Floats, clusters: NDArray[np.int64]
) -> list[dict[str, Any]]:
    """Each band of each segment with n, outcomes, log loss of model and rule, their difference and predicted over observed with intervals.

    `values`: rows x features of the risk. `ruled` says why the rule is to rank there, or nothing.
    """
    losses = _loss(model, labels), _loss(rule, labels)
    overall = float((losses[0] - losses[1]).mean()) if len(labels) else 0.0
    found = []
    for segment in risk.segments:
        column = values[:, risk.features.index(segment.feature)]
        for band in segment.bands(column):
            own = band.holds(column)
            told = _told(*(one[own] for one in (*losses, labels, model, rule)), clusters=clusters[own], overall=overall)
            says = band_says(segment, band)
            found.append({"says": says, "band": vars(band), **told, "ruled": _ruled(says, told)})
    return found


def ruled_bands(segments: list[dict[str, Any]]) -> tuple[Ruled, ...]:
    """Of a backtest's segments."""
    return tuple(Ruled(Band(**one["band"]), one["ruled"]) for one in segments if one["ruled"])


def _told(
    model_loss: Floats, rule_loss: Floats, labels: Floats, model: Floats, rule: Floats, *, clusters: NDArray[np.int64], overall: float
) -> dict[str, Any]:
    """The difference is drawn to that of all rows as if LEAST_ROWS of them stood in the band too."""
    weight = len(labels) / (len(labels) + LEAST_ROWS)
    difference = weight * (model_loss - rule_loss) + (1 - weight) * overall
    sums = _drawn(clusters, np.column_stack([np.ones(len(labels)), difference, model, labels]))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = sums[:, 2] / sums[:, 3]
    observed = float(labels.sum())
    return {
        "n": len(labels),
        "positives": int(observed),
        "model_log_loss": round(float(model_loss.mean()), 4),
        "rule_log_loss": round(float(rule_loss.mean()), 4),
        "model_less_rule": {"value": round(float(difference.mean()), 5), "interval": _interval(sums[:, 1] / sums[:, 0])},
        "predicted_to_observed": {"value": round(float(model.sum()) / observed, 3) if observed else None, "interval": _interval(ratios)},
        "rule_to_observed": round(float(rule.sum()) / observed, 3) if observed else None,
    }


def _ruled(says: str, told: Mapping[str, Any]) -> str:
    if told["n"] < LEAST_ROWS or min(told["positives"], told["n"] - told["positives"]) < LEAST_OUTCOMES:
        return ""
    where = f"Ranked by rule and amount only, {says}: on {told['n']:,} tested there"
    if told["model_less_rule"]["interval"][0] > 0:
        losses = f"log loss {told['model_log_loss']:.3f}, the rule's {told['rule_log_loss']:.3f}"
        return f"{where} the model did worse than the simple rule ({losses})."
    ratio, (low, high) = told["predicted_to_observed"]["value"], told["predicted_to_observed"]["interval"]
    off = high < RATIO_BOUNDS[0] or low > RATIO_BOUNDS[1]
    if off and abs(np.log(told["rule_to_observed"])) < abs(np.log(ratio)):
        return f"{where} it predicted {ratio:.2f} times what happened."
    return ""


def _loss(probability: Floats, labels: Floats) -> Floats:
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.asarray(-(labels * np.log(p) + (1 - labels) * np.log(1 - p)), dtype=np.float64)


def _drawn(clusters: NDArray[np.int64], columns: Floats) -> Floats:
    """Sums of each column over whole clusters drawn again: draws x columns."""
    names, member = np.unique(clusters, return_inverse=True)
    sums = np.zeros((len(names), columns.shape[1]))
    np.add.at(sums, member, columns)
    chosen = np.random.default_rng(7).integers(len(names), size=(DRAWS, len(names)))
    return np.asarray(sums[chosen].sum(axis=1))


def _interval(drawn: Floats) -> list[float]:
    kept = drawn[np.isfinite(drawn)]
    return [round(float(one), 5) for one in np.quantile(kept, BAND_INTERVAL)] if len(kept) else [0.0, 0.0]
