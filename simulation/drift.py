"""What changes in the firm's world part way: a drift is named with the day from which it holds, as in `recession@2024-03-01`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from simulation.days import day_of
from simulation.draws import Floats, Ints

if TYPE_CHECKING:
    from simulation.plan import Plan

DRIFTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "recession": "clients run short of cash three times as often, for nine months",
        "migration": "a new billing system: twice the drafting errors for three months",
        "price_wave": "clients of one sector dispute prices, for six months",
        "billing_policy": "drafts are checked before they go out: a third fewer errors from then on",
    }
)
RECESSION_MONTHS: Final = 9
RECESSION_FACTOR: Final = 3.0
MIGRATION_MONTHS: Final = 3
WAVE_MONTHS: Final = 6
WAVE_LOG_ODDS: Final = 1.3
WAVE_SEGMENT: Final = "industry"


@dataclass(frozen=True)
class Drift:
    name: str
    on: date

    @classmethod
    def parse(cls, text: str) -> Self:
        """From NAME@DATE. Raises ValueError for another form or an unknown name."""
        name, _, day = text.partition("@")
        if name not in DRIFTS:
            raise ValueError(f"{name!r} is no drift; there are {', '.join(DRIFTS)}")
        return cls(name, date.fromisoformat(day))


def months_in(plan: "Plan", name: str, *, month: Ints, months: int | None = None) -> np.ndarray:
    """For each month (index) whether it lies in a drift: from its month on, for `months` of them or for good."""
    inside = np.zeros(np.shape(month), dtype=bool)
    for drift in plan.drifts:
        if drift.name == name:
            first = int(np.searchsorted(plan.months_first, day_of(drift.on), side="right")) - 1
            inside |= (month >= first) & (month < first + (months or len(plan.months_first)))
    return inside


def stress_factor(plan: "Plan", month: int) -> float:
    return RECESSION_FACTOR if months_in(plan, "recession", month=np.array([month]), months=RECESSION_MONTHS)[0] else 1.0


def error_factor(plan: "Plan", month: Ints) -> Floats:
    """On the rate of drafting errors, by draft."""
    doubled = np.where(months_in(plan, "migration", month=month, months=MIGRATION_MONTHS), 2.0, 1.0)
    return np.asarray(doubled * np.where(months_in(plan, "billing_policy", month=month), 2 / 3, 1.0))


def price_wave(plan: "Plan", segments: list[str], *, month: Ints, client: Ints) -> Floats:
    """Added to the log odds of a dispute, by draft."""
    hit = np.array([segment == WAVE_SEGMENT for segment in segments])[client]
    return np.asarray(WAVE_LOG_ODDS * (hit & months_in(plan, "price_wave", month=month, months=WAVE_MONTHS)))
