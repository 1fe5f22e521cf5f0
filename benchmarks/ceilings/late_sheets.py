"""The ceiling of missing time: what can be said of a sheet that lacks days by one who knows how people miss deadlines, from the tables.

A forward filter for each person: a habit that stays and one that drifts from week to week (AR(1)) on a grid, the known leave, holidays and
first weeks, and whether this is a spell of overload, as far as the minutes on record tell. Each deadline that has passed is evidence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from features.timesheets import deadlines
from records.known import DAY, ENTER, LEAVE, Known
from simulation.draws import Floats
from simulation.tardiness import CATCHES_UP, HABIT_SPREAD, NEW_WEEKS, OVERLOAD_FACTOR, OVERLOADED, PERSISTENCE, SPELL_WEEKS

USUAL: Final = -2.65
"""Middle of the range of firms (simulation/plan.py)."""
STAYS: Final = 0.885 * np.linspace(-2.6, 2.6, 13)
"""What stays of a person's habit: the firm's, the team's and the person's own spreads together."""
DRIFTS: Final = HABIT_SPREAD * np.linspace(-2.6, 2.6, 45)
MISTAKEN: Final = 0.006
"""A sheet seems to be missing although nothing more was due: illness that is registered afterwards, or leave on a part-timer's free day."""
MISTAKEN_BEFORE: Final = 0.004
"""The same two days before the deadline."""
MINUTES_SPREAD: Final = 0.42
"""Of the logarithm of the minutes of one entry: the simulator's 0.4, and the rounding to quarters of an hour."""
USUAL_SPREAD: Final = 0.06
"""How far a person's usual minutes on a project are known to be off: few months, and some of those overloaded too."""
SATURDAY: Final = 5 * DAY + DAY // 2
"""From the Monday on which a week begins to the first instant at which its sheet is scored."""


def ceiling(known: Known, rows: pl.DataFrame) -> pl.DataFrame:
    """`rows`: entity_id (person and Monday) and as_of of sheets that lack days. The same with `probability` of missing the deadline."""
    parts = rows.with_columns(pl.col("entity_id").str.split(":").list.to_struct(fields=["person_id", "week"]).alias("of")).unnest("of")
    asked = parts.with_columns(week=pl.col("week").str.to_date())
    people = _people(known)
    found = [
        told.select("entity_id", "as_of", probability=pl.lit(pl.Series(likely[told["place"].to_numpy()])))
        for week, likely in _weekly(known, people)
        if (told := asked.filter(pl.col("week") == week).join(people, on="person_id", maintain_order="left")).height
    ]
    return pl.concat(found)


def _people(known: Known) -> pl.DataFrame:
    first = known.versions("person").frame.sort("person_id", ENTER).unique("person_id", keep="first", maintain_order=True)
    told = first.select("person_id", "hired_on").collect()
    return told.with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))


def _weekly(known: Known, people: pl.DataFrame) -> Iterator[tuple[date, Floats]]:
    """Each week and, by person, the probability that the sheet will be missing, once days lack on Saturday."""
    passed = known.derived(deadlines).frame.select("person_id", "week", "missing", "closed_days").collect().join(people, on="person_id")
    begun = known.versions("calendar_day").frame.select(pl.col("day").min().dt.truncate("1w")).collect().item()
    hired = people["hired_on"].cast(pl.Int32).cast(pl.Int64).to_numpy()
    turns, belief = _turns(), _first_belief(people.height)
    minutes = Minutes.of(known, people, begun=begun)
    absent = _absences(known, people)
    week = begun
    while (saturday := _micros(week) + SATURDAY) <= _micros_of(known):
        belief = np.asarray(belief @ turns)
        own = passed.filter(pl.col("week") == week)
        closed = np.zeros(people.height)
        closed[own["place"].to_numpy()] = own["closed_days"].to_numpy() > 0
        days = (week - date(1970, 1, 1)).days
        odds = 1.1 * absent.share(week, at=saturday) + 0.35 * closed - 0.45 * _month_begins(week) + 0.6 * (days - hired < 7 * NEW_WEEKS)
        missed = _chance(odds, overload=minutes.overload(week, at=saturday))
        expected = (belief * missed).sum(axis=(1, 2))
        behind = expected + (1 - expected) * CATCHES_UP + MISTAKEN_BEFORE
        yield week, expected / behind
        place, lacked = own["place"].to_numpy(), own["missing"].to_numpy()[:, None, None] > 0
        belief[place] *= np.where(lacked, missed[place] + MISTAKEN, 1 - missed[place])
        belief /= belief.sum(axis=(1, 2), keepdims=True)
        week += timedelta(days=7)


def _chance(odds: Floats, *, overload: Floats) -> Floats:
    """Persons x STAYS x DRIFTS: the probability of missing, over both answers to whether it is a spell of overload."""
    level = USUAL + odds[:, None, None] + STAYS[None, :, None] + DRIFTS[None, None, :]
    calm, loaded = (1 / (1 + np.exp(-(level + more))) for more in (0.0, 0.8))
    return np.asarray((1 - overload)[:, None, None] * calm + overload[:, None, None] * loaded)


def _turns() -> Floats:
    """DRIFTS x DRIFTS: from one week to the next."""
    spread = HABIT_SPREAD * np.sqrt(1 - PERSISTENCE**2)
    odds = np.exp(-0.5 * ((DRIFTS[None, :] - PERSISTENCE * DRIFTS[:, None]) / spread) ** 2)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _first_belief(people: int) -> Floats:
    both = np.exp(-0.5 * (STAYS[:, None] / 0.885) ** 2 - 0.5 * (DRIFTS[None, :] / HABIT_SPREAD) ** 2)
    return np.tile(both / both.sum(), (people, 1, 1))


@dataclass(frozen=True)
class Minutes:
    """Entries of client work: place (person), project, enter, spell, logarithm of the minutes; and who there is."""

    entries: pl.DataFrame
    people: int
    begun: date

    @classmethod
    def of(cls, known: Known, people: pl.DataFrame, *, begun: date) -> "Minutes":
        internal = known.versions("project").frame.filter(pl.col("billing_method") == "none").select("project_id").unique()
        first = known.versions("time_entry").frame.sort(ENTER).unique("entry_id", keep="first")
        told = first.join(internal, on="project_id", how="anti").join(people.lazy().select("person_id", "place"), on="person_id")
        spell = ((pl.col("worked_on") - pl.lit(begun)).dt.total_days() // 7) // SPELL_WEEKS
        shown = told.filter(pl.col("minutes") > 0).select("place", "project_id", ENTER, spell=spell, log=pl.col("minutes").log())
        return cls(shown.sort(ENTER).collect(), people.height, begun)

    def overload(self, week: date, *, at: int) -> Floats:
        """By person: the probability that the spell of a week is one of overload, from the minutes known at an instant."""
        known = self.entries.filter(pl.col(ENTER) <= at)
        spell = ((week - self.begun).days // 7) // SPELL_WEEKS
        usual = known.filter(pl.col("spell") != spell).group_by("place", "project_id").agg(usual=pl.col("log").mean())
        now = known.filter(pl.col("spell") == spell).join(usual, on=["place", "project_id"])
        seen = now.group_by("place").agg(more=(pl.col("log") - pl.col("usual")).mean(), n=pl.len())
        step = np.log(OVERLOAD_FACTOR)
        place, more, count = (seen[name].to_numpy() for name in ("place", "more", "n"))
        tells = count / (MINUTES_SPREAD**2 + count * USUAL_SPREAD**2)
        # Of the usual minutes themselves some are overloaded, so that a calm spell lies a little below them.
        odds = np.full(self.people, np.log(OVERLOADED / (1 - OVERLOADED)))
        odds[place] += tells * step * (more + OVERLOADED * step - step / 2)
        return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


@dataclass(frozen=True)
class Away:
    """Person x day on which somebody is registered as away: place, day, enter, leave."""

    days: pl.DataFrame
    people: int

    def share(self, week: date, *, at: int) -> Floats:
        """Of the seven days of a week, by person, as registered by an instant."""
        own = self.days.filter(pl.col("day").is_between(week, week + timedelta(days=6)) & (pl.col(ENTER) <= at) & (at < pl.col(LEAVE)))
        counted = own.group_by("place").agg(pl.col("day").n_unique())
        found = np.zeros(self.people)
        found[counted["place"].to_numpy()] = counted["day"].to_numpy() / 7
        return found


def _absences(known: Known, people: pl.DataFrame) -> Away:
    told = known.facts("absence", take=("person_id", "starts_on", "ends_on")).frame.with_columns(day=pl.date_ranges("starts_on", "ends_on"))
    days = told.explode("day").join(people.lazy().select("person_id", "place"), on="person_id").select("place", "day", ENTER, LEAVE)
    return Away(days.collect(), people.height)


def _month_begins(week: date) -> bool:
    """Whether finance asks for every sheet: the first of a month lies in the week."""
    return any((week + timedelta(days=number)).day == 1 for number in range(7))


def _micros(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY


def _micros_of(known: Known) -> int:
    return round(known.until.timestamp() * 1_000_000)
