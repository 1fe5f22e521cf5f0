"""The thirteen kinds of error that find their way into a draft: how often, how visible, and how much a client minds."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from simulation.draws import Floats
from simulation.drift import error_factor
from simulation.plan import Plan, Traits


@dataclass(frozen=True)
class Kind:
    name: str
    rate: float
    """Share of drafts of an ordinary preparer that carry it."""
    weight: float
    """Added to the log odds of a dispute at full severity."""
    visibility: float
    """How likely a person who looks at the draft can see it."""
    reason: str
    """The reason code that a client gives who finds it."""


KINDS: Final = (
    Kind("stale_rate", 0.045, 3.4, 0.8, "PRI"),
    Kind("wrong_grade", 0.025, 3.2, 0.7, "PRI"),
    Kind("duplicate", 0.015, 4.0, 0.9, "QTY"),
    Kind("out_of_period", 0.025, 2.0, 0.8, "QTY"),
    Kind("over_cap", 0.12, 4.2, 0.8, "PRI"),
    Kind("missing_po", 0.030, 2.8, 0.95, "REF"),
    Kind("unapproved_expense", 0.020, 2.6, 0.7, "QTY"),
    Kind("vague_text", 0.060, 1.8, 0.6, "QUA"),
    Kind("wrong_entity", 0.010, 2.6, 0.7, "REF"),
    Kind("milestone_unsigned", 0.020, 3.4, 0.6, "DEL"),
    Kind("rounding", 0.012, 1.6, 0.9, "PRI"),
    Kind("split", 0.008, 2.2, 0.5, "REF"),
    Kind("wrong_contact", 0.012, 1.4, 0.1, "OTH"),
)
KIND_NUMBER: Final = {kind.name: number for number, kind in enumerate(KINDS)}
MONTH_END_LOAD: Final = 1.35
"""Factor on errors in drafts of a quarter's last month, when most drafts are made at once."""
STALE_FACTOR: Final = 4.0
"""On the rate of stale rates while an amendment that cut them is fresh."""
SENSITIVITY: Final = 0.85
"""Share of visible errors that a careful look finds."""


def inject(plan: Plan, traits: Traits, drafts: pl.DataFrame) -> pl.DataFrame:
    """One row an error: project, month, fault, severity (0-1), visible. `drafts` needs project, month, sloppiness, po_required, has_*."""
    kind = np.arange(len(KINDS), dtype=np.int64)[None, :]
    project, month = (drafts[name].to_numpy()[:, None] for name in ("project", "month"))
    load = np.where((month + 1) % 3 == 0, MONTH_END_LOAD, 1.0) * drafts["sloppiness"].to_numpy()[:, None] * traits.sloppiness
    load = load * error_factor(plan, month)
    rate = 1 - np.exp(-np.array([each.rate for each in KINDS])[None, :] * load)
    hit = plan.draws.chance(rate * _possible(drafts), "fault.hit", project, month, kind)
    row, which = np.nonzero(hit)
    key = (project[row, 0], month[row, 0], which.astype(np.int64))
    visibility = np.array([each.visibility for each in KINDS])[which]
    return pl.DataFrame(
        {
            "project": key[0],
            "month": key[1],
            "fault": key[2],
            "severity": np.sqrt(plan.draws.uniform("fault.severity", *key)),
            "visible": plan.draws.chance(visibility, "fault.visible", *key),
        }
    )


def unsigned_milestones(plan: Plan, reached: pl.DataFrame) -> pl.DataFrame:
    """The errors that are already in the milestones: billed before the client has accepted."""
    early = reached.filter("unsigned").select("project", "month").unique(maintain_order=True)
    key = (early["project"].to_numpy(), early["month"].to_numpy(), KIND_NUMBER["milestone_unsigned"])
    return early.with_columns(
        fault=pl.lit(KIND_NUMBER["milestone_unsigned"], dtype=pl.Int64),
        severity=pl.lit(pl.Series(np.sqrt(plan.draws.uniform("fault.severity", *key)))),
        visible=pl.lit(pl.Series(plan.draws.chance(KINDS[KIND_NUMBER["milestone_unsigned"]].visibility, "fault.visible", *key))),
    )


def _possible(drafts: pl.DataFrame) -> Floats:
    """Drafts x kinds: 1 where a draft can carry the kind at all, such as a missing order number where one is required."""
    possible = np.ones((len(drafts), len(KINDS)))
    for name, needs in NEEDS.items():
        possible[:, KIND_NUMBER[name]] = drafts[needs].to_numpy()
    possible[:, KIND_NUMBER["milestone_unsigned"]] = 0.0
    possible[:, KIND_NUMBER["stale_rate"]] *= np.where(drafts["recent_cut"].to_numpy(), STALE_FACTOR, 1.0)
    return possible


NEEDS: Final = {
    "missing_po": "po_required",
    "stale_rate": "has_time",
    "wrong_grade": "has_time",
    "vague_text": "has_time",
    "out_of_period": "has_time",
    "duplicate": "has_time",
    "over_cap": "has_cap",
    "unapproved_expense": "has_expense",
}
