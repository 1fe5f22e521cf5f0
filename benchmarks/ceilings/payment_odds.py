"""What the simulator's equations of payment say of an invoice, for every hidden course of its client: a grid, and the runs of a calendar.

The same equations as simulation/paying.py; what is hidden there stands on the axes of the grid here, or is averaged over.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr, ndtri

from simulation.clients import RUN_DAYS, RUN_WEIGHTS, STRESS_DAYS
from simulation.days import next_workday
from simulation.draws import Flags, Floats, Ints
from simulation.paying import (
    APPROVAL_DAYS,
    DESK_DAYS,
    DUNNING_AFTER_DAYS,
    GIVEN_UP,
    LOST,
    ON_A_DESK,
    PART_PAID,
    PULL_DAYS,
)

HABITS: Final = np.arange(-30.0, 30.5, 2.5)
"""Days around the mean of the client's country: three spreads to either side."""
SPREADS: Final = np.array([2.9, 3.8, 4.7, 5.6])
REACTIONS: Final = np.array([0.55, 0.35, 0.10])
"""Shares of the kinds of client, in the order of PULL_DAYS."""
GRID: Final = (len(HABITS), len(SPREADS), len(REACTIONS), 2)
"""Axes of every array here, behind that of the invoices: habit, spread, reaction to reminders, stress in the month of the due date."""
_STEP: Final = 0.5
_REACH: Final = 400.0
_RESTS: Final = (18, 26, 33, 41)
"""Middles of each quarter of the days after which the rest of a part payment follows."""
_USUAL_DISPUTE: Final = 0.03
_OPENED: Final = (np.log(11.0), 0.55)
_RESOLVED: Final = (np.log(16.0), 0.7)
_AFTER_DISPUTE: Final = 7
_FIFTHS: Final = np.array([0.1, 0.3, 0.5, 0.7, 0.9])


@dataclass(frozen=True)
class Items:
    """Invoices of one client, by invoice."""

    due: Ints
    issued: Ints
    net: Floats
    """Cents of the currency."""
    acted: Flags
    """Invoices x steps: what a collector is known to have done."""

    def take(self, which: Ints) -> "Items":
        return Items(self.due[which], self.issued[which], self.net[which], self.acted[which])


@dataclass(frozen=True)
class Calendar:
    """Payment runs every so many days."""

    days: int
    phase: int

    def last(self, day: Ints) -> Ints:
        """The last run that is carried out by a day; one on a weekend is on Monday."""
        run = day - (day - self.phase) % self.days
        return np.where(next_workday(run, 0) > day, run - self.days, run)

    def runs_on(self, day: Ints) -> Flags:
        return np.asarray(next_workday(self.last(day), 0) == day)


CALENDARS: Final = tuple(Calendar(days, phase) for days in RUN_DAYS for phase in range(days))
CALENDAR_ODDS: Final = np.log([dict(zip(RUN_DAYS, RUN_WEIGHTS, strict=True))[one.days] / one.days for one in CALENDARS])


def _table() -> Floats:
    """Spread x room in days: probability that the habitual day, and the wait on a desk if there is one, are within it."""
    room = np.arange(-_REACH, _REACH + _STEP, _STEP)
    waits = DESK_DAYS[0] - DESK_DAYS[1] * np.log(1 - (np.arange(24) + 0.5) / 24)

    def within(days: Floats) -> Floats:
        return np.asarray(1 / (1 + np.exp(-np.clip(days / SPREADS[:, None], -40, 40))))

    return np.asarray((1 - ON_A_DESK) * within(room) + ON_A_DESK * np.mean([within(room - wait) for wait in waits], axis=0))


_WITHIN: Final = _table()


def first_by(items: Items, run: Ints, *, mean: float, steps: Floats) -> Floats:
    """Invoices x GRID: probability that nobody who means to pay has not by a run. `steps`: how surely each step is taken, by invoice."""
    past = items.due[:, None] + np.array(DUNNING_AFTER_DAYS)[None, :] + 1 <= run[:, None]
    pull = (steps * past) @ PULL_DAYS.T
    large = ndtr(np.log(np.maximum(items.net, 1) / 1_200_000) / 0.5)
    room = (run + 0.5 - items.due - mean - APPROVAL_DAYS * large)[:, None, None, None]
    room = room + pull[:, None, :, None] - HABITS[None, :, None, None] - STRESS_DAYS * np.arange(2)[None, None, None, :]
    place = np.clip(np.round((room + _REACH) / _STEP).astype(np.int64), 0, _WITHIN.shape[1] - 1)
    within = np.moveaxis(_WITHIN[:, place], 0, 2)
    found = np.where(run > items.due + 18, 1 - np.exp(-np.maximum(run - items.due - 18, 0) / 22.0), 0.0)
    return np.asarray(within * (1 - LOST + LOST * found)[:, None, None, None, None])


def paid_on(items: Items, day: Ints, *, calendar: Calendar, mean: float) -> Floats:
    """Invoices x GRID: log probability of a first payment on these days."""
    steps = items.acted.astype(np.float64)
    # A run on a weekend is carried out on Monday; what is astray was paid by hand.
    run, before = np.where(calendar.runs_on(day), calendar.last(day), day), calendar.last(day - 1)
    earlier = first_by(items, before, mean=mean, steps=steps) * (before > items.issued)[:, None, None, None, None]
    return np.asarray(np.log(np.maximum(first_by(items, run, mean=mean, steps=steps) - earlier, 1e-9)))


@dataclass(frozen=True)
class Held:
    """What is known of disputes, by invoice."""

    probability: Floats
    """That it is, or will be, disputed."""
    until: Ints
    """Invoices x nodes: days until which a dispute holds the payment, equally likely."""


def held(items: Items, *, day: int, opened: Ints, resolved: Ints) -> Held:
    """As known on a day; `opened` and `resolved` are -1 where they are not known."""
    waits = np.exp(_OPENED[0] + _OPENED[1] * ndtri(_rest_of(day - items.issued, _OPENED)))
    resolving = np.exp(_RESOLVED[0] + _RESOLVED[1] * ndtri(_FIFTHS))
    coming = items.issued[:, None] + waits + resolving[None, ::-1]
    still = opened[:, None] + np.exp(_RESOLVED[0] + _RESOLVED[1] * ndtri(_rest_of(day - opened, _RESOLVED)))
    ended = resolved[:, None] + np.array([-4, -2, 0, 2, 4])[None, :]
    until = np.where(resolved[:, None] >= 0, ended, np.where(opened[:, None] >= 0, still, coming)) + _AFTER_DISPUTE
    left = 1 - ndtr((np.log(np.maximum(day - items.issued, 1)) - _OPENED[0]) / _OPENED[1])
    return Held(np.where(opened >= 0, 1.0, _USUAL_DISPUTE * left), np.round(until).astype(np.int64))


def _rest_of(elapsed: Ints, lag: tuple[float, float]) -> Floats:
    """Rows x fifths: where in a log-normal lag the middles of what is left of it lie, once so many days have gone by."""
    gone = ndtr((np.log(np.maximum(elapsed, 1)) - lag[0]) / lag[1])[:, None]
    return np.asarray(np.clip(gone + (1 - gone) * _FIFTHS[None, :], 1e-4, 1 - 1e-4))


def unpaid(items: Items, day: Ints, *, now: int, calendar: Calendar, mean: float, dispute: Held) -> Floats:
    """Invoices x GRID: probability that some of the money has not come by a day, as meant `now`."""
    urge = -0.6 + 0.55 * np.log(np.maximum(items.net, 1) / 800_000)[:, None] + 0.5 * np.arange(len(DUNNING_AFTER_DAYS))[None, :]
    passed = items.due[:, None] + np.array(DUNNING_AFTER_DAYS)[None, :] < now
    steps = np.where(passed, items.acted, 1 / (1 + np.exp(-urge)))

    def by(run: Ints) -> tuple[Floats, Floats]:
        plain = first_by(items, run, mean=mean, steps=steps)
        return plain, plain * (dispute.until <= run[:, None]).mean(axis=1)[:, None, None, None, None]

    whole = by(calendar.last(day))
    parts = [by(calendar.last(day - rest)) for rest in _RESTS]
    free, disputed = ((1 - PART_PAID) * whole[way] + PART_PAID * np.mean([one[way] for one in parts], axis=0) for way in (0, 1))
    odds = dispute.probability[:, None, None, None, None]
    return np.asarray(1 - (1 - GIVEN_UP) * ((1 - odds) * free + odds * disputed))
