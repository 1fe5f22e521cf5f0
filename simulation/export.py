"""Writing the canonical tables as the firm's systems knew them at the end of `until`: what had not happened by then is not in them.

Inside the simulator days are whole numbers, instants microseconds and money whole cents; they become canonical types here, and the files of
another system where the plan asks for its dialect.
"""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import polars as pl
import pyarrow.parquet as pq

from records.table import Column, Table
from records.tables import TABLES
from simulation.days import DAY_MICROS
from simulation.dialects import CANONICAL, pages_of
from simulation.dirt import soiled
from simulation.plan import Plan

LARGE: Final = frozenset({"time_entry", "expense", "invoice_line"})
"""Tables written as Parquet, in pieces; the others are CSV."""
SOURCES: Final[Mapping[str, str]] = {"ERP": "ledgerline", "PSA": "workdesk", "CRM": "pipeline", "HRIS": "peoplebook", "T&E": "workdesk"}


class Export:
    """An open folder of tables. `write` may be called many times for one table; what it is given is appended."""

    def __init__(self, directory: Path, plan: Plan) -> None:
        self.directory = directory
        self.plan = plan
        self.known_until = (plan.last_known + 1) * DAY_MICROS
        self._pages = {} if plan.dialect == CANONICAL else pages_of(plan.dialect)
        self._begun: set[str] = set()
        self._parquet: dict[str, pq.ParquetWriter] = {}
        directory.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for writer in self._parquet.values():
            writer.close()

    def write(self, name: str, frame: pl.DataFrame, *, also: pl.DataFrame | None = None) -> None:
        """Append rows of a canonical table; `_known_at` or `_known_on`, if there, say when the systems held them.

        `also`: by the table's key, columns that the export has beside the canonical ones.
        """
        table = TABLES[name]
        rows = canonical(table, frame, known_until=self.known_until)
        if self.plan.dirt:
            rows = soiled(self.plan, table, rows, known_until=self.known_until)
        if also is not None:
            rows = rows.join(also, on=table.key, how="left", maintain_order="left")
        if page := self._pages.get(name):
            self._write_csv(page.file, page.written(rows), delimiter=page.delimiter, encoding=page.encoding)
        elif name in LARGE:
            self._write_parquet(name, rows)
        else:
            instants = [pl.col(column).dt.strftime("%Y-%m-%dT%H:%M:%SZ") for column, kind in rows.schema.items() if kind == pl.Datetime]
            self._write_csv(f"{name}.csv", rows.with_columns(instants))

    def _write_parquet(self, name: str, rows: pl.DataFrame) -> None:
        arrow = rows.to_arrow()
        if name not in self._parquet:
            self._parquet[name] = pq.ParquetWriter(self.directory / f"{name}.parquet", arrow.schema, compression="zstd")
        self._parquet[name].write_table(arrow)

    def _write_csv(self, file: str, rows: pl.DataFrame, *, delimiter: str = ",", encoding: str = "utf-8") -> None:
        first = file not in self._begun
        self._begun.add(file)
        text = rows.write_csv(include_header=first, separator=delimiter)
        with (self.directory / file).open("wb" if first else "ab") as sink:
            sink.write(text.encode(encoding))


def canonical(table: Table, frame: pl.DataFrame, *, known_until: int) -> pl.DataFrame:
    """Rows in the table's types and column order, as known at an instant (microseconds)."""
    given = frame.with_columns(_known_at(table, frame.columns).alias("recorded_at"))
    given = given.filter(pl.col("recorded_at") <= known_until)
    source = pl.lit(SOURCES.get(table.of_record.split(",")[0].split(" ")[0], table.of_record)).alias("source")
    constants = [
        expression for expression in (source, pl.lit(value=False).alias("deleted")) if expression.meta.output_name() not in given.columns
    ]
    given = given.with_columns(constants)
    known = {name for name in given.columns if name in table.schema}
    shown = [_shown(table, name, known_until=known_until) if name in known else pl.lit(None) for name in table.schema]
    return given.select(expression.cast(kind).alias(name) for expression, (name, kind) in zip(shown, table.schema.items(), strict=True))


def _known_at(table: Table, columns: list[str]) -> pl.Expr:
    if "recorded_at" in columns:
        return pl.col("recorded_at")
    if "_known_at" in columns:
        return pl.col("_known_at")
    if "_known_on" in columns:
        return (pl.col("_known_on") + 1) * DAY_MICROS
    return pl.coalesce(_happened_at(column) for column in table.knowing if column.name in columns)


def _happened_at(column: Column) -> pl.Expr:
    """Microseconds at which an event is known."""
    return (pl.col(column.name) + 1) * DAY_MICROS if column.kind == "date" else pl.col(column.name)


def _shown(table: Table, name: str, *, known_until: int) -> pl.Expr:
    column, value = table.by_name[name], pl.col(name)
    match column.kind:
        case "money":
            value = (value / 100).round(2)
        case "date":
            value = value.cast(pl.Int32).cast(pl.Date)
        case "instant":
            value = value.cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
        case _:
            pass
    event = table.masked_by.get(name)
    if event is None or table.by_name[event].kind not in {"date", "instant"}:
        return value
    return pl.when(_happened_at(table.by_name[event]) <= known_until).then(value)
