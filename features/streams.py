"""A stream: the facts of some keys beside the spine's rows of them, as arrays in which every question is a look-up.

Key and time are put into one number, so that one sorted array answers for all keys.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from records.known import DAY, ENTER, FOREVER, LEAVE

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

PROMPT: Final = 14 * DAY
"""A fact recorded within so long of its event is prompt. Each spine row looks at as many days of facts one by one, so more is dearer for
all and less leaves more facts to the dearer way: of time entries 97 in 100 are in within two weeks."""
ROOM: Final = 2**62
"""Numbers of a clock stay below it."""


class Window(NamedTuple):
    """`days` back from `as_of` by a column of events; None is everything that holds."""

    days: int | None
    event: str


class Clock(NamedTuple):
    """Key and time in one number: code x span + time since the earliest. Times before all or after all stay within their key."""

    first: int
    span: int

    def at(self, codes: Ints, times: Ints) -> Ints:
        return codes * self.span + np.clip(times - self.first, 0, self.span - 1)


class Entered(NamedTuple):
    """Facts in the order in which they came to hold; and how many had by each spine row's instant, those of keys before it too."""

    order: Ints
    until: Ints


@dataclass(frozen=True)
class Stream:
    """Facts (`codes`, rising, and `frame`) and spine rows (`row_codes`, `as_of`, rising; `rows`: their places in the spine)."""

    frame: pl.DataFrame
    codes: Ints
    rows: Ints
    row_codes: Ints
    as_of: Ints
    clock: Clock

    @classmethod
    def of(cls, frame: pl.DataFrame, as_of: Ints, *, rows: Ints) -> "Stream":
        """All facts for every row: the whole firm."""
        codes = np.zeros(frame.height, dtype=np.int64)
        return cls._timed(frame, codes, rows=rows, row_codes=np.zeros(len(rows), dtype=np.int64), as_of=as_of)

    @classmethod
    def by_key(cls, frame: pl.DataFrame, asked: pl.Series, keys: pl.Series, *, as_of: Ints, block: int) -> Iterator["Stream"]:
        """The facts of `keys` (sorted, each once) for the spine rows that ask for them, in streams of some `block` facts.

        Never the facts of a key in two streams, and never so many keys that there is no room for their numbers.
        """
        codes, row_codes = _coded(frame[asked.name], keys), _coded(asked, keys)
        if (codes < 0).any():
            frame, codes = frame.filter(codes >= 0), codes[codes >= 0]
        order = in_order(codes)
        if order is not None:
            frame, codes = frame[order], codes[order]
        rows = np.argsort(row_codes, kind="stable")
        facts, asking = (np.searchsorted(one, np.arange(keys.len() + 1)) for one in (codes, row_codes[rows]))
        room = max(1, ROOM // _clock(frame, as_of).span)
        begin = 0
        while begin < keys.len():
            end = int(np.searchsorted(facts, facts[begin] + block, side="right")) - 1
            end = min(max(end, begin + 1), begin + room, keys.len())
            mine, own = slice(facts[begin], facts[end]), rows[asking[begin] : asking[end]]
            yield cls._timed(frame[mine], codes[mine] - begin, rows=own, row_codes=row_codes[own] - begin, as_of=as_of[own])
            begin = end

    @classmethod
    def _timed(cls, frame: pl.DataFrame, codes: Ints, *, rows: Ints, row_codes: Ints, as_of: Ints) -> "Stream":
        clock = _clock(frame, as_of)
        order = np.argsort(clock.at(row_codes, as_of), kind="stable")
        return cls(frame, codes, rows[order], row_codes[order], as_of[order], clock)

    @cached_property
    def enter(self) -> Ints:
        return self.frame[ENTER].to_numpy()

    @cached_property
    def leave(self) -> Ints:
        return self.frame[LEAVE].to_numpy()

    @cached_property
    def now(self) -> Ints:
        """Each spine row in the clock's numbers."""
        return self.clock.at(self.row_codes, self.as_of)

    @cached_property
    def entered(self) -> Entered:
        clocked = self.clock.at(self.codes, self.enter)
        order = in_order(clocked)
        if order is None:
            return Entered(np.arange(len(clocked)), np.searchsorted(clocked, self.now, side="right"))
        return Entered(order, np.searchsorted(clocked[order], self.now, side="right"))

    @cached_property
    def stands(self) -> Flags:
        """Facts that hold for good."""
        return np.asarray(self.leave == FOREVER)

    def ago(self, time: int) -> Ints:
        """Each spine row so long before, in the clock's numbers."""
        return self.clock.at(self.row_codes, self.as_of - time)

    def whole(self, column: str) -> Ints:
        """A column to add up: 0 where the value is not known."""
        return _filled(self.frame[column].cast(pl.Int64), 0)

    def floats(self, column: str) -> Floats:
        return _filled(self.frame[column].cast(pl.Float64), np.nan)

    def events(self, column: str) -> tuple[Ints, Flags]:
        """Instants of a column, and whether each is known."""
        found = self.frame[column]
        return _filled(found, 0), found.is_not_null().to_numpy() if found.null_count() else np.ones(len(found), dtype=np.bool_)


def _filled(column: pl.Series, unknown: float) -> npt.NDArray[Any]:
    # Filling is a query of its own, which for a block of facts takes longer than adding it up.
    return (column.fill_null(unknown) if column.null_count() else column).to_numpy()


def _clock(frame: pl.DataFrame, as_of: Ints) -> Clock:
    """Wide enough for every instant at which something is asked, enters or leaves for a reason of its own."""
    enter, leave = frame[ENTER].to_numpy(), frame[LEAVE].to_numpy()
    ends = [part for part in (enter, leave[leave < FOREVER], as_of) if len(part)]
    first = min((int(part.min()) for part in ends), default=0) - PROMPT - 1
    return Clock(first, max((int(part.max()) for part in ends), default=0) - first + 2)


def _coded(asked: pl.Series, keys: pl.Series) -> Ints:
    """The place of each key in `keys`, -1 for one that is not there. Keys that lie together are looked up once."""
    if asked.len() == 0:
        return np.empty(0, dtype=np.int64)
    runs = asked.rle_id()
    first = pl.select(runs != runs.shift(1).fill_null(2**32 - 1)).to_series()
    few = int(first.sum()) * 4 < asked.len()
    heads = (asked.filter(first) if few else asked).alias("key").to_frame()
    places = keys.alias("key").to_frame().with_row_index("place")
    found = heads.join(places, on="key", how="left", maintain_order="left")["place"].cast(pl.Int64).fill_null(-1).to_numpy()
    return found[runs.to_numpy()] if few else found


def in_order(numbers: Ints) -> Ints | None:
    """The order that sorts them, or None where they are sorted: a lake keeps its rows by entity and time."""
    return None if len(numbers) < 2 or bool((numbers[1:] >= numbers[:-1]).all()) else np.argsort(numbers, kind="stable")  # noqa: PLR2004


def running(values: Ints) -> Ints:
    """Running sums with a nought in front: the sum over [a, b) is the difference of two."""
    found = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=found[1:])
    return found


def stretches(since: Ints, counts: Ints) -> Ints:
    """The places [since, since + count) of each, one after another."""
    ends = running(counts)
    return np.arange(ends[-1]) + np.repeat(since - ends[:-1], counts)


def last_entered(stream: Stream, of: str) -> Floats:
    """The value of the fact that holds, of facts that do not overlap within a key: the last that entered, while it has not left."""
    order, until = stream.entered
    if not len(order):
        return np.full(len(until), np.nan)
    fact = order[np.maximum(until - 1, 0)]
    holds = (until > 0) & (stream.codes[fact] == stream.row_codes) & (stream.as_of < stream.leave[fact])
    return np.where(holds, stream.floats(of)[fact], np.nan)
