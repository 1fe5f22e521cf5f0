"""Sums and counts over windows, as differences of running sums.

A fact that stands for good and was recorded soon after it happened (most are) is kept in the order of what happened: a window over it is a
range; what was not yet recorded at `as_of` lies within the last days of the range and is taken off again. Every other fact, learned late,
superseded or passing, enters at one instant and leaves at another: a running sum of what entered less one of what left.
"""

from collections.abc import Mapping

import numpy as np

from features.streams import PROMPT, Flags, Ints, Stream, Window, in_order, running, stretches
from records.known import DAY, ENTER


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
    prompt = known & stream.stands & (lag >= 0) & (lag <= PROMPT)
    # Facts that pass, such as what is overdue, have no range to be in: they all go the other way.
    if np.count_nonzero(prompt) * 2 < len(prompt):
        prompt = np.zeros(len(prompt), dtype=np.bool_)
    ranges, passing = _Ranges(stream, happened, np.flatnonzero(prompt)), _Passing(stream, happened, known, np.flatnonzero(~prompt))
    found = {}
    for of in {of for _, of in asked.values()}:
        values = np.ones(len(happened), dtype=np.int64) if of is None else stream.whole(of)
        of_ranges, of_passing = ranges.added(values), passing.entered(values)
        for name in (name for name, (_, column) in asked.items() if column == of):
            days = asked[name][0]
            found[name] = ranges.sum(of_ranges, days) + of_passing - passing.left(values, days)
    return found


class _Ranges:
    """Prompt facts that stand for good, in the order of what happened."""

    def __init__(self, stream: Stream, happened: Ints, chosen: Ints) -> None:
        clocked = stream.clock.at(stream.codes[chosen], happened[chosen])
        order = in_order(clocked)
        self.stream = stream
        self.chosen, self.clocked = (chosen, clocked) if order is None else (chosen[order], clocked[order])
        self.until = np.searchsorted(self.clocked, stream.now, side="right")
        self.recent = np.searchsorted(self.clocked, stream.ago(PROMPT), side="right")
        counts = self.until - self.recent
        # One by one, the facts of the last days before each row: not yet recorded then, they are not in any sum.
        places = stretches(self.recent, counts)
        unknown = stream.enter[self.chosen[places]] > np.repeat(stream.as_of, counts)
        ends, self.unknown = running(counts), running(unknown.astype(np.int64))
        self.begins = ends[:-1]
        self.late = self.chosen[places[unknown]]
        self._borders: dict[int | None, tuple[Ints, Ints]] = {0: (self.until, self.unknown[ends[1:]])}

    def added(self, values: Ints) -> tuple[Ints, Ints]:
        """Running sums of a column over all these facts, and over those that were looked at and not yet recorded."""
        return running(values[self.chosen]), running(values[self.late])

    def sum(self, added: tuple[Ints, Ints], days: int | None) -> Ints:
        whole, late = added
        (since, first), (until, last) = self._border(days), self._border(0)
        return np.asarray(whole[until] - whole[since] - (late[last] - late[first]))

    def _border(self, days: int | None) -> tuple[Ints, Ints]:
        """Where a window begins: in the order of what happened, and among the facts not yet recorded."""
        if days not in self._borders:
            since = np.minimum(np.searchsorted(self.clocked, self._before(days), side="right"), self.until)
            # Of the days that were looked at one by one, those that the window reaches into.
            self._borders[days] = since, self.unknown[self.begins + np.maximum(since - self.recent, 0)]
        return self._borders[days]

    def _before(self, days: int | None) -> Ints:
        return self.stream.ago(days * DAY) if days is not None else self.stream.row_codes * self.stream.clock.span


class _Passing:
    """Facts that were learned late, or cease to hold: in at one instant, out at another."""

    def __init__(self, stream: Stream, happened: Ints, known: Flags, chosen: Ints) -> None:
        self.stream, self.chosen, self.happened, self.known = stream, chosen, happened[chosen], known[chosen]
        self.codes, self.enter, self.leave = stream.codes[chosen], stream.enter[chosen], stream.leave[chosen]
        self._entered = self._by(self.enter)
        self._left: dict[int | None, tuple[Ints, Ints]] = {}

    def entered(self, values: Ints) -> Ints:
        """What had entered by each row's instant; before its key, too, which is as much as what had left."""
        return self._until(values, self._entered)

    def left(self, values: Ints, days: int | None) -> Ints:
        """What had left a window of so many days by each row's instant."""
        if days not in self._left:
            self._left[days] = self._by(self._leaves(days))
        return self._until(values, self._left[days])

    def _by(self, times: Ints) -> tuple[Ints, Ints]:
        """The facts in order of these times, and how many of them come by each row's instant."""
        clocked = self.stream.clock.at(self.codes, times)
        order = in_order(clocked)
        if order is None:
            return self.chosen, np.searchsorted(clocked, self.stream.now, side="right")
        return self.chosen[order], np.searchsorted(clocked[order], self.stream.now, side="right")

    def _until(self, values: Ints, timed: tuple[Ints, Ints]) -> Ints:
        facts, ends = timed
        return np.asarray(running(values[facts])[ends])

    def _leaves(self, days: int | None) -> Ints:
        """When a fact leaves its window: never before it entered, so that one learned too late enters and leaves at once.

        So does one whose event is not known: nobody can say that it was within these days.
        """
        if days is None:
            return self.leave
        over = np.maximum(self.enter, np.minimum(self.leave, self.happened + days * DAY))
        return np.where(self.known, over, self.enter)
