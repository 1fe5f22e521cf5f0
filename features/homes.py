"""Homes: at which client (or person) each row of the records is at home, and which of them hang together, on one machine.

The same rule as placing.py follows on Spark: a row's home is by its own column, or by what it belongs to; homes that one row ties together
are one part.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

import polars as pl

from features.divisions import BY_VERSION, SHARED, Division, tied
from records.known import Known
from records.tables import TABLES

_HOME: Final = "#home"
_OTHER: Final = "#other"


class Homes:
    """Of the tables that are asked for: every version of every row with its home, and the parts that they make."""

    def __init__(self, known: Known, division: Division, *, tables: Iterable[str]) -> None:
        self._known, self._division = known, division
        self.tables = sorted(set(tables) & set(division.routes))
        self.shared = sorted(set(tables) & SHARED)
        self._rows: dict[str, pl.DataFrame] = {}

    def of(self, home: str) -> dict[str, pl.DataFrame]:
        """All rows of the part that a home belongs to, by table; a row with a version there has all its versions there."""
        part = self._parts.get(home, home)
        homes = [home, *(one for one, stands in self._parts.items() if stands == part)]
        found = {}
        for table in self.tables:
            rows = self._at_home(table)
            own = rows.filter(pl.col(_HOME).is_in(homes))
            if table in BY_VERSION:
                own = rows.join(own.select(TABLES[table].key).unique(), on=list(TABLES[table].key), how="semi")
            found[table] = own.drop(_HOME)
        return found

    @cached_property
    def _parts(self) -> Mapping[str, str]:
        pairs = [*(self._versions(table) for table in self.tables if table not in BY_VERSION), *self._references()]
        return tied(pl.concat(pairs).unique().rows()) if pairs else {}

    def _versions(self, table: str) -> pl.DataFrame:
        """A row whose versions are at home in several places."""
        grouped = self._at_home(table).group_by(TABLES[table].key).agg(pl.col(_HOME).unique().sort())
        several = grouped.filter(pl.col(_HOME).list.len() > 1)
        return (
            several.select(pl.col(_HOME).list.first(), pl.col(_HOME).alias(_OTHER)).explode(_OTHER).filter(pl.col(_HOME) != pl.col(_OTHER))
        )

    def _references(self) -> Iterable[pl.DataFrame]:
        """A row that refers to what is at home elsewhere."""
        for table in self.tables:
            for column, to in self._division.ties(table, self.tables):
                rows = self._at_home(table).filter(pl.col(column).is_not_null()).select(_HOME, column)
                there = self._found(rows, column, to, name=_OTHER)
                yield there.filter(pl.col(_HOME) != pl.col(_OTHER)).select(_HOME, _OTHER).unique()

    def rows(self, table: str) -> pl.DataFrame:
        """Every version of every row of a table."""
        return self._at_home(table).drop(_HOME)

    def _at_home(self, table: str) -> pl.DataFrame:
        if table not in self._rows:
            column, to = self._division.routes[table]
            nowhere = pl.concat_str(pl.lit(f"{table}="), *(pl.col(name).cast(pl.String) for name in TABLES[table].key))
            rows = self._found(self._known.recorded(table).collect(), column, to, name=_HOME)
            self._rows[table] = rows.with_columns(pl.coalesce(_HOME, nowhere).alias(_HOME))
        return self._rows[table]

    def _found(self, rows: pl.DataFrame, column: str, to: str, *, name: str) -> pl.DataFrame:
        """The home of what a column refers to, null where it refers to nothing."""
        if to == self._division.root:
            return rows.with_columns(pl.col(column).alias(name))
        (key,) = TABLES[to].key
        known = self._at_home(to).group_by(pl.col(key).alias(column)).agg(pl.col(_HOME).min().alias(name))
        missing = pl.concat_str(pl.lit(f"{to}="), pl.col(column))
        return rows.join(known, on=column, how="left", maintain_order="left").with_columns(pl.coalesce(name, missing).alias(name))
