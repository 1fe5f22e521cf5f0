"""Known: the records as they were known at each instant, and the only way up from the lake.

A version of a row is known from its `recorded_at` until the next version of its key. Inside it, a column that tells of an event (marked
● in tables.py) is known only from the event on. So everything above speaks of intervals of knowledge time, [enter, leave), and a fact
holds at `as_of` exactly when enter <= as_of < leave: what was recorded later cannot change it.

Engine units: instants and the ends of civil days are integer microseconds UTC, money and numbers are integers (MONEY_SCALE to the unit),
so that sums do not depend on their order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final

import polars as pl

from records.lake import RAW, Lake, schema_of
from records.table import Column, Table
from records.tables import TABLES

MONEY_SCALE: Final = 10_000
"""Engine units of money in one unit of currency: the lake keeps 4 places."""
DAY: Final = 86_400_000_000
"""Microseconds of a day."""
FOREVER: Final = 2**62
"""Microseconds; the end of a version that nothing has superseded."""
_ENGINE_KINDS: Final = frozenset({"money", "number", "instant"})
ENTER: Final = "enter"
LEAVE: Final = "leave"


class LeakError(ValueError):
    """A fact was about to use a column before the event that the column tells of."""


def instant_of(as_of: date | datetime) -> datetime:
    """The instant that an as-of names: a civil date means its end, when all of that day is known. Raises ValueError on a naive datetime."""
    if isinstance(as_of, datetime):
        if as_of.tzinfo is None:
            raise ValueError(f"as_of {as_of.isoformat()} has no time zone; write it with one, such as {as_of.isoformat()}Z")
        return as_of.astimezone(UTC)
    return datetime.combine(as_of + timedelta(days=1), time(), UTC)


def micros(instant: datetime) -> int:
    """Microseconds UTC since 1970."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def day_end(column: str) -> pl.Expr:
    """The end of a civil day, in microseconds."""
    return (pl.col(column).cast(pl.Int32).cast(pl.Int64) + 1) * DAY


@dataclass(frozen=True)
class Facts:
    """Things that come to hold and cease to hold in knowledge time: `enter`, `leave`, key columns and integer values."""

    name: str
    frame: pl.LazyFrame

    def where(self, condition: pl.Expr, *, name: str) -> "Facts":
        """Those facts for which the condition is true."""
        return Facts(f"{self.name}.{name}", self.frame.filter(condition))

    def since(self, instant: pl.Expr, *, name: str) -> "Facts":
        """The same facts, holding no earlier than an instant of their own, such as the end of a due date; without one they never hold."""
        begun = self.frame.filter(instant.is_not_null()).with_columns(pl.max_horizontal(ENTER, instant).alias(ENTER))
        return Facts(f"{self.name}.{name}", begun.filter(pl.col(ENTER) < pl.col(LEAVE)))

    def joined(self, other: "Facts", *, on: str, take: Sequence[str]) -> "Facts":
        """These facts with columns of another's that hold at the same time."""
        right = other.frame.select(on, *take, other_enter=pl.col(ENTER), other_leave=pl.col(LEAVE))
        both = self.frame.drop(*take, strict=False).join(right, on=on)
        enter, leave = pl.max_horizontal(ENTER, "other_enter"), pl.min_horizontal(LEAVE, "other_leave")
        overlapping = both.with_columns(enter.alias(ENTER), leave.alias(LEAVE)).filter(pl.col(ENTER) < pl.col(LEAVE))
        return Facts(f"{self.name}+{other.name}", overlapping.drop("other_enter", "other_leave"))


class Known:
    """The records of a lake as known at any instant up to `until`; what was recorded after it is not there at all."""

    def __init__(self, lake: Lake, *, until: datetime, versions: dict[str, int] | None = None) -> None:
        self.lake = lake
        self.until = until
        self.lake_versions = lake.versions() if versions is None else versions
        self._facts: dict[object, Facts] = {}

    def versions(self, table: str) -> Facts:
        """Every version of every row that is not a deletion, with the interval in which it was the one known.

        Money, number and instant columns are in engine units. Event columns are as the row has them, each with a
        `<column>_known` (microseconds): use `facts`, which puts them where they belong in time.
        """
        if table not in self._facts:
            self._facts[table] = Facts(table, self._versions(TABLES[table]))
        return self._facts[table]

    def derived(self, build: "Callable[[Known], Facts]") -> Facts:
        """Facts that a function makes of these records, made once."""
        if build not in self._facts:
            made = build(self)
            self._facts[build] = Facts(made.name, made.frame.collect().lazy())
        return self._facts[build]

    def across(self, build: "Callable[[Known], Facts]", *, drafts: bool = False) -> Facts:
        """Facts of the firm as a whole, also where these records are a part of it.

        Only for what is made of each invoice by itself, or of issued invoices alone; `drafts` says whether those not issued count too.
        """
        del drafts
        return self.derived(build)

    def recorded(self, table: str) -> pl.LazyFrame:
        """Every version of every row up to `until` as it was recorded, deletions among them. It says nothing of when a row held."""
        return self._read(table)

    def whole(self, count: "Count", *, at: datetime) -> Mapping[str, int]:
        """Whole numbers that a function counts over all these records: the only way to ask for the firm as a whole beside an aggregate.

        They must add up over parts of the records, for a firm that is worked on in parts.
        """
        return count(self, at)

    def facts(self, table: str, *, after: Sequence[str] = (), until: Sequence[str] = (), take: Sequence[str] = ()) -> Facts:
        """Rows of a table as facts that hold after the events `after` have all happened and before any event `until` has.

        `take` names the columns to keep beside the key. Raises LeakError for a column that an event gives when the event is not in `after`.
        """
        declared = TABLES[table]
        early = [name for name in take if name in declared.masked_by and declared.masked_by[name] not in after]
        if early:
            raise LeakError(f"{table}: {', '.join(early)} cannot be read before {', '.join(declared.masked_by[name] for name in early)}")
        rows = self.versions(table).frame
        kept = dict.fromkeys([*declared.key, *take, ENTER, LEAVE])
        if not after and not until:
            return Facts(f"{table}(;)", rows.filter(pl.col(ENTER) < pl.col(LEAVE)).select(list(kept)))
        enter = pl.max_horizontal(ENTER, *(pl.col(f"{event}_known") for event in after))
        leave = pl.min_horizontal(LEAVE, *(pl.col(f"{event}_known").fill_null(FOREVER) for event in until))
        held = rows.filter(pl.all_horizontal(pl.lit(value=True), *(pl.col(event).is_not_null() for event in after)))
        spanned = held.with_columns(enter.alias(ENTER), leave.alias(LEAVE)).filter(pl.col(ENTER) < pl.col(LEAVE))
        return Facts(f"{table}({','.join(after)};{','.join(until)})", spanned.select(list(kept)))

    def recent(self, table: str, *, days: int, until: Sequence[str] = (), take: Sequence[str] = ()) -> Facts:
        """As `facts`, of the versions recorded in the last `days` before these records end: some of a large table.

        Nothing is kept, and only the columns that are asked for are read; a row's versions from before count as not there.
        """
        declared = TABLES[table]
        if early := [name for name in take if name in declared.masked_by]:
            raise LeakError(f"{table}: {', '.join(early)} cannot be read before {', '.join(declared.masked_by[name] for name in early)}")
        since = self.until - timedelta(days=days)
        leave = pl.min_horizontal(LEAVE, *(pl.col(f"{event}_known").fill_null(FOREVER) for event in until))
        units = _units(declared, among=take)
        rows = self._standing(declared, since=since).select(*declared.key, *take, ENTER, leave.alias(LEAVE)).with_columns(units)
        return Facts(f"{table}(;{','.join(until)};{days})", rows.filter(pl.col(ENTER) < pl.col(LEAVE)))

    def at(self, instant: datetime, table: str) -> pl.LazyFrame:
        """One table as known at an instant: the standing version of each row, events that had not happened empty. Canonical types."""
        if instant > self.until:
            raise LeakError(f"{table} was asked for as of {instant.isoformat()}, but these records end at {self.until.isoformat()}")
        declared, moment = TABLES[table], micros(instant)
        versions = self._standing(declared).filter((pl.col(ENTER) <= moment) & (moment < pl.col(LEAVE)))
        masked = [pl.when(pl.col(f"{event}_known") <= moment).then(pl.col(name)).alias(name) for name, event in declared.masked_by.items()]
        return versions.with_columns(masked).select([*declared.schema, RAW])

    def _standing(self, table: Table, *, since: datetime | None = None) -> pl.LazyFrame:
        read = self._read(table.name)
        rows = (read if since is None else read.filter(pl.col("recorded_at") > since)).with_columns(
            pl.col("recorded_at").dt.epoch("us").alias(ENTER)
        )
        standing = self._spanned(rows, table).filter(~pl.col("deleted"))
        for event in table.events:
            standing = self._known_from(standing, event)
        return standing

    def _spanned(self, rows: pl.LazyFrame, table: Table) -> pl.LazyFrame:
        """The versions with the instant at which each is superseded."""
        return pl.concat([rows, _leaving(rows, table.key)], how="horizontal")

    def _known_from(self, rows: pl.LazyFrame, event: Column) -> pl.LazyFrame:
        name = f"{event.name}_known"
        if event.kind == "date":
            # A version recorded on the day itself, or later, attests that the thing has happened; one recorded before cannot.
            began = pl.col(event.name).cast(pl.Int32).cast(pl.Int64) * DAY
            known = pl.when(began <= pl.col(ENTER)).then(pl.col(ENTER)).otherwise(began + DAY)
            return rows.with_columns(pl.when(pl.col(event.name).is_not_null()).then(known).alias(name))
        if event.kind == "instant":
            known = pl.max_horizontal(pl.col(event.name).dt.epoch("us"), ENTER)
            return rows.with_columns(pl.when(pl.col(event.name).is_not_null()).then(known).alias(name))
        # A reference tells of an event too: a time entry is billed when its invoice line comes to be known.
        referred = TABLES[event.references or ""]
        first = self._read(referred.name).group_by(referred.key[0]).agg(pl.col("recorded_at").dt.epoch("us").min().alias(name))
        return rows.join(first, left_on=event.name, right_on=referred.key[0], how="left", maintain_order="left").with_columns(
            pl.when(pl.col(name).is_not_null()).then(pl.max_horizontal(name, ENTER)).alias(name)
        )

    def _read(self, table: str) -> pl.LazyFrame:
        if table not in self.lake_versions:
            return pl.LazyFrame(schema=schema_of(table))
        return self.lake.read(table, version=self.lake_versions[table]).filter(pl.col("recorded_at") <= self.until)

    def _versions(self, table: Table) -> pl.LazyFrame:
        # A firm has rows of few tables in one draft: what none of it fills is not planned.
        if self._read(table.name).select("recorded_at").head(1).collect().is_empty():
            return _no_versions(table.name).lazy()
        return self._standing(table).with_columns(_units(table)).collect().lazy()


Count = Callable[[Known, datetime], Mapping[str, int]]
"""Counts something of the firm as known at an instant, by name."""


def _leaving(versions: pl.LazyFrame, key: Sequence[str]) -> pl.LazyFrame:
    """When each version is superseded, in the order of the rows.

    Most keys have one version, so only those of the others are put in order; the rows stay in the lake's, by entity and time.
    """
    places = versions.select(*key, ENTER).with_row_index("place")
    several = places.filter(pl.struct(*key).is_duplicated()).sort(*key, ENTER)
    superseded = several.select("place", pl.col(ENTER).shift(-1).over(key).alias(LEAVE))
    joined = places.select("place").join(superseded, on="place", how="left", maintain_order="left")
    return joined.select(pl.col(LEAVE).fill_null(FOREVER))


@cache
def _no_versions(table: str) -> pl.DataFrame:
    """What `versions` has of a table without rows."""
    declared = TABLES[table]
    units = {column.name: pl.Int64() for column in declared.columns if column.kind in _ENGINE_KINDS}
    known = {name: pl.Int64() for name in (ENTER, LEAVE, *(f"{event.name}_known" for event in declared.events))}
    return pl.DataFrame(schema={**schema_of(table), **units, **known})


def _units(table: Table, *, among: Sequence[str] | None = None) -> list[pl.Expr]:
    named = (column for column in table.columns if among is None or column.name in among)
    return [_in_engine_units(column) for column in named if column.kind in _ENGINE_KINDS]


def _in_engine_units(column: Column) -> pl.Expr:
    value = pl.col(column.name)
    if column.kind == "instant":
        return value.dt.epoch("us").alias(column.name)
    return (value * MONEY_SCALE).round(0).cast(pl.Int64).alias(column.name)
