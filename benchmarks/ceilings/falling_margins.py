"""The ceiling of falling margins: what can be said of a project by one who knows how effort runs past plan, from what its reports tell.

What a report says remains, over what its percentage leaves of the plan, is the overrun as the manager knows it: the calm one before a scope
shock, the whole after it. A second baseline tells the size of a shock. What is not told is whether one is still to come.
"""

from typing import Final

import numpy as np
import polars as pl
from scipy.special import ndtr

from records.known import ENTER, Known
from simulation.draws import Flags, Floats
from simulation.margins import SHOCK_SIZES
from simulation.scope import SHOCKED, TARGET_SLIP

CURVES: Final = {
    "time_and_materials": (1.458, 0.244),
    "fixed_fee": (1.097, 0.115),
    "retainer": (1.077, 0.129),
    "hybrid": (1.185, 0.133),
}
"""By kind of contract: the overrun at which half of the margins fall by five points, and the spread around it. Means of the fits of
simulation/margins.py on five firms of 120 people and 30 months, seeds 11 to 15; a firm's own closed projects are too few to tell better."""
CALM: Final = (-0.005, 0.101)
"""Logarithm of the calm overrun: mean and spread of productivity and creep together."""
RETAINED: Final = 0.6
"""A retainer's effort departs from plan so much less (simulation/scope.py)."""
JUMPED: Final = 1.04
"""The least shock is one of 6 %, or 4 % of a retainer; hours are reported whole."""
FLOOR: Final = 0.9
"""No manager reports less than nine tenths of the plan as remaining."""
GRANTED_AFTER_DAYS: Final = 25
LEAST_LEFT: Final = 0.05
"""Of the plan: with less an hour more or less is much of what remains."""
_NODES: Final = np.array([-1.28, -0.52, 0.0, 0.52, 1.28])


def ceiling(known: Known, rows: pl.DataFrame) -> pl.DataFrame:
    """`rows`: entity_id and as_of of running projects. The same rows with `probability` of ending five points or more under plan."""
    reports, plans = _reports(known), _plans(known)
    told = rows.with_columns(at=pl.col("as_of").dt.epoch("us")).join(
        plans, left_on="entity_id", right_on="project_id", how="left", maintain_order="left"
    )
    seen = told.sort("at").join_asof(
        reports, left_on="at", right_on=ENTER, by_left="entity_id", by_right="project_id", check_sortedness=False
    )
    granted = pl.col("granted_at").fill_null(2**62) <= pl.col("at")
    shown = seen.with_columns(shock=pl.when(granted).then("shock"))
    retained = (shown["kind"] == "retainer").fill_null(value=False).to_numpy()
    centre, width = np.array([CURVES[kind] for kind in shown["kind"]]).T
    overrun, first, day, begun, length, shock, shocked_on = (
        shown[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        for name in ("overrun", "first", "day", "begun", "length", "shock", "shocked_on")
    )
    known_overrun = np.where((shock > 1) & (day < shocked_on), overrun * shock, overrun)
    share = (day - begun) / np.maximum(length * (1 + TARGET_SLIP * (np.nan_to_num(overrun, nan=1.0) - 1)), 1)
    settled = (overrun > JUMPED * first) | (shock > 1)
    odds = np.where(
        settled,
        0.0,
        _to_come(share)
        * (1 - _struck_early(overrun, share, day=day, begun=begun, reported=shown["reported"].to_numpy(), retained=retained)),
    )
    falls = _over_shocks(known_overrun, odds, centre=centre, width=width, retained=retained)
    blind = _unreported(centre, width, retained)
    probability = np.where(np.isnan(overrun), blind, falls)
    return shown.select("entity_id", "as_of", probability=pl.lit(pl.Series(np.clip(probability, 1e-4, 1 - 1e-4))))


def _to_come(share: Floats) -> Floats:
    """That a shock is still to come, when none had struck at a share of the time."""
    left = np.clip((0.85 - np.nan_to_num(share)) / 0.70, 0, 1)
    return np.asarray(SHOCKED * left / (1 - SHOCKED + SHOCKED * left))


def _struck_early(overrun: Floats, share: Floats, *, day: Floats, begun: Floats, reported: Floats, retained: Flags) -> Floats:
    """That a shock had struck before the first report already, so that all reports tell the whole overrun."""
    at_first = share * (reported - begun) / np.maximum(day - begun, 1)
    early = SHOCKED * np.clip((at_first - 0.15) / 0.70, 0, 1)
    factor = np.where(retained, RETAINED, 1.0)
    calm = _density(overrun, factor) * (1 - SHOCKED * np.clip((share - 0.15) / 0.70, 0, 1))
    whole = np.mean([_density(overrun / (1 + size * factor), factor) for size in SHOCK_SIZES], axis=0)
    return np.asarray(np.nan_to_num(early * whole / (early * whole + calm)))


def _density(overrun: Floats, factor: Floats) -> Floats:
    """Of a calm overrun, up to what all share. One at the floor may lie anywhere below it."""
    return np.asarray(np.exp(-0.5 * ((np.log(np.maximum(overrun, FLOOR)) / factor - CALM[0]) / CALM[1]) ** 2) / factor)


def _over_shocks(overrun: Floats, odds: Floats, *, centre: Floats, width: Floats, retained: Flags) -> Floats:
    falls = (1 - odds) * ndtr((overrun - centre) / width)
    for size in SHOCK_SIZES:
        falls = falls + odds / len(SHOCK_SIZES) * ndtr((overrun * (1 + size * np.where(retained, RETAINED, 1.0)) - centre) / width)
    return np.asarray(falls)


def _unreported(centre: Floats, width: Floats, retained: Flags) -> Floats:
    """Before the first report: over all that may be."""
    spread = np.where(retained, RETAINED, 1.0)
    parts = [
        _over_shocks(
            np.exp(spread * (CALM[0] + CALM[1] * node)), np.full(len(centre), SHOCKED), centre=centre, width=width, retained=retained
        )
        for node in _NODES
    ]
    return np.asarray(np.mean(parts, axis=0))


def _plans(known: Known) -> pl.DataFrame:
    """By project: kind of contract, begun and planned length (days), and the shock that a second baseline tells of, with its day."""
    budgets = known.versions("project_budget").frame.sort(ENTER)
    base = budgets.filter(pl.col("baseline_no") == 1).group_by("project_id").agg(pl.col("minutes").first())
    again = budgets.filter(pl.col("baseline_no") > 1).group_by("project_id").agg(
        granted=pl.col("minutes").last(), granted_at=pl.col(ENTER).min(), approved=pl.col("approved_on").first()
    )  # fmt: skip
    kinds = known.versions("contract").frame.sort(ENTER).group_by("contract_id").agg(pl.col("kind").first())
    projects = known.versions("project").frame.sort(ENTER).group_by("project_id").agg(pl.col("contract_id", "starts_on", "ends_on").first())
    joined = projects.join(kinds, on="contract_id", how="left").join(base, on="project_id").join(again, on="project_id", how="left")
    begun = pl.col("starts_on").cast(pl.Int32).cast(pl.Int64)
    return joined.select(
        "project_id",
        "kind",
        "granted_at",
        begun=begun,
        length=pl.col("ends_on").cast(pl.Int32).cast(pl.Int64) - begun,
        shock=1 + 2 * (pl.col("granted") / pl.col("minutes") - 1),
        shocked_on=pl.col("approved").cast(pl.Int32).cast(pl.Int64) - GRANTED_AFTER_DAYS,
    ).collect()


def _reports(known: Known) -> pl.DataFrame:
    """By report: enter, day, the overrun that it tells, the one that the project's first told, and the day of that one."""
    rows = known.versions("project_status").frame.sort(ENTER).unique("status_id", keep="first", maintain_order=True)
    base = (
        known.versions("project_budget")
        .frame.filter(pl.col("baseline_no") == 1)
        .select("project_id", planned="minutes")
        .unique("project_id")
    )
    left = 1 - pl.col("percent_complete") / 1_000_000
    told = rows.drop_nulls(["percent_complete", "remaining_minutes"]).join(base, on="project_id").with_columns(
        overrun=pl.col("remaining_minutes") / (pl.col("planned") * left), day=pl.col("reported_on").cast(pl.Int32).cast(pl.Int64), left=left
    )  # fmt: skip
    clear = told.filter((pl.col("left") > LEAST_LEFT) & (pl.col("remaining_minutes") > 0)).sort("project_id", ENTER)
    of_first = {name: pl.col(column).first().over("project_id") for name, column in (("first", "overrun"), ("reported", "day"))}
    return clear.select("project_id", ENTER, "day", "overrun", **of_first).sort(ENTER).collect()
