"""References to rows that are not there (yet): an invoice of a client whose record has not come. Kept, counted, told."""

from collections.abc import Iterable
from typing import Final

import polars as pl

from records.lake import Lake
from records.report import Unresolved
from records.table import Column, Table
from records.tables import TABLES

_EXAMPLES: Final = 5


def unresolved(lake: Lake, touched: Iterable[str]) -> tuple[Unresolved, ...]:
    """References of current rows without their row, wherever a touched table is on either side."""
    names = set(touched)
    pairs = [
        (table, column)
        for table in TABLES.values()
        for column in table.columns
        if column.references and (table.name in names or column.references in names)
    ]
    return tuple(found for table, column in pairs if (found := _dangling(lake, table, column)) is not None)


def _dangling(lake: Lake, table: Table, column: Column) -> Unresolved | None:
    referred = TABLES[column.references or ""]
    key = list(table.key)
    there = lake.read(referred.name).select(pl.col(referred.key[0]).alias("#id")).unique()
    held = lake.read(table.name).select(*dict.fromkeys([*key, column.name]), "recorded_at", "deleted")
    loose = held.filter(pl.col(column.name).is_not_null()).join(there, left_on=column.name, right_on="#id", how="anti").collect()
    if not loose.height:
        return None
    # A reference that a later version has put right, or whose row is gone, is nobody's concern any more.
    last = held.join(loose.lazy(), on=key, how="semi").group_by(key).agg(pl.col("recorded_at").max())
    current = loose.lazy().filter(~pl.col("deleted")).join(last, on=[*key, "recorded_at"], how="semi").collect()
    if not current.height:
        return None
    ids = current[column.name].unique().sort()
    return Unresolved(table.name, column.name, referred.name, current.height, ids.len(), tuple(ids.head(_EXAMPLES)))
