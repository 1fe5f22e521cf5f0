"""Leave, sickness and training: what is registered, and on which days a person is away."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from simulation.days import DAY_MICROS, HOUR_MICROS
from simulation.draws import Flags, Ints
from simulation.naming import named
from simulation.people import person_id
from simulation.plan import Plan

KINDS: Final = ("leave", "sick", "training")
PER_MONTH: Final = np.array(
    [
        [0.22, 0.22, 0.25, 0.35, 0.30, 0.35, 0.50, 0.60, 0.25, 0.25, 0.22, 0.55],
        [0.28, 0.30, 0.24, 0.18, 0.14, 0.12, 0.10, 0.10, 0.16, 0.22, 0.26, 0.26],
        [0.05, 0.06, 0.06, 0.05, 0.05, 0.05, 0.02, 0.02, 0.07, 0.07, 0.06, 0.02],
    ]
)
"""Chance that a person begins such an absence in a calendar month, by kind and month."""
LONGEST: Final = (12, 5, 3)
"""Calendar days."""
UNREGISTERED: Final = 0.12
"""Share of sick days that reach the register only afterwards."""


@dataclass(frozen=True)
class Absences:
    episodes: pl.DataFrame
    away: Flags
    """People x days of the horizon."""


def absences(plan: Plan, people: pl.DataFrame) -> Absences:
    ordered = people.sort("person")
    person = ordered["person"].to_numpy()
    parts = [_episodes(plan, person, month=month, kind=kind) for month in range(plan.months) for kind in range(len(KINDS))]
    episodes = pl.concat(parts).join(ordered.select("person", "hired", "left"), on="person")
    episodes = episodes.filter((pl.col("starts") >= pl.col("hired")) & (pl.col("starts") < pl.col("left"))).sort("person", "starts", "kind")
    away = np.zeros((len(person), plan.end - plan.first + 40), dtype=bool)
    row, first, length = (episodes[name].to_numpy() for name in ("person", "starts", "length"))
    for offset in range(max(LONGEST)):
        still = offset < length
        away[row[still], first[still] - plan.first + offset] = True
    return Absences(episodes, away[:, : plan.end - plan.first])


def _episodes(plan: Plan, person: Ints, *, month: int, kind: int) -> pl.DataFrame:
    draws, key = plan.draws, (person, month, kind)
    chance = PER_MONTH[kind, (plan.start.month - 1 + month) % 12]
    begins = draws.chance(chance, "absence.begins", *key)
    length = draws.whole(1, LONGEST[kind], "absence.length", *key)
    starts = plan.months_first[month] + draws.whole(0, 27, "absence.starts", *key)
    late = draws.chance(UNREGISTERED, "absence.late", *key)
    before = draws.whole(5, 70, "absence.registered", *key)
    registered = np.where(kind == 1, starts + late * (length + 2), starts - before)
    table = pl.DataFrame({"person": person, "month": month, "kind": kind, "starts": starts, "length": length, "registered": registered})
    return table.filter(pl.lit(begins))


def export_absences(found: Absences) -> pl.DataFrame:
    return found.episodes.select(
        absence_id=named("B{}-{}-{}", "person", "month", "kind"),
        person_id=person_id("person"),
        starts_on="starts",
        ends_on=pl.col("starts") + pl.col("length") - 1,
        minutes_per_day=pl.lit(480),
        kind=pl.col("kind").replace_strict(dict(enumerate(KINDS)), return_dtype=pl.String),
        registered_at=pl.col("registered") * DAY_MICROS + 9 * HOUR_MICROS,
    )
