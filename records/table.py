"""What a canonical table is: typed columns, with the marks that say when a value was known.

A column is written as `name`, then marks, kind or values, reference and what it gives: `approved_at?● {approver_id}`, `amount: money`,
`client_id > client`. Marks: `?` may be empty · `●` tells of an event, and is empty until that has happened · `◆` stands in for a missing
`recorded_at` · `◇` does so for what is planned: it was known when its year began. A name in `_on` is a civil date and in `_at` a UTC
instant; anything else without a kind is text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final, Literal, cast

import polars as pl

Kind = Literal["text", "integer", "money", "number", "date", "instant", "boolean", "json", "clock", "zone"]

TYPES: Final[Mapping[Kind, pl.DataType]] = MappingProxyType(
    {
        "text": pl.String(),
        "integer": pl.Int64(),
        "money": pl.Decimal(18, 4),
        "number": pl.Decimal(18, 8),
        "date": pl.Date(),
        "instant": pl.Datetime("us", "UTC"),
        "boolean": pl.Boolean(),
        "json": pl.String(),
        "clock": pl.String(),
        "zone": pl.String(),
    }
)
"""What each kind of column is in the lake. Money has at most 4 places and is never a float; instants are UTC microseconds; a clock is a
time of day, HH:MM, and a zone a name of the IANA time zone database."""


@dataclass(frozen=True)
class Column:
    """One column of a canonical table."""

    name: str
    kind: Kind
    required: bool = True
    event: bool = False
    """The column tells of an event: as known before it, the column and those it `gives` are empty."""
    gives: tuple[str, ...] = ()
    """Columns that mean nothing before this event has happened."""
    known: bool = False
    """An export without `recorded_at` takes it from the first filled column marked so."""
    planned: bool = False
    """Such a column tells of what is planned before its year begins, as a calendar is."""
    values: tuple[str, ...] = ()
    references: str | None = None
    """The table whose key this column holds."""

    @property
    def dtype(self) -> pl.DataType:
        return TYPES[self.kind]


@dataclass(frozen=True)
class Table:
    """One canonical table. `sort_by`: entity, then event time; the lake keeps rows in this order."""

    name: str
    key: tuple[str, ...]
    sort_by: tuple[str, ...]
    columns: tuple[Column, ...]
    of_record: str

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        return {column.name: column for column in (*self.columns, *EVERY_TABLE)}

    @cached_property
    def schema(self) -> dict[str, pl.DataType]:
        """Types of the table's columns and of the three that every table has."""
        return {column.name: column.dtype for column in (*self.columns, *EVERY_TABLE)}

    @cached_property
    def events(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.event)

    @cached_property
    def knowing(self) -> tuple[Column, ...]:
        """Columns that can stand in for a missing `recorded_at`, the most telling first."""
        return tuple(column for column in self.columns if column.known)

    @cached_property
    def masked_by(self) -> dict[str, str]:
        """For each column that an event gives: the event's column."""
        return {name: event.name for event in self.events for name in (event.name, *event.gives)}


_SPEC: Final = re.compile(r"(?P<name>\w+)(?P<marks>[?●◆◇]*)(?:: (?P<kind>[\w|]+))?(?: > (?P<references>\w+))?(?: \{(?P<gives>[\w ]+)\})?")


def column(spec: str) -> Column:
    found = _SPEC.fullmatch(spec)
    if found is None:
        raise ValueError(f"not a column's declaration: {spec!r}")
    name, marks, kind = found["name"], found["marks"], found["kind"] or ""
    by_name: Kind = "date" if name.endswith("_on") else "instant" if name.endswith("_at") else "text"
    return Column(
        name,
        cast("Kind", kind) if kind in TYPES else by_name,
        required="?" not in marks,
        event="●" in marks,
        known="◆" in marks or "◇" in marks,
        planned="◇" in marks,
        values=tuple(kind.split("|")) if "|" in kind else (),
        references=found["references"],
        gives=tuple((found["gives"] or "").split()),
    )


def table(name: str, *, sort_by: str, of_record: str, columns: str, key: str = "") -> Table:
    """Declare a table; its key is its first column unless `key` names others."""
    declared = tuple(column(" ".join(spec.split())) for spec in columns.split(",") if spec.strip())
    return Table(name, tuple(key.split()) or (declared[0].name,), tuple(sort_by.split()), declared, of_record)


EVERY_TABLE: Final = (column("source"), column("recorded_at"), column("deleted: boolean"))
"""The system the row was read from; knowledge time; whether this version says that the row is gone."""
