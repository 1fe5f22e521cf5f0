"""What each injected error does to the lines and the head of its draft, so that it can be seen in the exported records."""

from typing import Final

import numpy as np
import polars as pl

from simulation.drafting import EXPENSE, LINE_KINDS, MILESTONE, TIME
from simulation.faults import KIND_NUMBER
from simulation.plan import Plan

VAGUE: Final = "Professional services"
TASK_NAMES: Final = ("Analysis", "Design", "Implementation", "Review", "Workshop")
_ON_TIME: Final = ("stale_rate", "wrong_grade", "duplicate", "out_of_period", "vague_text", "rounding")


def spoil(plan: Plan, lines: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    """Lines with the errors in them: `faulty` holds the number of the error, -1 for none; `net` and `price` are as drafted."""
    ordered = lines.sort("project", "month", "kind", "person", "task", "category").with_columns(
        line_no=pl.int_range(1, pl.len() + 1).over("project", "month")
    )
    marked = ordered.join(_targets(plan, ordered, faults), on=("project", "month", "line_no"), how="left", maintain_order="left")
    marked = marked.with_columns(pl.col("fault").fill_null(-1), pl.col("severity").fill_null(0.0), clean_net=pl.col("net"))
    fault, severity = pl.col("fault"), pl.col("severity")
    raised = (
        pl.when(fault == KIND_NUMBER["stale_rate"])
        .then(1.03 + 0.12 * severity)
        .when(fault == KIND_NUMBER["wrong_grade"])
        .then(1.15 + 0.15 * severity)
        .otherwise(1.0)
    )
    priced = marked.with_columns(price=(pl.col("price") * raised / 100).round() * 100)
    hourly = (pl.col("price") * pl.col("minutes") / 60).round()
    off = pl.when(fault == KIND_NUMBER["rounding"]).then((1 + 0.02 * severity) * hourly).otherwise(hourly).round()
    shifted = pl.when(fault == KIND_NUMBER["out_of_period"]).then(35).otherwise(0)
    spoilt = priced.with_columns(
        net=pl.when(pl.col("kind") == TIME).then(off).otherwise(pl.col("net")).cast(pl.Int64),
        role=pl.when(fault == KIND_NUMBER["wrong_grade"]).then(pl.min_horizontal(pl.col("role") + 1, 4)).otherwise(pl.col("role")),
        first_on=pl.col("first_on") - shifted,
        last_on=pl.col("last_on") - shifted,
        description=_description(),
    )
    again = spoilt.filter(fault == KIND_NUMBER["duplicate"]).with_columns(
        line_no=pl.col("line_no") + 500, clean_net=pl.lit(0, dtype=pl.Int64)
    )
    return pl.concat([spoilt, again]).sort("project", "month", "line_no")


def _targets(plan: Plan, lines: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    """The line that each line error sits on: one of the time lines, or of the expense or milestone lines; the first error wins a line."""
    wanted = (
        pl.when(pl.col("fault") == KIND_NUMBER["unapproved_expense"])
        .then(EXPENSE)
        .when(pl.col("fault") == KIND_NUMBER["milestone_unsigned"])
        .then(MILESTONE)
        .when(pl.col("fault").is_in([KIND_NUMBER[name] for name in _ON_TIME]))
        .then(TIME)
    )
    sought = faults.with_columns(kind=wanted).filter(pl.col("kind").is_not_null())
    places = lines.group_by("project", "month", "kind", maintain_order=True).agg(pl.col("line_no"))
    found = sought.join(places.with_columns(pl.col("kind").cast(pl.Int32)), on=("project", "month", "kind"))
    key = [found[name].to_numpy() for name in ("project", "month", "fault")]
    place = plan.draws.uniform("fault.line", *key) * found["line_no"].list.len().to_numpy()
    chosen = found.with_columns(line_no=pl.col("line_no").list.get(pl.lit(pl.Series(place.astype(np.int64)))))
    return chosen.group_by("project", "month", "line_no", maintain_order=True).agg(pl.col("fault", "severity").first())


def _description() -> pl.Expr:
    kind, task = pl.col("kind"), pl.col("task").fill_null(0)
    named = task.replace_strict(dict(enumerate(TASK_NAMES)), default=TASK_NAMES[0], return_dtype=pl.String)
    return (
        pl.when(pl.col("fault") == KIND_NUMBER["vague_text"])
        .then(pl.lit(VAGUE))
        .when(kind == TIME)
        .then(named + pl.lit(" with the client's team"))
        .when(pl.col("fault") == KIND_NUMBER["unapproved_expense"])
        .then(pl.lit("Expense, receipt to follow"))
        .otherwise(kind.replace_strict(dict(enumerate(LINE_KINDS)), return_dtype=pl.String) + pl.lit(" as agreed"))
    )
