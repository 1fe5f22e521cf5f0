"""Placing: in which bucket each row of the lake lies, worked out on Spark, where the rows are.

A row's home is its client (or person): by its own column, or by the project, contract, invoice or payment that it belongs to; what refers
to nothing on record is at home with all that refers to the same nothing. Homes that one row ties together are one part, and a part is never
divided: that a row's versions, or what it refers to, are of two clients is a correction or an oddity, so parts stay small, and which homes
are tied is few enough for one machine.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812  # as everybody writes it
from pyspark.sql.window import Window

from features.divisions import BY_VERSION, SHARED, Division, tied
from records.known import FOREVER, LEAVE
from records.tables import TABLES

_HOME: Final = "#home"
_OTHER: Final = "#other"
_PART: Final = "#part"


@dataclass(frozen=True)
class Placed:
    """The rows of a table, each with its `bucket`."""

    table: str
    columns: tuple[str, ...]
    rows: DataFrame


def placed(read: Callable[[str], DataFrame], division: Division, tables: Iterable[str], *, buckets: int) -> list[Placed]:
    """The rows of `tables` in so many buckets; without a root in one. Tables that every bucket needs whole are left out."""
    if division.root is None:
        return [
            Placed(name, tuple(read(name).columns), read(name).withColumn("bucket", F.lit(0).cast("bigint"))) for name in sorted(tables)
        ]
    homes = _Homes(read, division)
    wanted = sorted(set(tables) - SHARED)
    parts = tied([(row[0], row[1]) for row in homes.ties(wanted).collect()])
    return [_in_buckets(name, homes, parts, buckets=buckets) for name in wanted]


def _in_buckets(name: str, homes: "_Homes", parts: Mapping[str, str], *, buckets: int) -> Placed:
    rows = homes.rows(name)
    part = F.col(_HOME)
    if parts:
        told = rows.sparkSession.createDataFrame(list(parts.items()), f"`{_HOME}` string, `{_PART}` string")
        rows, part = rows.join(F.broadcast(told), on=_HOME, how="left"), F.coalesce(_PART, _HOME)
    columns = tuple(column for column in rows.columns if column not in {_HOME, _PART})
    # The hash of Spark is by value and the same on every machine.
    return Placed(name, columns, rows.select(F.pmod(F.xxhash64(part), F.lit(buckets)).alias("bucket"), *columns))


class _Homes:
    """Where the rows of a division's tables are at home, and which homes are tied."""

    def __init__(self, read: Callable[[str], DataFrame], division: Division) -> None:
        self._read, self._division = read, division
        self._rows: dict[str, DataFrame] = {}
        self._known: dict[str, DataFrame] = {}

    def rows(self, table: str) -> DataFrame:
        """A table's rows with their home; of what goes by version, with the instant at which each is superseded."""
        if table not in self._rows:
            column, to = self._division.routes[table]
            rows = self._read(table)
            if table in BY_VERSION:
                following = F.lead("recorded_at").over(Window.partitionBy(*TABLES[table].key).orderBy("recorded_at"))
                rows = rows.withColumn(LEAVE, F.coalesce(F.unix_micros(following), F.lit(FOREVER)))
            self._rows[table] = self._at(rows, column, to, name=_HOME).withColumn(_HOME, F.coalesce(_HOME, _nowhere(table)))
        return self._rows[table]

    def ties(self, tables: Iterable[str]) -> DataFrame:
        """Pairs of homes that rows of these tables tie together."""
        wanted = set(tables)
        several = [self._versions(name) for name in (*wanted, *self._on_the_way(wanted)) if name not in BY_VERSION]
        referring = [self._references(name, column, to) for name in wanted for column, to in self._division.ties(name, wanted)]
        pairs = [*several, *referring]
        return reduce(lambda left, right: left.union(right), pairs).distinct()

    def _on_the_way(self, tables: Iterable[str]) -> set[str]:
        """Tables through which others find home."""
        found = {self._division.routes[name][1] for name in tables} - set(tables)
        return found | self._on_the_way(found) if found - {self._division.root} else found

    def _versions(self, table: str) -> DataFrame:
        """A row whose versions are at home in several places."""
        homes = self.rows(table).groupBy(*TABLES[table].key).agg(F.collect_set(_HOME).alias(_OTHER))
        some = homes.where(F.size(_OTHER) > 1)
        return some.select(F.array_min(_OTHER).alias(_HOME), F.explode(_OTHER).alias(_OTHER)).where(F.col(_HOME) != F.col(_OTHER))

    def _references(self, table: str, column: str, to: str) -> DataFrame:
        """A row that refers to what is at home elsewhere."""
        there = self._at(self.rows(table).select(_HOME, column).where(F.col(column).isNotNull()), column, to, name=_OTHER)
        return there.select(_HOME, _OTHER).where(F.col(_HOME) != F.col(_OTHER)).distinct()

    def _at(self, rows: DataFrame, column: str, to: str, *, name: str) -> DataFrame:
        """The home of what a column refers to, null where it refers to nothing."""
        if to == self._division.root:
            return rows.withColumn(name, F.col(column))
        known = self._homes(to).select("#key", F.col(_HOME).alias(name))
        found = rows.join(known, on=F.col(column) == F.col("#key"), how="left").drop("#key")
        # `project=p1`: as it would be if the row that is missing were there and at home nowhere.
        return found.withColumn(name, F.when(F.col(column).isNotNull(), F.coalesce(name, F.concat(F.lit(f"{to}="), F.col(column)))))

    def _homes(self, table: str) -> DataFrame:
        """One home of each key, `#key`."""
        if table not in self._known:
            (key,) = TABLES[table].key
            self._known[table] = self.rows(table).groupBy(F.col(key).alias("#key")).agg(F.min(_HOME).alias(_HOME)).persist()
        return self._known[table]


def _nowhere(table: str) -> Column:
    return F.concat(F.lit(f"{table}="), *(F.col(name).cast("string") for name in TABLES[table].key))
