"""Which line of a disputed invoice is the one: shares of the invoice's lines that add up to one.

A conditional logit over the lines of an invoice (McFadden 1974). With nothing to learn from a line's share is its share of the money; each
named line draws the weights from there.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class LineBlame:
    """Weights of signals, in log-odds; `by_money` is the weight of the logarithm of a line's money."""

    signals: tuple[str, ...]
    weights: tuple[float, ...]
    by_money: float = 1.0

    @classmethod
    def of_money(cls, signals: Sequence[str]) -> "LineBlame":
        """Before anything is learned."""
        return cls(tuple(signals), (0.0,) * len(signals))

    def shares(self, values: Floats, log_money: Floats, invoice: Ints) -> Floats:
        """`values`: lines x signals; `invoice`: whose line each is, numbers from 0. Shares of an invoice's lines add up to one."""
        return softmax(values @ np.asarray(self.weights) + self.by_money * log_money, invoice)

    def to_text(self) -> str:
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_text(cls, text: str) -> "LineBlame":
        held = json.loads(text)
        return cls(tuple(held["signals"]), tuple(held["weights"]), held["by_money"])


def softmax(score: Floats, group: Ints) -> Floats:
    """Exponentials over their sum within each group."""
    if not len(score):
        return score
    highest = np.full(int(group.max()) + 1, -np.inf)
    np.maximum.at(highest, group, score)
    raised = np.exp(score - highest[group])
    return np.asarray(raised / np.bincount(group, weights=raised)[group], dtype=np.float64)
