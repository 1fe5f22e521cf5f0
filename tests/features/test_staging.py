"""A signal of parts that are worked out once: what comes of it is what the same arithmetic without stages gives."""

import polars as pl
import pytest
from polars.testing import assert_series_equal

from features.signal import Signal
from features.staging import Parts, staged
from features.windows import Aggregate
from records.known import Facts

ROWS = pl.DataFrame({"a": [1.0, None, 3.0, -2.0], "b": [2.0, 5.0, 0.0, 4.0]})
DEPTH = 40


def part(name: str) -> Signal:
    return Signal(pl.col(name), (Aggregate(Facts(name, pl.LazyFrame()), "sum", None, None),))


def product(seen: Parts) -> Signal:
    return seen["a"] * seen["b"] - seen["a"] / seen["b"]


def test_what_is_made_of_parts_is_what_it_is_without_stages() -> None:
    parts = {"a": part("a"), "b": part("b") + 1.0}
    found, wanted = (ROWS.select(value=one.value)["value"] for one in (staged(parts, product), product(parts)))
    assert_series_equal(found, wanted)
    assert found.to_list() == pytest.approx([1 * 3 - 1 / 3, None, 3 * 1 - 3 / 1, -2 * 5 + 2 / 5], nan_ok=True)


def test_stages_upon_stages_ask_for_each_aggregate_once() -> None:
    """Without stages each floor doubles what the one below holds: forty would be a billion nodes."""
    one = part("a")
    for _ in range(DEPTH):
        one = staged({"a": one}, lambda seen: (seen["a"] + seen["a"]) * 0.5)
    assert [found.name for found in one.aggregates] == [part("a").aggregates[0].name]
    assert ROWS.select(value=one.value)["value"].to_list() == ROWS["a"].to_list()
