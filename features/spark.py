"""The same features over more records than one machine holds: Spark takes them apart, and each part is worked on as a firm of its own.

The lake's rows are spread over buckets of clients, or of people (divisions.py, placing.py); within a bucket the functions of this floor
run unchanged (parts.py), Arrow in and Arrow out. Sums are whole numbers, so those of the whole firm are the sum of its parts to the last
bit, and every other number is of a key whose facts all lie in one bucket. What reaches the driver is in proportion to the spine, never to
the records.
"""

import os
import shutil
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial, reduce
from typing import Final, Self

import polars as pl
from pyspark import StorageLevel
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from features.divisions import FIRM, SHARED, Asked, Division, needs
from features.feature import Feature
from features.frame import assembled, checked
from features.parts import Totals, Work, answers, asks, on_bucket_of, pack, packed, with_answers
from features.placing import placed
from records.known import Known
from records.lake import Lake
from records.table import Table
from records.tables import TABLES

ROWS_IN_A_BUCKET: Final = 2_000_000
"""Up to 4 GB of a Python worker, by 1.3 GB at 680,000: rows as they came and as the engine holds them, and the facts made of them."""
_ANSWER: Final = "label string, answer binary"
_PACK: Final = "bucket bigint, name string, held binary"

_SETTINGS: Final[Mapping[str, str]] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.showConsoleProgress": "false",
    # A worker is one of many on its machine, and each would start as many threads as that has cores.
    "spark.executorEnv.POLARS_MAX_THREADS": "1",
    "spark.executorEnv.OMP_NUM_THREADS": "1",
    # The pieces of a bucket may come to more than two gigabytes.
    "spark.sql.execution.arrow.useLargeVarTypes": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
    # Java sorts and joins in pages, and every sort and join takes one of its own, however few its rows. By itself Spark makes them larger
    # the more memory it has, up to 64 MB: of a heap of 4 GB, 2.4 were pages over the 76,000 rows of 50 people, and more did not help.
    "spark.buffer.pageSize": "2m",
}
_ON_THIS_MACHINE: Final[Mapping[str, str]] = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    # On a cluster Spark's own 200: each is a piece of work to be handed out, and here there are a few cores to hand it to.
    "spark.sql.shuffle.partitions": "2",
}


class NoSparkError(RuntimeError):
    """Spark cannot be started here."""


def session(master: str) -> SparkSession:
    """The running session, or one of this master, such as `local[2]` or `spark://host:7077`. Raises NoSparkError."""
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise NoSparkError("no java on the PATH, and JAVA_HOME is not set: Spark runs on Java; install 17 or later, or say where it is")
    # Else workers take the system's own Python, which has none of this.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    made = SparkSession.builder.master(master).appName("plumbline")
    for name, value in {**_SETTINGS, **(_ON_THIS_MACHINE if master.startswith("local") else {})}.items():
        made = made.config(name, value)
    try:
        return made.getOrCreate()
    # Of a master that cannot be reached py4j tells as much as Java did, in an error of its own.
    except (PySparkException, RuntimeError, OSError) as error:
        raise NoSparkError(f"no Spark at --master {master}: {error}") from error


class Records:
    """A lake's records as known up to `until`, on a cluster. Use as a context: what was spread over it is given up at the end."""

    def __init__(self, spark: SparkSession, lake: Lake, *, until: datetime, buckets: int | None = None) -> None:
        self.lake, self.until, self.lake_versions = lake, until, lake.versions()
        self._spark, self._buckets = spark, buckets
        self._spreads: list[tuple[Division, frozenset[str], DataFrame]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for spread in self._spreads:
            spread[2].unpersist()
        self._spreads.clear()

    def spread(self, division: Division, tables: frozenset[str]) -> DataFrame:
        """The rows of these tables in buckets, once for all that is asked of them."""
        for own, held, rows in self._spreads:
            if own is division and tables <= held:
                return rows
        with _without_pandas():
            found = placed(self._read, division, tables, buckets=self._buckets or self._enough(tables))
            parts = [one.rows.mapInArrow(partial(pack, one.table, one.columns), _PACK) for one in found]
        whole = reduce(DataFrame.unionAll, parts).persist(StorageLevel.DISK_ONLY)
        self._spreads.append((division, tables, whole))
        return whole

    def each(self, work: Work, *, division: Division, tables: frozenset[str], totals: Totals | None = None) -> list[tuple[str, bytes]]:
        """What `work` answers on each bucket that holds anything, in no order. `totals`: what is known of the firm as a whole."""
        whole = SHARED & tables & set(self.lake_versions) if division is not FIRM else frozenset()
        shared = {name: packed(self._rows(name).collect()) for name in whole}
        with _without_pandas():
            on_bucket = on_bucket_of(work, self.until, shared, totals or {})
            told = self.spread(division, tables).groupBy("bucket").applyInArrow(on_bucket, _ANSWER).toArrow()
        return [
            (str(label), bytes(answer)) for label, answer in zip(*(told[name].to_pylist() for name in ("label", "answer")), strict=True)
        ]

    def build(self, spine: pl.DataFrame, features: Sequence[Feature]) -> pl.DataFrame:
        """The same frame as features.frame.build makes of one machine's records. Raises LeakError as it does."""
        checked(spine, self.until)
        needed = needs(features, self.until)
        names = tuple((one.compute.__module__, one.name) for one in features)
        values = spine
        for division in dict.fromkeys(one.division for one in needed.values()):
            mine = {name: need for name, need in needed.items() if need.division is division}
            asked = {by: packed(asks(spine, by)) for by in {need.one.by for need in mine.values()}}
            work = partial(answers, features=names, wanted=frozenset(mine), asked=asked)
            told = self.each(work, division=division, tables=frozenset().union(*(need.tables for need in mine.values())))
            values = with_answers(values, told, [need.one for need in mine.values()])
        nothing = Asked(self.until)
        return assembled(spine, values, {one: one.compute(nothing) for one in features})

    def known(self) -> Known:
        """The records on this machine, for the little that concerns no one, such as rates."""
        return Known(self.lake, until=self.until, versions=self.lake_versions)

    def _rows(self, table: str) -> pl.LazyFrame:
        return self.lake.read(table, version=self.lake_versions[table])

    def _read(self, table: str) -> DataFrame:
        """Every version of every row that was recorded by the end of these records, without what the source held besides."""
        schema = _schema(TABLES[table])
        files = self.lake.files(table, version=self.lake_versions[table]) if table in self.lake_versions else []
        # Hadoop's name for the store that others call s3.
        addresses = [f"s3a://{file.removeprefix('s3://')}" if file.startswith("s3://") else file for file in files]
        rows = self._spark.read.schema(schema).parquet(*addresses) if files else self._spark.createDataFrame([], schema)
        return rows.where(rows["recorded_at"] <= self.until)

    def _enough(self, tables: frozenset[str]) -> int:
        rows = sum(int(self._rows(name).select(pl.len()).collect().item()) for name in tables & set(self.lake_versions))
        return max(int(self._spark.sparkContext.defaultParallelism), -(-rows // ROWS_IN_A_BUCKET))


@contextmanager
def _without_pandas() -> Iterator[None]:
    """Spark asks for pandas before it hands over Arrow, and warns of one that is newer than it knows; nothing of pandas is used."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)
        yield


_TYPES: Final[Mapping[str, str]] = {
    "text": "string",
    "json": "string",
    "clock": "string",
    "zone": "string",
    "integer": "bigint",
    "money": "decimal(18,4)",
    "number": "decimal(18,8)",
    "date": "date",
    "instant": "timestamp",
    "boolean": "boolean",
}
"""Spark's name of each kind of column."""


def _schema(table: Table) -> str:
    return ", ".join(f"`{name}` {_TYPES[table.by_name[name].kind]}" for name in table.schema)
