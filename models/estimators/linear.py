"""Ridge logistic regression as plain numbers: what it learned fits on a page and can be read."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Shape = Literal["plain", "log", "log_odds"]

_EDGE: Final = 0.001
"""A share of nought or one has no log-odds; one in a thousand is as far as a rate of a few hundred cases can tell."""


@dataclass(frozen=True)
class Scaling:
    """How a column is brought to a common scale: clip to where training data lay, fill what is not known, centre, divide.

    All have one element a feature. Before that each is given the `shape` in which it is likely to act evenly on log-odds: a share its own
    log-odds, amounts, counts and days (long tails) a signed logarithm.
    """

    shape: tuple[Shape, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    fill: tuple[float, ...]
    centre: tuple[float, ...]
    spread: tuple[float, ...]

    def apply(self, values: Floats) -> Floats:
        """`values`: rows x features with NaN for not known. Returns the same shape without NaN."""
        clipped = np.clip(shaped(values, self.shape), self.low, self.high)
        filled = np.where(np.isnan(clipped), self.fill, clipped)
        return np.asarray((filled - np.asarray(self.centre)) / np.asarray(self.spread), dtype=np.float64)


def shaped(values: Floats, shape: tuple[Shape, ...]) -> Floats:
    """Each column in its shape; NaN stays NaN."""
    share = np.clip(values, _EDGE, 1 - _EDGE)
    choices = {"log": np.sign(values) * np.log1p(np.abs(values)), "log_odds": np.log(share / (1 - share)), "plain": values}
    return np.column_stack([choices[one][:, place] for place, one in enumerate(shape)])


@dataclass(frozen=True)
class Linear:
    """log-odds = intercept + scaled values x coefficients."""

    scaling: Scaling
    intercept: float
    coefficients: tuple[float, ...]

    def contributions(self, values: Floats) -> Floats:
        """Log-odds that each feature adds, against a row of average values: rows x features."""
        return np.asarray(self.scaling.apply(values) * np.asarray(self.coefficients), dtype=np.float64)

    def log_odds(self, values: Floats) -> Floats:
        return np.asarray(self.contributions(values).sum(axis=1) + self.intercept, dtype=np.float64)
