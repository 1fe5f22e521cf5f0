"""Drafts: one a project and month that has lines, with what the firm knows of it and what it does not (the client's satisfaction)."""

from typing import Final

import numpy as np
import polars as pl

from simulation.cycle import cycle
from simulation.days import DAY_MICROS
from simulation.lines import ADJUSTMENT, EXPENSE, TIME
from simulation.people import Staff, holder_on
from simulation.places import PLACES
from simulation.plan import Plan
from simulation.projects import Portfolio
from simulation.rates import RateCards

CANCELLED: Final = 0.008
"""Share of drafts that are never issued."""
STALE_DAYS: Final = 200
"""Days after a cut in rates during which a draft may still be made with the old card."""
SATISFACTION_PERSISTENCE: Final = 0.85
SATISFACTION_REACH: Final = 18
"""Months after which an AR(1) of that persistence has forgotten 95 %."""


def drafts_of(
    plan: Plan, *, clients: pl.DataFrame, crew: Staff, book: Portfolio, cards: RateCards, lines: pl.DataFrame, orders: pl.DataFrame
) -> pl.DataFrame:
    kinds = {"has_time": TIME, "has_expense": EXPENSE, "has_cap": ADJUSTMENT}
    has = {name: (pl.col("kind") == kind).any() for name, kind in kinds.items()}
    drafts = lines.group_by("project", "month").agg(**has).sort("month", "project")
    drafts = drafts.join(
        book.projects.select("project", "contract", "client", "manager", "currency"), on="project", how="left", maintain_order="left"
    )
    drafts = drafts.join(
        book.contracts.select("contract", "terms_days", "po_required", "po"), on="contract", how="left", maintain_order="left"
    )
    project, month, contract = (drafts[name].to_numpy() for name in ("project", "month", "contract"))
    billing = cycle(plan, project, month)
    drafter = holder_on(crew.seats, drafts["manager"].to_numpy(), billing.drafted_at // DAY_MICROS)
    preparer = np.where(drafter < 0, drafts["manager"].to_numpy(), drafter)
    place = clients["place"].to_numpy()[drafts["client"].to_numpy()]
    since_cut = plan.months_first[month + 1] - cards.cut_on[contract]
    columns = {
        "drafted_at": billing.drafted_at,
        "issued": billing.issued_on,
        "sent_at": billing.sent_at,
        "cancelled": plan.draws.chance(CANCELLED, "draft.cancelled", project, month),
        "due": billing.issued_on + drafts["terms_days"].to_numpy(),
        "preparer": preparer,
        "tax_rate": np.array([each.tax_rate for each in PLACES])[place],
        "entity": np.array([each.entity for each in PLACES])[place],
        "opens": plan.months_first[month],
        "closes": plan.months_first[month + 1] - 1,
        "satisfaction": _satisfaction(plan, drafts),
        "recent_cut": (since_cut > 0) & (since_cut < STALE_DAYS),
        "po": _order(drafts.with_columns(day=pl.Series(billing.drafted_at // DAY_MICROS)), orders),
        "sloppiness": crew.people.sort("person")["sloppiness"].to_numpy()[preparer],
    }
    return drafts.with_columns(pl.Series(name, values) for name, values in columns.items())


def _order(drafts: pl.DataFrame, orders: pl.DataFrame) -> pl.Series:
    """The number of the purchase order that was the contract's on the day of drafting."""
    asked = drafts.select("contract", "po", "day").with_row_index("row").sort("day")
    named = orders.with_columns(day=pl.col("signed") + 1).select("contract", "number", "day").sort("day")
    found = asked.join_asof(named, on="day", by="contract", strategy="backward", check_sortedness=False).sort("row")
    return found.select(pl.coalesce("number", "po")).to_series()


def _satisfaction(plan: Plan, drafts: pl.DataFrame) -> np.ndarray:
    """How content the client is with the project: AR(1), standard normal in the long run."""
    project, month = drafts["project"].to_numpy(), drafts["month"].to_numpy()
    shocks = [
        SATISFACTION_PERSISTENCE**lag * plan.draws.normal("project.satisfaction", project, month - lag) for lag in range(SATISFACTION_REACH)
    ]
    return np.asarray(np.sqrt(1 - SATISFACTION_PERSISTENCE**2) * np.sum(shocks, axis=0))
