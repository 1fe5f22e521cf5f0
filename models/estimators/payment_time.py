"""When will it be paid: a discrete hazard over days after the due date, so that an invoice still open counts as evidence too.

One row for each period that an invoice lived through: was it paid in it? What is known of the invoice does not change along the periods;
what is already past at scoring is left out, so the answer is for an invoice that is still open now (Singer and Willett 1993). Of a
client that pays in runs it is known how many are carried out in each period: in one without a run next to nothing is paid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.calibration import expit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EDGES: Final[Floats] = np.array(
    [-120, -60, -45, -30, -24, -18, -14, -10, -7, -4, -2, 0, 2, 4, 7, 10, 14, 18, 24, 30, 37, 45, 60, 75, 90, 120, 180, 270, 365],
    dtype=np.float64,
)
"""Days after the due date between which a payment falls: fine where payments are dense, and with an edge at each target's border."""

_PARAMETERS: Final[Mapping[str, object]] = MappingProxyType(
    {
        "objective": "binary",
        "learning_rate": 0.06,
        "num_leaves": 15,
        "min_data_in_leaf": 60,
        "lambda_l2": 10.0,
        "feature_fraction": 0.8,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": 1,
        "seed": 7,
        "verbosity": -1,
    }
)
_ROUNDS: Final = 150
QUANTILES: Final[Floats] = (np.arange(20) + 0.5) / 20
"""20 equally likely dates: the middles of twentieths."""


_WEEK: Final = 7
_FRIDAY: Final = 4


@dataclass(frozen=True)
class Runs:
    """When each row's client carries out its payment runs, as far as that can be told."""

    period: Floats
    """Days between them; 0 for a client that keeps to none."""
    wait: Floats
    """Days from the row's own day to the next."""
    weekday: Ints
    """Of the row's own day, 0 for Monday."""

    def carried_out(self, row: Ints, start: Floats, end: Floats) -> Floats:
        """How many come after `start` and by `end`, days from the row's own; NaN without runs. One of a weekend comes on the Monday."""
        period, wait, weekday = np.where(self.period > 0, self.period, np.nan)[row], self.wait[row], self.weekday[row]

        def until(day: Floats) -> Floats:
            weekend = np.maximum((weekday + day) % _WEEK - _FRIDAY, 0)
            return np.asarray(np.maximum(np.floor((day - weekend - wait) / period) + 1, 0))

        return np.asarray(until(end) - until(start))


class PaymentTime:
    """Distribution of days late given that the invoice is still open."""

    def __init__(self, booster: lgb.Booster) -> None:
        self.booster = booster

    @classmethod
    def fit(cls, values: Floats, *, position: Floats, runs: Runs, days_late: Floats, observed: Floats) -> "PaymentTime":
        """`position`: days after due at the row's as_of; `days_late`: NaN while open; `observed`: days after due that knowledge reaches."""
        # Money that had come and was not on record comes on record next: of what the records call open, some is paid already.
        days_late = np.maximum(days_late, position + 1)
        row, period = np.nonzero((EDGES[None, 1:] > position[:, None]) & (EDGES[None, :-1] < _last(days_late, observed)[:, None]))
        start = np.maximum(EDGES[period], position[row])
        paid = (days_late[row] > EDGES[period]) & (days_late[row] <= EDGES[period + 1])
        # Only what was wholly observed: a period that knowledge ends in may still bring the payment.
        seen = paid | (observed[row] >= EDGES[period + 1])
        row, start, end = row[seen], start[seen], EDGES[period[seen] + 1]
        matrix = _expanded(
            values[row], start, end, position=position[row], runs=runs.carried_out(row, start - position[row], end - position[row])
        )
        data = lgb.Dataset(matrix, label=paid[seen].astype(np.float64), params={"verbosity": -1, "num_threads": 1})
        return cls(lgb.train(dict(_PARAMETERS), data, num_boost_round=_ROUNDS))

    @classmethod
    def from_text(cls, text: str) -> "PaymentTime":
        return cls(lgb.Booster(model_str=text))

    def to_text(self) -> str:
        return str(self.booster.model_to_string())

    def cumulative(self, values: Floats, position: Floats, *, runs: Runs) -> Floats:
        """P(days late <= edge | still open at `position`): rows x edges, nought up to `position`."""
        rows, periods = len(values), len(EDGES) - 1
        start = np.maximum(EDGES[None, :-1], position[:, None])
        future = EDGES[None, 1:] > position[:, None]
        row, end = np.repeat(np.arange(rows), periods), np.tile(EDGES[1:], rows)
        carried_out = runs.carried_out(row, start.ravel() - position[row], end - position[row])
        matrix = _expanded(values[row], start.ravel(), end, position=position[row], runs=carried_out)
        raw = np.asarray(self.booster.predict(matrix, raw_score=True, num_threads=1), dtype=np.float64)
        hazard = np.where(future, expit(raw).reshape(rows, periods), 0.0)
        return np.concatenate([np.zeros((rows, 1)), 1.0 - np.cumprod(1.0 - hazard, axis=1)], axis=1)


def agree(cumulative: Floats, *, position: Floats, at: dict[float, Floats]) -> Floats:
    """The distribution bent so that P(days late > border) is what the calibrated classifiers say, at each border not yet passed.

    Between borders its shape stays. `at`: border in days (an edge) -> probability of paying later than it, a row each.
    """
    bent = cumulative.copy()
    low_from, low_to = np.zeros(len(bent)), np.zeros(len(bent))
    floor = np.zeros(len(bent), dtype=np.int64)
    for border in [*sorted(at), np.inf]:
        edge = len(EDGES) - 1 if np.isinf(border) else int(np.searchsorted(EDGES, border))
        past = position >= border
        high_from = np.ones(len(bent)) if np.isinf(border) else cumulative[:, edge]
        high_to = np.ones(len(bent)) if np.isinf(border) else np.maximum(1.0 - at[border], low_to)
        inside = (np.arange(len(EDGES))[None, :] > floor[:, None]) & (np.arange(len(EDGES))[None, :] <= edge) & ~past[:, None]
        width = np.where(high_from > low_from, high_from - low_from, 1.0)
        scaled = low_to[:, None] + (cumulative - low_from[:, None]) * ((high_to - low_to) / width)[:, None]
        bent = np.where(inside, scaled, bent)
        low_from, low_to = np.where(past, low_from, high_from), np.where(past, low_to, high_to)
        floor = np.where(past, floor, edge)
    return np.maximum.accumulate(np.clip(bent, 0.0, 1.0), axis=1)


def quantiles(cumulative: Floats, position: Floats, *, at: Floats) -> Floats:
    """Days late by which a share `at` of such invoices is paid: rows x len(at).

    What is left after the last edge is put there, or on the next day where the invoice has been open for longer.
    """
    found = np.empty((len(cumulative), len(at)))
    for row, curve in enumerate(cumulative):
        days = np.maximum(EDGES, position[row])
        found[row] = np.interp(at, curve, days, right=max(EDGES[-1], position[row] + 1))
    return found


def in_runs(days: Floats, *, position: Floats, period: Floats, wait: Floats, borders: Sequence[float]) -> Floats:
    """Each day, moved to the nearest payment run of a client that keeps to runs, `period` days apart (0: to none).

    `days`: rows x any, after due; `position`: the row's own day; `wait`: days from it to the next run. The hazard knows that a payment
    comes about then; that it comes with all that the client owes, on a day one can name, makes a week's cash. What the last run paid is
    not on record yet and comes on the next day. No day is moved over a border of `borders`, whose likelihoods are the classifiers'.
    """
    first, apart = (position + wait)[:, None], np.where(period > 0, period, 1.0)[:, None]
    runs = np.maximum((days - first) / apart, -1.0)
    before, after = first + np.floor(runs) * apart, first + np.ceil(runs) * apart
    nearer = np.abs(days - before) <= np.abs(after - days)
    tomorrow = (position + 1)[:, None]
    near, far = (np.maximum(one, tomorrow) for one in (np.where(nearer, before, after), np.where(nearer, after, before)))
    side = np.searchsorted(borders, days)
    moved = np.where(np.searchsorted(borders, near) == side, near, np.where(np.searchsorted(borders, far) == side, far, days))
    return np.asarray(np.where((period > 0)[:, None], moved, days))


def _last(days_late: Floats, observed: Floats) -> Floats:
    return np.where(np.isnan(days_late), observed, days_late)


def _expanded(values: Floats, start: Floats, end: Floats, *, position: Floats, runs: Floats) -> Floats:
    """The row's features, with where the period begins, how far ahead that is, how long it is, and how many runs are carried out in it."""
    return np.column_stack([values, start, start - position, end - start, runs])
