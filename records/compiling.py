"""From the forms of a mapping to Polars expressions: text out of text, with a check for each thing that can be wrong.

Every expression yields text in canonical spelling, so that mapped files pass through the same validation as canonical ones.
"""

import string
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

import polars as pl

from records.expressions import (
    All,
    AnyOf,
    Cell,
    Choose,
    Condition,
    Constant,
    DateOf,
    DaysBetween,
    EndOfDay,
    Expression,
    FirstOf,
    FromColumn,
    InstantOf,
    MinutesFromHours,
    MinutesFromSeconds,
    MoneyFromCents,
    Not,
    Numeric,
    Scalar,
    Template,
)
from records.mapping import FileForm
from records.table import Column, column
from records.validation import end_of_day

_DAY: Final = column("day: date")
_TEXT: Final = column("text?")
_FINE: Final = pl.Decimal(38, 10)


@dataclass(frozen=True)
class Check:
    """A cell that an expression cannot read where `wrong` is true."""

    column: str
    wrong: pl.Expr
    reason: str
    mend: str


@dataclass(frozen=True)
class Compiled:
    """An expression over a source's text columns."""

    value: pl.Expr
    columns: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()


def compile_expression(expression: Expression, target: Column, form: FileForm) -> Compiled:
    """What an expression gives to a column of that kind."""
    match expression:
        case FromColumn():
            made = _from_column(expression, target, form)
        case Constant():
            made = Compiled(pl.lit(text_of(expression.constant)))
        case Template():
            made = _template(expression)
        case DateOf():
            formats = (expression.format,) if isinstance(expression.format, str) else expression.format or form.dates
            made = _date(expression.date, formats, drop=expression.drop_decimals, plus_days=expression.plus_days)
        case InstantOf():
            made = _instant(expression)
        case MinutesFromHours():
            made = _scaled(expression.minutes_from_hours, expression, form, lambda hours: (hours * 60).round(0, mode="half_away_from_zero"))
        case MinutesFromSeconds():
            made = _scaled(
                expression.minutes_from_seconds, expression, form, lambda spent: (spent / 60).round(0, mode="half_away_from_zero")
            )
        case MoneyFromCents():
            made = _scaled(expression.money_from_cents, expression, form, lambda cents: cents / 100)
        case _:
            made = _composed(expression, target, form)
    return made


def _composed(expression: Expression, target: Column, form: FileForm) -> Compiled:
    match expression:
        case EndOfDay():
            inner = compile_expression(expression.end_of_day, _DAY, form)
            over = end_of_day(inner.value.str.to_date("%Y-%m-%d", strict=False)).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
            return replace(inner, value=over)
        case DaysBetween():
            begin, end = (compile_expression(each, _DAY, form) for each in expression.days_between)
            days = [each.value.str.to_date("%Y-%m-%d", strict=False) for each in (begin, end)]
            return _together([begin, end], (days[1] - days[0]).dt.total_days().cast(pl.String))
        case FirstOf():
            parts = [compile_expression(each, target, form) for each in expression.first_of]
            return _together(parts, pl.coalesce(part.value for part in parts))
        case Choose():
            return _choice(expression, target, form)
        case _:
            raise TypeError(f"no such form: {expression!r}")


def _choice(said: Choose, target: Column, form: FileForm) -> Compiled:
    holds, columns = compile_condition(said.when)
    then = compile_expression(said.then, target, form)
    other = Compiled(pl.lit(None, pl.String)) if said.otherwise is None else compile_expression(said.otherwise, target, form)
    checks = (*_only_where(then.checks, holds), *_only_where(other.checks, ~holds))
    value = pl.when(holds).then(then.value).otherwise(other.value)
    return Compiled(value, (*columns, *then.columns, *other.columns), checks)


def _together(parts: list[Compiled], value: pl.Expr) -> Compiled:
    columns = tuple(dict.fromkeys(name for part in parts for name in part.columns))
    return Compiled(value, columns, tuple(check for part in parts for check in part.checks))


def _only_where(checks: Iterable[Check], holds: pl.Expr) -> list[Check]:
    return [replace(check, wrong=check.wrong & holds) for check in checks]


def text_of(value: Scalar) -> str:
    """A value of YAML in canonical spelling."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _from_column(said: FromColumn, target: Column, form: FileForm) -> Compiled:
    if target.kind == "date" and said.map is None and form.dates != ("%Y-%m-%d",):
        return _date(said.column, form.dates, drop=said.drop_decimals, plus_days=0)
    value = pl.col(said.column)
    checks: tuple[Check, ...] = ()
    if said.drop_decimals:
        value = value.str.replace(r"^([+-]?\d+)\.0*$", "$1")
    if target.kind in {"money", "number", "integer"} and said.map is None:
        read = _number(said.column, value, said, form)
        value, checks = read.value, read.checks
    if said.round is not None:
        exact = value.cast(_FINE, strict=False)
        value = pl.coalesce(exact.round(said.round, mode="half_away_from_zero").cast(pl.String), value)
    default = pl.lit(None, pl.String) if said.default is None else pl.lit(text_of(said.default))
    if said.map is not None:
        targets = {name: None if to is None else text_of(to) for name, to in said.map.items()}
        listed = value.is_in(list(targets))
        if said.default is None:
            known = ", ".join(said.map)
            check = Check(
                said.column, value.is_not_null() & ~listed, f"is not one of the values the mapping knows ({known})", "Add it to the mapping"
            )
            checks = (*checks, check)
        value = pl.when(listed).then(value.replace_strict(list(targets), list(targets.values()), default=None, return_dtype=pl.String))
    return Compiled(pl.coalesce(value, default), (said.column,), checks)


def _number(name: str, value: pl.Expr, said: Numeric, form: FileForm) -> Compiled:
    decimal = said.decimal or form.decimal
    thousands = said.thousands or form.thousands or ("." if decimal == "," else None)
    if decimal == "." and thousands is None:
        return Compiled(value, (name,))
    mark, group = (f"\\{decimal}", f"(?:\\{thousands}\\d{{3}})*" if thousands else "")
    shape = rf"^[+-]?(?:\d{{1,3}}{group}|\d+)(?:{mark}\d*)?$"
    plain = value.str.replace_all(thousands, "", literal=True) if thousands else value
    fits = value.str.contains(shape)
    spelled = pl.when(fits).then(plain.str.replace(decimal, ".", literal=True)).otherwise(value)
    reason = f"is not an amount with a decimal {'comma' if decimal == ',' else 'point'}, as the mapping declares"
    return Compiled(spelled, (name,), (Check(name, value.is_not_null() & ~fits, reason, "Correct it, or the mapping"),))


def _scaled(name: str, said: Numeric, form: FileForm, convert: Callable[[pl.Expr], pl.Expr]) -> Compiled:
    read = _number(name, pl.col(name), said, form)
    exact = read.value.cast(_FINE, strict=False)
    converted = convert(exact).cast(pl.String).str.replace(r"\.?0+$", "").replace("", "0")
    trimmed = (
        pl.when(convert(exact).cast(pl.String).str.contains(".", literal=True)).then(converted).otherwise(convert(exact).cast(pl.String))
    )
    return Compiled(pl.coalesce(trimmed, read.value), (name,), read.checks)


def _template(said: Template) -> Compiled:
    parts: list[pl.Expr] = []
    columns: list[str] = []
    for literal, name, _, _ in string.Formatter().parse(said.template):
        if literal:
            parts.append(pl.lit(literal))
        if name is not None:
            parts.append(pl.col(name))
            columns.append(name)
    return Compiled(pl.concat_str(parts), tuple(dict.fromkeys(columns)))


def _date(name: str, formats: Sequence[str], *, drop: bool, plus_days: int) -> Compiled:
    cell = pl.col(name).str.strip_chars()
    cell = cell.str.replace(r"\.0*$", "") if drop else cell
    day = pl.coalesce(cell.str.to_date(each, strict=False) for each in formats) + pl.duration(days=plus_days)
    check = Check(
        name, cell.is_not_null() & day.is_null(), f"is not a date as the mapping writes it ({' or '.join(formats)})", "Correct the date"
    )
    return Compiled(day.dt.strftime("%Y-%m-%d"), (name,), (check,))


def _instant(said: InstantOf) -> Compiled:
    cell = pl.col(said.instant).str.strip_chars()
    zoned = "%z" in said.format or "%:z" in said.format or "%#z" in said.format
    if zoned:
        read = cell.str.to_datetime(said.format, time_unit="us", time_zone="UTC", strict=False)
    else:
        local = cell.str.to_datetime(said.format, time_unit="us", strict=False)
        # An hour that daylight saving repeats is taken as the later: nothing is known too early. One that it skips does not exist.
        read = local.dt.replace_time_zone(said.zone, ambiguous="latest", non_existent="null").dt.convert_time_zone("UTC")
    check = Check(
        said.instant, cell.is_not_null() & read.is_null(), f"is not an instant as the mapping writes it ({said.format})", "Correct it"
    )
    return Compiled(read.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"), (said.instant,), (check,))


def compile_condition(condition: Condition) -> tuple[pl.Expr, tuple[str, ...]]:
    """Whether a condition holds (never null), and the columns it reads."""
    match condition:
        case Cell():
            return _test(condition).fill_null(value=False), (condition.column,)
        case Not():
            holds, columns = compile_condition(condition.not_)
            return ~holds, columns
        case All() | AnyOf():
            inner = condition.all if isinstance(condition, All) else condition.any
            parts = [compile_condition(each) for each in inner]
            join = pl.all_horizontal if isinstance(condition, All) else pl.any_horizontal
            return join(holds for holds, _ in parts), tuple(name for _, columns in parts for name in columns)
        case _:
            raise TypeError(f"no such condition: {condition!r}")


def _test(said: Cell) -> pl.Expr:
    cell = pl.col(said.column).str.strip_chars()
    if said.empty is not None:
        return (cell.fill_null("") == "") == said.empty
    if said.equals is not None:
        return cell == text_of(said.equals)
    if said.one_of is not None:
        return cell.is_in([text_of(each) for each in said.one_of])
    number = cell.cast(_FINE, strict=False)
    return number < said.below if said.below is not None else number > cast("pl.Expr", said.above)


TEXT: Final = _TEXT
"""Target of an expression that only orders rows."""
