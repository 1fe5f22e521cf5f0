"""Knowledge time for rows whose export does not give it, from what the rows themselves tell.

In this order:

1. `recorded_at`, when the row gives it;
2. the first filled ◆ column: a civil date is known when it is over (2013-01-02 -> 2013-01-03T00:00Z), an instant at once; of a ◇ column,
   which tells of a plan, when its year began (a calendar's 2013-12-25 -> 2013-01-01T00:00Z);
3. for a table that has no ◆ column at all, the row it belongs to: an invoice line is known with its invoice, a milestone with its project.
   A table that has ◆ columns, all empty here, does not inherit: a draft invoice is not known since its client was;
4. the earliest row that refers to it, in this import or in the lake: a client is known at the latest with its first invoice;
5. the time of the import.

Earlier than 5 is only what some row proves; so nothing is ever taken to have been known before it can have been.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from records.lake import Lake
from records.table import Column, Table
from records.tables import TABLES
from records.validation import end_of_day

FROM: Final = "#from"
"""Where a row's knowledge time is from: `recorded_at`, a ◆ column's name, `with <table>`, `first <table>` or `import`."""
GIVEN: Final = "recorded_at"
AT_IMPORT: Final = "import"
_PASSES: Final = 8
"""A chain of rows that learn from one another is as long as the tables are deep: line, invoice, allocation, payment."""


@dataclass(frozen=True)
class Dated:
    """Rows of one part, and the time of their import."""

    table: Table
    rows: pl.DataFrame
    """ROW, the table's schema, RAW and, once settled, FROM."""
    at: datetime


def settle(parts: Sequence[Dated], lake: Lake) -> list[Dated]:
    """Give every row its `recorded_at`, and FROM."""
    settled = [Dated(part.table, _own(part.table, part.rows), part.at) for part in parts]
    for _ in range(_PASSES):
        before = _open(settled)
        if not before:
            break
        settled = [Dated(part.table, _inherited(part, settled, lake), part.at) for part in settled]
        settled = [Dated(part.table, _referred(part, settled, lake), part.at) for part in settled]
        if _open(settled) == before:
            break
    return [Dated(part.table, _filled(part.rows, pl.lit(part.at), AT_IMPORT), part.at) for part in settled]


def _open(parts: Sequence[Dated]) -> int:
    return sum(part.rows["recorded_at"].null_count() for part in parts)


def _own(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    labelled = rows.with_columns(pl.when(pl.col("recorded_at").is_not_null()).then(pl.lit(GIVEN)).alias(FROM))
    for column in table.knowing:
        labelled = _filled(labelled, _known_from(column), column.name)
    return labelled


def _known_from(column: Column) -> pl.Expr:
    if column.planned:
        return pl.col(column.name).dt.truncate("1y").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return end_of_day(pl.col(column.name)) if column.kind == "date" else pl.col(column.name)


def _filled(rows: pl.DataFrame, value: pl.Expr, label: str) -> pl.DataFrame:
    """Rows with `recorded_at` filled from a value where it was empty and the value is not."""
    open_here = pl.col("recorded_at").is_null() & value.is_not_null()
    instant = value.dt.cast_time_unit("us")
    return rows.with_columns(
        pl.when(open_here).then(instant).otherwise(pl.col("recorded_at")).alias("recorded_at"),
        pl.when(open_here).then(pl.lit(label)).otherwise(pl.col(FROM)).alias(FROM),
    )


def _inherited(part: Dated, parts: Sequence[Dated], lake: Lake) -> pl.DataFrame:
    owners = [column for column in part.table.columns if column.required and column.references]
    rows = part.rows
    if part.table.knowing or not owners or not rows["recorded_at"].null_count():
        return rows
    for column in owners:
        owner = TABLES[column.references or ""]
        ids = rows.filter(pl.col("recorded_at").is_null()).select(pl.col(column.name).alias("id")).unique()
        known = _earliest(owner, owner.key[0], parts, lake, ids=ids).rename({"known": f"#{column.name}"})
        rows = rows.join(known, left_on=column.name, right_on="id", how="left", maintain_order="left")
    marks = [f"#{column.name}" for column in owners]
    complete = pl.all_horizontal(pl.col(mark).is_not_null() for mark in marks)
    label = "with " + " and ".join(column.references or "" for column in owners)
    return _filled(rows, pl.when(complete).then(pl.max_horizontal(marks)), label).drop(marks)


def _referred(part: Dated, parts: Sequence[Dated], lake: Lake) -> pl.DataFrame:
    rows, key = part.rows, part.table.key[0]
    if not rows["recorded_at"].null_count():
        return rows
    ids = rows.filter(pl.col("recorded_at").is_null()).select(pl.col(key).alias("id")).unique()
    found = [
        _earliest(table, column.name, parts, lake, ids=ids).with_columns(pl.lit(f"first {table.name}").alias("by"))
        for table, column in referrers(part.table.name)
    ]
    if not found:
        return rows
    # On a tie the first in the order of the tables names the source; the instant is the same.
    first = pl.concat(found).sort("known", maintain_order=True).unique("id", keep="first", maintain_order=True)
    joined = rows.join(first, left_on=key, right_on="id", how="left", maintain_order="left")
    open_here = pl.col("recorded_at").is_null() & pl.col("known").is_not_null()
    return joined.with_columns(
        pl.when(open_here).then("known").otherwise("recorded_at").alias("recorded_at"),
        pl.when(open_here).then("by").otherwise(FROM).alias(FROM),
    ).drop("known", "by")


def referrers(name: str) -> list[tuple[Table, Column]]:
    """Every column of every table that holds keys of a table."""
    return [(table, column) for table in TABLES.values() for column in table.columns if column.references == name]


def _earliest(table: Table, column: str, parts: Sequence[Dated], lake: Lake, *, ids: pl.DataFrame) -> pl.DataFrame:
    """`id`, `known`: for each id, when the first row of a table that holds it in a column was recorded."""
    frames = [part.rows.lazy() for part in parts if part.table.name == table.name]
    held = [frame.select(pl.col(column).alias("id"), pl.col("recorded_at").alias("known")) for frame in [*frames, lake.read(table.name)]]
    among = pl.concat(held).filter(pl.col("known").is_not_null()).join(ids.lazy(), on="id", how="semi")
    return among.group_by("id").agg(pl.col("known").min()).sort("id").collect()
