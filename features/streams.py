"""A stream: the facts of some keys beside the spine's rows of them, as arrays in which every question is a look-up.

Key and time are put into one number, so that one sorted array answers for all keys. A fact that stands for good and was recorded soon after
it happened (most are) is kept in the order of what happened: a window over it is a range, and a sum over a range the difference of two
running sums; what was not yet recorded at `as_of` lies within the last days of the range and is taken off again. Every other fact, learned
late, superseded or passing, enters at one instant and leaves at another: a running sum of what entered less one of what left.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

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
_ROOM: Final = 2**62


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


@dataclass(frozen=True)
class Stream:
    """Facts (`codes`, `enter`, `leave`, `frame` for the rest) and spine rows (`row_codes`, `as_of`; `rows`: their places in the spine)."""

    frame: pl.DataFrame
    codes: Ints
    rows: Ints
    row_codes: Ints
    as_of: Ints
    clock: Clock

    @classmethod
    def of(cls, frame: pl.DataFrame, as_of: Ints, *, rows: Ints) -> "Stream":
        """All facts for every row: the whole firm."""
        return cls._timed(
            frame, np.zeros(frame.height, dtype=np.int64), rows=rows, row_codes=np.zeros(len(rows), dtype=np.int64), as_of=as_of
        )

    @classmethod
    def by_key(cls, frame: pl.DataFrame, asked: pl.Series, keys: pl.Series, *, as_of: Ints) -> Iterator["Stream"]:
        """The facts of `keys` (sorted, each once) for the spine rows that ask for them, in as many streams as there is room for numbers."""
        row_codes = _coded(asked, keys)
        codes = _coded(frame[asked.name], keys)
        room = max(1, _ROOM // _clock(frame, as_of).span)
        for begin in range(0, max(1, keys.len()), room):
            mine, own = _within(codes, begin, room), _within(row_codes, begin, room)
            rows = np.flatnonzero(own)
            held = frame if mine.all() else frame.filter(mine)
            rows = rows[np.lexsort((as_of[rows], row_codes[rows]))]
            yield cls._timed(held, codes[mine] - begin, rows=rows, row_codes=row_codes[rows] - begin, as_of=as_of[rows])

    @classmethod
    def _timed(cls, frame: pl.DataFrame, codes: Ints, *, rows: Ints, row_codes: Ints, as_of: Ints) -> "Stream":
        return cls(frame, codes, rows, row_codes, as_of, _clock(frame, as_of))

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

    def whole(self, column: str | None) -> Ints:
        """A column to add up: 1 a fact without a name, 0 where the value is not known."""
        return np.ones(len(self.codes), dtype=np.int64) if column is None else self.frame[column].cast(pl.Int64).fill_null(0).to_numpy()

    def events(self, column: str) -> tuple[Ints, Flags]:
        """Instants of a column, and whether each is known."""
        found = self.frame[column]
        return found.fill_null(0).to_numpy(), found.is_not_null().to_numpy()


def _within(codes: Ints, begin: int, room: int) -> Flags:
    return (codes >= begin) & (codes < begin + room)


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
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(values)])


def sums(stream: Stream, asked: Mapping[str, tuple[Window, str | None]]) -> dict[str, Ints]:
    """By name: the sum of a column (None: how many) over a window, for each spine row."""
    found: dict[str, Ints] = {}
    windowed = [window.event for window, _ in asked.values() if window.days]
    usual = max(set(windowed), key=lambda name: (windowed.count(name), name), default=ENTER)
    by_event: dict[str, list[str]] = {}
    for name, (window, _) in asked.items():
        by_event.setdefault(window.event if window.days else usual, []).append(name)
    for event, names in by_event.items():
        found |= _sums(stream, event, {name: (asked[name][0].days, asked[name][1]) for name in names})
    return found


def _sums(stream: Stream, event: str, asked: Mapping[str, tuple[int | None, str | None]]) -> dict[str, Ints]:
    happened, known = stream.events(event)
    lag = stream.enter - happened
    prompt = known & (stream.leave == FOREVER) & (lag >= 0) & (lag <= PROMPT)
    # Facts that pass, such as what is overdue, have no range to be in: they all go the other way.
    if prompt.sum() * 2 < len(prompt):
        prompt = np.zeros(len(prompt), dtype=np.bool_)
    columns = {of: stream.whole(of) for _, of in asked.values()}
    ranges = _Ranges.of(stream, happened, prompt)
    passing = _Passing.of(stream, happened, known, ~prompt)
    return {name: ranges.sum(columns, of, days) + passing.sum(columns, of, days) for name, (days, of) in asked.items()}


class _Ranges:
    """Prompt facts that stand for good, in the order of what happened."""

    def __init__(self, stream: Stream, chosen: Ints, clocked: Ints, late: Ints, begins: Ints, counts: Ints) -> None:
        self.stream, self.chosen, self.clocked = stream, chosen, clocked
        self.late, self.begins, self.starts = late, begins, running(counts)
        self.until = np.searchsorted(clocked, stream.now, side="right")
        self._whole: dict[str | None, Ints] = {}
        self._late: dict[str | None, Ints] = {}

    @classmethod
    def of(cls, stream: Stream, happened: Ints, prompt: Flags) -> "_Ranges":
        chosen = np.flatnonzero(prompt)
        clocked = stream.clock.at(stream.codes[chosen], happened[chosen])
        order = in_order(clocked)
        if order is not None:
            chosen, clocked = chosen[order], clocked[order]
        until = np.searchsorted(clocked, stream.now, side="right")
        recent = np.searchsorted(clocked, stream.clock.at(stream.row_codes, stream.as_of - PROMPT), side="right")
        counts = until - recent
        # One by one, the facts of the last days before each row: not yet recorded then, they are not in any sum.
        places = np.repeat(recent - running(counts)[:-1], counts) + np.arange(counts.sum())
        unknown = stream.enter[chosen[places]] > np.repeat(stream.as_of, counts)
        return cls(stream, chosen, clocked, np.where(unknown, places, -1), recent, counts)

    def sum(self, columns: Mapping[str | None, Ints], of: str | None, days: int | None) -> Ints:
        if of not in self._whole:
            values = columns[of][self.chosen]
            self._whole[of] = running(values)
            self._late[of] = running(np.where(self.late >= 0, values[self.late], 0)) if len(values) else running(self.late)
        since = self._since(days)
        # Of the days that were looked at one by one, those that the window reaches into.
        skipped = np.minimum(np.maximum(since, self.begins), self.until) - self.begins
        late = self._late[of][self.starts[1:]] - self._late[of][self.starts[:-1] + skipped]
        return np.asarray(self._whole[of][self.until] - self._whole[of][np.minimum(since, self.until)] - late)

    def _since(self, days: int | None) -> Ints:
        border = np.full_like(self.stream.as_of, self.stream.clock.first) if days is None else self.stream.as_of - days * DAY
        return np.asarray(np.searchsorted(self.clocked, self.stream.clock.at(self.stream.row_codes, border), side="right"))


class _Passing:
    """Facts that were learned late, or cease to hold: in at one instant, out at another."""

    def __init__(self, stream: Stream, chosen: Ints, happened: Ints, known: Flags) -> None:
        self.stream, self.chosen, self.happened, self.known = stream, chosen, happened, known
        self.codes, self.enter, self.leave = stream.codes[chosen], stream.enter[chosen], stream.leave[chosen]
        self._seen: dict[int | None, tuple[Ints | None, Ints]] = {}

    @classmethod
    def of(cls, stream: Stream, happened: Ints, known: Flags, passing: Flags) -> "_Passing":
        chosen = np.flatnonzero(passing)
        return cls(stream, chosen, happened[chosen], known[chosen])

    def sum(self, columns: Mapping[str | None, Ints], of: str | None, days: int | None) -> Ints:
        if not len(self.chosen):
            return np.zeros(len(self.stream.rows), dtype=np.int64)
        values = columns[of][self.chosen]
        return self._until(values, -1) - self._until(values, days)

    def _until(self, values: Ints, days: int | None) -> Ints:
        """What had entered (-1), or had left a window of so many days, by each row's instant."""
        if days not in self._seen:
            at = self.stream.clock.at(self.codes, self.enter if days == -1 else self._leaves(days))
            order = in_order(at)
            ends = np.searchsorted(at if order is None else at[order], self.stream.now, side="right")
            begins = np.searchsorted(at if order is None else at[order], self.stream.clock.at(self.stream.row_codes, _BEFORE), side="left")
            self._seen[days] = order, np.stack([begins, ends])
        order, (begins, ends) = self._seen[days]
        added = running(values if order is None else values[order])
        return np.asarray(added[ends] - added[begins])

    def _leaves(self, days: int | None) -> Ints:
        """When a fact leaves its window: never before it entered, so that one learned too late enters and leaves at once.

        So does one whose event is not known: nobody can say that it was within these days.
        """
        if days is None:
            return self.leave
        over = np.maximum(self.enter, np.minimum(self.leave, self.happened + days * DAY))
        return np.where(self.known, over, self.enter)


_BEFORE: Final = np.array(-(2**62))
"""Before everything."""


def last_entered(stream: Stream, of: str) -> Floats:
    """The value of the fact that holds, of facts that do not overlap within a key: the last that entered, while it has not left."""
    clocked = stream.clock.at(stream.codes, stream.enter)
    order = in_order(clocked)
    clocked = clocked if order is None else clocked[order]
    place = np.searchsorted(clocked, stream.now, side="right") - 1
    if not len(clocked):
        return np.full(len(place), np.nan)
    fact = np.maximum(place, 0) if order is None else order[np.maximum(place, 0)]
    holds = (place >= 0) & (stream.codes[fact] == stream.row_codes) & (stream.as_of < stream.leave[fact])
    return np.where(holds, stream.frame[of].cast(pl.Float64).fill_null(np.nan).to_numpy()[fact], np.nan)
