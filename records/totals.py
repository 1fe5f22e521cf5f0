"""Control totals: the money of every row read, by currency and by what became of the row, and the first and last event."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

import polars as pl

from records.lake import Lake
from records.lines import ROW
from records.provenance import Dated
from records.report import MoneyTotal
from records.table import Column, Table
from records.tables import TABLES

STATUS: Final = "#status"
ACCEPTED: Final = "accepted"
DUPLICATE: Final = "duplicate"
QUARANTINED: Final = "quarantined"
_CURRENCY: Final = "#currency"


def money_totals(
    table: Table, rows: pl.DataFrame, *, unreadable: pl.DataFrame, parts: Sequence[Dated], lake: Lake
) -> tuple[MoneyTotal, ...]:
    """Totals of each money column.

    `rows`: ROW, the table's schema and STATUS, quarantined rows too. `unreadable`: ROW and column of cells that are no amount.
    A row without a currency of its own (a line, an allocation) counts in that of the row it belongs to.
    """
    names = [column.name for column in table.columns if column.kind == "money"]
    if not names or not rows.height:
        return ()
    priced = _with_currency(table, rows, parts, lake)
    filled = [pl.col(name).count().alias(f"#{name}") for name in names]
    read = priced.group_by(_CURRENCY).agg(pl.col(names).sum(), *filled).sort(_CURRENCY)
    by_status = priced.group_by(_CURRENCY, STATUS).agg(pl.col(names).sum()).iter_rows(named=True)
    split = {(row[_CURRENCY], row[STATUS]): row for row in by_status}
    lost_rows = unreadable.join(priced.select(ROW, _CURRENCY), on=ROW).group_by(_CURRENCY, "column").len().iter_rows()
    lost = {(currency, column): count for currency, column, count in lost_rows}
    totals = []
    for row in read.iter_rows(named=True):
        currency = row[_CURRENCY]
        for name in names:
            amounts = {status: split.get((currency, status), {}).get(name) or Decimal(0) for status in (ACCEPTED, DUPLICATE, QUARANTINED)}
            if row[f"#{name}"] or (currency, name) in lost:
                total = MoneyTotal(name, currency, row[name] or Decimal(0), **amounts, unreadable=lost.get((currency, name), 0))
                totals.append(total)
    return tuple(totals)


def _with_currency(table: Table, rows: pl.DataFrame, parts: Sequence[Dated], lake: Lake) -> pl.DataFrame:
    if "currency" in table.by_name:
        return rows.with_columns(pl.col("currency").fill_null("").alias(_CURRENCY))
    owner = _owner(table)
    if owner is None:
        return rows.with_columns(pl.lit("").alias(_CURRENCY))
    column, referred = owner
    frames = [part.rows.lazy() for part in parts if part.table.name == referred.name]
    held = pl.concat([frame.select(referred.key[0], "currency", "recorded_at") for frame in [*frames, lake.read(referred.name)]])
    wanted = held.join(rows.lazy().select(pl.col(column.name).alias(referred.key[0])).unique(), on=referred.key[0], how="semi")
    current = wanted.sort("recorded_at").group_by(referred.key[0]).agg(pl.col("currency").last().alias(_CURRENCY)).collect()
    joined = rows.join(current, left_on=column.name, right_on=referred.key[0], how="left", maintain_order="left")
    return joined.with_columns(pl.col(_CURRENCY).fill_null(""))


def _owner(table: Table) -> tuple[Column, Table] | None:
    owned = [(column, TABLES[column.references]) for column in table.columns if column.required and column.references]
    return next(((column, referred) for column, referred in owned if "currency" in referred.by_name), None)


def event_of(table: Table) -> str | None:
    """The column that says when a row's event happened: the last by which the lake sorts, else the first ◆ column."""
    last = table.by_name[table.sort_by[-1]]
    if last.kind in {"date", "instant"}:
        return last.name
    return table.knowing[0].name if table.knowing else None


def first_and_last(rows: pl.DataFrame, event: str | None) -> tuple[date | datetime | None, date | datetime | None]:
    """The first and last event of rows."""
    if event is None:
        return None, None
    first, last = rows.select(pl.col(event).min().alias("first"), pl.col(event).max().alias("last")).row(0)
    return first, last
