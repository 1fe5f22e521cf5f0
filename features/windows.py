"""The few aggregations, compiled once for all features of a frame. This and what it calls (streams, sums, ranges) alone know the engine.

A fact that holds over [enter, leave) and happened at `event` is inside a window of W days of `as_of` exactly while
enter <= as_of < min(leave, event + W). Features that ask the same facts by the same key share one stream: its rows are read once, put in
order once, and every window over them is a pair of look-ups. Work is in proportion to facts + spine rows (and the logarithm of the facts
for the look-ups). Order statistics alone touch each fact of their window, so give them one where a key has thousands of facts; over all
that ever entered, `max`, `min` and `last` are running maxima and cost no more than a sum.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from features.ranges import gathered
from features.streams import Stream, Window, last_entered
from features.sums import sums
from records.known import ENTER, LEAVE, Facts

AS_OF: Final = "as_of"
"""The spine's instant, microseconds UTC."""
FACTS_AT_ONCE: Final = 8_000_000
"""Facts that a stream holds in memory at a time, some 60 bytes each and 8 for each value; more are taken a range of keys after another."""

BLOCK: Final = 60_000
"""Facts that are worked on together, of as many keys as have them: few enough that arrays stay in a processor's cache and their memory is
used again, many enough that calls cost nothing. From 30,000 to 250,000 makes a fifth of difference."""

How = Literal["sum", "standing", "median", "min", "max", "last", "distinct", "streak", "forgetting", "pace"]
"""standing: the value of the one fact that holds, of those that never overlap. last: of the latest event. distinct: how many values.
streak: how many of the latest facts on end are not nought. forgetting: a sum in which a fact counts half after `days` days, a quarter after
twice as many. pace: how late somebody means to pay, by a filter over payments and what is overdue (pace.py)."""


@dataclass(frozen=True)
class Aggregate:
    """One number for each spine row. `of` None counts; `by` None is the whole firm; `days` None is everything that holds."""

    facts: Facts
    how: How
    of: str | None = None
    by: str | None = None
    days: int | None = None
    event: str = ENTER
    """Column, in microseconds, from which a window of `days` is measured."""

    @property
    def name(self) -> str:
        return "|".join(str(part) for part in (self.facts.name, self.how, self.of, self.by, self.days, self.event))

    @property
    def stream(self) -> tuple[str, str]:
        return self.facts.name, self.by or ""

    @property
    def window(self) -> Window:
        return Window(self.days, self.event)


def aggregate(spine: pl.DataFrame, aggregates: Sequence[Aggregate], *, at_once: int = FACTS_AT_ONCE) -> pl.DataFrame:
    """The spine with one column for each aggregate, named by it, in the spine's order.

    `spine` holds `as_of` (microseconds) and every key column that an aggregate is `by`. Sums are whole numbers, so they are the same to the
    last bit in whatever order and however partitioned they are made; `at_once` bounds the memory, and changes nothing else.
    """
    wanted = sorted({one.name: one for one in aggregates}.values(), key=lambda one: (one.stream, one.name))
    columns: list[pl.Series] = []
    for _, members in groupby(wanted, key=lambda one: one.stream):
        columns += _answers(spine, list(members), at_once=at_once)
    return spine.hstack(columns)


def _answers(spine: pl.DataFrame, members: list[Aggregate], *, at_once: int) -> list[pl.Series]:
    found = {one.name: _nothing(one, spine.height) for one in members}
    for stream in _streams(spine, members, at_once=at_once):
        for name, values in _of_stream(stream, members):
            found[name][stream.rows] = values
    return [pl.Series(name, values, nan_to_null=True) for name, values in found.items()]


def _nothing(one: Aggregate, rows: int) -> npt.NDArray[np.generic]:
    return np.zeros(rows, dtype=np.int64) if one.how == "sum" else np.full(rows, np.nan)


def _streams(spine: pl.DataFrame, members: list[Aggregate], *, at_once: int) -> Iterator[Stream]:
    facts, by = members[0].facts, members[0].by
    columns = sorted({name for one in members for name in (one.of, one.event) if name and name not in {ENTER, LEAVE}})
    frame = facts.frame.select(*([by] if by else []), ENTER, LEAVE, *(name for name in columns if name != by))
    as_of = spine[AS_OF].to_numpy()
    if by is None:
        yield Stream.of(frame.collect(), as_of, rows=np.arange(spine.height))
        return
    keys = spine[by].drop_nulls().unique().sort()
    parts = max(1, -(-frame.select(pl.len()).collect().item() // at_once))
    size = max(1, -(-keys.len() // parts))
    for begin in range(0, keys.len(), size):
        own = keys[begin : begin + size]
        held = frame if size >= keys.len() else frame.filter(pl.col(by).is_between(pl.lit(own[0]), pl.lit(own[-1])))
        yield from Stream.by_key(held.collect(), spine[by], own, as_of=as_of, block=min(BLOCK, at_once))


def _of_stream(stream: Stream, members: list[Aggregate]) -> Iterator[tuple[str, npt.NDArray[np.generic]]]:
    summed = [one for one in members if one.how == "sum"]
    if summed:
        yield from sums(stream, {one.name: (one.window, one.of) for one in summed}).items()
    for one in members:
        if one.how == "standing":
            yield one.name, last_entered(stream, one.of or ENTER)
        elif one.how != "sum":
            yield one.name, gathered(stream, one.how, one.of or ENTER, window=one.window)
