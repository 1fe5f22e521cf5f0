"""Where a margin goes: plan against forecast, split into causes that add up exactly. Plain numbers in, points out."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

Cause = Literal["scope", "effort", "mix", "rate", "write-down"]
CAUSES: Final[tuple[Cause, ...]] = ("scope", "effort", "mix", "rate", "write-down")
"""In the order in which plan is replaced by forecast: first how much work, then who does it, then what it brings."""


@dataclass(frozen=True)
class Course:
    """Work, its price and what it earns: a plan or a forecast."""

    hours: float
    cost: float
    """An hour."""
    price: float
    """A charged hour."""
    charged: float
    """Share of the hours."""


def margin_of(course: Course, *, fee: float | None) -> float:
    """1 less cost over revenue; `fee`: what a fixed price brings whatever the effort, None where time is billed."""
    revenue = fee if fee is not None else course.hours * course.charged * course.price
    return 1.0 - course.hours * course.cost / revenue


def causes(plan: Course, forecast: Course, *, granted: float, fee: float | None) -> dict[Cause, float]:
    """Margin by which each cause moves the plan towards the forecast; the sum is the difference, but for rounding.

    `granted`: hours of the last budget. What lies within them is scope, what lies beyond is effort. A fixed fee is moved by neither price
    nor by what is not charged.
    """
    scope = Course(min(max(forecast.hours, plan.hours), max(granted, plan.hours)), plan.cost, plan.price, plan.charged)
    effort = Course(forecast.hours, plan.cost, plan.price, plan.charged)
    mix = Course(forecast.hours, forecast.cost, plan.price, plan.charged)
    rate = Course(forecast.hours, forecast.cost, forecast.price, plan.charged)
    steps = [margin_of(course, fee=fee) for course in (plan, scope, effort, mix, rate, forecast)]
    return {cause: after - before for cause, (before, after) in zip(CAUSES, pairwise(steps), strict=True)}
