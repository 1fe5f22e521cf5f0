"""Around a draft: the records of its client as a firm of their own, with the draft on top, and what only the whole firm can tell beside.

A draft that nobody has recorded is judged as it would be once it is: of its client's records all are here, of other clients' the time that
the same people worked on the same days, and of the firm as a whole what the draft does not change. What is made of records that the draft
does not touch is made once, for all drafts to the client.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from threading import Lock
from types import MappingProxyType
from typing import Final

import polars as pl

from controls.catalog import BILLED, findings_about, findings_on_bills
from features.divisions import CLIENTS, PEOPLE, Asked, dated_by
from features.feature import Feature
from features.frame import assembled, checked
from features.homes import Homes
from features.windows import aggregate
from records.held import Held
from records.known import Facts, Known
from records.lake import Lake
from records.tables import TABLES

Rows = Mapping[str, pl.DataFrame]
"""By table, versions of its rows, as the lake has them."""
CLIENTS_AT_HAND: Final = 64
"""Clients whose records are kept ready; some megabytes each, and a billing desk works on a few of them at a time."""
_CARDS: Final = "rate_card_line"
_NAMED: Final = ("time_entry", "expense")
"""What names the line that bills it, or is named by it."""
_ENTRIES: Final = "time_entry"
_DAY_OF_A_PERSON: Final = ["person_id", "worked_on"]
_ASKED: Final = Asked(datetime(2000, 1, 1, tzinfo=UTC))
_ASKING: Final = Lock()


class Firm:
    """One state of a firm's records, made ready for the drafts of any client."""

    def __init__(self, known: Known, *, tables: frozenset[str]) -> None:
        self.known = known
        self._homes = Homes(known, CLIENTS, tables=tables)
        whole = [*self._homes.shared, *sorted((tables & set(PEOPLE.routes)) - set(CLIENTS.routes))]
        self._whole = {table: known.recorded(table).collect() for table in whole}
        self.of: Callable[[str], Ready] = lru_cache(CLIENTS_AT_HAND)(self._of)

    def _of(self, client_id: str) -> "Ready":
        own = self._homes.of(client_id)
        if _ENTRIES in own:
            own[_ENTRIES] = self._same_days(own[_ENTRIES])
        return Ready({**self._whole, **own, **self._agreed(own)}, until=self.known.until)

    def _agreed(self, own: Rows) -> Rows:
        """Of the cards those of the client, of its contracts, and of everybody: a draft of theirs is held against no other."""
        if _CARDS not in self._whole:
            return {}
        cards = self._whole[_CARDS]
        of_contract = pl.col("contract_id").is_in(_ids(own, "contract"))
        of_client = pl.col("contract_id").is_null() & (pl.col("client_id").is_null() | pl.col("client_id").is_in(_ids(own, "client")))
        return {_CARDS: cards.join(cards.filter(of_contract | of_client).select("rate_id").unique(), on="rate_id", how="semi")}

    def named(self, lines: pl.DataFrame, *, beside: Rows) -> Rows:
        """What the lines name that is not `beside`: a line may name an expense of a project that is not its client's."""
        found = {}
        for table in sorted(set(_NAMED) & set(self._homes.tables)):
            (key,) = TABLES[table].key
            ids = {one for name in _naming(table) for one in lines[name].drop_nulls()} - set(_ids(beside, table))
            rows = self._homes.rows(table).filter(pl.col(key).is_in(sorted(ids)))
            if rows.height:
                found[table] = rows
        return found

    def _same_days(self, entries: pl.DataFrame) -> pl.DataFrame:
        """With all versions of what the same people worked on the same days for others."""
        every = self._homes.rows(_ENTRIES)
        days = entries.select(_DAY_OF_A_PERSON).unique()
        named = every.join(days, on=_DAY_OF_A_PERSON, how="semi").select("entry_id").unique()
        return every.join(named, on="entry_id", how="semi")


class Ready(Known):
    """All that a draft to one client is held against; what is asked of it is kept."""

    def __init__(self, rows: Rows, *, until: datetime) -> None:
        super().__init__(Held(rows), until=until)
        self.rows = rows

    def facts(self, table: str, *, after: Sequence[str] = (), until: Sequence[str] = (), take: Sequence[str] = ()) -> Facts:
        key = (table, tuple(after), tuple(until), tuple(take))
        if key not in self._facts:
            found = super().facts(table, after=after, until=until, take=take)
            self._facts[key] = Facts(found.name, found.frame.collect().lazy())
        return self._facts[key]


class Around(Known):
    """The records of one client, and on top of them rows that are supposed to have been recorded by the end of these records."""

    def __init__(self, firm: Firm, client_id: str, supposed: Rows, *, billed: Mapping[str, str] = MappingProxyType({})) -> None:
        """`billed`: time entries of the records -> the supposed line that bills each."""
        self._firm, self._ready = firm, firm.of(client_id)
        named = firm.named(supposed["invoice_line"], beside=self._ready.rows)
        self._touched = frozenset({*supposed, *named})
        held = {**self._ready.rows, **{table: _on_top(self._ready.rows.get(table), rows) for table, rows in named.items()}}
        below = {**held, _ENTRIES: _billed(held[_ENTRIES], billed)} if billed and _ENTRIES in held else held
        told = {table: _on_top(below.get(table), rows) for table, rows in supposed.items()}
        super().__init__(Held({**below, **told}), until=firm.known.until)
        self._alone = Known(Held(supposed), until=firm.known.until)
        self._entities = BILLED - _lacking(self.lake, supposed)

    def versions(self, table: str) -> Facts:
        return super().versions(table) if self._touches(dated_by(table)) else self._ready.versions(table)

    def facts(self, table: str, *, after: Sequence[str] = (), until: Sequence[str] = (), take: Sequence[str] = ()) -> Facts:
        if self._touches(dated_by(table, (*after, *until))):
            return super().facts(table, after=after, until=until, take=take)
        return self._ready.facts(table, after=after, until=until, take=take)

    def derived(self, build: Callable[[Known], Facts]) -> Facts:
        """As of all records; of findings on bills, those alone that can be about the draft: who has no expense has no finding of one."""
        if build is findings_on_bills:
            return super().derived(findings_about(self._entities))
        with _ASKING:
            reads = _ASKED.reads(build)
        return super().derived(build) if self._touches(reads) else self._ready.derived(build)

    def across(self, build: Callable[[Known], Facts], *, drafts: bool = False) -> Facts:
        whole = self._firm.known.derived(build)
        return Facts(whole.name, pl.concat([whole.frame, self._alone.derived(build).frame])) if drafts else whole

    def build(self, spine: pl.DataFrame, features: Sequence[Feature]) -> pl.DataFrame:
        """As features.frame.build of all records with the supposed rows among them.

        What is asked of no client but of the firm is asked of its records alone: an invoice that has not been issued is no part of it.
        """
        checked(spine, self.until)
        signals = {one: one.compute(self) for one in features}
        own = [part for found in signals.values() for part in found.aggregates if part.by is not None]
        firmwide = [part for one in features for part in one.compute(self._firm.known).aggregates if part.by is None]
        return assembled(spine, aggregate(aggregate(spine, own), firmwide), signals)

    def _touches(self, tables: frozenset[str]) -> bool:
        return not tables.isdisjoint(self._touched)


def _lacking(lake: Lake, supposed: Rows) -> frozenset[str]:
    """Of what a draft's lines can bill, that of which no line bills any: neither does a line name a record, nor a record a line."""
    lines = supposed["invoice_line"]
    found = set()
    for table in _NAMED:
        (key,) = TABLES[table].key
        naming = lake.read(table).filter(pl.col("invoice_line_id").is_in(lines["line_id"].to_list())).select(key).head(1).collect()
        if naming.is_empty() and all(lines[name].null_count() == lines.height for name in _naming(table)):
            found.add(table)
    return frozenset(found)


def _naming(table: str) -> frozenset[str]:
    """Columns of a line that name a row of the table."""
    return frozenset(name for name, one in TABLES["invoice_line"].by_name.items() if one.references == table)


def _ids(rows: Rows, table: str) -> list[str]:
    (key,) = TABLES[table].key
    return rows[table][key].unique().to_list() if table in rows else []


def _billed(entries: pl.DataFrame, billed: Mapping[str, str]) -> pl.DataFrame:
    """The entries with the line that bills them, which dates the billing: what else is known of them stays as it is."""
    line = pl.col("entry_id").replace_strict(billed, default=pl.col("invoice_line_id"), return_dtype=pl.String)
    return entries.with_columns(line.alias("invoice_line_id"))


def _on_top(records: pl.DataFrame | None, rows: pl.DataFrame) -> pl.DataFrame:
    return rows if records is None else pl.concat([records, rows], how="diagonal")
