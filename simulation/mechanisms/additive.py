"""Every error adds to the log odds of a dispute, on top of what the client and the project bring."""

import numpy as np

from simulation.draws import Floats


def additive(base: Floats, weights: Floats) -> Floats:
    """`base`: log odds of a clean draft, by draft. `weights`: drafts x kinds of error, what each would add to them."""
    return np.asarray(1 / (1 + np.exp(-(base + weights.sum(axis=1)))))
