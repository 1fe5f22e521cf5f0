"""Dialects: the canonical tables written as another system would export them.

A dialect is a shipped mapping (records/mappings/) turned round: what the mapping reads out of a source's columns, this writes into them. So
the mapping is said once, and importing a firm in a dialect gives the firm that was exported. A further dialect is one more mapping.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from records.expressions import (
    Constant,
    DateOf,
    Expression,
    FromColumn,
    InstantOf,
    MinutesFromHours,
    MinutesFromSeconds,
    MoneyFromCents,
    Template,
)
from records.mapping import Feed, FileForm, load_mapping
from records.table import Column
from records.tables import TABLES

CANONICAL: Final = "canonical"
DIALECTS: Final = (CANONICAL, "erp_a", "erp_b")


@dataclass(frozen=True)
class Page:
    """How one canonical table stands in a dialect's file."""

    form: FileForm
    feed: Feed

    @property
    def file(self) -> str:
        return self.form.pattern[0]

    @property
    def delimiter(self) -> str:
        return self.form.delimiter or ","

    @property
    def encoding(self) -> str:
        return self.form.encoding or "utf-8"

    def written(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Canonical rows as the file's columns of text; columns that the mapping keeps as raw go through as they are."""
        table = TABLES[self.feed.table]
        cells = [_cell(said, table.by_name[name], self.form) for name, said in self.feed.columns.items() if not isinstance(said, Constant)]
        return rows.select(*cells, *(name for name in self.feed.raw if name in rows.columns))


def pages_of(dialect: str) -> Mapping[str, Page]:
    """By canonical table: its page. Raises ValueError when the dialect's mapping feeds a table twice or from a shared file."""
    pages: dict[str, Page] = {}
    for form in load_mapping(dialect).files:
        if len(form.tables) != 1 or form.tables[0].table in pages:
            raise ValueError(f"{dialect}: {form.pattern[0]} and its tables are not one to one, so the mapping cannot be turned round")
        pages[form.tables[0].table] = Page(form, form.tables[0])
    return pages


def _cell(said: Expression, column: Column, form: FileForm) -> pl.Expr:
    """The source's cell, from which the form gives the canonical value."""
    value = pl.col(column.name)
    match said:
        case FromColumn():
            return _plain(said, column, form).alias(said.column)
        case Template():
            [(before, name, *_), *rest] = list(string.Formatter().parse(said.template))
            after = "".join(part[0] for part in rest)
            return value.str.strip_prefix(before).str.strip_suffix(after).alias(str(name))
        case DateOf():
            wanted = said.format if isinstance(said.format, str) else (said.format or form.dates)[0]
            return (value - pl.duration(days=said.plus_days)).dt.strftime(wanted).alias(said.date)
        case InstantOf():
            return value.dt.convert_time_zone(said.zone).dt.strftime(said.format).alias(said.instant)
        case _:
            return _scaled(said, column, form)


def _scaled(said: Expression, column: Column, form: FileForm) -> pl.Expr:
    value = pl.col(column.name)
    match said:
        case MinutesFromHours():
            return _number((value / 60).round(2).cast(pl.String), form).alias(said.minutes_from_hours)
        case MinutesFromSeconds():
            return (value * 60).cast(pl.String).alias(said.minutes_from_seconds)
        case MoneyFromCents():
            return (value * 100).round(0).cast(pl.Int64).cast(pl.String).alias(said.money_from_cents)
        case _:
            raise ValueError(f"{column.name}: {type(said).__name__} cannot be turned round")


def _plain(said: FromColumn, column: Column, form: FileForm) -> pl.Expr:
    value = pl.col(column.name)
    match column.kind:
        case "date":
            return value.dt.strftime(form.dates[0])
        case "instant":
            return value.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        case "money" | "number":
            return _number(value.cast(pl.String), form)
        case _:
            text = value.cast(pl.String)
    return text.replace_strict({_text(own): foreign for foreign, own in said.map.items()}, default=None) if said.map else text


def _number(text: pl.Expr, form: FileForm) -> pl.Expr:
    return text.str.replace(".", form.decimal, literal=True)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
