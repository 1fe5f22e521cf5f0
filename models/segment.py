"""Segments: the divisions of what a risk scores, in each band of which a model is judged by itself."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.feature import Feature

Floats = NDArray[np.float64]

NEW_CLIENT_DAYS: Final = 180.0
"""Half a year: before it a client has had some six monthly invoices, too few to have a record of its own."""


@dataclass(frozen=True)
class Band:
    """Part of a segment: values from `low` (included) to `high` (not included), None where it is open; both None: not known."""

    segment: str
    feature: str
    low: float | None
    high: float | None

    def holds(self, values: Floats) -> NDArray[np.bool_]:
        """Of one feature's values, NaN for not known."""
        if self.low is None and self.high is None:
            return np.isnan(values)
        above = np.ones(len(values), dtype=bool) if self.low is None else values >= self.low
        return above & ~np.isnan(values) & (np.ones(len(values), dtype=bool) if self.high is None else values < self.high)


@dataclass(frozen=True)
class Segment:
    """A division of what a risk scores, in which a model is judged by itself."""

    name: str
    """What is divided by, such as "client tenure"."""
    feature: Feature
    borders: tuple[float, ...] = ()
    """Rising. Empty: thirds of the rows that it is judged on, for what has no borders of its own, such as money."""

    def bands(self, values: Floats) -> tuple[Band, ...]:
        """All bands that hold any of these values."""
        known = values[~np.isnan(values)]
        borders = self.borders or tuple(float(one) for one in np.unique(np.quantile(known, (1 / 3, 2 / 3)))) if len(known) else ()
        ends = (None, *borders, None)
        found = [Band(self.name, self.feature.name, low, high) for low, high in pairwise(ends)] if borders else []
        unknown = Band(self.name, self.feature.name, None, None)
        return tuple(band for band in (*found, unknown) if band.holds(values).any())
