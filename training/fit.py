"""Fit the champion's form on matured rows: monotone trees, ridge logistic regression, and a calibration learned out of time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
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
from models.estimators.adapted import Adapted, Model
from models.estimators.blend import Blend, Start
from models.estimators.boosting import ROUNDS, Boosting
from models.estimators.linear import Linear, Scaling, Shape, shaped
from models.risk import Risk
from records.known import DAY
from training.adapt import levelled, mean_loss, shift, sigmoid_near_one, sloped
from training.labels import DECIDED_AT, LABEL

Floats = NDArray[np.float64]

ENOUGH_POSITIVES: Final = 60
"""Below this many entities with a matured outcome, of either kind, no model of the firm's own: a rate of a few cases is better
told by the rule and the prior that it is drawn to. A blend grown on some sixty was worth less than a prior (docs/small_firms.md)."""
ENOUGH_FOR_SLOPES: Final = 20
"""Below this many only the level of the prior is the firm's own: twenty outcomes tell a rate to a fifth, and of twenty signals nothing."""
SHARES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Of the log-odds that the firm's own blend may take beside the prior; the own later outcomes choose. Quarters, since few outcomes cannot
tell finer shares apart."""


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
_SHAPES: Final[Mapping[Unit, Shape]] = MappingProxyType(
    {
        **dict.fromkeys(("money", "count", "days", "lateness", "shift", "due", "ratio"), "log"),
        "share": "log_odds",
        **dict.fromkeys(("yes_no", "percent"), "plain"),
    }
)
_OUTER: Final = (1.0, 99.0)
"""Percentiles to which the linear part clips: one invoice a hundred times the usual must not decide a likelihood."""
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

    @classmethod
    def joined(cls, parts: "Sequence[Rows]") -> "Rows":
        """One after the other; who numbers entities and clients sees to it that none is two."""
        return cls(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls)))

    @property
    def positives(self) -> int:
        """Entities with the outcome: an invoice seen at three ages is one."""
        return len(np.unique(self.entities[self.labels == 1]))

    @property
    def negatives(self) -> int:
        return len(np.unique(self.entities[self.labels == 0]))

    @property
    def fewest(self) -> int:
        """Outcomes of the rarer kind: what a model can be learned from."""
        return min(self.positives, self.negatives)


def matrix(frame: pl.DataFrame, features: Sequence[Feature]) -> Floats:
    """Rows x features, NaN for not known."""
    return frame.select(pl.col(one.name).cast(pl.Float64).fill_null(float("nan")) for one in features).to_numpy()


def rows_of(frame: pl.DataFrame, risk: Risk, *, burn_in: bool = True) -> Rows:
    """The rows that have a label, but for those of the burn-in."""
    burnt_in = pl.col(AS_OF) >= (_burn_in_end(frame, risk) if burn_in else 0)
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


def fit(rows: Rows, risk: Risk, rule: Feature, *, prior: Blend | None = None) -> Model | None:
    """As much of a model as the outcomes can carry; None without a prior and with too few of them. `rule` is one of the risk's features.

    Fewer than ENOUGH_FOR_SLOPES outcomes of the rarer kind move the level of the prior; fewer than ENOUGH_POSITIVES some slopes of a ridge
    too. Beyond, how far the own blend may depart from the rule, its share beside the prior and the calibration are what served best on rows
    that lay after everything seen.
    """
    if prior is not None and rows.fewest < ENOUGH_FOR_SLOPES:
        return levelled(prior, rows.values, rows.labels, entities=rows.entities)
    if rows.fewest < ENOUGH_POSITIVES:
        return None if prior is None else _with_slopes(rows, risk, prior)
    ahead = _out_of_time(rows, risk, rule, prior=prior)
    if not ahead:
        return _anchored(rows, risk, rule, strengths=(UNTRIED,))[UNTRIED] if prior is None else _with_slopes(rows, risk, prior)
    best = min(ahead, key=lambda one: ahead[one].loss)
    (strength, share), calibration = best, ahead[best].calibration
    if prior is not None and not share:
        return Adapted(prior, 1.0, None, 0.0, calibration)
    own = _anchored(rows, risk, rule, strengths=(strength,))[strength]
    if prior is None or share == 1:
        return replace(own, calibration=_after(calibration, own.calibration))
    offset = calibration.offset + calibration.slope * share * own.calibration.offset
    return Adapted(prior, 1 - share, own, share, Sigmoid(calibration.slope, offset))


def _with_slopes(rows: Rows, risk: Risk, prior: Blend) -> Adapted:
    return sloped(prior, rows.values, rows.labels, entities=rows.entities, scaling=scaling_of(rows.values, risk.features))


def _anchored(rows: Rows, risk: Risk, rule: Feature, *, strengths: Sequence[Strength] = STRENGTHS) -> dict[Strength, Blend]:
    """One blend for each strength, moved so that what it expects of its rows is what they had.

    Each half of a blend expects that; the mean of their log-odds expects less, by a tenth where outcomes are rare.
    """
    level = float(rows.labels.mean())
    return {
        one: replace(blend, calibration=Sigmoid(1.0, shift(blend.log_odds(rows.values), level)))
        for one, blend in uncalibrated(rows, risk, rule, strengths=strengths).items()
    }


def _after(outer: Sigmoid, inner: Sigmoid) -> Sigmoid:
    """One calibration on top of another."""
    return Sigmoid(outer.slope * inner.slope, outer.slope * inner.offset + outer.offset)


def uncalibrated(rows: Rows, risk: Risk, rule: Feature, *, strengths: Sequence[Strength] = STRENGTHS) -> dict[Strength, Blend]:
    """One blend for each strength: the trees are grown once, and cut short."""
    place = risk.features.index(rule)
    start = _start(rows, place)
    log_odds = start.log_odds(rows.values)
    trees = Boosting.fit(rows.values, rows.labels, start=log_odds, directions=[use.direction for use in risk.uses])
    usual = replace(start, usual=float(log_odds.mean()))
    scaling = _freed(scaling_of(rows.values, risk.features), place)
    return {one: Blend(usual, trees.first(one.rounds), _linear(rows, scaling, one.ridge), Sigmoid(1.0, 0.0)) for one in strengths}


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


def _out_of_time(rows: Rows, risk: Risk, rule: Feature, *, prior: Blend | None) -> dict[tuple[Strength, float], _Ahead]:
    """By strength and share of the own blend; empty where there are too few outcomes ahead to judge by."""
    # Beside a prior the fit on the past need not stand alone: where it is worth nothing yet, its share will be nought.
    least = ENOUGH_POSITIVES if prior is None else ENOUGH_FOR_SLOPES
    borders = np.quantile(rows.as_of, np.linspace(0, 1, _BLOCKS + 1))[1:]
    log_odds: dict[tuple[Strength, float], list[Floats]] = {}
    seen: list[Rows] = []
    for start, end in pairwise(borders):
        past = rows.take(rows.decided_at <= start)
        ahead = rows.take((rows.as_of > start) & (rows.as_of <= end))
        if past.fewest < least or not len(ahead.labels):
            continue
        taught = None if prior is None else prior.calibrated(ahead.values)
        for strength, blend in _anchored(past, risk, rule).items():
            own = blend.log_odds(ahead.values) + blend.calibration.offset
            for share in (1.0,) if taught is None else SHARES:
                mixed = own if taught is None else (1 - share) * taught + share * own
                log_odds.setdefault((strength, share), []).append(mixed)
        seen.append(ahead)
    labels = np.concatenate([one.labels for one in seen]) if seen else np.empty(0)
    if min(labels.sum(), len(labels) - labels.sum()) < least:
        return {}
    independent = len(np.unique(np.concatenate([one.clients for one in seen])))
    return {one: _judged(np.concatenate(found), labels, independent=independent) for one, found in log_odds.items()}


def _judged(log_odds: Floats, labels: Floats, *, independent: int) -> _Ahead:
    calibration = sigmoid_near_one(log_odds, labels, independent=independent)
    return _Ahead(mean_loss(calibration.apply(log_odds), labels), calibration)
