"""Ridge logistic regression as plain numbers: what it learned fits on a page and can be read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scaling:
    """How a column is brought to a common scale: clip to where training data lay, fill what is not known, centre, divide.

    All arrays have one element a feature. Signed logarithm first where `logged`: amounts and counts have long tails.
    """

    logged: tuple[bool, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    fill: tuple[float, ...]
    centre: tuple[float, ...]
    spread: tuple[float, ...]

    def apply(self, values: Floats) -> Floats:
        """`values`: rows x features with NaN for not known. Returns the same shape without NaN."""
        shaped = np.where(self.logged, np.sign(values) * np.log1p(np.abs(values)), values)
        clipped = np.clip(shaped, self.low, self.high)
        return (np.where(np.isnan(clipped), self.fill, clipped) - self.centre) / self.spread


@dataclass(frozen=True)
class Linear:
    """log-odds = intercept + scaled values x coefficients."""

    scaling: Scaling
    intercept: float
    coefficients: tuple[float, ...]

    def contributions(self, values: Floats) -> Floats:
        """Log-odds that each feature adds, against a row of average values: rows x features."""
        return self.scaling.apply(values) * np.asarray(self.coefficients)

    def log_odds(self, values: Floats) -> Floats:
        return self.contributions(values).sum(axis=1) + self.intercept
