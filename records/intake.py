"""Intake: validate, then append or quarantine with the reason. Importing the same folder twice changes nothing.

An import reads a folder of canonical files (`<table>.csv`, `.csv.gz`, `.parquet`; any subset) or, through a mapping, files as another
system exports them. What a file cannot give is told in the report; what a record cannot give is kept in the quarantine until it can.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from records.lake import Lake
from records.loading import load
from records.mapped import take_mapped
from records.mapping import Mapping, load_mapping, shipped
from records.parts import Taken, sound, take_canonical
from records.provenance import Dated, settle
from records.quarantine import Entry, Origin, Quarantine
from records.reading import SUFFIXES, Source, read_source
from records.refusal import FileRefused, MappingError, NothingToImport, PathMissing
from records.report import FileReport, ImportReport, RefusedFile
from records.tables import TABLES
from records.unresolved import unresolved

LAKE: Final = "lake"
"""Folder of the lake under the home folder."""
_NAMED: Final = 5
"""So many files that nobody knows are named in an error."""


@dataclass(frozen=True)
class _Job:
    """One file to import, and how."""

    path: Path
    tables: str
    take: Callable[[Source], Taken]
    mapping: str | None = None
    encoding: str | None = None
    delimiter: str | None = None


@dataclass(frozen=True)
class _Accepted:
    """A file that was read, with what the intake remembers of it."""

    taken: Taken
    origin: Origin
    seen: bool
    """What the file tells is no newer than an earlier import: the same bytes came before, or it is tried again."""


def import_folder(path: Path, home: Path, *, mapping: str | Path | None = None, now: datetime) -> ImportReport:
    """Import a folder, or one file, into the lake under `home`.

    `mapping`: the name of a shipped mapping or the path of a YAML file; None: the import format. `now`: an instant with a zone.
    Raises PathMissing, NothingToImport or MappingError; what is wrong with single files and records is in the report.
    """
    name, jobs, ignored = _plan(path, mapping)
    if not jobs:
        raise NothingToImport(_nothing(path, mapping, ignored))
    return _Import(home, now).run(jobs, path=path, mapping=name, ignored=ignored)


def list_quarantine(home: Path, *, resolved: bool = False) -> list[Entry]:
    """What is in quarantine under `home`, by file and line; with `resolved` also what has been settled."""
    return Quarantine(home).entries(resolved=resolved)


def retry(home: Path, now: datetime) -> ImportReport:
    """Import again every file that has open entries, each through the mapping used before, and settle those that load now.

    For after a fix: of the file in its place, of a mapping, or of what stood against a row. A file or mapping that has gone is reported
    as refused, and its entries stay. Raises NothingToImport when nothing is open.
    """
    jobs: list[_Job] = []
    gone: list[RefusedFile] = []
    for path, mapping in Quarantine(home).open_files():
        try:
            jobs.extend(_plan(path, mapping)[1])
        except PathMissing:
            gone.append(RefusedFile(path.name, f"the file is no longer in {path.parent}", "Put it back, or import what came in its place"))
        except MappingError as why:
            gone.append(RefusedFile(path.name, str(why), "Put the mapping back, or import the file through another"))
    if not jobs and not gone:
        raise NothingToImport("The quarantine is empty: there is nothing to try again.")
    return _Import(home, now, retrying=True).run(jobs, path=home, mapping=None, ignored=(), refused=gone)


class _Import:
    """One run of the intake over some files."""

    def __init__(self, home: Path, now: datetime, *, retrying: bool = False) -> None:
        if now.tzinfo is None:
            raise ValueError("now must have a time zone")
        self.now = now.astimezone(UTC)
        self.lake = Lake(home / LAKE)
        self.quarantine = Quarantine(home)
        self.retrying = retrying

    def run(
        self, jobs: Sequence[_Job], *, path: Path, mapping: str | None, ignored: Sequence[str], refused: Sequence[RefusedFile] = ()
    ) -> ImportReport:
        read: list[_Accepted] = []
        turned_away = list(refused)
        for job in jobs:
            taken = self._take(job)
            if isinstance(taken, RefusedFile):
                turned_away.append(taken)
            else:
                read.append(taken)
        files, resolved = self._load(read)
        touched = {table.table for file in files for table in file.tables}
        return ImportReport(
            path=str(path),
            mapping=mapping,
            imported_at=self.now,
            files=tuple(files),
            refused=tuple(turned_away),
            ignored=tuple(ignored),
            unresolved=unresolved(self.lake, touched),
            resolved=resolved,
            lake_versions=self.lake.versions(),
        )

    def _take(self, job: _Job) -> _Accepted | RefusedFile:
        try:
            source = read_source(job.path, encoding=job.encoding, delimiter=job.delimiter)
            taken = job.take(source)
        except FileRefused as why:
            refused = RefusedFile(job.path.name, why.reason, why.mend)
            self.quarantine.refuse(Origin(job.path.resolve(), job.mapping, ""), refused, table=job.tables, now=self.now)
            return refused
        origin = Origin(job.path.resolve(), job.mapping, source.digest)
        return _Accepted(taken, origin, seen=self.retrying or self.quarantine.knows(origin))

    def _load(self, read: Sequence[_Accepted]) -> tuple[list[FileReport], int]:
        undated = [Dated(part.table, sound(part, file.taken.faults), self.now) for file in read for part in file.taken.parts]
        parts = settle(undated, self.lake)
        waiting = iter(parts)
        files, resolved = [], 0
        for file in read:
            mine = [next(waiting) for _ in file.taken.parts]
            loaded = load(file.taken, mine, parts=parts, lake=self.lake, seen=file.seen)
            resolved += self.quarantine.settle(file.origin, loaded.quarantined, header=file.taken.source.columns, now=self.now)
            files.append(loaded.report)
        self.lake.compact_fragmented()
        return files, resolved


def _plan(path: Path, mapping: str | Path | None) -> tuple[str | None, list[_Job], tuple[str, ...]]:
    """The mapping's name, the files to import, and the names of those that nobody knows."""
    if not path.exists():
        raise PathMissing(f"There is nothing at {path}.")
    found = sorted(path.iterdir()) if path.is_dir() else [path]
    files = [file for file in found if file.is_file() and not file.name.startswith(".")]
    if mapping is None:
        known = {file: name for file in files if (name := _table_of(file)) is not None}
        jobs = [_canonical(file, name) for file, name in known.items()]
    else:
        declared = load_mapping(mapping)
        named = str(mapping) if str(mapping) in shipped() else str(Path(mapping).resolve())
        mapped = [(file, declared.file_for(file.name, alone=not path.is_dir())) for file in files]
        jobs = [_mapped(file, declared, named, place) for file, place in mapped if place is not None]
    taken = {job.path for job in jobs}
    return (None if mapping is None else str(mapping)), jobs, tuple(file.name for file in found if file not in taken)


def _canonical(path: Path, name: str) -> _Job:
    return _Job(path, name, lambda source: take_canonical(source, TABLES[name]))


def _mapped(path: Path, mapping: Mapping, named: str, place: int) -> _Job:
    form = mapping.files[place]
    tables = ", ".join(dict.fromkeys(feed.table for feed in form.tables))
    return _Job(path, tables, lambda source: take_mapped(source, mapping, place), named, form.encoding, form.delimiter)


def _table_of(path: Path) -> str | None:
    name = path.name.lower()
    suffix = next((end for end in sorted(SUFFIXES, key=len, reverse=True) if name.endswith(end)), None)
    stem = name.removesuffix(suffix) if suffix else ""
    return stem if stem in TABLES else None


def _nothing(path: Path, mapping: str | Path | None, ignored: Sequence[str]) -> str:
    what = "folder" if path.is_dir() else "file"
    there = f"It holds {', '.join(ignored[:_NAMED])}{' and more' if len(ignored) > _NAMED else ''}." if ignored and path.is_dir() else ""
    if mapping is not None:
        return f"No file at {path} has a name that the mapping {mapping} knows. {there}".strip()
    expected = (
        "Files are named after their table: client.csv, invoice.csv, payment.parquet; or name a --mapping for exports of another system."
    )
    return f"The {what} {path} holds no table that is known. {there} {expected}".replace("  ", " ")
