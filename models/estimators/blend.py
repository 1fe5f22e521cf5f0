"""The champion's form: the mean of two log-odds, monotone trees and ridge logistic regression, calibrated.

On simulated firms of usual size plain trees reached 45 % of the reachable gain in disputes, this blend 72 %: few outcomes are the normal
case here, and the linear partner carries what trees cannot learn from few. The trees start from the calibrated simple rule and learn what
it misses, so with little to learn from the model falls back to the rule, not to noise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibration import Sigmoid
from models.estimators.boosting import Boosting
from models.estimators.linear import Linear, shaped

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Start:
    """Where the trees start: the simple rule, calibrated."""

    column: int
    """Place of the rule among the features."""
    calibration: Sigmoid
    usual: float
    """Mean log-odds over the training rows: what the rule says of a usual row."""

    def log_odds(self, values: Floats) -> Floats:
        share = shaped(values[:, [self.column]], ("log_odds",))[:, 0]
        return self.calibration.slope * share + self.calibration.offset


@dataclass(frozen=True)
class Blend:
    """Rows x features in, calibrated probabilities and their parts out."""

    start: Start
    trees: Boosting
    linear: Linear
    calibration: Sigmoid

    def log_odds(self, values: Floats) -> Floats:
        """Before calibration."""
        return (self.start.log_odds(values) + self.trees.log_odds(values) + self.linear.log_odds(values)) / 2

    def calibrated(self, values: Floats) -> Floats:
        """Log-odds after calibration."""
        return np.asarray(self.calibration.slope * self.log_odds(values) + self.calibration.offset, dtype=np.float64)

    def probability(self, values: Floats) -> Floats:
        return self.calibration.apply(self.log_odds(values))

    def contributions(self, values: Floats) -> Floats:
        """Calibrated log-odds that each feature adds: rows x features. With the base they sum to the calibrated log-odds."""
        trees = self.trees.contributions(values)[:, :-1]
        trees[:, self.start.column] += self.start.log_odds(values) - self.start.usual
        return self.calibration.slope * (trees + self.linear.contributions(values)) / 2
