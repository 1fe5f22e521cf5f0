"""Reading a foreign file through its mapping: one source row feeds several tables, or none of them.

A record is taken as a whole. When one of the rows made from it has a fault, none is loaded: an invoice without the payment that stands
in the same line would look unpaid.
"""

from dataclasses import dataclass

import polars as pl

from records.compiling import TEXT, Check, Compiled, compile_condition, compile_expression
from records.lines import ROW
from records.mapping import Feed, FileForm, Group, Mapping
from records.parts import Part, Taken, no_faults, raw_of, unreadable_money
from records.reading import FAULTS, Source
from records.refusal import FileRefused
from records.table import Table
from records.tables import TABLES
from records.validation import Validated, validate

_ORDER = "#order"


@dataclass(frozen=True)
class _Fed:
    """What a file gives to one table, before records with faults are left out."""

    feed: Feed
    table: Table
    validated: Validated
    rows: pl.DataFrame
    """ROW, the table's schema, RAW, and _ORDER when the rows are to be grouped."""
    unreadable: pl.DataFrame
    faults: pl.DataFrame


def take_mapped(source: Source, mapping: Mapping, place: int) -> Taken:
    """Read a file by one of a mapping's forms. Raises FileRefused when a column that the mapping reads is missing."""
    form = mapping.files[place]
    feeds = [
        (feed, {name: compile_expression(said, TABLES[feed.table].by_name[name], form) for name, said in feed.columns.items()})
        for feed in form.tables
    ]
    absent = _absent(source, mapping, form, feeds)
    cells = _emptied(source.cells.with_columns(pl.lit(None, pl.String).alias(name) for name in absent), form)
    taken = cells if form.when is None else cells.filter(compile_condition(form.when)[0])
    unknown = _unknown(source, form, feeds)
    rest = form.rest or next((feed.table for feed in form.tables if feed.group is None), form.tables[0].table)
    fed = [
        _feed(feed, compiled, taken, source_name=mapping.source, form=form, also=unknown if feed.table == rest else ())
        for feed, compiled in feeds
    ]
    faults = pl.concat([source.faults, *(each.faults for each in fed)])
    parts = tuple(_part(each, faults) for each in fed)
    fed_rows = pl.concat([each.rows.select(ROW) for each in fed]).unique()
    skipped = cells.join(fed_rows, on=ROW, how="anti").height
    return Taken(source, parts, faults, unknown, skipped, mapping.assumptions)


def _emptied(cells: pl.DataFrame, form: FileForm) -> pl.DataFrame:
    names = [name for name in cells.columns if name != ROW]
    stripped = [pl.col(name).str.strip_chars() for name in names]
    empty = ["", "false", "False"] if form.false_is_empty else [""]
    return cells.with_columns(pl.when(~value.is_in(empty)).then(value).alias(name) for name, value in zip(names, stripped, strict=True))


def _feed(
    feed: Feed, compiled: dict[str, Compiled], cells: pl.DataFrame, *, source_name: str, form: FileForm, also: tuple[str, ...]
) -> _Fed:
    table = TABLES[feed.table]
    mine = cells if feed.when is None else cells.filter(compile_condition(feed.when)[0])
    kept = tuple(dict.fromkeys([*(name for name in feed.raw if name in cells.columns), *also]))
    order = (
        []
        if feed.group is None or feed.group.order_by is None
        else [compile_expression(feed.group.order_by, TEXT, form).value.alias(_ORDER)]
    )
    text = mine.select(ROW, *(each.value.alias(name) for name, each in compiled.items()))
    beside = mine.select(ROW, raw_of(kept), *order).drop(ROW)
    validated = validate(table, text, false_is_empty=form.false_is_empty)
    unread = [_unread(check, mine) for each in compiled.values() for check in each.checks]
    read = validated.faults.join(pl.concat([no_faults(), *unread]), on=ROW, how="anti")
    faults = pl.concat([no_faults(), *unread, _in_source_terms(read, table, compiled, mine)])
    rows = validated.rows.with_columns(pl.col("source").fill_null(source_name)).hstack(beside)
    return _Fed(feed, table, validated, rows, unreadable_money(table, validated.faults), faults)


def _unread(check: Check, cells: pl.DataFrame) -> pl.DataFrame:
    found = cells.filter(check.wrong.fill_null(value=False))
    told = [
        pl.lit(check.column).alias("column"),
        pl.col(check.column).alias("value"),
        pl.lit(check.reason).alias("reason"),
        pl.lit(check.mend).alias("mend"),
    ]
    return found.select(ROW, *told).cast(FAULTS)  # type: ignore[arg-type]


def _in_source_terms(faults: pl.DataFrame, table: Table, compiled: dict[str, Compiled], cells: pl.DataFrame) -> pl.DataFrame:
    """Faults of canonical columns, told of the source's column and cell where one column gave the value."""
    if not faults.height:
        return faults
    translated = []
    for (name,), group in faults.group_by("column", maintain_order=True):
        origin = compiled[str(name)].columns if name in compiled else ()
        reason = pl.concat_str(pl.col("reason"), pl.lit(f" (for {table.name}.{name})"))
        told = group.with_columns(reason.alias("reason"))
        if len(origin) == 1:
            cell = cells.select(ROW, pl.col(origin[0]).alias("#cell"))
            told = told.join(cell, on=ROW, how="left", maintain_order="left").with_columns(
                pl.lit(origin[0]).alias("column"), pl.col("#cell").alias("value")
            )
        translated.append(told.select(list(FAULTS)))
    return pl.concat(translated)


def _part(fed: _Fed, faults: pl.DataFrame) -> Part:
    rows = fed.rows
    if fed.feed.group is not None:
        rows = _grouped(fed.table, rows.join(faults, on=ROW, how="anti", maintain_order="left"), fed.feed.group)
    return Part(fed.table, rows.drop(_ORDER, strict=False), fed.unreadable, fed.validated)


def _grouped(table: Table, rows: pl.DataFrame, group: Group) -> pl.DataFrame:
    ordered = rows.sort([_ORDER, ROW], nulls_last=True) if _ORDER in rows.columns else rows.sort(ROW)
    others = [name for name in rows.columns if name not in {*table.key, ROW, _ORDER}]
    gathered = ordered.group_by(table.key, maintain_order=True).agg(pl.col(ROW).min(), *(_agreed(name, group.take) for name in others))
    return gathered.select(name for name in rows.columns if name != _ORDER).sort(ROW)


def _agreed(name: str, take: str) -> pl.Expr:
    filled = pl.col(name).drop_nulls()
    if take == "most_common":
        return filled.mode().min().alias(name)
    return (filled.first() if take == "first" else filled.last()).alias(name)


def _named(form: FileForm, feeds: list[tuple[Feed, dict[str, Compiled]]]) -> dict[str, str]:
    """Every source column that is read, and what for."""
    found: dict[str, str] = {}
    if form.when is not None:
        found |= dict.fromkeys(compile_condition(form.when)[1], "its rows")
    for feed, compiled in feeds:
        if feed.when is not None:
            found |= dict.fromkeys(compile_condition(feed.when)[1], f"the rows of {feed.table}")
        if feed.group is not None and feed.group.order_by is not None:
            found |= dict.fromkeys(compile_expression(feed.group.order_by, TEXT, form).columns, f"the order of {feed.table}")
        for name, each in compiled.items():
            found |= dict.fromkeys(each.columns, f"{feed.table}.{name}")
    return found


def _absent(source: Source, mapping: Mapping, form: FileForm, feeds: list[tuple[Feed, dict[str, Compiled]]]) -> list[str]:
    absent = {name: why for name, why in _named(form, feeds).items() if name not in source.columns}
    if needed := {name: why for name, why in absent.items() if name not in form.optional}:
        told = ", ".join(f"{name!r} (for {why})" for name, why in needed.items())
        raise FileRefused(f"the header (line 1) lacks {told}", f"Export it with these columns, or change the mapping {mapping.name}")
    return list(absent)


def _unknown(source: Source, form: FileForm, feeds: list[tuple[Feed, dict[str, Compiled]]]) -> tuple[str, ...]:
    known = {*_named(form, feeds), *(name for feed in form.tables for name in feed.raw)}
    return tuple(name for name in source.columns if name not in known)
