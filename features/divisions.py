"""Divisions: ways of taking the records apart so that each part yields its own facts, as if the rest were not there.

A division has a root, the client or the person, and keeps together what hangs together: the rows of a client, and those that refer to them.
Which features need which records is not declared anywhere: they are asked what they read, of records that hold nothing.

    invoice i1 of client c7, paid by payment p3 of client c9   ->  c7 and c9 are one part, since whoever asks i1 must see p3
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final

import polars as pl

from features.feature import Feature
from features.windows import Aggregate
from records.known import Count, Facts, Known
from records.lake import Lake
from records.tables import TABLES

BY_VERSION: Final = frozenset({"time_entry"})
"""Tables in which each version goes where it itself belongs. An entry is moved to another client's project every day somewhere: kept
together, its versions would tie all clients into one part. Of other tables all versions of a row lie together."""


@dataclass(frozen=True)
class Division:
    """One way of taking the records apart. Without a root everything is one part."""

    root: str | None
    keys: frozenset[str]
    """Columns by which facts may be asked in one part, because all facts of a value lie there."""

    @cached_property
    def routes(self) -> Mapping[str, tuple[str, str]]:
        """Of each table that is taken apart: the column, and the table that it refers to, by which a row finds its root."""
        if self.root is None:
            return {}
        (key,) = TABLES[self.root].key
        found = {self.root: (key, self.root)}
        found |= {
            name: (key, self.root)
            for name, table in TABLES.items()
            if name != self.root and key in table.by_name and table.by_name[key].required
        }
        while grown := {name: route for name in TABLES if name not in found and (route := _route(name, found)) is not None}:
            found |= grown
        return found

    def ties(self, table: str, among: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Columns of a table, and the tables that they refer to, that a row may be asked together with beside its route."""
        wanted = {*among, self.root} & set(self.routes)
        for column in TABLES[table].columns:
            route = self.routes[table]
            # A person's manager, or a client's parent, is another role of the root: nothing hangs together by it.
            role = column.references == self.root and column.name not in TABLES[self.root or ""].key
            if column.references in wanted and not role and (column.name, column.references) != route:
                yield column.name, column.references or ""

    def holds(self, tables: frozenset[str]) -> bool:
        """Whether facts made of these tables can be made of each part by itself."""
        return self.root is None or (tables <= set(self.routes) | SHARED and not tables <= SHARED)


def _route(name: str, found: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    required = ((column.name, column.references or "") for column in TABLES[name].columns if column.required and not column.event)
    return next(((column, to) for column, to in required if to in found), None)


CLIENTS: Final = Division("client", frozenset({"client_id", "contract_id", "project_id", "invoice_id", "payment_id"}))
PEOPLE: Final = Division("person", frozenset({"person_id", "timesheet_id"}))
FIRM: Final = Division(None, frozenset())
"""What no division holds is worked on in one piece."""
DIVISIONS: Final = (CLIENTS, PEOPLE)

SHARED: Final = frozenset(TABLES) - set(CLIENTS.routes) - set(PEOPLE.routes)
"""Tables of nobody, such as rates and calendars: each part has all of them."""


class Asked(Known):
    """Records that hold nothing and tell which tables were asked for, and which counts of the whole firm."""

    def __init__(self, until: datetime) -> None:
        super().__init__(Lake(Path()), until=until, versions={})
        self.tables: set[str] = set()
        self.counts: dict[Count, None] = {}
        self._made: dict[object, set[str]] = {}
        self._events: Sequence[str] | None = None

    def versions(self, table: str) -> Facts:
        self._ask(table)
        return super().versions(table)

    def facts(self, table: str, *, after: Sequence[str] = (), until: Sequence[str] = (), take: Sequence[str] = ()) -> Facts:
        before, self._events = self._events, (*after, *until)
        found = super().facts(table, after=after, until=until, take=take)
        self._events = before
        return found

    def at(self, instant: datetime, table: str) -> pl.LazyFrame:
        self._ask(table)
        return super().at(instant, table)

    def derived(self, build: Callable[[Known], Facts]) -> Facts:
        if build not in self._made:
            with self.noting() as tables:
                super().derived(build)
            self._made[build] = tables
        self.tables |= self._made[build]
        return super().derived(build)

    def reads(self, build: Callable[[Known], Facts]) -> frozenset[str]:
        """The tables that derived facts are made of."""
        self.derived(build)
        return frozenset(self._made[build])

    def whole(self, count: Count, *, at: datetime) -> Mapping[str, int]:
        self.counts[count] = None
        return super().whole(count, at=at)

    @contextmanager
    def noting(self) -> Iterator[set[str]]:
        """The tables that are asked for within, and no others."""
        before, self.tables = self.tables, set()
        try:
            yield self.tables
        finally:
            self.tables = before

    def _ask(self, table: str) -> None:
        self.tables |= dated_by(table, self._events)


def dated_by(table: str, events: Collection[str] | None = None) -> frozenset[str]:
    """A table with those that date its events, or these events of it: a reference that tells of one is dated by what it refers to."""
    told = [column for column in TABLES[table].events if events is None or column.name in events]
    return frozenset({table, *(column.references for column in told if column.references)})


@dataclass(frozen=True)
class Need:
    """What one aggregate is made of, and by what it is asked."""

    one: Aggregate
    tables: frozenset[str]

    @cached_property
    def division(self) -> Division:
        """The one in which each part can answer: sums may be added up over parts, all else takes every fact of a key."""
        columns = self.one.facts.frame.collect_schema().names()
        able = [each for each in DIVISIONS if each.holds(self.tables) and not each.keys.isdisjoint(columns)]
        whole = [each for each in able if self.one.by in each.keys]
        return next(iter([*whole, *(able if self.one.how == "sum" else [])]), FIRM)


def needs(features: Iterable[Feature], until: datetime) -> dict[str, Need]:
    """By name, the aggregates of these features."""
    asked = Asked(until)
    found: dict[str, Need] = {}
    for one in features:
        with asked.noting() as tables:
            signal = one.compute(asked)
        for part in signal.aggregates:
            # Two features that share an aggregate read what it is made of, and more besides.
            others = found[part.name].tables if part.name in found else tables
            found[part.name] = Need(part, frozenset(tables & others))
    return found


def home_of(tables: frozenset[str]) -> Division:
    """The first division that holds all of these tables."""
    return next((each for each in DIVISIONS if each.holds(tables)), FIRM)


def tied(ties: Iterable[tuple[str, str]]) -> dict[str, str]:
    """For each home that is tied to another: the one that stands for all that hang together with it."""
    above: dict[str, str] = {}

    def top(home: str) -> str:
        while (over := above.get(home, home)) != home:
            above[home] = above.get(over, over)
            home = over
        return home

    for one, other in sorted(ties):
        first, second = sorted((top(one), top(other)))
        above[second] = first
    return {home: top(home) for home in {home for tie in ties for home in tie}}
