"""What scores are worth when the true probabilities are known: soft labels.

A sampled outcome says little about a rare event; the probability that it was drawn from says all there is. So in each metric the true
probability p stands where a label would: a row counts as positive by p and as negative by 1 - p. Each metric is then what the same metric
on outcomes would be on average over many redraws (tests/benchmarks/test_soft_labels.py).

Measured on a miniature of the simulated firm, the spread across firms of the share of a gain is 0.16 so, and 0.66 with outcomes.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.metrics import auc, log_loss, redrawn

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

METRICS: Final = ("auc", "log_loss", "precision", "money", "ratio", "ece")
"""Columns of what `Prepared.at` gives, in order. `ratio` is mean predicted over mean true; `ece` the expected calibration error."""
GAINS: Final = {"auc": 1, "log_loss": -1, "precision": 1, "money": 1}
"""Metrics of which one end is better: 1 where more is, -1 where less is."""
BINS: Final = 10
"""Of equal mass, as in training.metrics: a tenth of the rows is the least that a firm of middle size fills."""
_TINY: Final = 1e-6
"""As in training.metrics: log loss counts at most this far from nought and one."""


@dataclass(frozen=True)
class Rows:
    """What was scored, all of one length."""

    truth: Floats
    """True probability of the outcome."""
    stake: Floats
    """Money at stake, in one currency."""
    worklist: Ints
    """Rows of one number are ranked against each other, and cut at capacity."""
    cluster: Ints
    """Rows of one number hang together and are drawn again together: a client, a person, a project."""


@dataclass(frozen=True)
class Scorer:
    """One score for each row; higher is likelier."""

    name: str
    scores: Floats
    likelihood: bool
    """Whether a score is a probability. If so, money is ranked by probability x stake, as a worklist is; if not, by the score itself."""


@dataclass(frozen=True)
class Cut:
    """Rows by worklist and falling score, with the runs of equal scores: sorted once, weighed many times."""

    order: Ints
    runs: Ints
    """Where each run begins."""
    lengths: Ints
    """Rows in each run."""
    lists: Ints
    """The first run of each worklist."""
    list_of: Ints
    """By run: the place of its worklist."""

    @classmethod
    def of(cls, scores: Floats, worklist: Ints) -> "Cut":
        order = np.lexsort((-scores, worklist))
        begins_list = np.r_[True, np.diff(worklist[order]) != 0]
        runs = np.flatnonzero(begins_list | np.r_[True, np.diff(scores[order]) != 0])
        begins = begins_list[runs]
        return cls(order, runs, np.diff(np.r_[runs, len(order)]), np.flatnonzero(begins), np.cumsum(begins) - 1)

    def taken(self, weights: Floats, share: float) -> Floats:
        """Weight of each row, in its own place, within the best `share` of its worklist.

        Ties at the border are taken in equal part, which is what a coin would do on average; so a constant score takes a fair sample.
        """
        mass = np.add.reduceat(weights[self.order], self.runs)
        before = np.cumsum(mass) - mass
        capacity = share * np.add.reduceat(mass, self.lists)
        room = capacity[self.list_of] - (before - before[self.lists][self.list_of])
        part = np.divide(np.clip(room, 0, mass), mass, out=np.zeros_like(mass), where=mass > 0)
        taken = np.empty_like(weights)
        taken[self.order] = weights[self.order] * np.repeat(part, self.lengths)
        return taken


class Prepared:
    """A scorer on rows, sorted once: its metrics under any weights of the rows."""

    def __init__(self, rows: Rows, scorer: Scorer, *, capacity: float) -> None:
        self.rows, self.scorer, self.capacity = rows, scorer, capacity
        self.by_score = Cut.of(scorer.scores, rows.worklist)
        self.by_money = Cut.of(scorer.scores * rows.stake, rows.worklist) if scorer.likelihood else self.by_score
        self.bins = _bins(scorer.scores)
        # A sort of what is sorted costs next to nothing, and auc sorts at every draw.
        self.rising = np.argsort(scorer.scores, kind="stable")
        self.rising_truth, self.rising_scores = rows.truth[self.rising], scorer.scores[self.rising]

    def at(self, weights: Floats) -> Floats:
        """Each of METRICS; NaN where it is not defined."""
        truth, scores = self.rows.truth, self.scorer.scores
        ranked = auc(self.rising_truth, self.rising_scores, weights[self.rising])
        chosen = self.by_score.taken(weights, self.capacity)
        money = truth * self.rows.stake
        caught = _share(float(self.by_money.taken(weights, self.capacity) @ money), float(weights @ money))
        precision = _share(float(chosen @ truth), float(chosen.sum()))
        if not self.scorer.likelihood:
            return np.array([ranked, np.nan, precision, caught, np.nan, np.nan])
        ratio = _share(float(weights @ scores), float(weights @ truth))
        return np.array([ranked, log_loss(truth, scores, weights), precision, caught, ratio, np.abs(self.gaps(weights)).sum()])

    def gaps(self, weights: Floats) -> Floats:
        """By bin of equal mass: mean predicted less mean true, times the bin's share of the rows."""
        return np.asarray(np.bincount(self.bins, weights * (self.scorer.scores - self.rows.truth), BINS) / weights.sum())


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _bins(scores: Floats) -> Ints:
    """The bin of each row. Equal scores fall into one bin, so that a constant has one and not ten made of chance."""
    _, run, count = np.unique(scores, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - count / 2
    return np.minimum((BINS * middle / len(scores)).astype(np.int64), BINS - 1)[run]


@dataclass(frozen=True)
class Measured:
    """Scorers x METRICS, on the rows as they are and on each draw of whole clusters; the scorers in the order given."""

    names: tuple[str, ...]
    values: Floats
    drawn: Floats
    """Draws x scorers x METRICS."""
    floor: Floats
    """By scorer: the calibration error that a perfectly calibrated score would show on so many clusters."""

    def best(self, metric: str, among: tuple[int, ...]) -> int | None:
        """The place of the best of some scorers in a metric; None where none of them has it, or no end of it is better."""
        if metric not in GAINS:
            return None
        column = GAINS[metric] * self.values[list(among), METRICS.index(metric)]
        return None if np.isnan(column).all() else among[int(np.nanargmax(column))]

    def less(self, metric: str, one: int, other: int) -> tuple[float, Floats]:
        """The difference of two scorers, on the rows and on each draw: paired."""
        at = METRICS.index(metric)
        return float(self.values[one, at] - self.values[other, at]), self.drawn[:, one, at] - self.drawn[:, other, at]

    def share_of_gain(self, metric: str, *, model: int, rule: int, ceiling: int) -> tuple[float, Floats]:
        """(model - rule) / (ceiling - rule), on the rows and on each draw; NaN where the ceiling gains nothing."""
        gained, gained_drawn = self.less(metric, model, rule)
        most, most_drawn = self.less(metric, ceiling, rule)
        drawn = np.divide(gained_drawn, most_drawn, out=np.full_like(gained_drawn, np.nan), where=np.abs(most_drawn) > _TINY)
        return gained / most if abs(most) > _TINY else float("nan"), drawn


def measure(rows: Rows, scorers: list[Scorer], *, capacity: float, draws: int) -> Measured:
    """`capacity`: share of each worklist that its owner can work through."""
    prepared = [Prepared(rows, one, capacity=capacity) for one in scorers]
    ones = np.ones(len(rows.truth))
    centres = [one.gaps(ones) for one in prepared]
    drawn = np.empty((draws, len(scorers), len(METRICS)))
    chance = np.zeros(len(scorers))
    for number, weights in enumerate(redrawn(rows.cluster, draws=draws)):
        for place, one in enumerate(prepared):
            drawn[number, place] = one.at(weights)
            # What the bins move by from draw to draw, were each on its mark to begin with.
            chance[place] += np.abs(one.gaps(weights) - centres[place]).sum() / draws
    likelihood = np.array([one.likelihood for one in scorers])
    values = np.array([one.at(ones) for one in prepared])
    return Measured(tuple(one.name for one in scorers), values, drawn, np.where(likelihood, chance, np.nan))
