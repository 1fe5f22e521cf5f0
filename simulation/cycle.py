"""The billing cycle: when the draft of a project's month is made, and when it is issued and sent."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from simulation.days import DAY_MICROS, next_workday
from simulation.draws import Ints
from simulation.naming import named
from simulation.plan import Plan

INVOICE_ID: Final = named("I{}-{}", pl.col("project").cast(pl.String).str.zfill(6), pl.col("month").cast(pl.String).str.zfill(3))
SECOND_PART: Final = 1000
"""Added to the month of the second of two invoices into which one draft was split."""


@dataclass(frozen=True)
class Cycle:
    drafted_at: Ints
    issued_on: Ints
    sent_at: Ints


def drafted_at(plan: Plan, project: Ints, month: Ints) -> Ints:
    """Microseconds: one to six working days after the month, in office hours; a pure function of its arguments."""
    closed = plan.months_first[month % SECOND_PART + 1]
    day = next_workday(closed + 2, plan.draws.whole(1, 5, "draft.drafted", project, month))
    return day * DAY_MICROS + plan.draws.whole(8 * 3600, 18 * 3600, "draft.hour", project, month) * 1_000_000


def cycle(plan: Plan, project: Ints, month: Ints) -> Cycle:
    made = drafted_at(plan, project, month)
    issued = next_workday(made // DAY_MICROS, plan.draws.whole(1, 6, "draft.review", project, month))
    sent = issued * DAY_MICROS + plan.draws.whole(9 * 3600, 17 * 3600, "draft.sent", project, month) * 1_000_000
    return Cycle(made, np.asarray(issued), np.asarray(sent))
