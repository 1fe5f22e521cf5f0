"""The one mapping from a calibrated likelihood to words (bounds follow the IPCC scale) and to a rough frequency."""

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

HAPPENED = Likelihood(words="has happened", about="as the records show")
"""What a risk warned of and the records show is a fact: it has no probability either."""

BANDS: tuple[tuple[int, str], ...] = ((10, "very unlikely"), (33, "unlikely"), (66, "about as likely as not"), (90, "likely"))
"""Each band ends below its bound, in whole per cent as a probability is shown: the words and every number beside them agree."""
HIGHEST = "very likely"
EVEN = 50
"""Per cent."""

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
    percent = round(100 * round(probability, 2))
    words = next((words for bound, words in BANDS if percent < bound), HIGHEST)
    return Likelihood(words, _about(percent))


def _about(percent: int) -> str:
    """The nearest tenth. Of two that are equally near the one nearer to even: no number sounds surer than it is."""
    tenths = (percent + (5 if percent < EVEN else 4)) // 10
    return {0: "fewer than 1 in 10", 10: "more than 9 in 10"}.get(tenths, f"about {tenths} in 10")
