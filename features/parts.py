"""Parts: the records of one bucket as a firm of its own, what it answers, and how the answers of all buckets come together.

Nothing here knows who hands the buckets round.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import Final

import polars as pl
import pyarrow as pa

from features.feature import Feature
from features.windows import AS_OF, Aggregate, aggregate
from records.held import Held
from records.known import LEAVE, Count, Known
from records.table import Table

Work = Callable[[Known], Iterable[tuple[str, bytes]]]
"""What is done with the records of one bucket: answers, each with a label."""
Totals = Mapping[Count, Mapping[str, int]]
"""What functions counted over the whole firm."""
_PACKED_AT_ONCE: Final = 1_000_000
"""Rows that are sorted into buckets together: enough that each of some hundred buckets gets thousands at a time."""
PIECE_BYTES: Final = 4_000_000
"""The most that rows sent as one value come to, unless a row alone is larger. Java keeps a value in one piece of its heap, asks for twice
as much in one piece while writing it, and copies it for each step on the way: sent as one, the million rows above are 250 MB, and a heap
of 4 GB was too small. Spark's own cache is filled by as much at a time."""


def packed(rows: pl.DataFrame) -> bytes:
    """Rows as Arrow, to be sent."""
    return rows.write_ipc_stream(None).getvalue()


def in_pieces(rows: pl.DataFrame) -> Iterator[bytes]:
    """All rows in their order, in pieces of up to PIECE_BYTES; a row that is larger goes alone."""
    held = packed(rows)
    if len(held) <= PIECE_BYTES or rows.height <= 1:
        yield held
        return
    for some in rows.iter_slices(-(-rows.height // -(-len(held) // PIECE_BYTES))):
        yield from in_pieces(some)


def unpacked(held: bytes) -> pl.DataFrame:
    return pl.read_ipc_stream(held)


def pack(table: str, columns: Sequence[str], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Rows with a `bucket` as pieces: bucket, table, and the rows of both as Arrow."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(one.num_rows for one in waiting) >= _PACKED_AT_ONCE:
            yield from _pieces(table, columns, waiting)
            waiting = []
    yield from _pieces(table, columns, waiting)


def _pieces(table: str, columns: Sequence[str], batches: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    if not any(batch.num_rows for batch in batches):
        return
    rows = pl.DataFrame(pa.Table.from_batches(batches))
    for (bucket,), mine in rows.group_by("bucket"):
        for held in in_pieces(mine.select(columns)):
            yield pa.RecordBatch.from_pydict({"bucket": [bucket], "name": [table], "held": pa.array([held], pa.large_binary())})


OnBucket = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


def on_bucket_of(work: Work, until: datetime, shared: Mapping[str, bytes], totals: Totals) -> OnBucket:
    """A function from the pieces of a bucket to what `work` answers on it: `label` and `answer`."""

    # Spark reads the types, and without them hands over all pieces at once, which would lie beside the rows made of them.
    def on_bucket(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        frames: dict[str, list[pl.DataFrame]] = {name: [unpacked(rows)] for name, rows in shared.items()}
        for batch in batches:
            for name, held in zip(batch["name"].to_pylist(), batch["held"], strict=True):
                frames.setdefault(str(name), []).append(unpacked(held.as_py()))
        # What is put together is let go of, piece by piece.
        part = _Part({name: pl.concat(frames.pop(name)) for name in tuple(frames)}, until, totals)
        for label, answer in work(part):
            yield pa.RecordBatch.from_pydict(
                {"label": pa.array([label], pa.large_string()), "answer": pa.array([answer], pa.large_binary())}
            )

    return on_bucket


class _Part(Known):
    """The records of one bucket: those of a firm that has no others, but for what it is told of the whole."""

    def __init__(self, frames: Mapping[str, pl.DataFrame], until: datetime, totals: Totals) -> None:
        super().__init__(Held(frames), until=until)
        self._totals = totals

    def whole(self, count: Count, *, at: datetime) -> Mapping[str, int]:
        return self._totals[count] if count in self._totals else super().whole(count, at=at)

    def _spanned(self, rows: pl.LazyFrame, table: Table) -> pl.LazyFrame:
        # Of what goes by version the next one may lie elsewhere: when it came was found out before.
        return rows if LEAVE in rows.collect_schema() else super()._spanned(rows, table)


def answers(
    known: Known, *, features: Sequence[tuple[str, str]], wanted: frozenset[str], asked: Mapping[str | None, bytes]
) -> Iterator[tuple[str, bytes]]:
    """By key, the rows of the spine that this bucket can say anything of, with what it says."""
    declared: list[Feature] = [getattr(import_module(module), name) for module, name in features]
    every = {part.name: part for one in declared for part in one.compute(known).aggregates if part.name in wanted}
    for by, rows in asked.items():
        mine = [one for one in every.values() if one.by == by]
        told = aggregate(_here(unpacked(rows), mine, by=by), mine)
        says = pl.any_horizontal(pl.col(one.name) != 0 if one.how == "sum" else pl.col(one.name).is_not_null() for one in mine)
        if (some := told.filter(says)).height:
            yield from ((by or "", piece) for piece in in_pieces(some))


def _here(asked: pl.DataFrame, aggregates: Sequence[Aggregate], *, by: str | None) -> pl.DataFrame:
    if by is None:
        return asked
    streams = {one.stream: one.facts for one in aggregates}
    keys = pl.concat([facts.frame.select(by) for facts in streams.values()]).unique().collect()
    return asked.join(keys, on=by, how="semi", maintain_order="left")


def asks(spine: pl.DataFrame, by: str | None) -> pl.DataFrame:
    return spine.select(*([by] if by else []), AS_OF).drop_nulls().unique(maintain_order=True)


def with_answers(spine: pl.DataFrame, told: Iterable[tuple[str, bytes]], aggregates: Sequence[Aggregate]) -> pl.DataFrame:
    """Sums added up; of anything else one bucket alone has a number."""
    frames: dict[str, list[pl.DataFrame]] = {}
    for label, answer in told:
        frames.setdefault(label, []).append(unpacked(answer))
    for by in {one.by for one in aggregates}:
        mine = [one for one in aggregates if one.by == by]
        key = [*([by] if by else []), AS_OF]
        nothing = pl.DataFrame(schema={**{name: spine.schema[name] for name in key}, **{one.name: _type(one) for one in mine}})
        merged = [pl.sum(one.name) if one.how == "sum" else pl.max(one.name) for one in mine]
        answers = pl.concat([nothing, *(part.select(nothing.columns) for part in frames.get(by or "", []))]).group_by(key).agg(merged)
        spine = spine.join(answers, on=key, how="left", maintain_order="left").with_columns(
            pl.col(one.name).fill_null(0) for one in mine if one.how == "sum"
        )
    return spine


def _type(one: Aggregate) -> pl.DataType:
    return pl.Int64() if one.how == "sum" else pl.Float64()
