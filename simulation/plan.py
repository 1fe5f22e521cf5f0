"""What firm to simulate: the parameters of a run, and the traits that are drawn for this firm from the published ranges."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from simulation.days import day_of, month_starts
from simulation.dialects import CANONICAL, DIALECTS
from simulation.draws import Draws, Ints
from simulation.drift import Drift
from simulation.mechanisms.catalog import MECHANISMS

START: Final = date(2023, 1, 1)
TAIL_MONTHS: Final = 14
"""Months worked out beyond the last exported one, so that the truth of the newest invoices is known."""
FEWEST_PEOPLE: Final = 8
FEWEST_CLIENTS: Final = 2
CLIENTS_PER_PERSON: Final = 0.58


@dataclass(frozen=True)
class Plan:
    """One firm to simulate. Raises ValueError when nothing can be simulated from it."""

    people: int
    months: int
    seed: int
    clients: int | None = None
    """How many clients it serves; without it about as many as such a firm does."""
    start: date = START
    until: date | None = None
    """Last day that the export knows of; without it the end of the last month."""
    mechanism: str = "additive"
    """How disputes come about: a name of mechanisms/catalog.py."""
    drifts: tuple[Drift, ...] = ()
    random_arm: float = 0.0
    """Share of invoices for which a coin decides whether a collector acts, instead of the collector."""
    dirt: bool = True
    """Whether people and systems leave their traces on the export (dirt.py)."""
    dialect: str = CANONICAL
    """Whose files the export looks like: one of dialects.py."""
    anomalies: tuple[str, ...] = ()
    """Kinds of odd entries and lines that the firm has, of anomalies.py."""

    def __post_init__(self) -> None:
        if self.people < FEWEST_PEOPLE or self.months < 1 or self.client_count < FEWEST_CLIENTS:
            least = f"{FEWEST_PEOPLE} people, 1 month and {FEWEST_CLIENTS} clients"
            raise ValueError(f"a firm needs {least}; asked for {self.people}, {self.months} and {self.client_count}")
        if self.mechanism not in MECHANISMS:
            raise ValueError(f"{self.mechanism!r} is no mechanism; there are {', '.join(MECHANISMS)}")
        if self.dialect not in DIALECTS:
            raise ValueError(f"{self.dialect!r} is no dialect; there are {', '.join(DIALECTS)}")
        if self.start.day != 1:
            raise ValueError(f"the firm's records start on the first of a month, not on {self.start}")
        if self.until is not None and self.until < self.start:
            raise ValueError(f"until {self.until} lies before the start {self.start}")

    @property
    def client_count(self) -> int:
        return max(6, round(self.people * CLIENTS_PER_PERSON)) if self.clients is None else self.clients

    @cached_property
    def draws(self) -> Draws:
        return Draws(self.seed)

    @cached_property
    def months_first(self) -> Ints:
        """First day of each month, the tail's and one more included."""
        return month_starts(self.start, self.months + TAIL_MONTHS)

    @property
    def first(self) -> int:
        return day_of(self.start)

    @property
    def end(self) -> int:
        """First day after the last month."""
        return int(self.months_first[self.months])

    @property
    def last_known(self) -> int:
        """Last day that the export knows of."""
        return min(day_of(self.until), self.end - 1) if self.until else self.end - 1


@dataclass(frozen=True)
class Traits:
    """What makes this firm differ from the next, drawn once from the ranges of modeling.md 2.5."""

    pays_after: float
    """Mean of the clients' habitual days past due, weighted by size, with the usual wait for a payment run."""
    dispute_level: float
    """Log odds of a dispute of an ordinary clean draft."""
    sloppiness: float
    """Factor on the rate of drafting errors."""
    rate_rise: float
    """Growth of the rate cards each January."""
    plan_margin: float
    bench_days: float
    """Mean days a team waits between two projects."""
    tardiness: float
    """Log odds that an ordinary person's week is missing at the deadline."""


def traits_of(plan: Plan) -> Traits:
    draws = plan.draws

    def between(low: float, high: float, name: str) -> float:
        return float(draws.between(low, high, f"firm.{name}", 0)[0])

    return Traits(
        pays_after=between(-5.6, -4.2, "pays_after"),
        dispute_level=between(-5.15, -4.65, "dispute_level"),
        sloppiness=between(0.8, 1.25, "sloppiness"),
        rate_rise=between(0.025, 0.045, "rate_rise"),
        plan_margin=between(0.33, 0.39, "plan_margin"),
        bench_days=between(14, 30, "bench_days"),
        tardiness=between(-2.9, -2.4, "tardiness"),
    )
