"""Fit the champion's form on matured rows: monotone trees, ridge logistic regression, and a calibration learned out of time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from features.feature import Feature, Unit
from features.windows import AS_OF
from models.calibration import Sigmoid
from models.estimators.blend import Blend, Start
from models.estimators.boosting import Boosting
from models.estimators.linear import Linear, Scaling, Shape, shaped
from models.risk import Risk
from records.known import DAY
from training.labels import DECIDED_AT, LABEL

Floats = NDArray[np.float64]

ENOUGH_POSITIVES: Final = 20
"""Below this many entities with a matured outcome, of either kind, no model: a rate of a few cases is better
told by the rule and the prior that it is drawn to."""
BURN_IN_DAYS: Final = 90
"""One quarter: by then a client that is billed monthly has had two or three invoices settled."""
_RIDGE: Final = 0.1
"""Inverse strength: some 20 correlated columns and a few hundred positives; the firm's size never justifies a free fit."""
_FREE: Final = 10.0
"""A column ten times as large is penalised a hundredth as much."""
_BLOCKS: Final = 5
"""Out-of-time folds inside training from which the calibration is learned."""
_CALIBRATION_POSITIVES: Final = 10
"""Two numbers cannot be learned from fewer; the blend's own log-odds then stand."""
_SHAPES: Final[Mapping[Unit, Shape]] = MappingProxyType(
    {
        **dict.fromkeys(("money", "count", "days", "lateness", "shift", "due", "ratio"), "log"),
        "share": "log_odds",
        "yes_no": "plain",
    }
)
_OUTER: Final = (1.0, 99.0)
"""Percentiles to which the linear part clips: one invoice a hundred times the usual must not decide a likelihood."""


@dataclass(frozen=True)
class Rows:
    """Training rows as numbers: `values` rows x features (NaN for not known), one label, weight and pair of instants each."""

    values: Floats
    labels: Floats
    weights: Floats
    as_of: NDArray[np.int64]
    decided_at: NDArray[np.int64]

    def take(self, which: NDArray[np.bool_]) -> "Rows":
        return Rows(self.values[which], self.labels[which], self.weights[which], self.as_of[which], self.decided_at[which])

    @property
    def positives(self) -> float:
        """Entities with the outcome: an invoice seen at three ages is one."""
        return float((self.labels * self.weights).sum())

    @property
    def negatives(self) -> float:
        return float(((1 - self.labels) * self.weights).sum())


def matrix(frame: pl.DataFrame, features: Sequence[Feature]) -> Floats:
    """Rows x features, NaN for not known."""
    return frame.select(pl.col(one.name).cast(pl.Float64).fill_null(float("nan")) for one in features).to_numpy()


def rows_of(frame: pl.DataFrame, risk: Risk) -> Rows:
    """The rows that have a label, but for those of the burn-in. Each entity weighs one, however often it was seen."""
    burnt_in = pl.col(AS_OF) >= _burn_in_end(frame)
    labelled = frame.filter(pl.col(LABEL).is_not_null() & burnt_in).with_columns((1.0 / pl.len().over(risk.key)).alias("weight"))
    return Rows(
        matrix(labelled, risk.features),
        labelled[LABEL].cast(pl.Float64).to_numpy(),
        labelled["weight"].to_numpy(),
        labelled[AS_OF].to_numpy(),
        labelled[DECIDED_AT].to_numpy(),
    )


def _burn_in_end(frame: pl.DataFrame) -> int:
    """Microseconds. In the first weeks of a firm's records every client looks new, though few are: those rows teach what is not so."""
    if not frame.height:
        return 0
    begun, ended = frame[AS_OF].min(), frame[AS_OF].max()
    return int(begun + min(BURN_IN_DAYS * DAY, (ended - begun) // 3))  # type: ignore[operator, arg-type]


def fit(rows: Rows, risk: Risk, rule: Feature) -> Blend | None:
    """The calibrated blend, or None when there are too few outcomes of either kind for one. `rule` is one of the risk's features."""
    if not _enough(rows):
        return None
    blend = _uncalibrated(rows, risk, rule)
    return replace(blend, calibration=_calibration(rows, risk, rule))


def _enough(rows: Rows) -> bool:
    return min(rows.positives, rows.negatives) >= ENOUGH_POSITIVES


def _uncalibrated(rows: Rows, risk: Risk, rule: Feature) -> Blend:
    place = risk.features.index(rule)
    start = _start(rows, place)
    log_odds = start.log_odds(rows.values)
    directions = [use.direction for use in risk.uses]
    trees = Boosting.fit(rows.values, rows.labels, weights=rows.weights, start=log_odds, directions=directions)
    return Blend(replace(start, usual=float(log_odds.mean())), trees, _linear(rows, risk, place), Sigmoid(1.0, 0.0))


def _start(rows: Rows, place: int) -> Start:
    share = shaped(rows.values[:, [place]], ("log_odds",))
    return Start(place, _sigmoid(share, rows.labels, rows.weights), 0.0)


def _sigmoid(log_odds: Floats, labels: Floats, weights: Floats) -> Sigmoid:
    """`log_odds`: rows x 1. Almost no penalty: two numbers on at least some twenty outcomes."""
    found = LogisticRegression(C=1e4).fit(log_odds, labels, sample_weight=weights)
    return Sigmoid(float(found.coef_[0, 0]), float(found.intercept_[0]))


def _linear(rows: Rows, risk: Risk, place: int) -> Linear:
    """The rule's column is scaled up, so that the ridge hardly holds it: what is shrunk is the departure from the rule."""
    scaling = scaling_of(rows.values, risk.features)
    free = tuple(spread / _FREE if column == place else spread for column, spread in enumerate(scaling.spread))
    freed = replace(scaling, spread=free)
    regression = LogisticRegression(C=_RIDGE, max_iter=5000).fit(freed.apply(rows.values), rows.labels, sample_weight=rows.weights)
    return Linear(freed, float(regression.intercept_[0]), tuple(float(one) for one in regression.coef_[0]))


def scaling_of(values: Floats, features: Sequence[Feature]) -> Scaling:
    """Learned from training rows alone. A column without any value, or with one value only, is centred to nought."""
    shape = tuple(_SHAPES[one.unit] for one in features)
    columns = shaped(values, shape)
    filled = np.where(np.isnan(columns).all(axis=0), 0.0, columns)
    low, high = np.nanpercentile(filled, _OUTER, axis=0)
    fill = np.nanmedian(filled, axis=0)
    clipped = np.clip(filled, low, high)
    whole = np.where(np.isnan(clipped), fill, clipped)
    spread = whole.std(axis=0)
    numbers = (low, high, fill, whole.mean(axis=0), np.where(spread > 0, spread, 1.0))
    return Scaling(shape, *(tuple(float(one) for one in column) for column in numbers))


def _calibration(rows: Rows, risk: Risk, rule: Feature) -> Sigmoid:
    """From predictions of rows that lay after everything the predicting fit had seen."""
    borders = np.quantile(rows.as_of, np.linspace(0, 1, _BLOCKS + 1))[1:]
    log_odds, labels, weights = [], [], []
    for start, end in pairwise(borders):
        past = rows.take(rows.decided_at <= start)
        ahead = rows.take((rows.as_of > start) & (rows.as_of <= end))
        if not _enough(past) or not len(ahead.labels):
            continue
        log_odds.append(_uncalibrated(past, risk, rule).log_odds(ahead.values))
        labels.append(ahead.labels)
        weights.append(ahead.weights)
    seen = np.concatenate(labels) if labels else np.empty(0)
    if min(seen.sum(), len(seen) - seen.sum()) < _CALIBRATION_POSITIVES:
        return Sigmoid(1.0, 0.0)
    return _sigmoid(np.concatenate(log_odds)[:, None], seen, np.concatenate(weights))
