"""What each project was planned to take, cost and bring, and the contract amounts that follow: fee, cap, monthly retainer."""

from typing import Final

import numpy as np
import polars as pl

from simulation.days import NEVER
from simulation.draws import Ints
from simulation.naming import named
from simulation.people import RATE_CENTS, Staff
from simulation.places import UNITS_PER_EURO
from simulation.plan import Plan, Traits
from simulation.projects import FIXED_FEE, HYBRID, RETAINER, TIME_AND_MATERIALS, Portfolio, project_id
from simulation.rates import RateCards
from simulation.scope import NEVER_CHARGED, Scope

SLOT_MINUTES: Final = 70
"""Mean minutes a working day that a full-time person gives to each of six teams."""
ATTENDANCE: Final = 0.87
USUAL_DISCOUNT: Final = 0.9
"""Mean of what contracts leave of the standard rates (projects.py)."""
CAPPED: Final = 0.25
"""Share of time-and-materials contracts with a cap."""


def cost_cents(traits: Traits, people: pl.DataFrame) -> Ints:
    """Cost an hour by person, euro cents: what leaves the planned margin at an average discount, when some work is never charged."""
    ordered = people.sort("person")
    rate = np.array(RATE_CENTS)[ordered["role"].to_numpy()]
    usual = np.where(rate == 0, 9_000, rate)
    earned = usual * USUAL_DISCOUNT * (1 - NEVER_CHARGED)
    return np.asarray(np.round(earned * (1 - traits.plan_margin) * ordered["cost_share"].to_numpy() / 10) * 10, dtype=np.int64)


def budgets(traits: Traits, cards: RateCards, *, book: Portfolio, crew: Staff, scope: Scope) -> pl.DataFrame:
    """One row a project, in its order: planned minutes, cost and revenue (cents of its currency), months."""
    members = book.members.join(
        book.projects.select("project", "contract", "kind", "currency", "starts", "ends", "intensity"), on="project"
    )
    days = np.busday_count(members["starts"].to_numpy().astype("datetime64[D]"), members["ends"].to_numpy().astype("datetime64[D]"))
    seat, project = members["seat"].to_numpy(), members["project"].to_numpy()
    minutes = days * SLOT_MINUTES * ATTENDANCE * members["intensity"].to_numpy() / scope.overrun[project]
    role = crew.seats["role"].to_numpy()[seat]
    currency = members["currency"].to_list()
    rate = cards.at(members["contract"].to_numpy(), role=role, day=members["starts"].to_numpy())
    cost = cost_cents(traits, crew.people)[seat] * np.array([UNITS_PER_EURO[each] for each in currency])
    planned = (
        members.select("project", minutes=minutes, cost=minutes / 60 * cost, revenue=minutes / 60 * rate * (1 - NEVER_CHARGED))
        .group_by("project")
        .sum()
    )
    spans = book.projects.select("project", months=((pl.col("ends") - pl.col("starts")) / 30.4).round().clip(lower_bound=1).cast(pl.Int64))
    joined = spans.join(planned, on="project", how="left", maintain_order="left").with_columns(
        pl.col("minutes", "cost", "revenue").fill_null(0.0)
    )
    return joined.with_columns(
        minutes=(pl.col("minutes") / 60).round().cast(pl.Int64) * 60,
        cost=(pl.col("cost") / 10_000).round().cast(pl.Int64) * 10_000,
        revenue=(pl.col("revenue") / 50_000).round().cast(pl.Int64).clip(lower_bound=1) * 50_000,
    )


def with_amounts(plan: Plan, *, book: Portfolio, planned: pl.DataFrame) -> pl.DataFrame:
    """Contracts with value, cap and monthly retainer in cents; null where a kind has none."""
    sums = book.projects.select("project", "contract").join(planned, on="project", maintain_order="left")
    monthly = (pl.col("revenue") / pl.col("months") / 10_000).round().cast(pl.Int64).clip(lower_bound=1) * 10_000
    totals = sums.group_by("contract").agg(value=pl.col("revenue").sum(), monthly=monthly.sum())
    contracts = book.contracts.join(totals, on="contract", how="left", maintain_order="left")
    contract = contracts["contract"].to_numpy()
    room = plan.draws.between(1.0, 1.15, "contract.cap_room", contract)
    capped = plan.draws.chance(CAPPED, "contract.capped", contract)
    cap = (pl.col("value") * pl.lit(pl.Series(room)) / 50_000).round().cast(pl.Int64) * 50_000
    kind = pl.col("kind")
    return contracts.with_columns(
        cap=pl.when((kind == HYBRID) | ((kind == TIME_AND_MATERIALS) & pl.lit(pl.Series(capped)))).then(cap).otherwise(None),
        retainer_month=pl.when(kind == RETAINER).then("monthly"),
        fee=pl.when(kind == FIXED_FEE).then("value"),
        cutoff_days=pl.when(pl.lit(pl.Series(plan.draws.chance(0.3, "contract.cutoff", contract)))).then(90),
    )


def export_budgets(projects: pl.DataFrame, planned: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """The first baseline of every project, and a second where a scope shock was granted half of what it takes."""
    told = planned.join(projects.select("project", "starts", "ends"), on="project", maintain_order="left")
    base = told.with_columns(baseline_no=pl.lit(1), approved_on=pl.col("starts") - 2)
    granted = 1 + (scope.shock - 1) / 2
    at = (projects["starts"].to_numpy() + scope.shock_share * (projects["ends"] - projects["starts"]).to_numpy()).astype(np.int64) + 25
    again = told.with_columns(
        minutes=np.round(told["minutes"].to_numpy() * granted).astype(np.int64),
        cost=np.round(told["cost"].to_numpy() * granted).astype(np.int64),
        baseline_no=pl.lit(2),
        approved_on=pl.lit(pl.Series(np.where(scope.shock > 1, at, NEVER))),
    )
    both = pl.concat([base, again.select(base.columns)]).filter(pl.col("approved_on") < NEVER)
    return both.select(
        "baseline_no",
        "approved_on",
        "minutes",
        budget_id=named("BU{}-{}", "project", "baseline_no"),
        project_id=project_id("project"),
        cost_amount="cost",
        revenue_amount="revenue",
    )
