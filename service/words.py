"""The one mapping from a calibrated likelihood to words (ux.md 2.4; bounds follow the IPCC scale)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Likelihood:
    words: str
    """"likely"."""
    about: str
    """"about 8 in 10": always shown beside the words."""

    @property
    def phrase(self) -> str:
        return f"{self.words} · {self.about}"


CERTAIN = Likelihood(words="certain", about="rule")
"""A control fires or does not: it never shows a probability."""

BANDS: tuple[tuple[float, Likelihood], ...] = (
    (0.10, Likelihood("very unlikely", "fewer than 1 in 10")),
    (0.33, Likelihood("unlikely", "about 2 in 10")),
    (0.66, Likelihood("about as likely as not", "about 5 in 10")),
    (0.90, Likelihood("likely", "about 8 in 10")),
)
"""Each band ends below its bound."""
HIGHEST = Likelihood("very likely", "more than 9 in 10")

LEAST_SHOWN = 0.001
"""Per cent: a smaller share is one of a record in many years, and said as this."""
UNUSUAL = "unusual"
"""An anomaly: a rank among the firm's own records, never one of the words for a likelihood."""

NOT_SURE = "Model not sure – ranked by rule and amount only"
"""Shown in place of words and numbers when they are withheld."""


def unusual(share: float) -> Likelihood:
    """Words for an anomaly, by the share of past records that are at least as unusual. Raises ValueError outside 0..1."""
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies in 0..1, not {share}")
    return Likelihood(UNUSUAL, f"rank: top {max(100 * share, LEAST_SHOWN):.2g} %")


def likelihood(probability: float) -> Likelihood:
    """Words for a calibrated probability. Raises ValueError outside 0..1."""
    if not 0 <= probability <= 1:
        raise ValueError(f"a probability lies in 0..1, not {probability}")
    return next((words for bound, words in BANDS if probability < bound), HIGHEST)
