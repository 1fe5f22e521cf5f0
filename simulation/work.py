"""What the time entries of a month add up to: hours to be billed by line, and effort and cost by project and month."""

from typing import Final

import polars as pl

from simulation.draws import Ints
from simulation.places import UNITS_PER_EURO
from simulation.timesheets import INTERNAL_SLOT

_BILLED: Final = ("project", "month", "person", "task")


def hourly_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a line to be billed by the hour: minutes, the first and the last day, the role and the rate agreed on the first day."""
    charged = rows.filter(pl.col("month") >= 0)
    return charged.group_by(_BILLED).agg(
        pl.col("role", "contract").first(), minutes=pl.col("charged").sum(), first_on=pl.col("day").min(), last_on=pl.col("day").max()
    )


def effort(rows: pl.DataFrame, *, month: int, cost: Ints) -> pl.DataFrame:
    """One row a project and person: minutes worked in a month, and what they cost in the project's currency (cents)."""
    client_work = rows.filter(pl.col("slot") < INTERNAL_SLOT)
    units = client_work["currency"].replace_strict(UNITS_PER_EURO, return_dtype=pl.Float64)
    client_work = client_work.with_columns(price=units * pl.Series(cost[client_work["person"].to_numpy()]))
    return client_work.group_by("project", "person").agg(
        pl.col("contract_kind", "currency").first(),
        month=pl.lit(month, dtype=pl.Int64),
        minutes=pl.col("mended").sum(),
        value=(pl.col("mended") * pl.col("rate") / 60).sum(),
        cost=(pl.col("mended") * pl.col("price") / 60).sum(),
        first_on=pl.col("day").min(),
        last_on=pl.col("day").max(),
    )


def joined_lines(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Late entries of one month and those of the next may belong to one line."""
    both = (
        pl.concat(parts)
        .group_by(_BILLED)
        .agg(pl.col("role", "contract").first(), pl.col("minutes").sum(), pl.col("first_on").min(), pl.col("last_on").max())
    )
    return both.sort(_BILLED)
