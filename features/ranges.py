"""Aggregates that look at each fact of their window: order statistics, the latest value, streaks, exponential forgetting.

For each spine row the facts that may be in its window lie in one stretch of the facts in order of entering; they are gathered, a block of
rows at a time, and those that do not hold are left out.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from features.pace import paces
from features.streams import ROOM, Flags, Floats, Ints, Stream, Window, in_order, running, stretches
from records.known import DAY

GATHERED_AT_ONCE: Final = 4_000_000
"""Facts that are gathered in memory at a time, some 100 bytes each."""


_BEST: Final = frozenset({"max", "min", "last"})
"""What a running maximum answers, over all that ever entered."""
_BY_EVENT: Final = frozenset({"last", "streak", "pace"})
"""What has no known event has no place in the order of events."""


class _Held:
    """Facts that hold for some spine rows: `row` (rising), with their value and their event; of one row in the order in which they came."""

    def __init__(self, row: Ints, values: Floats, event: Ints, *, days: int | None, as_of: Ints) -> None:
        order = np.lexsort((values, event, row))
        self.row, self.values, self.event = row[order], values[order], event[order]
        self.days, self.as_of = days, as_of

    def first_of_row(self) -> Flags:
        return np.concatenate([[True], self.row[1:] != self.row[:-1]]) if len(self.row) else np.empty(0, dtype=np.bool_)

    def by_value(self) -> tuple[Ints, Floats]:
        order = np.lexsort((self.values, self.row))
        return self.row[order], self.values[order]


def gathered(stream: Stream, how: str, of: str, *, window: Window) -> Floats:
    """The aggregate for each spine row; NaN where no fact with a value holds."""
    if window.days is None and how in _BEST and bool(stream.stands.all()):
        found = _best_so_far(stream, how, of, event=window.event)
        if found is not None:
            return found
    days = None if how == "forgetting" else window.days
    # Rows of one key and instant, such as all open invoices of a client, lie together and see the same: they are answered once.
    new = np.concatenate([[True], stream.now[1:] != stream.now[:-1]]) if len(stream.rows) else np.empty(0, dtype=np.bool_)
    asked, order, until = stream.as_of[new], stream.entered.order, stream.entered.until[new]
    happened, known = stream.events(window.event)
    happened, known = happened[order], known[order]
    values = stream.floats(of)[order]
    enter, leave = stream.enter[order], stream.leave[order]
    # A fact that tells of what lies ahead may have been recorded long before its window: then the whole stretch is looked at.
    ahead = bool((happened > enter)[known].any())
    border = np.full_like(asked, stream.clock.first) if days is None or ahead else asked - days * DAY
    clocked = stream.clock.at(stream.codes[order], enter)
    since = np.minimum(np.searchsorted(clocked, stream.clock.at(stream.row_codes[new], border), side="right"), until)
    found = np.full(len(asked), np.nan)
    for block, row, place in _stretches(since, until):
        as_of = asked[block][row]
        holds = (leave[place] > as_of) & ~np.isnan(values[place])
        if window.days is not None or how in _BY_EVENT:
            holds &= known[place]
        if days is not None:
            holds &= happened[place] + days * DAY > as_of
        held = _Held(row[holds], values[place[holds]], happened[place[holds]], days=window.days, as_of=asked[block])
        found[block] = _REDUCED[how](held, np.full(block.stop - block.start, np.nan))
    return np.asarray(found[np.cumsum(new) - 1])


def _best_so_far(stream: Stream, how: str, of: str, *, event: str) -> Floats | None:
    """Of facts that never leave, the best that has entered: a running maximum. None where key and rank do not fit into one number."""
    values = stream.floats(of)
    happened, known = stream.events(event)
    good = ~np.isnan(values) & known if how == "last" else ~np.isnan(values)
    if not good.any():
        return np.full(len(stream.rows), np.nan)
    rank = np.where(good, {"max": values, "min": -values, "last": happened}[how], 0).astype(np.int64)
    low = int(rank[good].min())
    width = int(rank[good].max()) - low + 2
    if width * (int(stream.codes[-1]) + 1) >= ROOM:
        return None
    # Nought within a key is what has no rank.
    number = stream.codes * width + np.where(good, rank - low + 1, 0)
    if how == "last":
        return _value_of_best(stream, number, np.where(good, values, np.nan))
    best, some = _running_best(stream, number)
    own = some & (best > stream.row_codes * width)
    return np.where(own, (best % width + (low - 1)) * (1 if how == "max" else -1), np.nan)


def _value_of_best(stream: Stream, number: Ints, values: Floats) -> Floats:
    """Of facts with the same number the greatest value."""
    order = in_order(number)
    order = np.arange(len(number)) if order is None else order
    if (number[order[1:]] == number[order[:-1]]).any():
        order = np.lexsort((values, number))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    best, some = _running_best(stream, place)
    fact = order[best]
    return np.where(some & (stream.codes[fact] == stream.row_codes), values[fact], np.nan)


def _running_best(stream: Stream, number: Ints) -> tuple[Ints, Flags]:
    """The greatest number of the facts that have entered, of the row's key or of one before it, and whether there is any."""
    order, until = stream.entered
    return np.maximum.accumulate(number[order])[np.maximum(until - 1, 0)], until > 0


def _stretches(since: Ints, until: Ints) -> Iterator[tuple[slice, Ints, Ints]]:
    """Blocks of spine rows, and in each: the row (from 0) and the fact of everything in its stretch."""
    counts = until - since
    ends = running(counts)
    begin = 0
    while begin < len(counts):
        end = max(begin + 1, int(np.searchsorted(ends, ends[begin] + GATHERED_AT_ONCE, side="right")) - 1)
        row = np.repeat(np.arange(end - begin), counts[begin:end])
        yield slice(begin, end), row, stretches(since[begin:end], counts[begin:end])
        begin = end


def _least(held: _Held, empty: Floats) -> Floats:
    row, values = held.by_value()
    empty[row[::-1]] = values[::-1]
    return empty


def _greatest(held: _Held, empty: Floats) -> Floats:
    row, values = held.by_value()
    empty[row] = values
    return empty


def _median(held: _Held, empty: Floats) -> Floats:
    row, values = held.by_value()
    counts = np.bincount(row, minlength=len(empty))
    some = np.flatnonzero(counts)
    begins = running(counts)[:-1][some]
    low, high = begins + (counts[some] - 1) // 2, begins + counts[some] // 2
    empty[some] = (values[low] + values[high]) / 2
    return empty


def _last(held: _Held, empty: Floats) -> Floats:
    empty[held.row] = held.values
    return empty


def _distinct(held: _Held, empty: Floats) -> Floats:
    row, values = held.by_value()
    new = np.concatenate([[True], (row[1:] != row[:-1]) | (values[1:] != values[:-1])]) if len(row) else np.empty(0, dtype=np.bool_)
    counts = np.bincount(row[new], minlength=len(empty))
    return np.where(counts > 0, counts, empty)


def _streak(held: _Held, empty: Floats) -> Floats:
    """From the latest back to the first that is nought."""
    counts = np.bincount(held.row, minlength=len(empty))
    place = np.arange(len(held.row)) - np.repeat(running(counts)[:-1], counts)
    broken = np.full(len(empty), -1)
    nought = held.values == 0
    broken[held.row[nought]] = place[nought]
    return np.where(counts > 0, counts - 1 - broken, empty)


def _forgetting(held: _Held, empty: Floats) -> Floats:
    if not held.days:
        raise ValueError("forgetting needs the days after which a fact counts half")
    weighted = held.values * np.exp2((held.event - held.as_of[held.row]) / (held.days * DAY))
    begins = np.flatnonzero(held.first_of_row())
    if len(begins):
        empty[held.row[begins]] = np.add.reduceat(weighted, begins)
    return empty


def _pace(held: _Held, empty: Floats) -> Floats:
    return paces(held.row, held.values, held.event, as_of=held.as_of) if len(held.row) else empty


_REDUCED: Final[Mapping[str, Callable[[_Held, Floats], Floats]]] = MappingProxyType(
    {
        "min": _least,
        "max": _greatest,
        "median": _median,
        "last": _last,
        "distinct": _distinct,
        "streak": _streak,
        "forgetting": _forgetting,
        "pace": _pace,
    }
)
