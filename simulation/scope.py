"""How far a project's effort runs past its plan, and what its status reports say: productivity, creep, a scope shock, optimism."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from simulation.days import next_workday
from simulation.draws import Flags, Floats, Ints
from simulation.naming import named
from simulation.plan import Plan
from simulation.projects import RETAINER, project_id

SHOCKED: Final = 0.30
PRODUCTIVITY_SPREAD: Final = 0.1
NEVER_CHARGED: Final = 0.07
"""Share of work that is not charged even within the budget; plans allow for it."""
RED, AMBER = 1.25, 1.1
"""Effort used over progress told from which a manager calls a project red, or amber."""
REPORT_DAYS: Final = 28
TARGET_SLIP: Final = 0.6
"""Share of the overrun in effort that lengthens the calendar; the rest is more people or longer days."""


@dataclass(frozen=True)
class Scope:
    """By project."""

    before: Floats
    """Effort over plan without the shock, as a factor."""
    shock: Floats
    """Factor of the shock, 1 for none."""
    shock_share: Floats
    """Share of the elapsed time at which it strikes."""
    optimism: Floats

    @property
    def overrun(self) -> Floats:
        return self.before * self.shock


def scopes(plan: Plan, projects: pl.DataFrame) -> Scope:
    draws, project = plan.draws, projects["project"].to_numpy()
    calm = np.where(projects["kind"].to_numpy() == RETAINER, 0.6, 1.0)
    productivity = np.exp(calm * (PRODUCTIVITY_SPREAD * draws.normal("project.productivity", project) - 0.03))
    creep = 1 + draws.between(0, 0.05, "project.creep", project) * calm
    size = 1 + draws.between(0.06, 0.30, "project.shock_size", project) * calm
    return Scope(
        before=productivity * creep,
        shock=np.where(draws.chance(SHOCKED, "project.shock", project), size, 1.0),
        shock_share=draws.between(0.15, 0.85, "project.shock_at", project),
        optimism=draws.between(0.0, 0.35, "project.optimism", project),
    )


def elapsed(projects: pl.DataFrame, project: Ints, day: Ints) -> Floats:
    """Share of a project's time that has passed by a day, 0 to 1; effort is spread evenly over it."""
    starts, ends = projects["starts"].to_numpy()[project], projects["ends"].to_numpy()[project]
    return np.asarray(np.clip((day - starts) / np.maximum(ends - starts, 1), 0, 1), dtype=np.float64)


def planned_ends(projects: pl.DataFrame, scope: Scope) -> pl.Series:
    """The last day by plan: what contracts, assignments and projects name, since nobody knows the true one beforehand."""
    length = (projects["ends"] - projects["starts"]).to_numpy() / (1 + TARGET_SLIP * (scope.overrun - 1))
    return pl.Series("planned_ends", projects["starts"].to_numpy() + np.round(length).astype(np.int64))


def unbilled(plan: Plan, projects: pl.DataFrame, scope: Scope, *, project: Ints, day: Ints, key: tuple[Ints, Ints, Ints]) -> Flags:
    """Whether work is not charged: some always is not, and more once the budget has been used up and the client resists."""
    used = elapsed(projects, project, day) * scope.overrun[project]
    chance = NEVER_CHARGED + np.minimum(0.6, 1.5 * np.maximum(0, used - 1))
    return plan.draws.chance(chance, "entry.unbilled", *key)


def status_reports(plan: Plan, projects: pl.DataFrame, scope: Scope, *, planned_minutes: Ints) -> pl.DataFrame:
    """One report every four weeks: percent complete as the manager sees it, too high early on, and what effort is said to remain."""
    number = pl.DataFrame({"number": np.arange(1, 24, dtype=np.int64)})
    rows = projects.select("project", "starts", "ends").join(number, how="cross")
    rows = rows.with_columns(day=pl.col("starts") + REPORT_DAYS * pl.col("number")).filter(
        (pl.col("day") <= pl.col("ends")) & (pl.col("day") < plan.end)
    )
    project, day = rows["project"].to_numpy(), next_workday(rows["day"].to_numpy(), 0)
    share = elapsed(projects, project, day)
    known = np.where(share < scope.shock_share[project], scope.before[project], scope.overrun[project])
    true = np.minimum(0.99, share * scope.overrun[project] / known)
    noise = 0.03 * plan.draws.normal("status.noise", project, rows["number"].to_numpy())
    told = np.clip(true * (1 + scope.optimism[project] * (1 - true)) + noise, 0.01, 0.99)
    used = share * scope.overrun[project]
    strain = used / told + 0.08 * plan.draws.normal("status.mood", project, rows["number"].to_numpy())
    left = planned_minutes[project] * np.maximum(known, 0.9) * (1 - told)
    return rows.select(
        status_id=named("U{}-{}", "project", "number"),
        project_id=project_id("project"),
        reported_on=pl.lit(pl.Series(day)),
        percent_complete=pl.lit(pl.Series(np.round(100 * told, 1))),
        remaining_minutes=pl.lit(pl.Series((np.round(left / 60) * 60).astype(np.int64))),
        health=pl.lit(pl.Series(np.where(strain > RED, "red", np.where(strain > AMBER, "amber", "green")))),
        note=pl.when(pl.lit(pl.Series(strain > RED))).then(pl.lit("Effort above plan; change request under discussion")),
    )
