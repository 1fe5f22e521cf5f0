"""A client's pace: how many days after the due date it means to pay just now, before it waits for its next payment run.

A payment run hides when a client meant to pay: an invoice paid in a run was meant to be paid after the run before it. So of every payment
no more is known than an interval, and of an invoice that is open only that its time had not come by the client's last run. From these
a filter over a grid works out how likely each pace is: what a client usually does, and whether it is in a slow spell, month by month of the
due dates (forward filter of a hidden Markov model, Rabiner 1989). A mean of past lateness cannot tell a client that is short of cash since
last month from one that always was a little slow; this can.

It hardly depends on the numbers below: twice or half of any of them moved the AUC of late payment by 0.01 at most (docs/quality.md).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from records.known import DAY

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

STILL_OPEN: Final = 1_000_000
"""In place of the days late of an invoice that is not paid."""
HELD_UP: Final = 0.1
"""Share of payments taken to be held up for a reason of their own (a desk, a lost invoice), HELD_UP_DAYS later and as widely spread: one of
them is no change of pace, and an invoice that is open long after its client's usual day is not impossible."""
HELD_UP_DAYS: Final = 20.0
SCALE_DAYS: Final = 5.0
"""Of the logistic spread of payments about the pace."""
LONGEST_RUN_DAYS: Final = 31
"""Nobody's payment runs lie further apart: within so many days there has been one, whether or not it paid anything."""

_USUAL: Final = np.arange(-36, 56, 4)
"""Days after the due date that a client may usually mean to pay."""
_USUAL_SPREAD_DAYS: Final = 12.0
"""Of clients' usual paces (the default of payment_runs.py)."""
_SLOW_DAYS: Final = 28
"""In a slow spell it lets a month's run go by."""
_BEGINS, _ENDS = 0.03, 0.2
"""A month: three in a hundred clients become short of cash, and stay so for five months on average."""
_SPELL_DAYS: Final = 30
_SPELLS: Final = 13
"""Months looked back: a year."""
_STATES: Final = np.stack([_USUAL, _USUAL + _SLOW_DAYS])
"""Usual and slow x paces."""
_REACH: Final = 400
_LEAST: Final = 1e-6
"""What nothing explains has this likelihood, so that one odd payment does not decide."""
_LONG_AGO: Final = -(10**6)
_LEAST_GAPS: Final = 3
"""Of fewer payments nobody can say how often they come."""
_FACTS_AT_ONCE: Final = 20_000
"""Some 400 bytes each and again as many while they are added up."""


def later(days: Floats) -> Floats:
    """Share of payments that are meant to be made more than so many days after the pace."""
    usual, held_up = (1 / (1 + np.exp(np.clip(one, -30, 30))) for one in (days / SCALE_DAYS, (days - HELD_UP_DAYS) / HELD_UP_DAYS))
    return np.asarray((1 - HELD_UP) * usual + HELD_UP * held_up)


_LATER: Final = later(np.arange(-_REACH, _REACH + 1, dtype=np.float64) + 0.5)
_WITHIN: Final = np.log(np.stack([np.maximum(np.roll(_LATER, days) - _LATER, _LEAST) for days in range(LONGEST_RUN_DAYS + 1)]))
"""Days of the interval x days from pace to its end: log likelihood of a payment."""
_BEYOND: Final = np.log(_LATER)


def paces(row: Ints, late: Floats, happened: Ints, *, as_of: Ints) -> Floats:
    """The mean pace for each of `as_of`, NaN where nothing is on record.

    Facts by `row` (rising, a place in `as_of`): `late`, days after the due date of a payment or STILL_OPEN; `happened`, the end of the day
    of payment, or of the due date of what is open. All times are microseconds.
    """
    found = np.full(len(as_of), np.nan)
    ends = np.searchsorted(row, np.arange(len(as_of) + 1))
    begin = 0
    while begin < len(as_of):
        end = max(begin + 1, int(np.searchsorted(ends, ends[begin] + _FACTS_AT_ONCE, side="right")) - 1)
        own = slice(ends[begin], ends[end])
        told = _mean_pace(row[own] - begin, late[own], happened[own] // DAY - 1, today=as_of[begin:end] // DAY - 1)
        some = np.unique(row[own])
        found[some] = told[some - begin]
        begin = end
    return found


def _mean_pace(row: Ints, late: Floats, day: Ints, *, today: Ints) -> Floats:
    likely = _by_spell(row, late, day, today=today)
    usual = np.exp(-0.5 * (_USUAL / _USUAL_SPREAD_DAYS) ** 2)
    share = usual / usual.sum() / (_BEGINS + _ENDS)
    calm, slow = np.tile(share * _ENDS, (len(today), 1)), np.tile(share * _BEGINS, (len(today), 1))
    for spell in range(_SPELLS - 1, -1, -1):
        calm, slow = calm * (1 - _BEGINS) + slow * _ENDS, calm * _BEGINS + slow * (1 - _ENDS)
        calm, slow = calm * likely[:, spell, 0], slow * likely[:, spell, 1]
        whole = calm.sum(axis=1, keepdims=True) + slow.sum(axis=1, keepdims=True)
        calm, slow = calm / whole, slow / whole
    return np.asarray((calm * _STATES[0]).sum(axis=1) + (slow * _STATES[1]).sum(axis=1))


def _by_spell(row: Ints, late: Floats, day: Ints, *, today: Ints) -> Floats:
    """Rows x spells x states x paces: the likelihood of what is known of the invoices due in each month, its greatest being one."""
    still = late >= STILL_OPEN
    due = np.where(still, day, day - np.where(still, 0, late).astype(np.int64))
    before, last = _payments(row, day, still, rows=len(today))
    passed = np.maximum(last, today - _gaps(row, day - before, still, rows=len(today)))
    waited = np.where(still, passed[row], day) - due
    interval = np.clip(day - before, 1, LONGEST_RUN_DAYS)
    place = np.clip(waited[:, None, None] - _STATES[None] + _REACH, 0, 2 * _REACH)
    told = np.where(still[:, None, None], _BEYOND[place], _WITHIN[interval[:, None, None], place])
    spell = np.clip((today[row] - due) // _SPELL_DAYS, 0, _SPELLS - 1)
    order = np.lexsort((spell, row))
    slot = (row * _SPELLS + spell)[order]
    found = np.zeros((len(today) * _SPELLS, *_STATES.shape))
    begins = np.flatnonzero(np.concatenate([[True], slot[1:] != slot[:-1]])) if len(slot) else np.empty(0, dtype=np.int64)
    if len(begins):
        found[slot[begins]] = np.add.reduceat(told[order], begins, axis=0)
    by_row = found.reshape(len(today), _SPELLS, *_STATES.shape)
    return np.asarray(np.exp(by_row - by_row.max(axis=(2, 3), keepdims=True)))


def _payments(row: Ints, day: Ints, still: Flags, *, rows: int) -> tuple[Ints, Ints]:
    """Of each payment, the day of the client's payment before it; of each row, the day of the last. Long ago where there is none."""
    before, last = np.full(len(row), _LONG_AGO), np.full(rows, _LONG_AGO)
    paid = np.flatnonzero(~still)
    paid = paid[np.lexsort((day[paid], row[paid]))]
    if not len(paid):
        return before, last
    new = np.concatenate([[True], (row[paid][1:] != row[paid][:-1]) | (day[paid][1:] != day[paid][:-1])])
    run_row, run_day = row[paid][new], day[paid][new]
    earlier = np.concatenate([[_LONG_AGO], np.where(run_row[1:] == run_row[:-1], run_day[:-1], _LONG_AGO)])
    before[paid] = earlier[np.cumsum(new) - 1]
    last[run_row] = run_day
    return before, last


def _gaps(row: Ints, since: Ints, still: Flags, *, rows: int) -> Ints:
    """Of each row, the days from one payment to the next, in the middle: within so many days there has been a run. `since`: of each."""
    found = np.full(rows, LONGEST_RUN_DAYS)
    after = np.flatnonzero(~still & (since < _LONG_AGO // -2))
    after = after[np.lexsort((since[after], row[after]))]
    counts = np.bincount(row[after], minlength=rows)
    some = counts >= _LEAST_GAPS
    middle = (np.cumsum(counts) - counts + counts // 2)[some]
    found[some] = np.clip(since[after][middle], 1, LONGEST_RUN_DAYS)
    return found
