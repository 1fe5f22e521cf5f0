"""Nothing decides: every draft is as likely to be disputed as the next, so nobody can foretell which. A model has to say so."""

from typing import Final

import numpy as np

from simulation.draws import Floats

RATE: Final = 0.032


def chance(base: Floats, weights: Floats) -> Floats:
    """`base`: log odds of a clean draft, by draft. `weights`: drafts x kinds of error. Neither matters."""
    return np.full(len(weights), RATE, dtype=base.dtype)
