"""The worst tail: how far out a row lies in the one respect in which it lies farthest out, corrected for how many respects there are.

Each residual is read against the same residual of the firm's own past: the share of it that is at least as large, which below what the past
holds goes on as an exponential (peaks over a threshold; Pickands 1975). A row's smallest such share, by Sidak's correction for as many
residuals, is read against the past once more: what comes out is the share of past rows that were at least as unusual. It is a rank among
them and no probability of anything.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_ROWS: Final = 500
"""Past rows below which one in a hundred is five rows: too few to say what is usual."""
TAIL_SHARE: Final = 0.003
"""Of the past that shapes what lies beyond it."""
TAIL_ROWS: Final = 20
"""At least so many, so that their mean excess is known to a quarter."""
POINTS: Final = 400
"""Values that a tail is kept as: at even steps of the logarithm of what is left, some two in a hundred apart."""


class TooFewRowsError(ValueError):
    """There is too little past to say what is usual."""


@dataclass(frozen=True)
class Tail:
    """The upper tail of one residual: `left` is the share of the past at `values` or above; beyond `border` it is exponential."""

    values: tuple[float, ...]
    left: tuple[float, ...]
    border: float
    scale: float

    @classmethod
    def fit(cls, past: Floats) -> Self:
        """From a residual of past rows, of which some may be NaN; without any that is not, nothing is ever unusual."""
        held = np.sort(past[~np.isnan(past)])
        if not len(held):
            return cls((0.0,), (1.0,), np.inf, 1.0)
        values, first = np.unique(held, return_index=True)
        left = (len(held) - first + 1.0) / (len(held) + 1.0)
        chosen = np.unique(np.searchsorted(-left, -np.geomspace(1.0, left[-1], POINTS)).clip(0, len(left) - 1))
        beyond = held[-max(TAIL_ROWS, round(TAIL_SHARE * len(held))) :]
        border = float(beyond[0])
        scale = float((beyond - border).mean())
        return cls(tuple(values[chosen].tolist()), tuple(left[chosen].tolist()), border if scale > 0 else np.inf, scale or 1.0)

    def log_share(self, values: Floats) -> Floats:
        """Natural logarithm of the share of the past that is at least as large; 0 where the value is NaN."""
        left = np.log(np.array(self.left))
        inside = np.interp(values, np.array(self.values), left)
        at_border = float(np.interp(self.border, np.array(self.values), left)) if np.isfinite(self.border) else 0.0
        outside = at_border - (values - self.border) / self.scale
        found = np.where(values > self.border, outside, inside)
        return np.where(np.isnan(values), 0.0, np.minimum(found, 0.0))


@dataclass(frozen=True)
class WorstTail:
    """A tail for each residual, by name, and one for the worst of them."""

    residuals: tuple[str, ...]
    tails: tuple[Tail, ...]
    worst: Tail

    @classmethod
    def fit(cls, past: Floats, residuals: Sequence[str]) -> Self:
        """`past`: rows x residuals. Raises TooFewRowsError below LEAST_ROWS rows."""
        if len(past) < LEAST_ROWS:
            raise TooFewRowsError(f"{len(past)} rows are on record, too few to say what is usual: {LEAST_ROWS} are needed")
        tails = tuple(Tail.fit(column) for column in past.T)
        corrected = _corrected(_logs(tails, past))
        return cls(tuple(residuals), tails, Tail.fit(corrected))

    def log_shares(self, values: Floats) -> Floats:
        """Rows x residuals: natural logarithm of the share of the past that is at least as large in that respect."""
        return _logs(self.tails, values)

    def unusualness(self, values: Floats) -> Floats:
        """Share of past rows that were at least as unusual: a small one is a high rank."""
        return np.asarray(np.exp(self.worst.log_share(_corrected(self.log_shares(values)))), dtype=np.float64)

    def to_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Self:
        told = json.loads(text)
        return cls(tuple(told["residuals"]), tuple(_tail(one) for one in told["tails"]), _tail(told["worst"]))


def _tail(told: Mapping[str, object]) -> Tail:
    return Tail(**{name: tuple(value) if isinstance(value, list) else value for name, value in told.items()})  # type: ignore[arg-type]


def _logs(tails: Sequence[Tail], values: Floats) -> Floats:
    return np.stack([tail.log_share(values[:, place]) for place, tail in enumerate(tails)], axis=1)


def _corrected(logs: Floats) -> Floats:
    """Minus the logarithm of 1 - (1 - p)^m for the smallest p of m residuals: how likely one of so many is as small."""
    least = logs.min(axis=1)
    m = logs.shape[1]
    with np.errstate(divide="ignore"):
        # Where p is so small that 1 - p is 1, it is m p.
        exact = np.log(-np.expm1(m * np.log1p(-np.exp(least))))
    return np.asarray(-np.where(least < np.log(1e-12), np.minimum(least + np.log(m), 0.0), exact), dtype=np.float64)
