"""RISKS: everything that is scored, in the order in which people meet it.

Adding a risk takes one file beside this one that declares a Risk, a line here, and a case in tests/models; labels of a new kind go to
training/labels.py, which alone looks ahead.
"""

from typing import Final

from models.collections import COLLECTIONS
from models.dispute import DISPUTE
from models.margin import MARGIN
from models.missing_time import MISSING_TIME
from models.risk import Risk

RISKS: Final[tuple[Risk, ...]] = (COLLECTIONS, DISPUTE, MARGIN, MISSING_TIME)


class UnknownRiskError(ValueError):
    """No risk of that name is declared."""


def risk_named(name: str) -> Risk:
    """The risk of that name. Raises UnknownRiskError, naming those there are."""
    for risk in RISKS:
        if risk.name == name:
            return risk
    raise UnknownRiskError(f"no risk is called {name!r}; there are {', '.join(risk.name for risk in RISKS)}")
