"""The clients: what the firm sees of them, and what it does not (habit, spread, payment run, approval threshold, stress, strictness)."""

from typing import Final

import numpy as np
import polars as pl

from simulation.days import NEVER
from simulation.draws import Flags, Floats, Ints
from simulation.drift import stress_factor
from simulation.places import PLACES
from simulation.plan import TAIL_MONTHS, Plan, Traits

SEGMENTS: Final = ("industry", "public", "retail", "finance", "health", "software")
TERMS_DAYS: Final = (30, 14, 45, 60)
TERMS_WEIGHTS: Final = (0.60, 0.10, 0.15, 0.15)
RUN_DAYS: Final = (7, 15, 30)
RUN_WEIGHTS: Final = (0.45, 0.35, 0.20)
HABIT_SPREAD_DAYS: Final = 10.0
STRESS_ENTERS: Final = 0.02
STRESS_LEAVES: Final = 0.15
STRESS_DAYS: Final = 28.0
FORGETFUL, STRETCHED, TOUCHY = 0, 1, 2
"""Kinds of client by what a reminder does to them: it helps, it does nothing, it harms a little."""
INSOLVENCY_PER_STRESSED_MONTH: Final = 0.009
FALLING_SHARE: Final = 0.35
"""Share of clients, the smallest, that can fall: one large one would be the firm's own end."""
QUIET_MONTHS: Final = 3
"""Months at the start in which nobody falls, so that each has a history."""
_STEMS: Final = (
    "Alder",
    "Brook",
    "Calder",
    "Dane",
    "Elm",
    "Fjord",
    "Garnet",
    "Harbour",
    "Iris",
    "Juno",
    "Kestrel",
    "Linden",
    "Marlow",
    "Nord",
)
_TAILS: Final = ("Works", "Foods", "Logistics", "Energy", "Systems", "Care", "Textiles", "Partners", "Mobility", "Media", "Water", "Tools")


def market(plan: Plan, traits: Traits) -> pl.DataFrame:
    """One row a client, `client` = 0, 1, ...; money in whole euro cents, lengths of time in days."""
    draws, client = plan.draws, np.arange(plan.client_count, dtype=np.int64)
    place = draws.pick([place.weight for place in PLACES], "client.place", client)
    habit_mean = np.array([place.habit_days for place in PLACES])[place]
    size = draws.lognormal(1.0, 0.9, "client.size", client)
    habit, weight = habit_mean + HABIT_SPREAD_DAYS * draws.normal("client.habit", client), np.clip(size, 0.1, 4.0)
    run_days = np.array(RUN_DAYS)[draws.pick(RUN_WEIGHTS, "client.run_days", client)]
    return pl.DataFrame(
        {
            "client": client,
            "place": place,
            "currency": np.array([place.currency for place in PLACES])[place],
            "country": np.array([place.code for place in PLACES])[place],
            "name": _names(plan, client),
            "segment": np.array(SEGMENTS)[draws.pick([1.0] * len(SEGMENTS), "client.segment", client)],
            "terms_days": np.array(TERMS_DAYS)[draws.pick(TERMS_WEIGHTS, "client.terms", client)],
            "po_required": draws.chance(0.4, "client.po_required", client),
            "size": weight,
            "habit": habit - np.average(habit + run_days / 2, weights=weight) + traits.pays_after,
            "spread": draws.between(2.5, 6.0, "client.spread", client),
            "run_days": run_days,
            "run_phase": draws.whole(0, 29, "client.run_phase", client),
            "approval_cents": np.round(draws.lognormal(1_200_000, 0.5, "client.approval", client)).astype(np.int64),
            "strictness": draws.normal("client.strictness", client),
            "reacts": draws.pick((0.55, 0.35, 0.10), "client.reacts", client),
            "reachable": draws.between(0.35, 0.9, "client.reachable", client),
        }
    )


def _names(plan: Plan, client: Ints) -> list[str]:
    stem = plan.draws.pick([1.0] * len(_STEMS), "client.stem", client)
    tail = plan.draws.pick([1.0] * len(_TAILS), "client.tail", client)
    forms = ("GmbH", "Ltd", "Inc", "BV")
    legal = plan.draws.pick([1.0] * len(forms), "client.form", client)
    return [f"{_STEMS[s]} {_TAILS[t]} {number} {forms[f]}" for number, s, t, f in zip(client + 1, stem, tail, legal, strict=True)]


def stress_paths(plan: Plan) -> Flags:
    """Clients x months: whether cash is short, a two-state chain that starts from its stationary share."""
    client, months = np.arange(plan.client_count, dtype=np.int64), plan.months + TAIL_MONTHS
    paths = np.zeros((plan.client_count, months), dtype=bool)
    short = plan.draws.chance(STRESS_ENTERS / (STRESS_ENTERS + STRESS_LEAVES), "client.stress", client, -1)
    for month in range(months):
        level = plan.draws.uniform("client.stress", client, month)
        short = np.where(short, level >= STRESS_LEAVES, level < STRESS_ENTERS * stress_factor(plan, month))
        paths[:, month] = short
    return paths


def insolvency_days(plan: Plan, stress: Flags, size: Floats) -> Ints:
    """The day on which a client stops paying for good; only smaller clients, since one large one would be the firm's own end."""
    client = np.arange(plan.client_count, dtype=np.int64)[:, None]
    months = np.arange(stress.shape[1], dtype=np.int64)[None, :]
    falls = plan.draws.chance(INSOLVENCY_PER_STRESSED_MONTH, "client.insolvency", client, months) & stress
    falls &= (size < np.quantile(size, FALLING_SHARE))[:, None] & (months >= QUIET_MONTHS)
    first = plan.months_first[np.minimum(falls.argmax(axis=1), stress.shape[1] - 1)]
    return np.where(falls.any(axis=1), first + plan.draws.whole(0, 27, "client.insolvency_day", client[:, 0]), NEVER)
