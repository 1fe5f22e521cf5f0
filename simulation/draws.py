"""Random draws by name: each is a pure function of (seed, mechanism, entity keys), so that switching an action on moves no other draw.

A counter-based generator in the manner of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), with the SplitMix64
finaliser of Steele, Lea and Flood (OOPSLA 2014) as its mixer: nothing is consumed, so order, size of piece and presence of other entities
do not matter.
"""

from functools import lru_cache
from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]
Keys = Ints | int

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)


def _mix(words: Words) -> Words:
    words = (words ^ (words >> np.uint64(30))) * _FIRST
    words = (words ^ (words >> np.uint64(27))) * _SECOND
    return words ^ (words >> np.uint64(31))


@lru_cache(maxsize=1024)
def _name_word(mechanism: str) -> int:
    return int.from_bytes(blake2b(mechanism.encode(), digest_size=8).digest(), "little")


class Draws:
    """The draws of one firm. Every method takes the mechanism's name and the integer keys of the entities, which broadcast."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def words(self, mechanism: str, *keys: Keys) -> Words:
        state = _mix(np.array([_name_word(mechanism)], dtype=np.uint64) + _GOLDEN * np.array([self.seed & (2**63 - 1)], dtype=np.uint64))
        for key in keys:
            state = _mix(state ^ (np.atleast_1d(np.asarray(key, dtype=np.int64)).view(np.uint64) * _GOLDEN + _FIRST))
        return state

    def uniform(self, mechanism: str, *keys: Keys) -> Floats:
        """In the open interval (0, 1)."""
        return ((self.words(mechanism, *keys) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53

    def between(self, low: float, high: float, mechanism: str, *keys: Keys) -> Floats:
        return low + (high - low) * self.uniform(mechanism, *keys)

    def normal(self, mechanism: str, *keys: Keys) -> Floats:
        """Standard normal, by Box and Muller."""
        words = self.words(mechanism, *keys)
        radius = ((words >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
        angle = (_mix(words + _GOLDEN) >> np.uint64(11)).astype(np.float64) * 2.0**-53
        return np.asarray(np.sqrt(-2 * np.log(radius)) * np.cos(2 * np.pi * angle), dtype=np.float64)

    def logistic(self, mechanism: str, *keys: Keys) -> Floats:
        """Standard logistic: location 0, scale 1."""
        level = self.uniform(mechanism, *keys)
        return np.log(level / (1 - level))

    def exponential(self, mean: float, mechanism: str, *keys: Keys) -> Floats:
        return -mean * np.log(self.uniform(mechanism, *keys))

    def lognormal(self, median: float, sigma: float, mechanism: str, *keys: Keys) -> Floats:
        return median * np.exp(sigma * self.normal(mechanism, *keys))

    def chance(self, probability: Floats | float, mechanism: str, *keys: Keys) -> Flags:
        return np.asarray(self.uniform(mechanism, *keys) < probability)

    def pick(self, weights: Floats | list[float] | tuple[float, ...], mechanism: str, *keys: Keys) -> Ints:
        """Indices into `weights`, which need not sum to one."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        chosen = np.searchsorted(edges / edges[-1], self.uniform(mechanism, *keys), side="right")
        return np.minimum(chosen, len(edges) - 1).astype(np.int64)

    def whole(self, low: int, high: int, mechanism: str, *keys: Keys) -> Ints:
        """Whole numbers from low to high, both included."""
        return (low + np.floor(self.uniform(mechanism, *keys) * (high - low + 1))).astype(np.int64)
