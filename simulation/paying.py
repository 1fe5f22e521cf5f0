"""When an invoice is paid, and the probability that it has been by any day.

The habitual day falls around the due date and waits for the client's next payment run; stress, approval of large amounts, a lost invoice,
a dispute and what a collector does move it. Everything but the logistic noise and the odds of loss, part payment and dispute is drawn
beforehand and hidden, so the probability is exact: paid by T exactly when the habitual day is no later than the last run that is in by T.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from simulation.clients import STRESS_DAYS
from simulation.days import NEVER, next_workday
from simulation.draws import Flags, Floats, Ints
from simulation.plan import Plan

LOST: Final = 0.03
ON_A_DESK: Final = 0.12
"""Share of invoices that wait for a person who is away, whoever the client; nothing foretells it."""
DESK_DAYS: Final = (4, 22.0)
"""Least wait on a desk, and the mean of what comes on top."""
GIVEN_UP: Final = 0.006
"""Share of invoices that are never paid although the client could."""
PART_PAID: Final = 0.06
APPROVAL_DAYS: Final = 5.0
"""What an amount above the client's approval threshold adds."""
DUNNING_AFTER_DAYS: Final = (6, 16, 31, 46)
"""Days past due at which a collector may write or call."""
PULL_DAYS: Final = np.array([[8.0, 4.0, 2.0, 1.0], [0.0, 0.0, 0.0, 0.0], [-2.0, 0.0, 0.0, 0.0]])
"""Days by which each step brings the payment forward, by kind of client (forgetful, stretched, touchy); it saturates."""


@dataclass(frozen=True)
class Habit:
    """Hidden course of each draft's payment, by draft."""

    centre: Floats
    """Expected habitual day, before the wait for a run."""
    scale: Floats
    run_days: Ints
    run_phase: Ints
    found_on: Ints
    """The day from which a lost invoice can be paid."""
    desk_days: Ints
    """How long the invoice waits if it lies on a desk."""
    rest_after: Ints
    """Days after which the rest of a part payment follows."""
    dunned: Flags
    """Drafts x steps: whether the collector means to act at that step, if it is still open."""
    pull: Floats
    due: Ints
    hold_until: Ints
    """The day until which a dispute, if there is one, holds the payment."""
    insolvent_on: Ints


def habits(plan: Plan, drafts: pl.DataFrame, *, clients: pl.DataFrame, stress: Flags, insolvent_on: Ints, raised: pl.DataFrame) -> Habit:
    draws, client = plan.draws, drafts["client"].to_numpy()
    key, due = (drafts["project"].to_numpy(), drafts["month"].to_numpy()), drafts["due"].to_numpy()
    due_month = np.clip(np.searchsorted(plan.months_first, due, side="right") - 1, 0, stress.shape[1] - 1)
    large = drafts["net"].to_numpy() > clients["approval_cents"].to_numpy()[client]
    late = clients["habit"].to_numpy()[client] + STRESS_DAYS * stress[client, due_month] + APPROVAL_DAYS * large
    steps = np.arange(len(DUNNING_AFTER_DAYS), dtype=np.int64)[None, :]
    urge = -0.6 + 0.55 * np.log(np.maximum(drafts["net"].to_numpy(), 1) / 800_000)[:, None] + 0.5 * steps
    meant = draws.chance(1 / (1 + np.exp(-urge)), "dunning.urge", key[0][:, None], key[1][:, None], steps)
    coin = draws.chance(0.5, "dunning.coin", *key)
    in_arm = draws.chance(plan.random_arm, "dunning.arm", *key)
    return Habit(
        centre=due + late,
        scale=clients["spread"].to_numpy()[client],
        run_days=clients["run_days"].to_numpy()[client],
        run_phase=clients["run_phase"].to_numpy()[client],
        found_on=due + 18 + np.round(draws.exponential(22.0, "payment.found", *key)).astype(np.int64),
        desk_days=DESK_DAYS[0] + np.round(draws.exponential(DESK_DAYS[1], "payment.desk_days", *key)).astype(np.int64),
        rest_after=draws.whole(14, 45, "payment.rest", *key),
        dunned=np.where(in_arm[:, None], coin[:, None], meant),
        pull=PULL_DAYS[clients["reacts"].to_numpy()[client]],
        due=due,
        hold_until=raised["if_resolved_on"].to_numpy() + draws.whole(2, 12, "payment.after_dispute", *key),
        insolvent_on=insolvent_on[client],
    )


def last_run(habit: Habit, day: Ints) -> Ints:
    """The last day of the client's run calendar whose payments are in by a day; a run on a weekend is carried out on Monday."""
    run = day - (day - habit.run_phase) % habit.run_days
    late = next_workday(run, 0) > day
    return np.where(late, run - habit.run_days, run)


def next_run(habit: Habit, day: Ints) -> Ints:
    """The working day on which the first run on or after a day is carried out."""
    return next_workday(day + (habit.run_phase - day) % habit.run_days, 0)


def _plain(habit: Habit, run: Ints) -> Floats:
    """Probability that an invoice neither lost nor disputed is paid whole in a run no later than `run`."""
    steps = habit.due[:, None] + np.array(DUNNING_AFTER_DAYS)[None, :]
    pulled = (habit.pull * habit.dunned * (steps + 1 <= run[:, None])).sum(axis=1)
    latest = run + 0.5 + pulled - habit.centre
    at_once, from_a_desk = (_logistic((latest - wait) / habit.scale) for wait in (0, habit.desk_days))
    return (1 - ON_A_DESK) * at_once + ON_A_DESK * from_a_desk


def _logistic(level: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(level, -40, 40))))


def paid_by(habit: Habit, day: Ints, dispute: Floats) -> Floats:
    """Probability that the whole invoice has been paid by the end of a day, given the probability that it is disputed."""
    day = np.minimum(day, habit.insolvent_on - 1)
    run, rest_run = last_run(habit, day), last_run(habit, day - habit.rest_after)
    found, rest_found = habit.found_on <= run, habit.found_on <= rest_run
    whole = (1 - LOST) * _plain(habit, run) + LOST * found * _plain(habit, run)
    parts = (1 - LOST) * _plain(habit, rest_run) + LOST * rest_found * _plain(habit, rest_run)
    held = np.where(habit.hold_until <= run, whole, 0.0), np.where(habit.hold_until <= rest_run, parts, 0.0)
    either = (1 - PART_PAID) * whole + PART_PAID * parts
    return np.asarray((1 - GIVEN_UP) * ((1 - dispute) * either + dispute * ((1 - PART_PAID) * held[0] + PART_PAID * held[1])))


@dataclass(frozen=True)
class Paid:
    """By draft: day of the (first) payment, day of the rest, NEVER where it does not come; which dunning steps were carried out."""

    first_on: Ints
    rest_on: Ints
    """The same day as `first_on` when the invoice is paid at once."""
    in_parts: Flags
    acted: Flags


def pay(plan: Plan, drafts: pl.DataFrame, *, habit: Habit, disputed: Flags) -> Paid:
    """The course that the draws take. With another `habit.dunned` or `disputed` it is the counterfactual: no draw moves."""
    key = (drafts["project"].to_numpy(), drafts["month"].to_numpy())
    raw = np.round(habit.centre + habit.scale * plan.draws.logistic("payment.noise", *key)).astype(np.int64)
    raw = raw + np.where(plan.draws.chance(ON_A_DESK, "payment.desk", *key), habit.desk_days, 0)
    acted = np.zeros_like(habit.dunned)
    for step, after in enumerate(DUNNING_AFTER_DAYS):
        at = habit.due + after
        acted[:, step] = habit.dunned[:, step] & (raw > at)
        pulled = np.maximum(at + 1, raw - habit.pull[:, step].astype(np.int64))
        raw = np.where(acted[:, step], pulled, raw)
    raw = np.where(plan.draws.chance(LOST, "payment.lost", *key), np.maximum(raw, habit.found_on), raw)
    raw = np.where(disputed, np.maximum(raw, habit.hold_until), raw)
    raw = np.maximum(raw, drafts["issued"].to_numpy() + 1)
    first, in_parts = next_run(habit, raw), plan.draws.chance(PART_PAID, "payment.in_parts", *key)
    rest = np.where(in_parts, next_run(habit, raw + habit.rest_after), first)
    stopped = drafts["cancelled"].to_numpy() | plan.draws.chance(GIVEN_UP, "payment.given_up", *key)
    first = np.where((first >= habit.insolvent_on) | stopped, NEVER, first)
    return Paid(first, np.where((rest >= habit.insolvent_on) | stopped, NEVER, rest), in_parts & (first < NEVER), acted)
