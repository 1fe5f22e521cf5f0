"""Missing time: how likely a person's week is not to be in at the deadline, and how late it then comes.

Deadline: Monday 12:00 UTC after the week. The log odds add the firm, the team, a habit that drifts (AR(1), 0.985 a week), overload, leave,
holidays, a first weeks' bonus and a month's end, when finance asks for every sheet. Some of those who keep up are behind over the weekend
too and write their last days on Monday morning, so that an empty day on Saturday does not yet tell who will miss.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from simulation.days import DAY_MICROS, HOUR_MICROS, weekday
from simulation.draws import Flags, Floats, Ints
from simulation.people import PRACTICES
from simulation.plan import Plan, Traits

PERSISTENCE: Final = 0.985
HABIT_SPREAD: Final = 0.9
OVERLOADED: Final = 0.14
"""Share of four-week spells in which a person has too much to do."""
OVERLOAD_FACTOR: Final = 1.18
"""On the minutes worked in such a spell."""
DEADLINE_HOURS: Final = 7 * 24 + 12
"""From the Monday on which the week begins."""
CATCHES_UP: Final = 0.16
"""Share of the weeks that are in at the deadline whose last days were written on the Monday morning before it."""
LATE_DAYS: Final = 2.2
"""Median days past the deadline of a missing sheet."""
SPELL_WEEKS: Final = 4
NEW_WEEKS: Final = 8


@dataclass(frozen=True)
class Weeks:
    """People x weeks of the horizon; a week begins on Monday, the first on or before the firm's first day."""

    first_monday: int
    probability: Floats
    """Of missing the deadline, before anybody writes anything; 0 for a week without a working day."""
    missing: Flags
    behind: Flags
    """The last days are not in on Saturday noon: the missing weeks, and those caught up with on Monday morning."""
    last_due: Ints
    """The last working day of the week, Monday = 0; -1 for none."""
    overload: Flags

    def of(self, day: Ints) -> Ints:
        return np.asarray((day - self.first_monday) // 7)

    @property
    def once_behind(self) -> Floats:
        """The probability of missing the deadline as it stands over the weekend: 0 for those who have written everything."""
        share = self.probability + (1 - self.probability) * CATCHES_UP
        return np.where(self.behind, self.probability / np.where(share > 0, share, 1.0), 0.0)


def weeks(plan: Plan, traits: Traits, *, people: pl.DataFrame, due: Flags, away: Flags, open_days: Flags) -> Weeks:
    """`due` and `away`: people x days of the horizon; `open_days`: offices x days."""
    draws, ordered = plan.draws, people.sort("person")
    person = ordered["person"].to_numpy()[:, None]
    first = plan.first - int(weekday(np.array([plan.first]))[0])
    week = np.arange((plan.end - first + 6) // 7, dtype=np.int64)[None, :]
    overload = draws.chance(OVERLOADED, "person.overload", person, week // SPELL_WEEKS)
    team = 0.35 * draws.normal("team.tardiness", np.arange(len(PRACTICES), dtype=np.int64))[ordered["practice"].to_numpy()][:, None]
    absent = _share_of_week(away, plan.first - first, week.shape[1])
    closed = _share_of_week(~open_days[ordered["office"].to_numpy()], plan.first - first, week.shape[1]) > 2 / 7 + 0.01
    monday = first + 7 * week
    fresh = (monday - ordered["hired"].to_numpy()[:, None] >= 0) & (monday - ordered["hired"].to_numpy()[:, None] < 7 * NEW_WEEKS)
    month_end = np.isin(week, (plan.months_first - first) // 7)
    odds = traits.tardiness + team + ordered["tardiness"].to_numpy()[:, None] + _habit(plan, person, week.shape[1])
    odds = odds + 0.8 * overload + 1.1 * absent + 0.35 * closed - 0.45 * month_end + 0.6 * fresh
    last_due = _last_of_week(due, plan.first - first, week.shape[1])
    probability = np.where(last_due >= 0, 1 / (1 + np.exp(-odds)), 0.0)
    missing = draws.chance(probability, "week.missing", person, week)
    caught_up = draws.chance(CATCHES_UP, "week.caught_up", person, week) & (last_due >= 0)
    return Weeks(first, probability, missing, missing | caught_up, last_due, overload)


def _last_of_week(due: Flags, lead: int, count: int) -> Ints:
    """People x weeks: the last day of the week on which a person works, -1 for none."""
    padded = np.zeros((len(due), count * 7), dtype=bool)
    padded[:, lead : lead + due.shape[1]] = due
    by_week = padded.reshape(len(due), count, 7)
    return np.where(by_week.any(axis=2), 6 - by_week[:, :, ::-1].argmax(axis=2), -1)


def _share_of_week(flags: Flags, lead: int, count: int) -> Floats:
    """People x weeks: share of the seven days for which a flag holds."""
    padded = np.zeros((len(flags), count * 7), dtype=bool)
    padded[:, lead : lead + flags.shape[1]] = flags
    return np.asarray(padded.reshape(len(flags), count, 7).mean(axis=2))


def _habit(plan: Plan, person: Ints, count: int) -> Floats:
    paths = np.empty((len(person), count))
    state = plan.draws.normal("person.habit", person[:, 0], -1)
    for week in range(count):
        state = PERSISTENCE * state + np.sqrt(1 - PERSISTENCE**2) * plan.draws.normal("person.habit", person[:, 0], week)
        paths[:, week] = state
    return HABIT_SPREAD * paths


def entered_at(plan: Plan, spent: Weeks, *, person: Ints, day: Ints) -> Ints:
    """The instant at which a person's time of a day is entered, microseconds.

    A missing week lacks its last one to five days at the deadline. People who keep up enter each evening, or the whole week on Friday;
    those who are behind write the same last days on Monday, from eight to half past eleven.
    """
    draws, week = plan.draws, spent.of(day)
    monday = spent.first_monday + 7 * week
    weekly = draws.chance(0.35, "person.weekly", person)
    evening = day * DAY_MICROS + 16 * HOUR_MICROS + draws.whole(0, 2 * 3600, "entry.evening", person, day) * 1_000_000
    friday = (monday + 4) * DAY_MICROS + 15 * HOUR_MICROS + draws.whole(0, 3 * 3600, "entry.friday", person, week) * 1_000_000
    morning = (day + 1) * DAY_MICROS + 8 * HOUR_MICROS + draws.whole(0, 3600, "entry.morning", person, day) * 1_000_000
    prompt = np.where(
        weekly,
        np.maximum(friday, day * DAY_MICROS + 16 * HOUR_MICROS),
        np.where(draws.chance(0.2, "entry.next", person, day), morning, evening),
    )
    lacking = 5 - draws.pick((0.30, 0.16, 0.14, 0.12, 0.28), "week.lacking", person, week)
    left_over = spent.behind[person, week] & (day - monday > spent.last_due[person, week] - lacking)
    caught_up = (monday + 7) * DAY_MICROS + 8 * HOUR_MICROS + draws.whole(0, 210 * 60, "week.monday", person, week) * 1_000_000
    hours = DEADLINE_HOURS + 24 * np.minimum(draws.lognormal(LATE_DAYS, 1.0, "week.late", person, week), 75)
    late = monday * DAY_MICROS + np.round(hours * 3600).astype(np.int64) * 1_000_000
    return np.where(left_over, np.where(spent.missing[person, week], late, caught_up), prompt)
