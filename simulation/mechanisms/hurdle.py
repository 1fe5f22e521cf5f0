"""Somebody at the client must look at all; who looks finds the worst error and minds it, or objects to a clean draft now and then."""

from typing import Final

import numpy as np

from simulation.draws import Floats

LOOKS: Final = 4.1
"""Added to the log odds of a clean draft's dispute: an ordinary client looks closely at four drafts in ten."""
OBJECTS_ANYWAY: Final = 0.022
MINDS: Final = 0.17
"""How readily the worst error, by its weight, becomes a dispute once seen."""


def hurdle(base: Floats, weights: Floats) -> Floats:
    """`base`: log odds of a clean draft, by draft. `weights`: drafts x kinds of error."""
    looks = 1 / (1 + np.exp(-(base + LOOKS)))
    minds = 1 - np.exp(-MINDS * weights.max(axis=1))
    return np.asarray(looks * (OBJECTS_ANYWAY + (1 - OBJECTS_ANYWAY) * minds))
