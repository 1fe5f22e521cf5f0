"""What the likelihoods of a target stand on: how many own outcomes, and where the simple rule ranks in the model's place."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.feature import Feature
from models.reasons import as_text
from models.segment import Band, Segment

Floats = NDArray[np.float64]


def band_says(segment: Segment, band: Band) -> str:
    """A band in words: "client tenure under 180 days"."""
    unit = segment.feature.unit
    if band.low is None and band.high is None:
        return f"{segment.name} not known"
    if unit == "yes_no":
        return f"{segment.name}: {'no' if band.low is None else 'yes'}"
    low, high = ("" if one is None else as_text(unit, one, "") for one in (band.low, band.high))
    if band.low is None:
        return f"{segment.name} under {high}"
    return f"{segment.name} {low} or more" if band.high is None else f"{segment.name} {low} to {high}"


@dataclass(frozen=True)
class Ruled:
    """A band in which the simple rule ranks, and why."""

    band: Band
    why: str


@dataclass(frozen=True)
class Footing:
    """What the likelihoods of one target stand on."""

    outcomes: int = 0
    """Entities with the outcome, of the firm's own, that were learned from."""
    provisional: bool = False
    """Learned from simulated firms in the main: too few own outcomes yet."""
    abstains: str = ""
    """Why the simple rule ranks in the model's place, a sentence with what was measured; empty where the model ranks."""
    ruled: tuple[Ruled, ...] = ()

    @property
    def caveat(self) -> str:
        """What a reader must know beside every likelihood; empty where there is nothing."""
        if self.abstains or not self.provisional:
            return self.abstains
        counted = {0: "no own outcomes", 1: "1 own outcome"}.get(self.outcomes, f"{self.outcomes:,} own outcomes")
        return f"Provisional: learned from simulated firms, {counted} so far."


def ruled_rows(ruled: Sequence[Ruled], features: Sequence[Feature], values: Floats) -> list[str]:
    """By row of `values` (rows x features): why the simple rule ranks it, or nothing."""
    found = [""] * len(values)
    places = {one.name: place for place, one in enumerate(features)}
    for one in ruled:
        for row in np.flatnonzero(one.band.holds(values[:, places[one.band.feature]])):
            found[row] = found[row] or one.why
    return found
