"""From columns of text to the canonical types, on whole columns; a cell that does not fit makes a fault, never a guess.

Empty is: nothing, blanks, and in every column that is not a boolean the literal `false` or `False`: Odoo and its kin send it for "no
value". No client is called False, and an id that reads False would link rows that have nothing to do with each other; so it is taken as
empty everywhere, counted, and reported for each column. A mapping of a source that means the word sets `false_is_empty: false`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import available_timezones

import polars as pl

from records.diagnosis import FIRST_YEAR, LAST_YEAR, diagnose
from records.lines import ROW
from records.reading import FAULTS
from records.table import EVERY_TABLE, Column, Table

SHOWN_CHARACTERS: Final = 200
"""A fault quotes so much of a value; the whole row is kept in the quarantine."""
MONEY_TEXT: Final = r"^[+-]?\d{1,14}(?:\.\d{0,4}0*)?$"
NUMBER_TEXT: Final = r"^[+-]?\d{1,10}(?:\.\d{0,8}0*)?$"
INTEGER_TEXT: Final = r"^[+-]?\d{1,18}(?:\.0*)?$"
CURRENCY_TEXT: Final = r"^[A-Z]{3}$"
CURRENCY_COLUMNS: Final = frozenset({"currency", "base", "quote"})
CLOCK_TEXT: Final = r"^(?:[01]\d|2[0-3]):[0-5]\d$"
_INSTANT_TEXT: Final = r"^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(:\d{2})?(\.\d+)?\s*([Zz]|[+-]\d{2}(?::?\d{2})?)?$"
_DATE_TEXT: Final = r"^(\d{4}-\d{2}-\d{2})(?:[Tt ]00:00(?::00(?:\.0+)?)?(?:[Zz]|[+-]00:?00)?)?$"
_TRUE: Final = ("true", "1", "yes")
_FALSE: Final = ("false", "0", "no")


@dataclass(frozen=True)
class Validated:
    """Rows of one table, typed, beside what is wrong with some of them."""

    rows: pl.DataFrame
    """ROW and every column of the table's schema; `source` is as given, `recorded_at` may be null still. Faulty rows are there too."""
    faults: pl.DataFrame
    naive: Mapping[str, int]
    """By column: instants without a zone, taken as UTC."""
    day_only: Mapping[str, int]
    """By column: instants given as a date, taken as the end of that day, when what it tells is surely known."""
    false_as_empty: Mapping[str, int]


def validate(table: Table, cells: pl.DataFrame, *, false_is_empty: bool = True) -> Validated:
    """Type the cells of a table. `cells`: ROW and text columns under canonical names; a column that is absent is empty."""
    columns = (*table.columns, *EVERY_TABLE)
    absent = [pl.lit(None, pl.String).alias(column.name) for column in columns if column.name not in cells.columns]
    given = cells.select(ROW, *(column.name for column in columns if column.name in cells.columns)).with_columns(absent)
    text = given.select(ROW, *(_filled(column, false_is_empty=false_is_empty) for column in columns))
    typed = text.select(ROW, *(_typed(column) for column in columns))
    rows = typed.with_columns(pl.col("deleted").fill_null(value=False))
    faults = [_faults(table, column, given=given, text=text, typed=typed) for column in columns]
    instants = [column.name for column in columns if column.kind == "instant"]
    return Validated(
        rows,
        pl.concat(faults),
        _counts(text.select(_naive(name) for name in instants)),
        _counts(text.select(_day_only(name) for name in instants)),
        _counts(given.select(_is_false(column.name) for column in columns if column.kind != "boolean")) if false_is_empty else {},
    )


def _is_false(name: str) -> pl.Expr:
    return pl.col(name).str.strip_chars().is_in(["false", "False"])


def _filled(column: Column, *, false_is_empty: bool) -> pl.Expr:
    # Blanks around a value never tell two ids, codes or texts apart on purpose.
    stripped = pl.col(column.name).str.strip_chars()
    empty = stripped.fill_null("") == ""
    if false_is_empty and column.kind != "boolean":
        empty = empty | _is_false(column.name)
    return pl.when(~empty).then(stripped).alias(column.name)


def _typed(column: Column) -> pl.Expr:
    value = pl.col(column.name)
    typed = value
    if column.values:
        typed = pl.when(value.is_in(list(column.values))).then(value)
    elif column.name in CURRENCY_COLUMNS:
        typed = pl.when(value.str.contains(CURRENCY_TEXT)).then(value)
    elif column.kind == "clock":
        typed = pl.when(value.str.contains(CLOCK_TEXT)).then(value)
    elif column.kind == "zone":
        typed = pl.when(value.is_in(sorted(available_timezones()))).then(value)
    elif column.kind in {"money", "number"}:
        fits = value.str.contains(MONEY_TEXT if column.kind == "money" else NUMBER_TEXT)
        typed = pl.when(fits).then(value.cast(column.dtype, strict=False))
    elif column.kind == "integer":
        whole = value.str.replace(r"\.0*$", "")
        typed = pl.when(value.str.contains(INTEGER_TEXT)).then(whole.cast(pl.Int64, strict=False))
    elif column.kind == "date":
        day = value.str.extract(_DATE_TEXT).str.to_date("%Y-%m-%d", strict=False)
        typed = pl.when(day.dt.year().is_between(FIRST_YEAR, LAST_YEAR)).then(day)
    elif column.kind == "instant":
        typed = _instant(value)
    elif column.kind == "boolean":
        lower = value.str.to_lowercase()
        typed = pl.when(lower.is_in(_TRUE)).then(True).when(lower.is_in(_FALSE)).then(False)  # noqa: FBT003
    return typed.alias(column.name)


def _instant(value: pl.Expr) -> pl.Expr:
    part = value.str.extract_groups(_INSTANT_TEXT)
    day, minute, second, fraction, zone = (part.struct.field(str(number)) for number in range(1, 6))
    offset = (
        pl.when(zone.is_null() | (zone.str.to_uppercase() == "Z"))
        .then(pl.lit("+0000"))
        .otherwise((zone.str.replace(":", "") + "00").str.head(5))
    )
    micros = fraction.fill_null(".0").str.head(7).str.pad_end(7, "0")
    # chrono reads second 60 as a leap second; the records have none.
    spelled = pl.concat_str(
        day, pl.lit("T"), minute, pl.when(second != ":60").then(second).when(second.is_null()).then(pl.lit(":00")), micros, offset
    )
    exact = spelled.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_unit="us", time_zone="UTC", strict=False)
    date = value.str.extract(r"^(\d{4}-\d{2}-\d{2})$").str.to_date("%Y-%m-%d", strict=False)
    instant = pl.coalesce(exact, end_of_day(date))
    return pl.when(instant.dt.year().is_between(FIRST_YEAR, LAST_YEAR)).then(instant)


def end_of_day(date: pl.Expr) -> pl.Expr:
    """The instant at which a civil date is over, and what it tells is known: 2013-01-02 -> 2013-01-03T00:00:00Z."""
    return (date.cast(pl.Datetime("us")) + pl.duration(days=1)).dt.replace_time_zone("UTC")


def _naive(name: str) -> pl.Expr:
    return pl.col(name).str.contains(r"\d[Tt ]\d{2}:[\d:.]+$").alias(name)


def _day_only(name: str) -> pl.Expr:
    return pl.col(name).str.contains(r"^\d{4}-\d{2}-\d{2}$").alias(name)


def _counts(marks: pl.DataFrame) -> dict[str, int]:
    found = marks.sum().row(0, named=True) if marks.height else {}
    return {name: count for name, count in found.items() if count}


def _faults(table: Table, column: Column, *, given: pl.DataFrame, text: pl.DataFrame, typed: pl.DataFrame) -> pl.DataFrame:
    value = text[column.name]
    wrong = value.is_not_null() & typed[column.name].is_null()
    if column.kind == "json":
        wrong = value.is_not_null() & value.is_in(_unreadable_json(value).implode())
    # A deletion need only say which row is gone.
    needed = column.required and column not in EVERY_TABLE
    missing = (
        value.is_null() & (~typed["deleted"].fill_null(value=False) if column.name not in table.key else True) if needed else wrong & False
    )
    bad = wrong | missing
    if not bad.any():
        return pl.DataFrame(schema=FAULTS)
    found = pl.DataFrame({ROW: typed[ROW].filter(bad), "value": given[column.name].filter(bad)})
    told = {cell: diagnose(table, column, cell) for cell in found["value"].unique()}
    reasons = pl.DataFrame([(cell, *why) for cell, why in told.items()], schema=["value", "reason", "mend"], orient="row")
    reasons = reasons.cast(pl.String)
    joined = found.join(reasons, on="value", how="left", nulls_equal=True, maintain_order="left")
    return joined.select(ROW, pl.lit(column.name).alias("column"), "value", "reason", "mend").cast(FAULTS)  # type: ignore[arg-type]


def _unreadable_json(values: pl.Series) -> pl.Series:
    unreadable = []
    for value in values.drop_nulls().unique():
        try:
            json.loads(value)
        except ValueError:
            unreadable.append(value)
    return pl.Series(unreadable, dtype=pl.String)
