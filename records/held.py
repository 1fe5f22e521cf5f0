"""Rows in memory that are read as a lake is: a part of one, or rows that nobody has recorded. Nothing can be written to them."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from records.lake import RAW, Lake, schema_of
from records.tables import TABLES


class Held(Lake):
    """Some tables' rows, in the lake's own order; a table that is not named holds nothing.

    What a source's row held besides may be left out: nothing is computed from it.
    """

    def __init__(self, rows: Mapping[str, pl.DataFrame]) -> None:
        super().__init__(Path())
        self.rows = {name: told.sort(*TABLES[name].sort_by, "recorded_at", *TABLES[name].key) for name, told in rows.items()}

    def read(self, table: str, *, version: int | None = None) -> pl.LazyFrame:  # noqa: ARG002 - it has no earlier state
        if table not in self.rows:
            return pl.LazyFrame(schema=schema_of(table))
        held = self.rows[table]
        return held.lazy() if RAW in held.columns else held.lazy().with_columns(pl.lit(None, pl.String).alias(RAW))

    def versions(self) -> dict[str, int]:
        return dict.fromkeys(self.rows, 0)
