"""What a file yields before knowledge time is settled: typed rows for each table it feeds, and the faults of its records."""

import difflib
from dataclasses import dataclass, field

import polars as pl

from records.lake import RAW
from records.lines import ROW
from records.reading import FAULTS, Source
from records.refusal import FileRefused
from records.table import EVERY_TABLE, Table
from records.validation import Validated, validate

FILES: str = "files"
"""`source` of rows whose file does not name the system they came from."""


@dataclass(frozen=True)
class Part:
    """The rows that one file feeds into one table."""

    table: Table
    rows: pl.DataFrame
    """ROW, the table's schema and RAW; rows with faults too. `recorded_at` may be null: then the intake finds it (provenance.py)."""
    unreadable: pl.DataFrame
    """ROW and column of the money cells that hold something other than an amount."""
    validated: Validated
    empty_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taken:
    """One file, read and typed."""

    source: Source
    parts: tuple[Part, ...]
    faults: pl.DataFrame
    """FAULTS of every record that is set aside; a record with one fault feeds no table at all."""
    unknown_columns: tuple[str, ...] = ()
    skipped: int = 0
    assumptions: tuple[str, ...] = field(default=())


def take_canonical(source: Source, table: Table) -> Taken:
    """A file in the import format. Raises FileRefused when a column that the table needs is missing."""
    known = {column.name for column in (*table.columns, *EVERY_TABLE)}
    missing = [column.name for column in table.columns if column.required and column.name not in source.columns]
    unknown = tuple(name for name in source.columns if name not in known)
    if missing:
        raise _missing_columns(table, missing, unknown)
    validated = validate(table, source.cells)
    raw = source.cells.select(ROW, raw_of(unknown))[RAW]
    rows = validated.rows.with_columns(pl.col("source").fill_null(FILES), raw)
    empty = tuple(column.name for column in table.columns if column.name not in source.columns)
    part = Part(table, rows, unreadable_money(table, validated.faults), validated, empty)
    return Taken(source, (part,), pl.concat([source.faults, validated.faults]), unknown)


def raw_of(columns: tuple[str, ...]) -> pl.Expr:
    """RAW: the cells of source columns as JSON; null when all are empty. Ordered by name: a moved column changes nothing."""
    if not columns:
        return pl.lit(None, pl.String).alias(RAW)
    ordered = sorted(columns)
    filled = pl.any_horizontal(pl.col(name).is_not_null() for name in ordered)
    return pl.when(filled).then(pl.struct(ordered).struct.json_encode()).alias(RAW)


def unreadable_money(table: Table, faults: pl.DataFrame) -> pl.DataFrame:
    """ROW and column of the cells that no total can count. `faults` name canonical columns."""
    money = [column.name for column in table.columns if column.kind == "money"]
    return faults.filter(pl.col("column").is_in(money) & pl.col("value").is_not_null()).select(ROW, "column")


def no_faults() -> pl.DataFrame:
    """An empty frame of FAULTS."""
    return pl.DataFrame(schema=FAULTS)


def sound(part: Part, faults: pl.DataFrame) -> pl.DataFrame:
    """The rows of a part whose record has no fault."""
    return part.rows.join(faults, on=ROW, how="anti", maintain_order="left") if faults.height else part.rows


def _missing_columns(table: Table, missing: list[str], unknown: tuple[str, ...]) -> FileRefused:
    near = {
        name: found for name in missing if (found := difflib.get_close_matches(name, [*unknown, *(u.lower() for u in unknown)], 1, 0.75))
    }
    hints = "".join(f"; the file has {_spelled(found[0], unknown)!r}: rename it to {name!r}" for name, found in near.items())
    plural = "s" if len(missing) > 1 else ""
    reason = f"table {table.name} needs the column{plural} {', '.join(missing)}, and the header (line 1) lacks {'them' if plural else 'it'}"
    return FileRefused(reason, f"Add {'them' if plural else 'it'} to the file, or import it through a mapping{hints}")


def _spelled(found: str, unknown: tuple[str, ...]) -> str:
    return next((name for name in unknown if found in {name, name.lower()}), found)
