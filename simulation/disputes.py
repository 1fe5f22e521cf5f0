"""Disputes: how likely each draft is to be disputed if it is sent as it stands, which are, why, and how they end."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from simulation.days import DAY_MICROS, NEVER
from simulation.draws import Floats, Ints
from simulation.drift import price_wave
from simulation.faults import KINDS
from simulation.mechanisms.catalog import MECHANISMS
from simulation.plan import Plan, Traits

CLEAN_REASONS: Final = ("PRI", "QTY", "REF", "DEL", "QUA", "OTH")
CLEAN_WEIGHTS: Final = (0.36, 0.28, 0.09, 0.07, 0.14, 0.06)
OUTCOMES: Final = ("upheld", "partly", "rejected", "withdrawn")
CREDITED: Final = (1.0, 0.5, 0.0, 0.0)
"""Share of the disputed amount that each outcome credits."""
WITH_FAULT: Final = (0.55, 0.28, 0.10, 0.07)
WITHOUT_FAULT: Final = (0.14, 0.32, 0.36, 0.18)
USUAL_CENTS: Final = 600_000
"""Net amount of an ordinary invoice."""
CLEAN_WEIGHT: Final = 0.6
"""Weight of a reason that lies in no error, against the weights of the errors."""


@dataclass(frozen=True)
class Course:
    """By draft, in the order of the drafts."""

    base: Floats
    weights: Floats
    probability: Floats
    level: Floats
    """The draw that decides: disputed when it lies below the probability, with an error or without it."""
    raised: pl.DataFrame
    """Columns disputed, opened_on, if_opened_on, if_resolved_on, fault, reason, outcome, disputed_amount, credited."""


def course_of(
    plan: Plan, traits: Traits, *, drafts: pl.DataFrame, faults: pl.DataFrame, clients: pl.DataFrame, lines: pl.DataFrame
) -> Course:
    base, weights = _log_odds(plan, traits, drafts, clients), _weights(drafts, faults)
    probability = MECHANISMS[plan.mechanism](base, weights)
    level = plan.draws.uniform("dispute.raised", drafts["project"].to_numpy(), drafts["month"].to_numpy())
    disputed = (level < probability) & ~drafts["cancelled"].to_numpy()
    return Course(base, weights, probability, level, _raised(plan, drafts, weights=weights, disputed=disputed, lines=lines))


def _log_odds(plan: Plan, traits: Traits, drafts: pl.DataFrame, clients: pl.DataFrame) -> Floats:
    """Of a dispute of each draft without its errors: strictness, contentment, size, a first invoice, new approvers."""
    client, month = drafts["client"].to_numpy(), drafts["month"].to_numpy() % 1000
    size = np.log(np.maximum(drafts["net"].to_numpy(), 1) / USUAL_CENTS)
    first = drafts.select(pl.col("month") == pl.col("month").min().over("client")).to_series().to_numpy()
    changed = plan.draws.chance(0.25, "client.approver_change", client, month // 6)
    odds = traits.dispute_level + 0.7 * clients["strictness"].to_numpy()[client] - 0.6 * drafts["satisfaction"].to_numpy()
    wave = price_wave(plan, clients["segment"].to_list(), month=month, client=client)
    return np.asarray(odds + 0.25 * np.clip(size, -3, 3) + 0.5 * first + 0.5 * changed + wave)


def _weights(drafts: pl.DataFrame, faults: pl.DataFrame) -> Floats:
    """Drafts x kinds of error: what each adds to the log odds."""
    at = faults.join(drafts.select("project", "month").with_row_index("row"), on=("project", "month"))
    weights = np.zeros((len(drafts), len(KINDS)))
    fault = at["fault"].to_numpy()
    np.maximum.at(weights, (at["row"].to_numpy(), fault), np.array([kind.weight for kind in KINDS])[fault] * at["severity"].to_numpy())
    return weights


def _raised(plan: Plan, drafts: pl.DataFrame, *, weights: Floats, disputed: np.ndarray, lines: pl.DataFrame) -> pl.DataFrame:
    key = (drafts["project"].to_numpy(), drafts["month"].to_numpy())
    opened = drafts["sent_at"].to_numpy() // DAY_MICROS + _lag(plan, *key, name="opened", median=11.0, sigma=0.55, longest=60)
    resolved = opened + _lag(plan, *key, name="resolved", median=16.0, sigma=0.7, longest=150)
    fault, draws = _cause(plan, weights, key), plan.draws
    outcome = np.where(fault >= 0, draws.pick(WITH_FAULT, "dispute.outcome", *key), draws.pick(WITHOUT_FAULT, "dispute.outcome", *key))
    clean = np.array(CLEAN_REASONS)[draws.pick(CLEAN_WEIGHTS, "dispute.reason", *key)]
    over, gross = _overcharged(drafts, lines, fault), drafts["gross"].to_numpy()
    share = np.round(gross * draws.between(0.08, 0.6, "dispute.share", *key)).astype(np.int64)
    amount = np.where(over > 0, np.minimum(over, gross), share)
    return pl.DataFrame(
        {
            "disputed": disputed,
            "opened_on": np.where(disputed, opened, NEVER),
            "if_opened_on": opened,
            "if_resolved_on": resolved,
            "fault": fault,
            "reason": np.where(fault >= 0, np.array([kind.reason for kind in KINDS])[fault], clean),
            "outcome": np.array(OUTCOMES)[outcome],
            "disputed_amount": amount,
            "credited": np.round(amount * np.array(CREDITED)[outcome] * disputed).astype(np.int64),
        }
    )


def _lag(plan: Plan, project: Ints, month: Ints, *, name: str, median: float, sigma: float, longest: int) -> Ints:
    days = plan.draws.lognormal(median, sigma, f"dispute.{name}", project, month)
    return np.clip(np.round(days), 1, longest).astype(np.int64)


def _cause(plan: Plan, weights: Floats, key: tuple[Ints, Ints]) -> Ints:
    """The error that the client names, drawn in proportion to what each adds; -1 when it is none of them."""
    share = np.concatenate([np.full((len(weights), 1), CLEAN_WEIGHT), weights], axis=1).cumsum(axis=1)
    level = plan.draws.uniform("dispute.cause", *key)[:, None] * share[:, -1:]
    return np.asarray((share <= level).sum(axis=1) - 1, dtype=np.int64)


def _overcharged(drafts: pl.DataFrame, lines: pl.DataFrame, fault: Ints) -> Ints:
    """Cents, with tax, by which the error that the client names has made the draft dearer; 0 for one that only concerns its form."""
    extra = lines.group_by("project", "month", "fault").agg(over=(pl.col("net") - pl.col("clean_net")).sum())
    named = drafts.select("project", "month", "tax_rate", fault=pl.lit(pl.Series(fault)))
    found = named.join(extra, on=("project", "month", "fault"), how="left", maintain_order="left")
    return np.round((found["over"].fill_null(0) * (1 + found["tax_rate"])).to_numpy()).astype(np.int64)


def repaired(plan: Plan, course: Course, *, row: Ints, fault: Ints) -> Floats:
    """Probability of a dispute of the drafts in `row`, each with one error taken out and all else the same."""
    weights = course.weights[row].copy()
    weights[np.arange(len(row)), fault] = 0.0
    return MECHANISMS[plan.mechanism](course.base[row], weights)
