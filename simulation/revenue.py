"""Revenue by project and month: what was planned evenly, and what was recognised for the work done."""

import numpy as np
import polars as pl

from simulation.days import next_workday
from simulation.naming import named
from simulation.plan import Plan
from simulation.projects import RETAINER, project_id
from simulation.scope import Scope, elapsed

_METHODS = ("time", "percent_complete", "straight_line", "time")


def revenue_schedules(plan: Plan, projects: pl.DataFrame, *, planned: pl.DataFrame, done: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    months = pl.DataFrame({"month": np.arange(plan.months, dtype=np.int64), "opens": plan.months_first[: plan.months]})
    months = months.with_columns(closes=plan.months_first[1 : plan.months + 1] - 1)
    rows = projects.select("project", "kind", "currency", "starts", "ends").join(months, how="cross")
    rows = rows.filter((pl.col("starts") <= pl.col("closes")) & (pl.col("ends") >= pl.col("opens")))
    worked = done.group_by("project", "month").agg(pl.col("value").sum())
    rows = rows.join(planned.select("project", "revenue"), on="project", how="left").join(worked, on=("project", "month"), how="left")
    rows = rows.sort("project", "month")
    project = rows["project"].to_numpy()
    part = elapsed(projects, project, rows["closes"].to_numpy() + 1) - elapsed(projects, project, rows["opens"].to_numpy())
    even = np.round(rows["revenue"].to_numpy() * part).astype(np.int64)
    hourly = rows["kind"].is_in([0, 3]).to_numpy()
    booked = next_workday(rows["closes"].to_numpy() + 1, 4)
    worked_value = np.round(
        rows["value"].fill_null(0.0).to_numpy() / np.where(hourly, 1.0, np.maximum(scope.overrun[project], 0.5))
    ).astype(np.int64)
    straight = (rows["kind"] == RETAINER).to_numpy()
    return rows.select(
        "currency",
        schedule_id=named("RS{}-{}", "project", "month"),
        project_id=project_id("project"),
        period_start_on="opens",
        period_end_on="closes",
        method=pl.col("kind").replace_strict(dict(enumerate(_METHODS)), return_dtype=pl.String),
        planned_amount=pl.Series(even),
        recognized_on=pl.Series(booked),
        recognized_amount=pl.Series(np.where(straight, even, worked_value)),
        _known_on=pl.max_horizontal(pl.col("opens"), pl.col("starts")) - 1,
    )
