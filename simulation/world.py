"""The firm before anybody works: clients, people, contracts, projects, plans, calendars and habits."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from simulation import clients as markets
from simulation.absences import absences
from simulation.amendments import RATES, amendments, rate_cuts
from simulation.budgets import budgets, cost_cents, with_amounts
from simulation.calendars import days_due, working_days
from simulation.days import NEVER
from simulation.draws import Flags, Ints
from simulation.milestones import milestones
from simulation.people import PRACTICES, staff
from simulation.plan import Plan, Traits, traits_of
from simulation.projects import RETAINER, portfolio
from simulation.rates import rate_cards
from simulation.scope import planned_ends, scopes
from simulation.tardiness import weeks
from simulation.timesheets import Office


@dataclass(frozen=True)
class World:
    traits: Traits
    market: pl.DataFrame
    stress: Flags
    insolvent_on: Ints
    office: Office
    planned: pl.DataFrame
    """By project: planned minutes, cost and revenue."""
    amended: pl.DataFrame
    reached: pl.DataFrame
    """Milestones."""
    cost: Ints
    """Cost an hour by person, euro cents."""
    cut_signed: Ints
    """By contract: the day on which its cut in rates became known."""


def world_of(plan: Plan) -> World:
    traits = traits_of(plan)
    market, stress = markets.market(plan, traits), markets.stress_paths(plan)
    crew = staff(plan)
    book = portfolio(plan, traits, market, crew.seats)
    amended = amendments(plan, book.contracts)
    cut_on, cut = rate_cuts(book.contracts, amended)
    cards = rate_cards(plan, traits, book.contracts, cut_on=cut_on, cut=cut.to_numpy())
    scope = scopes(plan, book.projects)
    planned = budgets(traits, cards, book=book, crew=crew, scope=scope)
    monthly = (pl.col("revenue") / pl.col("months") / 10_000).round().cast(pl.Int64).clip(lower_bound=1) * 10_000
    retained = planned.select("project", retainer_month=monthly)
    projects = book.projects.join(retained, on="project", how="left", maintain_order="left")
    projects = projects.with_columns(retainer_month=pl.when(pl.col("kind") == RETAINER).then("retainer_month"))
    projects = projects.with_columns(planned_ends=planned_ends(projects, scope))
    contracts = with_amounts(plan, book=book, planned=planned)
    agreed = projects.group_by("contract").agg(pl.col("planned_ends").max())
    contracts = contracts.join(agreed, on="contract", how="left", maintain_order="left")
    book = replace(book, contracts=contracts, projects=projects)
    absent, open_days = absences(plan, crew.people), working_days(plan)
    due = days_due(plan, crew.people, away=absent.away, open_days=open_days)
    spent = weeks(plan, traits, people=crew.people, due=due, away=absent.away, open_days=open_days)
    internal = len(book.projects) + np.arange(len(PRACTICES), dtype=np.int64)
    return World(
        traits=traits,
        market=market,
        stress=stress,
        insolvent_on=markets.insolvency_days(plan, stress, market["size"].to_numpy()),
        office=Office(crew, book, scope, cards, absent, open_days, due, spent, internal),
        planned=planned,
        amended=amended,
        reached=milestones(plan, projects=book.projects, planned=planned, scope=scope),
        cost=cost_cents(traits, crew.people),
        cut_signed=_cut_signed(book.contracts, amended),
    )


def _cut_signed(contracts: pl.DataFrame, amended: pl.DataFrame) -> Ints:
    first = amended.filter(pl.col("kind") == RATES).group_by("contract", maintain_order=True).agg(pl.col("signed").first())
    return contracts.select("contract").join(first, on="contract", how="left", maintain_order="left")["signed"].fill_null(NEVER).to_numpy()
