"""Records that could not be loaded, kept whole until they can: one SQLite file under home/quarantine.

A record is known by its file, the mapping used, its text and which of equal records it is; so importing the same folder again adds
nothing, and a record keeps its entry when lines above it come or go. Each import of a file settles the entries of that file: those that
it does not set aside again are resolved, be it that the record was mended, or taken out, or that what stood against it has gone.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from records.report import Fault, QuarantinedRow, RefusedFile

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS file (
    path TEXT NOT NULL, mapping TEXT NOT NULL, digest TEXT NOT NULL, first_imported_at TEXT NOT NULL, last_imported_at TEXT NOT NULL,
    PRIMARY KEY (path, mapping, digest)
);
CREATE TABLE IF NOT EXISTS entry (
    id TEXT PRIMARY KEY, path TEXT NOT NULL, mapping TEXT NOT NULL, line INTEGER NOT NULL, table_name TEXT NOT NULL, faults TEXT NOT NULL,
    raw TEXT NOT NULL, header TEXT NOT NULL, digest TEXT NOT NULL, first_seen_at TEXT NOT NULL, last_seen_at TEXT NOT NULL, resolved_at TEXT
);
CREATE INDEX IF NOT EXISTS entry_of_file ON entry (path, mapping, resolved_at);
"""
_REFUSED_LINE: Final = 0
"""An entry of a file that was refused as a whole stands on no line."""


@dataclass(frozen=True)
class Entry:
    """One record in quarantine, or one file that was refused (line 0)."""

    id: str
    path: Path
    mapping: str | None
    line: int
    table: str
    faults: tuple[Fault, ...]
    raw: str
    header: str
    """The column names of the file, as JSON: with `raw` all that is needed to load the record by hand."""
    first_seen_at: datetime
    last_seen_at: datetime
    resolved_at: datetime | None

    def to_dict(self) -> dict[str, object]:
        return {
            "id": self.id,
            "file": str(self.path),
            "mapping": self.mapping,
            "line": self.line,
            "table": self.table,
            "faults": [fault.to_dict() for fault in self.faults],
            "raw": self.raw,
            "first_seen_at": self.first_seen_at.isoformat(),
            "last_seen_at": self.last_seen_at.isoformat(),
            "resolved_at": None if self.resolved_at is None else self.resolved_at.isoformat(),
        }


@dataclass(frozen=True)
class Origin:
    """The file an import reads: where, through which mapping, which bytes."""

    path: Path
    mapping: str | None
    digest: str


class Quarantine:
    """The quarantine of one home folder. Every change is one transaction."""

    def __init__(self, home: Path) -> None:
        self._file = home / "quarantine" / "quarantine.db"

    def knows(self, origin: Origin) -> bool:
        """Whether these very bytes were imported through this mapping before, from any path."""
        with self._open() as store:
            found = store.execute("SELECT 1 FROM file WHERE digest = ? AND mapping = ?", (origin.digest, origin.mapping or "")).fetchone()
        return found is not None

    def settle(self, origin: Origin, rows: Sequence[QuarantinedRow], *, header: Sequence[str], now: datetime) -> int:
        """Keep what is quarantined in a file now, and resolve the open entries that are not. Returns how many were resolved."""
        with self._open() as store:
            _remember(store, origin, now)
            seen = _keep(store, origin, list(_identified(origin, rows)), header=json.dumps(list(header)), now=now)
            return _resolve_others(store, origin, seen, now)

    def refuse(self, origin: Origin, refused: RefusedFile, *, table: str, now: datetime) -> None:
        """Keep a file that was refused. Its open entries stay open: they could not be looked at."""
        row = QuarantinedRow(refused.file, _REFUSED_LINE, table, (Fault(None, None, refused.reason, refused.mend),), "")
        with self._open() as store:
            _remember(store, origin, now)
            _keep(store, origin, [(_identity(origin, "the whole file", 0), row)], header="[]", now=now)

    def entries(self, *, resolved: bool = False) -> list[Entry]:
        """Open entries, by file and line; with `resolved` also those that were settled."""
        with self._open() as store:
            query = "SELECT * FROM entry WHERE resolved_at IS NULL OR ? ORDER BY path, mapping, line, id"
            return [_entry(row) for row in store.execute(query, (resolved,))]

    def open_files(self) -> list[tuple[Path, str | None]]:
        """Files with open entries, and the mapping each was imported through."""
        with self._open() as store:
            found = store.execute("SELECT DISTINCT path, mapping FROM entry WHERE resolved_at IS NULL ORDER BY path, mapping").fetchall()
        return [(Path(row["path"]), row["mapping"] or None) for row in found]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._file, timeout=30)) as store, store:
            store.row_factory = sqlite3.Row
            store.executescript(_SCHEMA)
            yield store


def _identity(origin: Origin, raw: str, nth: int) -> str:
    told = "\0".join([str(origin.path), origin.mapping or "", raw, str(nth)])
    return hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()[:16]


def _identified(origin: Origin, rows: Iterable[QuarantinedRow]) -> Iterator[tuple[str, QuarantinedRow]]:
    met: dict[str, int] = {}
    for row in rows:
        nth = met[row.raw] = met.get(row.raw, -1) + 1
        yield _identity(origin, row.raw, nth), row


def _remember(store: sqlite3.Connection, origin: Origin, now: datetime) -> None:
    store.execute(
        """INSERT INTO file VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (path, mapping, digest) DO UPDATE SET last_imported_at = excluded.last_imported_at""",
        (str(origin.path), origin.mapping or "", origin.digest, now.isoformat(), now.isoformat()),
    )


def _keep(store: sqlite3.Connection, origin: Origin, rows: Sequence[tuple[str, QuarantinedRow]], *, header: str, now: datetime) -> set[str]:
    values = [
        (
            *(identity, str(origin.path), origin.mapping or "", row.line, row.table),
            *(json.dumps([fault.to_dict() for fault in row.faults]), row.raw, header, origin.digest, now.isoformat(), now.isoformat()),
        )
        for identity, row in rows
    ]
    store.executemany(
        """INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT (id) DO UPDATE SET line = excluded.line,
        table_name = excluded.table_name, faults = excluded.faults, digest = excluded.digest, last_seen_at = excluded.last_seen_at,
        resolved_at = NULL""",
        values,
    )
    return {identity for identity, _ in rows}


def _resolve_others(store: sqlite3.Connection, origin: Origin, seen: set[str], now: datetime) -> int:
    held = store.execute(
        "SELECT id FROM entry WHERE path = ? AND mapping = ? AND resolved_at IS NULL", (str(origin.path), origin.mapping or "")
    ).fetchall()
    settled = [(now.isoformat(), row["id"]) for row in held if row["id"] not in seen]
    store.executemany("UPDATE entry SET resolved_at = ? WHERE id = ?", settled)
    return len(settled)


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        id=row["id"],
        path=Path(row["path"]),
        mapping=row["mapping"] or None,
        line=row["line"],
        table=row["table_name"],
        faults=tuple(Fault(**fault) for fault in json.loads(row["faults"])),
        raw=row["raw"],
        header=row["header"],
        first_seen_at=datetime.fromisoformat(row["first_seen_at"]),
        last_seen_at=datetime.fromisoformat(row["last_seen_at"]),
        resolved_at=datetime.fromisoformat(row["resolved_at"]) if row["resolved_at"] else None,
    )
