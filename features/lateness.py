"""How late a client is just now: a level that follows its payments and takes what is overdue and open as evidence too.

An invoice that is d days overdue and open says that it will be more than d days late, which no settled invoice says yet: a client that
stops paying is seen before it pays again. Of those still open so long, the share that went far over is what a person would look up in a
table of past invoices; here it is the client's own, drawn to the firm's.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import polars as pl

from features.feature import feature
from features.histories import VERY_LATE_DAYS, issued, overdue, settlements, very_overdue
from features.pace import STILL_OPEN
from features.payments import BACKLOG, HABIT, PRIOR_INVOICES
from features.signal import NOW, Signal, count, days_between, ordered, standing, total
from records.known import DAY, ENTER, LEAVE, Facts, Known
from records.receivables import receivables

WINDOW_DAYS: Final = 365
"""The pace is that of the last year."""
BORDERS: Final = (-28, -21, -14, -7, 0, 7, 14, 21, VERY_LATE_DAYS)
"""Days after the due date at which it is counted how many invoices were still open; between two of them the count is drawn straight."""
OVERDUE_BORDERS: Final = (0, 5, 10, 15, 20, 25, 30, 40, 50, 60)
"""Days overdue beyond which a client's open invoices are counted."""
BEYOND_USUAL_DAYS: Final = 10
"""An invoice this much over what is usual for its client waits for a reason: two payment runs of a week have gone by."""
LATEST_USUAL_DAYS: Final = 45
"""Of a client that always pays later than that every invoice is a matter for a collector, however usual."""


def paid_beyond(known: Known) -> Facts:
    """Settled invoices: `beyond_<n>`, 0 or 1, whether they were open n days after the due date, by the place of n in BORDERS."""
    paid = known.derived(settlements)
    flags = {f"beyond_{place}": (pl.col("days_late") > days).cast(pl.Int64) for place, days in enumerate(BORDERS)}
    kept = paid.frame.select("client_id", "days_late", "paid_at", ENTER, LEAVE, **flags)
    return Facts(f"{paid.name}.beyond", kept)


def waits(known: Known) -> Facts:
    """How long each invoice waited: `waited` days after the due date `until` it was paid, or STILL_OPEN and `until` the due date."""
    paid, late_now = known.derived(settlements), known.derived(overdue)
    settled = paid.frame.select("client_id", ENTER, LEAVE, waited="days_late", until="paid_at")
    still = late_now.frame.select("client_id", ENTER, LEAVE, waited=pl.lit(STILL_OPEN, pl.Int64), until="due")
    return Facts("waits", pl.concat([settled, still]).sort("client_id", "until"))


def position(known: Known) -> Signal:
    """Days after the end of the invoice's due date; negative before it."""
    return days_between(standing(known.derived(receivables), "due", by="invoice_id"), NOW)


@feature(unit="lateness", group=HABIT, phrase="just now it means to pay {seen}, before its next payment run (usual: {usual})")
def client_pace(known: Known) -> Signal:
    """How many days after the due date the client means to pay just now, by its last year's payments and by what is overdue and open."""
    return ordered(known.derived(waits), "waited", how="pace", by="client_id", days=WINDOW_DAYS, event="until")


@feature(
    unit="share",
    group=BACKLOG,
    phrase="{seen} of its invoices of 90 days wait longer than is usual for it (usual: {usual})",
    missing="zero",
)
def client_open_beyond_usual_share(known: Known) -> Signal:
    """Open invoices that are overdue for ten days more than the client's median, over its invoices that fell due in 90 days, and one."""
    usual = or_nought(ordered(known.derived(settlements), "days_late", how="median", by="client_id"))
    border = usual.apply(lambda days: days.clip(0.0, float(LATEST_USUAL_DAYS))) + BEYOND_USUAL_DAYS
    waiting = _at(border, OVERDUE_BORDERS, lambda days: count(_overdue_for(known, days), by="client_id"))
    return waiting / (count(known.derived(issued), by="client_id", days=90, event="due") + 1.0)


@feature(unit="share", group=HABIT, phrase="of its invoices that were open so long {seen} went more than 30 days over (usual: {usual})")
def client_very_late_rate_of_open(known: Known) -> Signal:
    """Of the client's invoices that were still open so long after the due date as this one, the share that went more than 30 days over.

    Drawn to the share of all clients while there are few.
    """
    at = position(known)
    firm = (_beyond(known, VERY_LATE_DAYS, by=None) + 0.5) / (_still_open(known, at, by=None) + 1.0)
    own = _beyond(known, VERY_LATE_DAYS, by="client_id") + firm.apply(lambda share: share.clip(0.0, 1.0)) * PRIOR_INVOICES
    return own / (_still_open(known, at, by="client_id") + PRIOR_INVOICES)


def or_nought(one: Signal) -> Signal:
    """Nought where there is nothing."""
    return one.apply(lambda value: value.fill_null(0.0))


def _overdue_for(known: Known, days: int) -> Facts:
    return known.derived(overdue).since(pl.col("due") + days * DAY, name=f"for_{days}")


def _beyond(known: Known, days: int, *, by: str | None) -> Signal:
    """Invoices that were open so many days after the due date: those paid later, and those that are open and very late now."""
    paid = total(known.derived(paid_beyond), f"beyond_{BORDERS.index(days)}", by=by)
    return paid + count(known.derived(very_overdue), by=by)


def _still_open(known: Known, at: Signal, *, by: str | None) -> Signal:
    return _at(at, BORDERS, lambda days: _beyond(known, days, by=by))


def _at(place: Signal, borders: Sequence[int], counted: Callable[[int], Signal]) -> Signal:
    """What is counted at each border, drawn straight between them, at each row's own place; beyond the outer ones theirs."""
    found = counted(borders[0])
    for begin, end in pairwise(borders):
        passed = ((place - float(begin)) / float(end - begin)).apply(lambda part: part.clip(0.0, 1.0))
        found = found + (counted(end) - counted(begin)) * passed
    return found
