"""Sigmoid calibration: log-odds in, honest probability out. Two numbers, so that a few dozen outcomes can carry it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sigmoid:
    """probability = 1 / (1 + exp(-(slope x log-odds + offset))); Platt 1999."""

    slope: float
    offset: float

    def apply(self, log_odds: Floats) -> Floats:
        return expit(self.slope * log_odds + self.offset)


def expit(log_odds: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)), dtype=np.float64)
