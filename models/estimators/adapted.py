"""A prior drawn to a firm's own outcomes: what simulated firms taught, with what the firm's own records add to it.

One form for all that lies between no outcome and plenty: with a handful only the level moves, with some dozens a few slopes too, and with
more the firm's own blend takes a share that its own later outcomes chose (training/fit.py).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibration import Sigmoid
from models.estimators.blend import Blend
from models.estimators.linear import Linear

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Adapted:
    """log-odds = `prior_weight` x the prior's calibrated log-odds + `own_weight` x the own part's, then calibrated."""

    prior: Blend
    prior_weight: float
    own: Blend | Linear | None
    """Uncalibrated; None where only the level is the firm's own."""
    own_weight: float
    calibration: Sigmoid

    def log_odds(self, values: Floats) -> Floats:
        """Before calibration."""
        taught = self.prior_weight * self.prior.calibrated(values)
        return taught if self.own is None else taught + self.own_weight * self.own.log_odds(values)

    def probability(self, values: Floats) -> Floats:
        return self.calibration.apply(self.log_odds(values))

    def contributions(self, values: Floats) -> Floats:
        """Calibrated log-odds that each feature adds: rows x features. With the base they sum to the calibrated log-odds."""
        taught = self.prior_weight * self.prior.contributions(values)
        whole = taught if self.own is None else taught + self.own_weight * self.own.contributions(values)
        return np.asarray(self.calibration.slope * whole, dtype=np.float64)


Model = Blend | Adapted
"""What a target may be scored by."""
