"""A lake of given rows: some tables in memory, over another lake or over nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from records.lake import Lake, schema_of


class GivenRows(Lake):
    """A lake whose named tables are these rows and no others."""

    def __init__(self, frames: Mapping[str, pl.DataFrame], beneath: Lake | None = None) -> None:
        super().__init__(Path() if beneath is None else beneath.root)
        self._frames, self._beneath = frames, beneath

    def read(self, table: str, *, version: int | None = None) -> pl.LazyFrame:
        if table in self._frames:
            return self._frames[table].lazy()
        return pl.LazyFrame(schema=schema_of(table)) if self._beneath is None else self._beneath.read(table, version=version)

    def versions(self) -> dict[str, int]:
        return {**({} if self._beneath is None else self._beneath.versions()), **dict.fromkeys(self._frames, 0)}


def as_table(table: str, rows: Sequence[Mapping[str, Any]], *, recorded_at: datetime, source: str) -> pl.DataFrame:
    """Rows as the lake holds them; what a row does not say is empty."""
    empty = dict.fromkeys(schema_of(table))
    told = [{**empty, "source": source, "recorded_at": recorded_at, "deleted": False, **row} for row in rows]
    return pl.DataFrame(told, schema=schema_of(table), strict=False)
