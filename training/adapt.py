"""Draw what was learned elsewhere to a firm's own outcomes: its level by a handful of them, some slopes by a few dozen.

Everything here is a compromise between a prior and counts that moves to the counts as they grow.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize

from models.calibration import Sigmoid, expit
from models.estimators.adapted import Adapted
from models.estimators.blend import Blend
from models.estimators.linear import Linear, Scaling

Floats = NDArray[np.float64]

CALIBRATION_SPREAD: Final = 0.25
"""How far slope and offset are expected to lie from 1 and 0: a ridge fit is nearly calibrated, and a quarter turns 8 in 10 into 7.5."""
PRIOR_OUTCOMES: Final = 20
"""So many outcomes of the firm's own weigh as much as the prior's level. A prior learned under another mechanism was up to 31 % off
(measured on a miniature): a spread of about a fifth, which is that of a count of twenty."""
SLOPE_SPREAD: Final = 0.03
"""How far the weight of a scaled signal is expected to lie from the prior's, in log-odds. Twice as much already ordered 20-client firms
worse (AUC 0.611 against 0.619 on disputes), four times as much 0.580; docs/small_firms.md."""
RULE_SPREAD: Final = 0.1
"""The same of the simple rule's own signal, which tells apart the records of a firm that is like no simulated one: three times as far. It
cost nothing measurable on firms that are like them."""
LEVEL_SPREAD: Final = PRIOR_OUTCOMES**-0.5
_FARTHEST: Final = 15.0
"""Log-odds: no level lies beyond one in three million."""


def levelled(prior: Blend, values: Floats, labels: Floats, *, entities: NDArray[np.int64]) -> Adapted:
    """The prior's order at a level between its own and the firm's: the mean of a beta whose prior is worth PRIOR_OUTCOMES outcomes.

    No row at all leaves the prior as it is.
    """
    if not len(labels):
        return Adapted(prior, 1.0, None, 0.0, Sigmoid(1.0, 0.0))
    taught = prior.calibrated(values)
    return Adapted(prior, 1.0, None, 0.0, Sigmoid(1.0, shift(taught, _level(expit(taught), labels, entities=entities))))


def _level(expected: Floats, labels: Floats, *, entities: NDArray[np.int64]) -> float:
    """Share of outcomes: beta-binomial.

    Rows of one entity at several ages are one witness, but the mean is over all: one row an entity would thin out the slow payers, who
    live to be seen often.
    """
    witnesses = len(np.unique(entities))
    seen, mean = witnesses * float(labels.mean()), float(expected.mean())
    return (PRIOR_OUTCOMES + seen) / (PRIOR_OUTCOMES / mean + witnesses)


def shift(log_odds: Floats, level: float) -> float:
    """What is to be added for the mean likelihood to be this level, which lies between nought and one."""

    def off(moved: float) -> float:
        return float(expit(log_odds + moved).mean()) - level

    return float(brentq(off, -_FARTHEST, _FARTHEST))


def sloped(prior: Blend, values: Floats, labels: Floats, *, entities: NDArray[np.int64], scaling: Scaling) -> Adapted:
    """Ridge logistic regression centred on the prior: what is penalised is the departure from it, in level, slope and each signal."""
    taught = prior.calibrated(values)
    middle = float(taught.mean())
    columns = np.column_stack([np.ones(len(labels)), taught - middle, scaling.apply(values)])
    signals = np.full(values.shape[1], SLOPE_SPREAD)
    signals[prior.start.column] = RULE_SPREAD
    spreads = np.r_[LEVEL_SPREAD, CALIBRATION_SPREAD, signals]
    weight = len(np.unique(entities)) / len(labels)

    def cost(departure: Floats) -> tuple[float, Floats]:
        log_odds = taught + columns @ departure
        loss = weight * float((np.logaddexp(0.0, log_odds) - labels * log_odds).sum())
        gradient = weight * columns.T @ (expit(log_odds) - labels)
        return loss + float(((departure / spreads) ** 2).sum()) / 2, gradient + departure / spreads**2

    found = minimize(cost, np.zeros(columns.shape[1]), jac=True, method="L-BFGS-B").x
    level, slope = float(found[0]), float(found[1])
    own = Linear(scaling, level - slope * middle, tuple(float(one) for one in found[2:]))
    return Adapted(prior, 1 + slope, own, 1.0, Sigmoid(1.0, 0.0))


def sigmoid_near_one(log_odds: Floats, labels: Floats, *, independent: int) -> Sigmoid:
    """Slope and offset, drawn to 1 and 0: the rows of one client hang together, so there are as many witnesses as clients, not as rows.

    Both are taken about the mean: about nought, where no rare outcome lies, a slope moves all likelihoods up or down.
    """
    centre = float(log_odds.mean())

    def cost(numbers: Floats) -> float:
        departure = (numbers[0] - 1) ** 2 + numbers[1] ** 2
        off = mean_loss(expit(centre + numbers[0] * (log_odds - centre) + numbers[1]), labels)
        return float(independent * off + departure / (2 * CALIBRATION_SPREAD**2))

    slope, offset = minimize(cost, np.array([1.0, 0.0]), method="L-BFGS-B", bounds=[(0.05, 5.0), (-5.0, 5.0)]).x
    return Sigmoid(float(slope), float(centre * (1 - slope) + offset))


def mean_loss(probability: Floats, labels: Floats) -> float:
    """Log loss of a row."""
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    return float(np.mean(-(labels * np.log(p) + (1 - labels) * np.log(1 - p))))
