"""Disputes: how likely each draft is to be disputed if it is sent as it stands, which are, why, and how they end."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from simulation.days import NEVER
from simulation.draws import Floats, Ints
from simulation.faults import KINDS
from simulation.plan import Plan, Traits

CLEAN_REASONS: Final = ("PRI", "QTY", "REF", "DEL", "QUA", "OTH")
CLEAN_WEIGHTS: Final = (0.34, 0.28, 0.09, 0.08, 0.14, 0.07)
OUTCOMES: Final = ("upheld", "partly", "rejected", "withdrawn")
WITH_FAULT: Final = (0.55, 0.28, 0.10, 0.07)
WITHOUT_FAULT: Final = (0.14, 0.32, 0.36, 0.18)


@dataclass(frozen=True)
class Disputed:
    """By draft, in the order of the drafts: probability, whether it would be disputed if sent, and the course that a dispute takes."""

    probability: Floats
    raised: pl.DataFrame
    """Columns disputed, opened_on, resolved_on, reason, outcome, fault, share (of the gross amount)."""


def log_odds(traits: Traits, drafts: pl.DataFrame, *, clients: pl.DataFrame) -> Floats:
    """Of a dispute of each draft without its errors: the client's strictness, how content it is, the size, a first invoice."""
    strictness = clients["strictness"].to_numpy()[drafts["client"].to_numpy()]
    size = np.log(np.maximum(drafts["net"].to_numpy(), 1) / 800_000)
    first = drafts.select(pl.col("month") == pl.col("month").min().over("client")).to_series().to_numpy()
    return np.asarray(traits.dispute_level + 0.7 * strictness - 0.6 * drafts["satisfaction"].to_numpy() + 0.25 * size + 0.5 * first)


def weights_of(drafts: pl.DataFrame, faults: pl.DataFrame) -> Floats:
    """Drafts x kinds of error: what each adds to the log odds."""
    row = drafts.select("project", "month").with_row_index("row")
    at = faults.join(row, on=("project", "month"))
    weights = np.zeros((len(drafts), len(KINDS)))
    fault = at["fault"].to_numpy()
    weights[at["row"].to_numpy(), fault] = np.array([kind.weight for kind in KINDS])[fault] * at["severity"].to_numpy()
    return weights


def disputes(plan: Plan, traits: Traits, *, drafts: pl.DataFrame, faults: pl.DataFrame, clients: pl.DataFrame) -> Disputed:
    base, weights = log_odds(traits, drafts, clients=clients), weights_of(drafts, faults)
    probability = 1 / (1 + np.exp(-(base + weights.sum(axis=1))))
    key = (drafts["project"].to_numpy(), drafts["month"].to_numpy())
    disputed = plan.draws.chance(probability, "dispute.raised", *key) & ~drafts["cancelled"].to_numpy()
    opened = drafts["sent_at"].to_numpy() // 86_400_000_000 + _lag(plan, *key, name="opened", median=11.0, sigma=0.55, longest=60)
    resolved = opened + _lag(plan, *key, name="resolved", median=16.0, sigma=0.7, longest=150)
    fault = _cause(plan, weights, base, key)
    outcome = np.where(
        fault >= 0, plan.draws.pick(WITH_FAULT, "dispute.outcome", *key), plan.draws.pick(WITHOUT_FAULT, "dispute.outcome", *key)
    )
    clean = np.array(CLEAN_REASONS)[plan.draws.pick(CLEAN_WEIGHTS, "dispute.reason", *key)]
    raised = pl.DataFrame(
        {
            "disputed": disputed,
            "opened_on": np.where(disputed, opened, NEVER),
            "if_opened_on": opened,
            "if_resolved_on": resolved,
            "fault": fault,
            "reason": np.where(fault >= 0, np.array([kind.reason for kind in KINDS])[fault], clean),
            "outcome": np.array(OUTCOMES)[outcome],
            "share": plan.draws.between(0.08, 0.6, "dispute.share", *key),
            "credited_share": np.array([1.0, 0.5, 0.0, 0.0])[outcome],
        }
    )
    return Disputed(probability, raised)


def _lag(plan: Plan, project: Ints, month: Ints, *, name: str, median: float, sigma: float, longest: int) -> Ints:
    days = plan.draws.lognormal(median, sigma, f"dispute.{name}", project, month)
    return np.clip(np.round(days), 1, longest).astype(np.int64)


def _cause(plan: Plan, weights: Floats, base: Floats, key: tuple[Ints, Ints]) -> Ints:
    """The error that the client names, drawn in proportion to what each adds; -1 when it is none of them."""
    share = np.concatenate([np.full((len(base), 1), 0.6), weights], axis=1).cumsum(axis=1)
    level = plan.draws.uniform("dispute.cause", *key)[:, None] * share[:, -1:]
    return np.asarray((share <= level).sum(axis=1) - 1, dtype=np.int64)
