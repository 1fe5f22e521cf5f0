"""What a project earned in the end, against what was planned; and how likely a fall of five points was, as seen at each Monday's end."""

from typing import Final

import numpy as np
import polars as pl
from scipy.optimize import minimize
from scipy.special import log_ndtr, ndtr

from simulation.days import weekday
from simulation.draws import Flags, Floats
from simulation.plan import Plan
from simulation.projects import project_id
from simulation.scope import SHOCKED, Scope, elapsed

FALL: Final = 0.05
"""Points of margin under plan from which a project counts as compressed."""
FEWEST: Final = 12
"""Finished projects of a kind without which no curve is fitted."""
UNKNOWN: Final = (1.1, 0.1)
UNKNOWN_WITHIN: Final = np.array([0.3, 1.0])
"""How far a kind's curve may well lie from it: the overrun, and the logarithm of the spread."""
SHOCK_SIZES: Final = (0.084, 0.132, 0.18, 0.228, 0.276)
"""Middle of each fifth of the sizes that a shock can have."""


def final_margins(projects: pl.DataFrame, *, planned: pl.DataFrame, done: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """One row a project: planned and final margin, `fell` when it lost five points. Revenue as billed without drafting errors."""
    revenue = lines.filter(pl.col("kind") != 1).group_by("project").agg(earned=pl.col("clean_net").sum())
    spent = done.group_by("project").agg(pl.col("cost").sum(), pl.col("minutes").sum(), pl.col("value").sum())
    told = planned.select("project", plan_margin=1 - pl.col("cost") / pl.col("revenue"), plan_minutes="minutes")
    joined = told.join(revenue, on="project", how="left", maintain_order="left").join(
        spent, on="project", how="left", maintain_order="left"
    )
    joined = joined.join(projects.select("project", "starts", "ends", "kind"), on="project", maintain_order="left")
    margins = joined.with_columns(final_margin=1 - pl.col("cost") / pl.col("earned"), length=pl.col("ends") - pl.col("starts"))
    return margins.with_columns(fell=pl.col("final_margin") < pl.col("plan_margin") - FALL)


def outlook(plan: Plan, projects: pl.DataFrame, *, scope: Scope, margins: pl.DataFrame) -> pl.DataFrame:
    """One row a running project and Monday's end: the probability of a fall, given everything hidden but a shock still to come.

    Whether a margin falls follows the final overrun closely; a normal curve over it, fitted on the firm's finished projects by kind of
    contract, turns one into the probability of the other, so that noise in staffing and billing stays in it.
    """
    first = plan.first + (7 - int(weekday(np.array([plan.first]))[0])) % 7
    mondays = pl.DataFrame({"day": np.arange(first, plan.end, 7, dtype=np.int64)})
    running = projects.select("project", "kind", "starts", "ends").join(margins.select("project", "fell", "final_margin"), on="project")
    rows = running.join(mondays, how="cross")
    rows = rows.filter((pl.col("starts") < pl.col("day")) & (pl.col("day") < pl.col("ends"))).sort("project", "day")
    project, kind = rows["project"].to_numpy(), rows["kind"].to_numpy()
    share, struck = elapsed(projects, project, rows["day"].to_numpy()), scope.shock_share[project]
    curves = _curves(scope, margins, plan)
    settled = share >= struck
    calm = np.where(settled, scope.overrun[project], scope.before[project])
    chance = np.where(settled, 0.0, _still_to_come(share))
    falls = _at(curves, kind, calm) * (1 - chance)
    for size in SHOCK_SIZES:
        falls = falls + chance / len(SHOCK_SIZES) * _at(curves, kind, calm * (1 + size))
    told = rows.select(
        "day",
        "fell",
        "final_margin",
        project_id=project_id("project"),
        percent_elapsed=pl.lit(pl.Series(share)),
        p_margin_fall=pl.lit(pl.Series(falls)),
    )
    return told.with_columns(as_of_on=pl.col("day").cast(pl.Int32).cast(pl.Date)).drop("day")


def _still_to_come(share: Floats) -> Floats:
    """A shock strikes evenly between 15 and 85 % of the time: the odds that one does, when none has by now."""
    left = np.clip((0.85 - share) / 0.70, 0, 1)
    return SHOCKED * left / (1 - SHOCKED + SHOCKED * left)


def _at(curves: dict[int, tuple[float, float]], kind: np.ndarray, overrun: Floats) -> Floats:
    centre = np.array([curves[number][0] for number in range(4)])[kind]
    width = np.array([curves[number][1] for number in range(4)])[kind]
    return np.asarray(ndtr((overrun - centre) / width))


def _curves(scope: Scope, margins: pl.DataFrame, plan: Plan) -> dict[int, tuple[float, float]]:
    """By kind of contract: the overrun at which half of the margins fall by five points, and the spread around it."""
    finished = margins.with_columns(overrun=pl.lit(pl.Series(scope.overrun))).filter(
        (pl.col("ends") < plan.end - 60) & (pl.col("starts") > plan.first) & pl.col("final_margin").is_finite()
    )
    found = {}
    for number in range(4):
        own = finished.filter(pl.col("kind") == number)
        found[number] = _curve(own["overrun"].to_numpy(), own["fell"].to_numpy()) if len(own) >= FEWEST else UNKNOWN
    return found


def _curve(overrun: Floats, fell: Flags) -> tuple[float, float]:
    """Centre and width of the likeliest normal curve (probit) over what fell and what did not, drawn to UNKNOWN where that is little.

    Not a line through the margins: one project that billed next to nothing has a margin of minus fifteen thousand per cent, and made
    every project of its kind as likely to fall as not.
    """
    before = np.array([UNKNOWN[0], np.log(UNKNOWN[1])])

    def unlikely(told: Floats) -> float:
        level = (overrun - told[0]) / np.exp(told[1])
        return float(-log_ndtr(np.where(fell, level, -level)).sum() + (((told - before) / UNKNOWN_WITHIN) ** 2).sum() / 2)

    centre, width = minimize(unlikely, before, method="Nelder-Mead").x
    return float(centre), float(np.exp(width))
