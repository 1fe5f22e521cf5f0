"""Invoice lines as they should be: hours, expenses, accepted milestones, retainers, write-downs to the cap."""

from typing import Final

import numpy as np
import polars as pl

from simulation.entries import time_line_id
from simulation.expenses import expense_line_id
from simulation.milestones import milestone_id
from simulation.naming import named
from simulation.plan import Plan
from simulation.projects import RETAINER, Portfolio
from simulation.rates import RateCards

TIME, EXPENSE, MILESTONE, RETAINER_LINE, ADJUSTMENT = 0, 1, 2, 3, 4
LINE_KINDS: Final = ("time", "expense", "milestone", "retainer", "adjustment")
COLUMNS: Final = {
    "project": pl.Int64, "month": pl.Int64, "kind": pl.Int64, "line_id": pl.String, "person": pl.Int64, "role": pl.Int64, "task": pl.Int64,
    "minutes": pl.Int64, "price": pl.Int64, "net": pl.Int64, "category": pl.Int64, "milestone_id": pl.String, "first_on": pl.Int64,
    "last_on": pl.Int64,
}  # fmt: skip
OVER: Final = ("project", "month")


def clean_lines(
    plan: Plan, *, book: Portfolio, cards: RateCards, hourly: pl.DataFrame, spent: pl.DataFrame, reached: pl.DataFrame
) -> pl.DataFrame:
    """One row a line; `hourly` from work.py, `spent` expenses, `reached` milestones. Amounts in cents of the project's currency."""
    price = cards.at(hourly["contract"].to_numpy(), role=hourly["role"].to_numpy(), day=hourly["first_on"].to_numpy())
    net = np.round(price * hourly["minutes"].to_numpy() / 60).astype(np.int64)
    time = hourly.with_columns(kind=pl.lit(TIME), line_id=time_line_id(), price=pl.lit(pl.Series(price)), net=pl.lit(pl.Series(net)))
    costs = spent.filter("billed").select(
        "project",
        "month",
        "person",
        "category",
        kind=pl.lit(EXPENSE),
        line_id=expense_line_id(),
        net="amount",
        first_on="incurred",
        last_on="incurred",
    )
    done = reached.filter(pl.col("month") < plan.months).select(
        "project",
        "month",
        kind=pl.lit(MILESTONE),
        line_id=pl.lit("L") + milestone_id(),
        net="amount",
        milestone_id=milestone_id(),
        last_on="completed",
    )
    lines = pl.concat([_shaped(part) for part in (time, costs, done, _retainers(plan, book))])
    return pl.concat([lines, _write_downs(book, lines)])


def _shaped(part: pl.DataFrame) -> pl.DataFrame:
    return part.select((pl.col(name) if name in part.columns else pl.lit(None)).cast(kind).alias(name) for name, kind in COLUMNS.items())


def _retainers(plan: Plan, book: Portfolio) -> pl.DataFrame:
    """Each month in which a retainer project runs on the month's last day: its share of the contract's monthly amount."""
    months = pl.DataFrame({"month": np.arange(plan.months, dtype=np.int64), "closes": plan.months_first[1 : plan.months + 1] - 1})
    held = book.projects.filter(pl.col("kind") == RETAINER).join(months, how="cross")
    held = held.filter((pl.col("starts") <= pl.col("closes")) & (pl.col("closes") <= pl.col("ends")))
    return held.select(
        "project",
        "month",
        kind=pl.lit(RETAINER_LINE),
        line_id=named("LR{}-{}", "project", "month"),
        net="retainer_month",
        last_on="closes",
    )


def _write_downs(book: Portfolio, lines: pl.DataFrame) -> pl.DataFrame:
    """A negative line on each draft that takes the hours of a capped contract past its cap."""
    capped = book.contracts.filter(pl.col("cap").is_not_null()).select("contract", "cap")
    owned = lines.filter(pl.col("kind") == TIME).join(book.projects.select("project", "contract"), on="project")
    drafts = (
        owned.join(capped, on="contract")
        .group_by("contract", *OVER)
        .agg(pl.col("net").sum(), pl.col("cap").first(), pl.col("last_on").max())
    )
    running = drafts.sort("contract", "month", "project").with_columns(total=pl.col("net").cum_sum().over("contract"))
    excess = (pl.col("total") - pl.col("cap")).clip(lower_bound=0)
    over = running.with_columns(excess=pl.min_horizontal(excess, "net")).filter(pl.col("excess") > 0)
    return _shaped(over.select(*OVER, "last_on", kind=pl.lit(ADJUSTMENT), line_id=named("LA{}-{}", *OVER), net=-pl.col("excess")))
