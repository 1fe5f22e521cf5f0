"""Why a cell does not fit its canonical column, and how to mend it. Called for cells that are known not to fit."""

import re
from datetime import date
from typing import Final

from records.table import Column, Table

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
"""Years before and after are sentinels (0001-01-01, 9999-12-31) or slips of the keyboard, and would stretch every window of time."""
_DECIMAL_COMMA: Final = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+")
_EITHER_COMMA: Final = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
"""1,234 is a thousand of one country and little more than one of another."""
_THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_TOO_FINE: Final = re.compile(r"[+-]?\d+\.\d+")
_TOO_LARGE: Final = re.compile(r"[+-]?\d{11,}(\.\d*)?")
_ISO_SHAPE: Final = re.compile(r"\d{4}-\d{2}-\d{2}.*", re.DOTALL)
_OTHER_DATE: Final = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}.*|\d{8}(\.0)?", re.DOTALL)

Told = tuple[str, str]
"""Reason, and how to mend."""
TOO_LARGE: Final[Told] = ("is larger than the store holds", "Check it: a missing decimal point, or an id in the wrong column")


def diagnose(table: Table, column: Column, value: str | None) -> Told:
    """Say what is wrong with a cell."""
    cell = (value or "").strip()
    if column.kind != "boolean" and cell in {"false", "False"}:
        return "is empty (the source wrote false for it), and the table needs it", f"Give the row its {column.name}"
    if not cell:
        what = "the key is missing" if column.name in table.key else "is empty, and the table needs it"
        return what, f"Give the row its {column.name}"
    return _not_a_value(column, cell) if column.values else _of_another_kind(column, cell)


def _of_another_kind(column: Column, cell: str) -> Told:
    match column.kind:
        case "money" | "number":
            told = _not_a_number(column, cell)
        case "integer":
            told = _not_a_whole_number(column, cell)
        case "date":
            told = _not_a_date(cell)
        case "instant":
            told = _not_an_instant(cell)
        case "boolean":
            told = "is neither true nor false", "Write true or false (1, 0, yes and no are read too)"
        case "json":
            told = "is not JSON", "Write valid JSON, or leave it empty"
        case "clock":
            told = "is not a time of day", "Write it as HH:MM on a clock of 24 hours, such as 17:00"
        case "zone":
            told = "is not a time zone", "Write a name of the IANA time zone database, such as Europe/Berlin"
        case _:
            told = "is not a currency code", "Write the three capital letters of ISO 4217, such as EUR"
    return told


def _not_a_value(column: Column, cell: str) -> Told:
    near = [value for value in column.values if value.casefold() == cell.casefold().replace(" ", "_").replace("-", "_")]
    mend = f"Write {near[0]}" if near else "Write one of those, or map it in a mapping"
    return f"is not one of {', '.join(column.values)}", mend


def _not_a_number(column: Column, cell: str) -> Told:
    noun = {"money": "an amount", "number": "a number"}[column.kind]
    if told := _with_commas(cell, noun, usual="1234.56"):
        return told
    if _DECIMAL_COMMA.fullmatch(cell):
        return f"has a decimal comma: not {noun}", 'Write it with a point, such as 1234.56, or declare decimal: "," in a mapping'
    if _TOO_LARGE.fullmatch(cell):
        return TOO_LARGE
    places = 4 if column.kind == "money" else 8
    if _TOO_FINE.fullmatch(cell):
        return f"has more than {places} places", f"Round it to {places} places at most, or declare round: {places} in a mapping"
    return f"is not {noun}", "Write digits with a point before the places, without currency, unit or blanks"


def _not_a_whole_number(column: Column, cell: str) -> Told:
    if told := _with_commas(cell, "a whole number", usual="1234"):
        return told
    if _DECIMAL_COMMA.fullmatch(cell) or _TOO_FINE.fullmatch(cell):
        return "has places, and a whole number is asked for", _whole(column)
    return TOO_LARGE if _TOO_LARGE.fullmatch(cell) else ("is not a whole number", _whole(column))


def _with_commas(cell: str, noun: str, *, usual: str) -> Told | None:
    """Of a number in which commas may group, or surely do."""
    if _EITHER_COMMA.fullmatch(cell):
        mend = f'Write {usual}, or declare decimal: "," or thousands: "," in a mapping'
        return f"has a comma that may stand before places or for thousands: not {noun}", mend
    if _THOUSANDS.fullmatch(cell):
        return f"has separators of thousands: not {noun}", f'Write {usual}, or declare thousands: "," in a mapping'
    return None


def _whole(column: Column) -> str:
    """How a whole number is written; of minutes, how hours become some."""
    if "minutes" in column.name.split("_"):
        return "Write whole minutes, such as 510 for 8.5 hours, or let a mapping make them of hours (minutes_from_hours)"
    return "Write digits alone"


def _not_a_date(cell: str) -> Told:
    if not _ISO_SHAPE.fullmatch(cell):
        return _other_shape(cell, "is not a date", "Write it as YYYY-MM-DD")
    if len(cell) > len("YYYY-MM-DD") and _possible(cell):
        return "has a time of day, where a date is asked for", "Write the date alone"
    return _impossible(cell)


def _not_an_instant(cell: str) -> Told:
    if not _ISO_SHAPE.fullmatch(cell):
        return _other_shape(cell, "is not an instant", "Write it as RFC 3339, such as 2026-01-31T09:30:00Z")
    if not _possible(cell):
        return _impossible(cell)
    return "has no such time of day", "Write it as RFC 3339, such as 2026-01-31T09:30:00Z"


def _other_shape(cell: str, otherwise: str, mend: str) -> Told:
    if _OTHER_DATE.fullmatch(cell):
        return (
            "is a date in another order than year-month-day, which cannot be told for sure",
            f"{mend}, or declare its format in a mapping",
        )
    return otherwise, mend


def _possible(cell: str) -> bool:
    try:
        return FIRST_YEAR <= date.fromisoformat(cell[:10]).year <= LAST_YEAR
    except ValueError:
        return False


def _impossible(cell: str) -> Told:
    try:
        date.fromisoformat(cell[:10])
    except ValueError:
        return "is a day that no calendar has", "Correct the day or the month"
    return f"is a year out of {FIRST_YEAR} to {LAST_YEAR}", "Correct the year; leave the cell empty when it stands for 'no date'"
