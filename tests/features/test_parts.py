"""What is sent between machines: nothing is lost on the way, and no value is larger than a heap can hold in one piece."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import polars as pl
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from features.parts import PIECE_BYTES, in_pieces, pack, unpacked

LARGE: Final = PIECE_BYTES // 3
COLUMNS: Final = ("row", "note")


def noted(sizes: Sequence[int]) -> pl.DataFrame:
    """A row for each size, with a note of so many bytes."""
    return pl.DataFrame(
        {"row": list(range(len(sizes))), "note": ["n" * size for size in sizes]}, schema={"row": pl.Int64, "note": pl.String}
    )


def test_a_bucket_is_sent_in_pieces_that_are_each_small() -> None:
    rows = noted([LARGE] * 20).with_columns((pl.col("row") % 3).alias("bucket"))
    found = defaultdict(list)
    for batch in pack("time_entry", COLUMNS, iter(rows.to_arrow().to_batches())):
        assert batch.nbytes < PIECE_BYTES + 1_000
        for piece in batch.to_pylist():
            found[piece["bucket"]].append(unpacked(piece["held"]))
            assert piece["name"] == "time_entry"
    assert {bucket: pl.concat(parts).sort("row").rows() for bucket, parts in found.items()} == {
        bucket: mine.select(COLUMNS).sort("row").rows() for (bucket,), mine in rows.group_by("bucket")
    }


@given(st.lists(st.sampled_from((0, 10, LARGE, PIECE_BYTES + 1)), max_size=12))
@settings(max_examples=25, deadline=None)
def test_pieces_are_the_rows_in_their_order_and_only_a_row_alone_is_large(sizes: list[int]) -> None:
    rows = noted(sizes)
    pieces = list(in_pieces(rows))
    assert pl.concat(unpacked(piece) for piece in pieces).equals(rows)
    assert all(len(piece) <= PIECE_BYTES or unpacked(piece).height == 1 for piece in pieces)


def test_rows_that_come_in_no_batch_are_no_piece() -> None:
    nothing: list[pa.RecordBatch] = []
    assert list(pack("time_entry", COLUMNS, iter(nothing))) == []
