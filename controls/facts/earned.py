"""Earned: what work on a project is worth by its own rates, month by month, billed or not."""

from typing import Final

import polars as pl

from controls.facts.totals import running
from controls.facts.work import MINUTES_PER_HOUR
from records.known import DAY, Facts, Known

_ENTRY: Final = ("project_id", "worked_on", "minutes", "bill_rate", "billable")


def earned(known: Known) -> Facts:
    """project_id, `month` (its first day) and `total`: the value of its billable time as entered, engine money."""
    told = known.facts("time_entry", take=_ENTRY).where(pl.col("billable") & pl.col("bill_rate").is_not_null(), name="valued")
    worth = (pl.col("minutes") * pl.col("bill_rate") / MINUTES_PER_HOUR).round(0).cast(pl.Int64)
    valued = told.frame.with_columns(value=worth, month=pl.col("worked_on").dt.truncate("1mo"))
    return running(Facts("earned", valued), by=("project_id", "month"), of="value")


def month_end(column: str) -> pl.Expr:
    """The end of the month that begins on a day, in microseconds."""
    return pl.col(column).dt.offset_by("1mo").cast(pl.Int32).cast(pl.Int64) * DAY
