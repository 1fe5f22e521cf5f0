"""The course of a project as people are shown it: its margin, where that goes, and how its cost runs against its plan."""

from dataclasses import dataclass
from datetime import date

from models.margin_causes import Cause


@dataclass(frozen=True)
class Mark:
    """A milestone on the time axis."""

    on: date
    """Day on which it was completed, or its target."""
    name: str
    done: bool


@dataclass(frozen=True)
class Burn:
    """Cost against plan, in whole units of the project's currency."""

    currency: str
    starts_on: date
    ends_on: date
    """As planned; the day that it was read where no end is planned."""
    read_on: date
    planned: int
    """Cost of the first budget: what the planned margin was worked out on."""
    granted: int
    """Cost of the newest budget."""
    spent: tuple[tuple[date, int], ...]
    """Cost by the end of each week with time on record, rising, and by the day that it was read."""
    at_completion: int
    """Cost in the end, if it goes on like this."""
    milestones: tuple[Mark, ...]


@dataclass(frozen=True)
class ProjectCourse:
    """Margins are shares of the revenue."""

    planned: float
    goes_on: float
    """Margin if it goes on like this: by the damped cost performance index and the cost, price and charged share so far."""
    causes: dict[Cause, float]
    """What each cause adds to the planned margin or takes from it; the sum is `goes_on` less `planned`, but for rounding."""
    burn: Burn
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    """Forecast of the margin at completion, 80 % range and middle; None where too few projects were closed to learn one."""
