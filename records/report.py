"""What an import did, so that a person can balance it against the source: every row and every amount is somewhere.

read = accepted + duplicate + quarantined holds for the rows of each file, for the rows of each table a file feeds, and for each money
column and currency. It is checked where a report is built; a report that does not balance cannot exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

Json = dict[str, object]
LISTED_ROWS: Final = 1_000
"""A report lists so many quarantined rows of a file; the quarantine itself keeps them all."""


class Unbalanced(AssertionError):
    """A row or an amount got lost between reading and the lake: a defect of the intake, never of the data."""


@dataclass(frozen=True)
class Counts:
    """Rows by what became of them."""

    read: int
    accepted: int
    duplicate: int
    quarantined: int

    def __post_init__(self) -> None:
        if self.read != self.accepted + self.duplicate + self.quarantined:
            raise Unbalanced(f"{self}")

    def to_dict(self) -> Json:
        return {"read": self.read, "accepted": self.accepted, "duplicate": self.duplicate, "quarantined": self.quarantined}


@dataclass(frozen=True)
class MoneyTotal:
    """One money column in one currency. `currency` is empty when neither the row nor the row it belongs to names one."""

    column: str
    currency: str
    read: Decimal
    accepted: Decimal
    duplicate: Decimal
    quarantined: Decimal
    unreadable: int = 0
    """Cells of quarantined rows that hold something other than an amount: in none of the totals."""

    def __post_init__(self) -> None:
        if self.read != self.accepted + self.duplicate + self.quarantined:
            raise Unbalanced(f"{self}")

    def to_dict(self) -> Json:
        amounts = {name: str(getattr(self, name)) for name in ("read", "accepted", "duplicate", "quarantined")}
        return {"column": self.column, "currency": self.currency, **amounts, "unreadable": self.unreadable}


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row. `column` as the source names it; None: the whole row."""

    column: str | None
    value: str | None
    """As the source has it, cut to 200 characters."""
    reason: str
    mend: str

    def to_dict(self) -> Json:
        return {"column": self.column, "value": self.value, "reason": self.reason, "mend": self.mend}


@dataclass(frozen=True)
class QuarantinedRow:
    """One record of a source that was set aside. Its first fault stands for it where one line must do."""

    file: str
    line: int
    """From 1, the header counted; in Parquet the number of the row, from 1."""
    table: str
    """The table it was meant for; several, joined by commas, when a mapping feeds several."""
    faults: tuple[Fault, ...]
    raw: str
    """The record as the file has it."""

    def to_dict(self) -> Json:
        return {"file": self.file, "line": self.line, "table": self.table, "faults": [fault.to_dict() for fault in self.faults]}


@dataclass(frozen=True)
class TableReport:
    """What one file fed into one table. For a table that a mapping gathers from many rows, a row here is one group."""

    table: str
    rows: Counts
    money: tuple[MoneyTotal, ...]
    recorded_at: Mapping[str, int]
    """How many of the loaded rows (accepted and duplicate) took their knowledge time from where."""
    corrected: int
    """Rows that an export without `recorded_at` changed: a version learned at the time of the import."""
    event: str | None
    """The column that says when it happened, with the first and the last of the loaded rows."""
    first_event: date | datetime | None
    last_event: date | datetime | None
    naive_instants: Mapping[str, int]
    """By column: instants without a zone, taken as UTC."""
    dates_as_instants: Mapping[str, int]
    """By column: dates where an instant is asked for, taken as the end of the day."""
    false_as_empty: Mapping[str, int]
    """By column: cells with the word false, taken as empty."""
    empty_columns: tuple[str, ...] = ()
    """Optional columns that the file does not have."""

    def to_dict(self) -> Json:
        ends = {"event": self.event, "first_event": _text(self.first_event), "last_event": _text(self.last_event)}
        said = {"naive_instants": self.naive_instants, "dates_as_instants": self.dates_as_instants, "false_as_empty": self.false_as_empty}
        return {
            "table": self.table,
            **self.rows.to_dict(),
            "money": [total.to_dict() for total in self.money],
            "recorded_at": dict(self.recorded_at),
            "corrected": self.corrected,
            **ends,
            **{name: dict(counts) for name, counts in said.items()},
            "empty_columns": list(self.empty_columns),
        }


@dataclass(frozen=True)
class FileReport:
    """What became of one file; `rows` counts the records of the file itself."""

    file: str
    detected: str
    rows: Counts
    skipped: int
    """Records that the mapping leaves out by its own condition; not part of `read`."""
    tables: tuple[TableReport, ...]
    unknown_columns: tuple[str, ...]
    """Columns that neither the table nor the mapping knows; kept as raw."""
    quarantined: tuple[QuarantinedRow, ...]
    """The first LISTED_ROWS of them; `rows.quarantined` counts all."""
    assumptions: tuple[str, ...] = ()
    """What the mapping takes for granted about this source."""

    def to_dict(self) -> Json:
        return {
            "file": self.file,
            "detected": self.detected,
            **self.rows.to_dict(),
            "skipped": self.skipped,
            "tables": [table.to_dict() for table in self.tables],
            "unknown_columns": list(self.unknown_columns),
            "quarantined_rows": [row.to_dict() for row in self.quarantined],
            "assumptions": list(self.assumptions),
        }


@dataclass(frozen=True)
class RefusedFile:
    """A file that could not be read as a table at all."""

    file: str
    reason: str
    mend: str

    def to_dict(self) -> Json:
        return {"file": self.file, "reason": self.reason, "mend": self.mend}


@dataclass(frozen=True)
class Unresolved:
    """A reference whose row is not there (yet). The rows that hold it are in the lake and count; it vanishes when the row arrives."""

    table: str
    column: str
    references: str
    rows: int
    ids: int
    examples: tuple[str, ...]

    def to_dict(self) -> Json:
        where = {"table": self.table, "column": self.column, "references": self.references}
        return {**where, "rows": self.rows, "ids": self.ids, "examples": list(self.examples)}


@dataclass(frozen=True)
class ImportReport:
    """What one import did."""

    path: str
    mapping: str | None
    imported_at: datetime
    files: tuple[FileReport, ...]
    refused: tuple[RefusedFile, ...]
    ignored: tuple[str, ...]
    """Files of the folder that no table and no pattern of the mapping names."""
    unresolved: tuple[Unresolved, ...]
    resolved: int = 0
    """Rows of the quarantine that this import settled."""
    lake_versions: Mapping[str, int] = field(default_factory=dict)
    """The state of the lake afterwards."""

    @property
    def rows(self) -> Counts:
        """Sums over the files."""
        sums = (sum(getattr(file.rows, name) for file in self.files) for name in ("read", "accepted", "duplicate", "quarantined"))
        return Counts(*sums)

    @property
    def rejected(self) -> bool:
        """Something was set aside or refused."""
        return bool(self.refused) or self.rows.quarantined > 0

    def to_dict(self) -> Json:
        """The report as JSON can hold it: amounts and instants as text."""
        return {
            "path": self.path,
            "mapping": self.mapping,
            "imported_at": self.imported_at.isoformat(),
            **self.rows.to_dict(),
            "files": [file.to_dict() for file in self.files],
            "refused": [file.to_dict() for file in self.refused],
            "ignored": list(self.ignored),
            "unresolved": [reference.to_dict() for reference in self.unresolved],
            "resolved": self.resolved,
            "lake_versions": dict(self.lake_versions),
        }


def _text(moment: date | datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
