"""Fit the champion's form on matured rows: monotone trees, ridge logistic regression, and a calibration learned out of time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize
from sklearn.linear_model import LogisticRegression

from features.feature import Feature, Unit
from features.windows import AS_OF
from models.calibration import Sigmoid, expit
from models.estimators.blend import Blend, Start
from models.estimators.boosting import ROUNDS, Boosting
from models.estimators.linear import Linear, Scaling, Shape, shaped
from models.risk import Risk
from records.known import DAY
from training.labels import DECIDED_AT, LABEL

Floats = NDArray[np.float64]

ENOUGH_POSITIVES: Final = 60
"""Below this many entities with a matured outcome, of either kind, no model: a rate of a few cases is better
told by the rule and the prior that it is drawn to."""


@dataclass(frozen=True)
class Strength:
    """How far a fit may depart from the simple rule: rounds of boosting, and the inverse strength of the ridge."""

    rounds: int
    ridge: float


UNTRIED: Final = Strength(30, 0.01)
"""Where too few outcomes lie ahead of any fit to try them on."""
STRENGTHS: Final = (Strength(10, 0.003), UNTRIED, Strength(70, 0.05), Strength(ROUNDS, 0.3))
"""From hardly to freely: a firm with thirty disputes on record can bear the first, one with a thousand the last."""
_FREE: Final = 10.0
"""A column ten times as large is penalised a hundredth as much."""
_BLOCKS: Final = 5
"""Out-of-time folds inside training from which the calibration is learned."""
CALIBRATION_SPREAD: Final = 0.25
"""How far slope and offset are expected to lie from 1 and 0: a ridge fit is nearly calibrated, and a quarter turns 8 in 10 into 7.5."""
_SHAPES: Final[Mapping[Unit, Shape]] = MappingProxyType(
    {
        **dict.fromkeys(("money", "count", "days", "lateness", "shift", "due", "ratio"), "log"),
        "share": "log_odds",
        **dict.fromkeys(("yes_no", "percent"), "plain"),
    }
)
_OUTER: Final = (1.0, 99.0)
"""Percentiles to which the linear part clips: one invoice a hundred times the usual must not decide a likelihood."""

_FURTHEST: Final = 20.0
"""Log-odds: no anchor lies further off."""
_ROUNDING: Final = 1e-9
"""A column of one value has a spread of rounding errors; divided by it, it would not be nought."""


@dataclass(frozen=True)
class Rows:
    """Training rows as numbers: `values` rows x features (NaN for not known), one label, codes and instants each.

    Rows of one entity at several ages weigh as others do: weighed down, the slow payers, who live to be seen often, would be thinned out.
    """

    values: Floats
    labels: Floats
    entities: NDArray[np.int64]
    clients: NDArray[np.int64]
    as_of: NDArray[np.int64]
    decided_at: NDArray[np.int64]

    def take(self, which: NDArray[np.bool_]) -> "Rows":
        return Rows(
            self.values[which], self.labels[which], self.entities[which], self.clients[which], self.as_of[which], self.decided_at[which]
        )

    @property
    def positives(self) -> int:
        """Entities with the outcome: an invoice seen at three ages is one."""
        return len(np.unique(self.entities[self.labels == 1]))

    @property
    def negatives(self) -> int:
        return len(np.unique(self.entities[self.labels == 0]))


def matrix(frame: pl.DataFrame, features: Sequence[Feature]) -> Floats:
    """Rows x features, NaN for not known."""
    return frame.select(pl.col(one.name).cast(pl.Float64).fill_null(float("nan")) for one in features).to_numpy()


def rows_of(frame: pl.DataFrame, risk: Risk) -> Rows:
    """The rows that have a label, but for those of the burn-in."""
    burnt_in = pl.col(AS_OF) >= _burn_in_end(frame, risk)
    labelled = frame.filter(pl.col(LABEL).is_not_null() & burnt_in)
    return Rows(
        matrix(labelled, risk.features),
        labelled[LABEL].cast(pl.Float64).to_numpy(),
        labelled[risk.key].rank("dense").cast(pl.Int64).to_numpy(),
        labelled[risk.cluster].rank("dense").cast(pl.Int64).to_numpy(),
        labelled[AS_OF].to_numpy(),
        labelled[DECIDED_AT].to_numpy(),
    )


def _burn_in_end(frame: pl.DataFrame, risk: Risk) -> int:
    """Microseconds. In the first weeks of a firm's records every client looks blameless, and few are: those rows mislead."""
    if not frame.height:
        return 0
    begun, ended = frame[AS_OF].min(), frame[AS_OF].max()
    return int(begun + min(risk.burn_in_days * DAY, (ended - begun) // 3))  # type: ignore[operator, arg-type]


def fit(rows: Rows, risk: Risk, rule: Feature) -> Blend | None:
    """The calibrated blend, or None when there are too few outcomes of either kind for one. `rule` is one of the risk's features.

    How far it may depart from the rule, and its calibration, are what served best on rows that lay after everything seen.
    """
    if not _enough(rows):
        return None
    ahead = _out_of_time(rows, risk, rule)
    strength = min(ahead, key=lambda one: ahead[one].loss) if ahead else UNTRIED
    calibration = ahead[strength].calibration if ahead else Sigmoid(1.0, 0.0)
    anchored = _anchored(rows, risk, rule)[strength]
    return replace(anchored, calibration=_after(calibration, anchored.calibration))


def _enough(rows: Rows) -> bool:
    return min(rows.positives, rows.negatives) >= ENOUGH_POSITIVES


def _anchored(rows: Rows, risk: Risk, rule: Feature) -> dict[Strength, Blend]:
    """One blend for each strength, moved so that what it expects of its rows is what they had.

    Each half of a blend expects that; the mean of their log-odds expects less, by a tenth where outcomes are rare.
    """
    return {
        one: replace(blend, calibration=Sigmoid(1.0, _anchor(blend.log_odds(rows.values), rows.labels)))
        for one, blend in _blends(rows, risk, rule).items()
    }


def _anchor(log_odds: Floats, labels: Floats) -> float:
    return float(brentq(lambda offset: expit(log_odds + offset).mean() - labels.mean(), -_FURTHEST, _FURTHEST))


def _after(outer: Sigmoid, inner: Sigmoid) -> Sigmoid:
    """One calibration on top of another."""
    return Sigmoid(outer.slope * inner.slope, outer.slope * inner.offset + outer.offset)


def _blends(rows: Rows, risk: Risk, rule: Feature) -> dict[Strength, Blend]:
    """One blend for each strength: the trees are grown once, and cut short."""
    place = risk.features.index(rule)
    start = _start(rows, place)
    log_odds = start.log_odds(rows.values)
    trees = Boosting.fit(rows.values, rows.labels, start=log_odds, directions=[use.direction for use in risk.uses])
    usual = replace(start, usual=float(log_odds.mean()))
    scaling = _freed(scaling_of(rows.values, risk.features), place)
    return {one: Blend(usual, trees.first(one.rounds), _linear(rows, scaling, one.ridge), Sigmoid(1.0, 0.0)) for one in STRENGTHS}


def _start(rows: Rows, place: int) -> Start:
    share = shaped(rows.values[:, [place]], ("log_odds",))
    return Start(place, _sigmoid(share[:, 0], rows.labels), 0.0)


def _sigmoid(log_odds: Floats, labels: Floats) -> Sigmoid:
    """Almost no penalty: two numbers on at least some dozens of outcomes."""
    found = LogisticRegression(C=1e4).fit(log_odds[:, None], labels)
    return Sigmoid(float(found.coef_[0, 0]), float(found.intercept_[0]))


def _freed(scaling: Scaling, place: int) -> Scaling:
    """The rule's column scaled up, so that the ridge hardly holds it: what is shrunk is the departure from the rule."""
    return replace(scaling, spread=tuple(one / _FREE if column == place else one for column, one in enumerate(scaling.spread)))


def _linear(rows: Rows, scaling: Scaling, ridge: float) -> Linear:
    regression = LogisticRegression(C=ridge, max_iter=5000).fit(scaling.apply(rows.values), rows.labels)
    return Linear(scaling, float(regression.intercept_[0]), tuple(float(one) for one in regression.coef_[0]))


def scaling_of(values: Floats, features: Sequence[Feature]) -> Scaling:
    """Learned from training rows alone. A column without any value, or with one value only, is centred to nought."""
    shape = tuple(_SHAPES[one.unit] for one in features)
    columns = shaped(values, shape)
    filled = np.where(np.isnan(columns).all(axis=0), 0.0, columns)
    low, high = np.array([_outer(column) for column in filled.T]).T
    fill = np.nanmedian(filled, axis=0)
    clipped = np.clip(filled, low, high)
    whole = np.where(np.isnan(clipped), fill, clipped)
    spread = whole.std(axis=0)
    numbers = (low, high, fill, whole.mean(axis=0), np.where(spread > _ROUNDING, spread, 1.0))
    return Scaling(shape, *(tuple(float(one) for one in column) for column in numbers))


def _outer(column: Floats) -> tuple[float, float]:
    """Where to clip a column: percentiles of what is not its most frequent value.

    Of a signal that is nought on 99 drafts in 100 the 99th percentile of all rows is nought, and clipping to it would wipe the signal out.
    """
    known = column[~np.isnan(column)]
    values, counts = np.unique(known, return_counts=True)
    usual = values[counts.argmax()] if counts.max() * 2 > len(known) else np.nan
    others = known[known != usual]
    low, high = np.percentile(others if len(others) else known, _OUTER)
    return (float(low), float(high)) if np.isnan(usual) else (float(min(low, usual)), float(max(high, usual)))


@dataclass(frozen=True)
class _Ahead:
    """How a strength did on rows that lay after everything the predicting fit had seen."""

    loss: float
    calibration: Sigmoid


def _out_of_time(rows: Rows, risk: Risk, rule: Feature) -> dict[Strength, _Ahead]:
    """Empty where there are too few outcomes ahead to judge by."""
    borders = np.quantile(rows.as_of, np.linspace(0, 1, _BLOCKS + 1))[1:]
    log_odds: dict[Strength, list[Floats]] = {one: [] for one in STRENGTHS}
    labels: list[Floats] = []
    clients: list[NDArray[np.int64]] = []
    for start, end in pairwise(borders):
        past = rows.take(rows.decided_at <= start)
        ahead = rows.take((rows.as_of > start) & (rows.as_of <= end))
        if not _enough(past) or not len(ahead.labels):
            continue
        for strength, blend in _anchored(past, risk, rule).items():
            log_odds[strength].append(blend.log_odds(ahead.values) + blend.calibration.offset)
        labels.append(ahead.labels)
        clients.append(ahead.clients)
    seen = np.concatenate(labels) if labels else np.empty(0)
    if min(seen.sum(), len(seen) - seen.sum()) < ENOUGH_POSITIVES:
        return {}
    independent = len(np.unique(np.concatenate(clients)))
    return {one: _judged(np.concatenate(found), seen, independent=independent) for one, found in log_odds.items()}


def _judged(log_odds: Floats, labels: Floats, *, independent: int) -> _Ahead:
    calibration = _calibration(log_odds, labels, independent=independent)
    return _Ahead(_loss(calibration.apply(log_odds), labels), calibration)


def _calibration(log_odds: Floats, labels: Floats, *, independent: int) -> Sigmoid:
    """Slope and offset, drawn to 1 and 0: the rows of one client hang together, so there are as many witnesses as clients, not as rows.

    Both are taken about the mean: about nought, where no rare outcome lies, a slope moves all likelihoods up or down.
    """
    centre = float(log_odds.mean())

    def cost(numbers: Floats) -> float:
        departure = (numbers[0] - 1) ** 2 + numbers[1] ** 2
        off = _loss(expit(centre + numbers[0] * (log_odds - centre) + numbers[1]), labels)
        return float(independent * off + departure / (2 * CALIBRATION_SPREAD**2))

    slope, offset = minimize(cost, np.array([1.0, 0.0]), method="L-BFGS-B", bounds=[(0.05, 5.0), (-5.0, 5.0)]).x
    return Sigmoid(float(slope), float(centre * (1 - slope) + offset))


def _loss(probability: Floats, labels: Floats) -> float:
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    return float(np.mean(-(labels * np.log(p) + (1 - labels) * np.log(1 - p))))
