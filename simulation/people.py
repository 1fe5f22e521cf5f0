"""The people: seats of the firm, who sits on them when, their role, practice, office and hidden habits."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from simulation.days import NEVER, next_workday
from simulation.draws import Ints
from simulation.naming import named
from simulation.places import OFFICES, PLACES
from simulation.plan import Plan

ROLES: Final = ("analyst", "consultant", "senior", "manager", "partner", "support")
ROLE_WEIGHTS: Final = (0.25, 0.31, 0.18, 0.10, 0.05, 0.11)
MANAGER: Final = 3
PARTNER: Final = 4
SUPPORT: Final = 5
RATE_CENTS: Final = (9_500, 13_500, 17_500, 22_500, 31_000, 0)
"""Standard bill rate an hour in euro cents, by role, in the first year."""
PRACTICES: Final = ("advisory", "technology", "engineering", "tax")
LEAVES_PER_YEAR: Final = 0.11


@dataclass(frozen=True)
class Staff:
    """`seats`: one row a seat (a place in the pyramid); `people`: one row a person. A seat that falls empty is filled some weeks later."""

    seats: pl.DataFrame
    people: pl.DataFrame


def staff(plan: Plan) -> Staff:
    draws, seat = plan.draws, np.arange(plan.people, dtype=np.int64)
    role = _pyramid(plan)
    practice = seat % min(len(PRACTICES), max(1, plan.people // 25))
    left = plan.first + np.round(draws.exponential(365.25 / LEAVES_PER_YEAR, "seat.leaves", seat)).astype(np.int64)
    left = np.where(left < plan.months_first[-1], next_workday(left, 0), NEVER)
    refilled = np.where(left < NEVER, next_workday(np.minimum(left, NEVER) + draws.whole(15, 60, "seat.refill", seat), 0), NEVER)
    successor = np.where(refilled < NEVER, plan.people + np.cumsum(refilled < NEVER) - 1, -1)
    seats = pl.DataFrame(
        {
            "seat": seat,
            "role": role,
            "practice": practice,
            "office": np.array(OFFICES)[draws.pick((0.5, 0.3, 0.2), "seat.office", seat)],
            "holder": seat,
            "left": left,
            "successor": successor,
            "refilled": refilled,
        }
    )
    return Staff(seats, _people(plan, seats))


def _pyramid(plan: Plan) -> Ints:
    """Roles in the pyramid's exact shares, dealt over the seats by a keyed shuffle; at least one manager in each practice."""
    seat = np.arange(plan.people, dtype=np.int64)
    edges = np.cumsum(ROLE_WEIGHTS)
    order = np.empty(plan.people, dtype=np.int64)
    order[np.argsort(plan.draws.words("seat.role", seat), kind="stable")] = seat
    role = np.searchsorted(edges / edges[-1], (order + 0.5) / plan.people).astype(np.int64)
    role[: len(PRACTICES)] = MANAGER
    return role


def _people(plan: Plan, seats: pl.DataFrame) -> pl.DataFrame:
    follows = seats.filter(pl.col("successor") >= 0)
    stays = seats.select("seat", "role", "practice", "office", "left", person="holder", hired=pl.lit(-1, dtype=pl.Int64))
    joins = follows.select("seat", "role", "practice", "office", left=pl.lit(NEVER, dtype=pl.Int64), person="successor", hired="refilled")
    both = pl.concat([stays, joins.select(stays.columns)])
    person = both["person"].to_numpy()
    before = plan.first - plan.draws.whole(30, 3000, "person.hired", person)
    draws = plan.draws
    return both.with_columns(
        hired=np.where(both["hired"].to_numpy() < 0, before, both["hired"].to_numpy()),
        weekly_minutes=np.array([2400, 1920, 1440])[draws.pick((0.84, 0.10, 0.06), "person.part_time", person)],
        sloppiness=draws.lognormal(1.0, 0.45, "person.sloppiness", person),
        tardiness=0.8 * draws.normal("person.tardiness", person),
        cost_share=draws.between(0.85, 1.15, "person.cost", person),
    )


def holder_on(seats: pl.DataFrame, seat: Ints, day: Ints) -> Ints:
    """Who sits on a seat on a day; -1 while it is empty."""
    left, successor, refilled = (seats[name].to_numpy()[seat] for name in ("left", "successor", "refilled"))
    return np.where(day < left, seat, np.where(day >= refilled, successor, -1))


def export_people(staff_now: Staff, plan: Plan) -> pl.DataFrame:
    people = staff_now.people
    heads = people.filter(pl.col("role") == MANAGER).group_by("practice").agg(head=pl.col("person").min())
    led = people.join(heads, on="practice", how="left")
    person = led["person"].to_numpy()
    return led.select(
        person_id=person_id("person"),
        role=pl.lit(np.array(ROLES)[led["role"].to_numpy()]),
        grade=named("G{}", pl.col("role") + 1),
        practice=pl.lit(np.array(PRACTICES)[led["practice"].to_numpy()]),
        office=pl.lit(np.array([place.city for place in PLACES])[led["office"].to_numpy()]),
        manager_id=pl.when(pl.col("head") != pl.col("person")).then(person_id("head")),
        weekly_minutes="weekly_minutes",
        hired_on="hired",
        left_on="left",
    ).with_columns(_known_on=np.where(person < plan.people, plan.first, led["hired"].to_numpy()))


def person_id(column: str) -> pl.Expr:
    return named("P{}", pl.col(column).cast(pl.String).str.zfill(6))
