"""The store of records: append, deduplicate by content, compact, read any past state.

One Delta table for each canonical table. A row is never changed: a correction is a new version of the same key with a later
`recorded_at`. Sorted by entity and event time (Table.sort_by), so the engine above need not sort what it reads.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import polars as pl
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from records.tables import TABLES

RAW: Final = "raw"
"""JSON text of what the source's row held besides the canonical columns."""
_TRIES: Final = 8
"""Writers meet rarely and a lost race costs one re-read; eight in a row means that something else is wrong."""
_KEEPS_HISTORY: Final = PostCommitHookProperties(cleanup_expired_logs=False)
"""The library forgets states of more than thirty days ago at every hundredth write, and a score of that time could not be rebuilt."""
_COMPACT_FILES: Final = 50
"""Measured (design notes on storage): scans double in cost at some 100 small files, a compaction costs about a second."""


@dataclass(frozen=True)
class Appended:
    """What became of the rows of one append. accepted + duplicate + conflicting.height = rows given."""

    accepted: int
    duplicate: int
    conflicting: pl.DataFrame
    """Rows with the key and `recorded_at` of another row and other content: `position` in the rows given, and the key."""
    accepted_positions: pl.Series
    """Positions, in the rows given, of those accepted."""


def schema_of(table: str) -> dict[str, pl.DataType]:
    """Columns and types of a table as the lake gives them."""
    return {**TABLES[table].schema, RAW: pl.String()}


class Lake:
    """The records of one home folder.

    >>> Lake(Path("plumbline-home/lake")).read("invoice").collect()  # doctest: +SKIP
    """

    def __init__(self, root: Path | str) -> None:
        """`root`: a folder, or the address of one in an object store, whose credentials are taken from the environment."""
        self.root = root

    def append(self, table: str, rows: pl.DataFrame) -> Appended:
        """Add versions that are not there yet.

        `rows` has the columns of `schema_of(table)`. Safe beside other writers: a lost race is read again and retried.
        Raises CommitFailedError when it keeps losing.
        """
        given = rows.select(list(schema_of(table))).cast(schema_of(table)).with_row_index("position")  # type: ignore[arg-type]
        if given.height:
            self._create(table)
        for attempt in range(_TRIES):
            held = self._open(table)
            outcome, fresh = _sift(table, given, self._rows(table, held))
            if held is None or not fresh.height:
                return outcome
            try:
                self._insert(table, fresh, held)
            except CommitFailedError:
                if attempt == _TRIES - 1:
                    raise
                continue
            return outcome
        raise AssertionError("unreachable: the last try returns or raises")

    def read(self, table: str, *, version: int | None = None) -> pl.LazyFrame:
        """Every version of every row, or those of an earlier state of the store. Empty if nothing was ever written."""
        held = self._open(table)
        if held is not None and version is not None:
            held.load_as_version(version)
        return self._rows(table, held)

    def files(self, table: str, *, version: int) -> list[str]:
        """The Parquet files that hold one state of a table, which another engine may read."""
        held = self._open(table)
        if held is None:
            return []
        held.load_as_version(version)
        return self._files(held)

    def versions(self) -> dict[str, int]:
        """The state of each table that holds rows: what a score was computed from, to the row."""
        return {name: held.version() for name in TABLES if (held := self._open(name)) is not None}

    def lacks(self, versions: Mapping[str, int]) -> list[str]:
        """Of these states of tables those that cannot be read any more, each as table and number."""
        return [f"{table} {version}" for table, version in sorted(versions.items()) if not self._holds(table, version)]

    def mark(self) -> object:
        """What is other after any append: cheaper to ask for than `versions`, where the lake is a folder on this machine."""
        if not isinstance(self.root, Path):
            return self.versions()
        logs = ((name, self.root / name / "_delta_log") for name in TABLES)
        return {name: sum(1 for _ in log.iterdir()) for name, log in logs if log.is_dir()}

    def last_recorded(self) -> datetime | None:
        """The latest instant of knowledge in any table; None for an empty lake."""
        ends = [self.read(name).select(pl.col("recorded_at").max()).collect().item() for name in self.versions()]
        return max((end for end in ends if end is not None), default=None)

    def compact(self, table: str) -> None:
        """Rewrite a table as few files in its order. Earlier states stay readable: nothing is vacuumed.

        Leaves the table as it is when another writer compacts it at the same time.
        """
        held = self._open(table)
        if held is None:
            return
        ordered = self.read(table, version=held.version()).sort([*TABLES[table].sort_by, "recorded_at"]).collect()
        with suppress(CommitFailedError):
            why = CommitProperties({"why": "compact"})
            write_deltalake(held, ordered, mode="overwrite", commit_properties=why, post_commithook_properties=_KEEPS_HISTORY)

    def compact_fragmented(self) -> list[str]:
        """Compact the tables that have gathered many small files, and name them."""
        fragmented = [name for name in TABLES if (held := self._open(name)) is not None and len(held.file_uris()) > _COMPACT_FILES]
        for name in fragmented:
            self.compact(name)
        return fragmented

    def _holds(self, table: str, version: int) -> bool:
        held = self._open(table)
        if held is None or held.version() < version:
            return False
        try:
            held.load_as_version(version)
        except DeltaError:
            return False
        return not isinstance(self.root, Path) or all(Path(file).is_file() for file in self._files(held))

    def _files(self, held: DeltaTable) -> list[str]:
        # Of a folder on this machine the library gives addresses, in which a space is %20; a reader of files takes paths.
        return [unquote(file) for file in held.file_uris()] if isinstance(self.root, Path) else held.file_uris()

    def _open(self, table: str) -> DeltaTable | None:
        place = self._place(table)
        return DeltaTable(place) if DeltaTable.is_deltatable(place) else None

    def _place(self, table: str) -> str:
        return str(self.root / table) if isinstance(self.root, Path) else f"{self.root.rstrip('/')}/{table}"

    def _rows(self, table: str, held: DeltaTable | None) -> pl.LazyFrame:
        if held is None:
            return pl.LazyFrame(schema=schema_of(table))
        # These files are written here alone, without deletion vectors or partition columns: reading them directly is 2 to 4 times faster.
        files = self._files(held)
        if not files:
            return pl.LazyFrame(schema=schema_of(table))
        return pl.scan_parquet(files, schema=schema_of(table), missing_columns="insert", extra_columns="ignore")

    def _create(self, table: str) -> None:
        # Empty, and its rows merged after: of two writers that created it with their rows, both would be kept. A lost race is not tried
        # again: it would declare the table anew over the rows of the first.
        if self._open(table) is not None:
            return
        if isinstance(self.root, Path):
            self.root.mkdir(parents=True, exist_ok=True)
        columns = pl.DataFrame(schema=schema_of(table)).to_arrow().schema
        with suppress(CommitFailedError):
            DeltaTable.create(self._place(table), columns, mode="ignore", commit_properties=CommitProperties(max_commit_retries=0))

    def _insert(self, table: str, fresh: pl.DataFrame, held: DeltaTable) -> None:
        ordered = fresh.select(list(schema_of(table))).sort(TABLES[table].sort_by)
        same = " AND ".join(f"held.{name} = new.{name}" for name in (*TABLES[table].key, "recorded_at"))
        merging = held.merge(ordered, same, source_alias="new", target_alias="held", post_commithook_properties=_KEEPS_HISTORY)
        merging.when_not_matched_insert_all().execute()


def _sift(table: str, given: pl.DataFrame, held: pl.LazyFrame) -> tuple[Appended, pl.DataFrame]:
    version = [*TABLES[table].key, "recorded_at"]
    content = pl.struct(pl.exclude("position", "source", "recorded_at", RAW)).hash().alias("content")
    keyed = given.lazy().with_columns(content)
    stands = (
        pl.concat(
            [
                held.join(keyed, on=version, how="semi", nulls_equal=True).select(*version, content, held=True),
                keyed.select(*version, "content", held=False),
            ]
        )
        .group_by(version)
        .agg(pl.col("content").first().alias("stands"), pl.col("held").first())
    )
    judged = keyed.join(stands, on=version, how="left", nulls_equal=True, maintain_order="left").collect()
    fresh = judged.filter(~pl.col("held")).unique(version, keep="first", maintain_order=True)
    conflicting = judged.filter(pl.col("content") != pl.col("stands"))
    duplicate = given.height - fresh.height - conflicting.height
    return Appended(fresh.height, duplicate, conflicting.select("position", *version), fresh["position"]), fresh
