"""Milestones of fixed fees: due when the plan says, done when the effort says, accepted when the client gets round to it."""

from typing import Final

import numpy as np
import polars as pl

from simulation.cycle import INVOICE_ID, drafted_at
from simulation.days import DAY_MICROS, next_workday
from simulation.naming import named
from simulation.plan import Plan
from simulation.projects import FIXED_FEE, project_id
from simulation.scope import TARGET_SLIP, Scope

ACCEPTED_AFTER: Final = 9
"""Median days from completion to acceptance; the tail is long."""
UNSIGNED: Final = 0.05
"""Share of milestones billed on completion, since acceptance drags on: it comes only after the draft."""


def milestones(plan: Plan, *, projects: pl.DataFrame, planned: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """One row a milestone: project, number, amount, target, completed, accepted, unsigned, month (index) in which it is billed."""
    fixed = projects.join(planned.select("project", "revenue"), on="project", maintain_order="left").filter(pl.col("kind") == FIXED_FEE)
    project = fixed["project"].to_numpy()
    length = (fixed["ends"] - fixed["starts"]).to_numpy()
    count = np.clip(length // 45, 2, 8)
    rows = pl.DataFrame(
        {
            "project": project,
            "count": count,
            "length": length,
            "starts": fixed["starts"],
            "fee": fixed["revenue"],
            "currency": fixed["currency"],
        }
    )
    rows = rows.with_columns(number=pl.int_ranges(1, pl.col("count") + 1)).explode("number")
    project, number = rows["project"].to_numpy(), rows["number"].to_numpy().astype(np.int64)
    share = number / rows["count"].to_numpy()
    stretch = 1 + TARGET_SLIP * (scope.overrun[project] - 1)
    target = rows["starts"].to_numpy() + np.round(share * rows["length"].to_numpy() / stretch).astype(np.int64)
    draws = plan.draws
    slip = np.round(draws.exponential(5, "milestone.slip", project, number)).astype(np.int64)
    completed = next_workday(rows["starts"].to_numpy() + np.round(share * rows["length"].to_numpy()).astype(np.int64) + slip, 0)
    waits = np.clip(np.round(draws.lognormal(ACCEPTED_AFTER, 0.9, "milestone.accepted", project, number)), 1, 120).astype(np.int64)
    signed = next_workday(completed + waits, 0)
    unsigned = draws.chance(UNSIGNED, "milestone.unsigned", project, number)
    billed = np.searchsorted(plan.months_first, np.where(unsigned, completed, signed), side="right") - 1
    drafted = drafted_at(plan, project, np.minimum(billed, plan.months)) // DAY_MICROS
    accepted = np.where(unsigned, np.maximum(signed, next_workday(drafted + waits, 1)), signed)
    part = (pl.col("fee") * pl.col("number") / pl.col("count") / 10_000).round().cast(pl.Int64) * 10_000
    before = (pl.col("fee") * (pl.col("number") - 1) / pl.col("count") / 10_000).round().cast(pl.Int64) * 10_000
    return rows.with_columns(
        number=pl.lit(pl.Series(number)),
        amount=part - before,
        target=pl.lit(pl.Series(target)),
        completed=pl.lit(pl.Series(completed)),
        accepted=pl.lit(pl.Series(accepted)),
        unsigned=pl.lit(pl.Series(unsigned)),
        month=pl.lit(pl.Series(billed.astype(np.int64))),
    ).filter(pl.col("amount") > 0)


def milestone_id() -> pl.Expr:
    return named("M{}-{}", pl.col("project").cast(pl.String).str.zfill(6), "number")


def export_milestones(plan: Plan, found: pl.DataFrame) -> pl.DataFrame:
    drafted = drafted_at(plan, found["project"].to_numpy(), np.minimum(found["month"].to_numpy(), plan.months))
    shown = (found["month"].to_numpy() < plan.months) & (drafted <= (plan.last_known + 1) * DAY_MICROS)
    return found.select(
        "amount",
        "currency",
        milestone_id=milestone_id(),
        project_id=project_id("project"),
        name=named("Milestone {}", "number"),
        target_on="target",
        completed_on="completed",
        accepted_on="accepted",
        invoice_id=pl.when(pl.lit(pl.Series(shown))).then(INVOICE_ID),
        _known_on=pl.col("starts") - 1,
    )
