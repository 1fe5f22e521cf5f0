"""Projects and the contracts they run under: teams of seats work on one project after another, each for a client."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from simulation.days import next_workday
from simulation.draws import Ints
from simulation.naming import named
from simulation.people import MANAGER, SUPPORT
from simulation.plan import Plan, Traits

SLOTS: Final = 6
"""Teams that one person works in at a time."""
TEAM_SIZES: Final = (2, 3, 4, 2, 3)
LENGTH_DAYS: Final = 170
"""Median calendar days of a project: about 28 weeks on average."""
KINDS: Final = ("time_and_materials", "fixed_fee", "retainer", "hybrid")
KIND_WEIGHTS: Final = (0.52, 0.21, 0.12, 0.15)
TIME_AND_MATERIALS, FIXED_FEE, RETAINER, HYBRID = 0, 1, 2, 3
SHARED_CONTRACT_MONTHS: Final = 9
"""Time-and-materials and retainer work that starts within such a block of months for one client runs under one contract."""


@dataclass(frozen=True)
class Portfolio:
    """`projects`: one row a project. `members`: project, seat, slot. `contracts`: one row a contract."""

    projects: pl.DataFrame
    members: pl.DataFrame
    contracts: pl.DataFrame


def portfolio(plan: Plan, traits: Traits, clients: pl.DataFrame, seats: pl.DataFrame) -> Portfolio:
    teams = _teams(plan, seats)
    projects = _chains(plan, traits, teams.group_by("team").agg(pl.col("practice").first()).sort("team"))
    projects = _for_clients(plan, projects, clients, seats)
    contracts, projects = _contracts(plan, projects, clients)
    members = teams.join(projects.select("project", "team"), on="team").select("project", "seat", "slot").sort("project", "slot", "seat")
    return Portfolio(projects, members, contracts)


def _teams(plan: Plan, seats: pl.DataFrame) -> pl.DataFrame:
    """Every fee earner's slots cut into teams: in each slot a practice is shuffled anew, so teammates differ from slot to slot."""
    earners = seats.filter(pl.col("role") != SUPPORT)
    slots = pl.DataFrame({"slot": np.arange(SLOTS, dtype=np.int64)})
    dealt = earners.select("seat", "practice").join(slots, how="cross")
    order = plan.draws.words("team.deal", dealt["slot"].to_numpy(), dealt["seat"].to_numpy())
    dealt = dealt.with_columns(order=order).sort("practice", "slot", "order")
    edges = np.cumsum(np.tile(TEAM_SIZES, len(dealt) // sum(TEAM_SIZES) + 1))
    place = dealt.select(pl.int_range(pl.len()).over("practice", "slot")).to_series().to_numpy()
    chunk = np.searchsorted(edges, place, side="right")
    return dealt.with_columns(chunk=chunk).with_columns(team=pl.struct("practice", "slot", "chunk").rank("dense").cast(pl.Int64) - 1)


def _chains(plan: Plan, traits: Traits, teams: pl.DataFrame) -> pl.DataFrame:
    """The projects of each team, one after the other with a wait between; those running on the first day start on it."""
    draws, team = plan.draws, teams["team"].to_numpy()
    begins = plan.first - draws.whole(0, LENGTH_DAYS, "project.begins", team)
    rows: list[pl.DataFrame] = []
    number = 0
    while bool((begins < plan.end).any()):
        length = np.clip(draws.lognormal(LENGTH_DAYS, 0.5, "project.length", team, number), 45, 600).astype(np.int64)
        ends = begins + length
        starts = np.maximum(begins, plan.first)
        alive = (starts < plan.end) & (ends > plan.first + 20)
        rows.append(teams.with_columns(number=pl.lit(number), starts=starts, ends=ends).filter(pl.lit(alive)))
        begins = ends + np.round(draws.exponential(traits.bench_days, "project.wait", team, number)).astype(np.int64)
        number += 1
    projects = pl.concat(rows).sort("starts", "team").with_row_index("project").with_columns(pl.col("project").cast(pl.Int64))
    return projects.with_columns(starts=next_workday(projects["starts"].to_numpy(), 0))


def _for_clients(plan: Plan, projects: pl.DataFrame, clients: pl.DataFrame, seats: pl.DataFrame) -> pl.DataFrame:
    draws, team, number = plan.draws, projects["team"].to_numpy(), projects["number"].to_numpy()
    client = draws.pick(clients["size"].to_numpy(), "project.client", team, number)
    kind = draws.pick(KIND_WEIGHTS, "project.kind", team, number)
    manager = _managers(plan, projects, seats)
    return projects.with_columns(
        client=client,
        kind=kind,
        manager=manager,
        currency=pl.lit(clients["currency"].to_numpy()[client]),
        intensity=draws.between(0.75, 1.2, "project.intensity", team, number),
    )


def _managers(plan: Plan, projects: pl.DataFrame, seats: pl.DataFrame) -> Ints:
    """The seat of a manager or partner of the team's practice."""
    manager = np.zeros(len(projects), dtype=np.int64)
    practice = projects["practice"].to_numpy()
    for each in np.unique(practice):
        led = seats.filter((pl.col("practice") == int(each)) & pl.col("role").is_in([MANAGER, MANAGER + 1]))["seat"].to_numpy()
        own = practice == each
        pick = plan.draws.uniform("project.manager", projects["team"].to_numpy()[own], projects["number"].to_numpy()[own])
        manager[own] = led[np.minimum((pick * len(led)).astype(np.int64), len(led) - 1)]
    return manager


def _contracts(plan: Plan, projects: pl.DataFrame, clients: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    month = np.searchsorted(plan.months_first, projects["starts"].to_numpy(), side="right") - 1
    shared = pl.col("kind").is_in([TIME_AND_MATERIALS, RETAINER])
    block = pl.when(shared).then(pl.lit(month // SHARED_CONTRACT_MONTHS)).otherwise(-1 - pl.col("project"))
    grouped = projects.with_columns(block=block).with_columns(
        contract=pl.struct("client", "kind", "block").rank("dense").cast(pl.Int64) - 1
    )
    contracts = grouped.group_by("contract").agg(
        pl.col("client", "kind", "currency").first(), pl.col("starts").min(), pl.col("ends").max(), manager=pl.col("manager").first()
    )
    contracts = contracts.sort("contract")
    contract, owner = contracts["contract"].to_numpy(), contracts["client"].to_numpy()
    draws = plan.draws
    contracts = contracts.with_columns(
        discount=np.round(draws.between(0.80, 1.0, "contract.discount", contract), 2),
        signed=contracts["starts"].to_numpy() - draws.whole(3, 40, "contract.signed", contract),
        terms_days=clients["terms_days"].to_numpy()[owner],
        po_required=clients["po_required"].to_numpy()[owner],
        po=draws.whole(100_000, 999_999, "contract.po", contract),
    )
    return contracts, grouped.drop("block")


def project_id(column: str) -> pl.Expr:
    return named("J{}", pl.col(column).cast(pl.String).str.zfill(6))


def client_id(column: str) -> pl.Expr:
    return named("C{}", pl.col(column).cast(pl.String).str.zfill(5))


def contract_id(column: str) -> pl.Expr:
    return named("K{}", pl.col(column).cast(pl.String).str.zfill(6))
