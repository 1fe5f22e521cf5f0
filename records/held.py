"""Rows in memory that are read as a lake is: a part of one, or rows that nobody has recorded. Nothing can be written to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from records.lake import RAW, Lake, schema_of
from records.tables import TABLES


class Held(Lake):
    """Some tables' rows, in the lake's own order; any other table is that of the lake beneath, and without one holds nothing.

    What a source's row held besides may be left out: nothing is computed from it.
    """

    def __init__(self, rows: Mapping[str, pl.DataFrame], beneath: Lake | None = None) -> None:
        super().__init__(Path() if beneath is None else beneath.root)
        self.rows = {name: told.sort(*TABLES[name].sort_by, "recorded_at", *TABLES[name].key) for name, told in rows.items()}
        self._beneath = beneath

    def read(self, table: str, *, version: int | None = None) -> pl.LazyFrame:
        if table not in self.rows:
            return pl.LazyFrame(schema=schema_of(table)) if self._beneath is None else self._beneath.read(table, version=version)
        held = self.rows[table]
        return held.lazy() if RAW in held.columns else held.lazy().with_columns(pl.lit(None, pl.String).alias(RAW))

    def versions(self) -> dict[str, int]:
        return {**({} if self._beneath is None else self._beneath.versions()), **dict.fromkeys(self.rows, 0)}


def as_table(table: str, rows: Sequence[Mapping[str, Any]], *, recorded_at: datetime, source: str) -> pl.DataFrame:
    """Rows as the lake holds them; what a row does not say is empty."""
    empty = dict.fromkeys(schema_of(table))
    told = [{**empty, "source": source, "recorded_at": recorded_at, "deleted": False, **row} for row in rows]
    return pl.DataFrame(told, schema=schema_of(table), strict=False)
