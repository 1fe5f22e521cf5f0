"""Drafts and their lines as they should be, from the work of a month; what goes wrong with them is in faults.py and spoiling.py."""

from typing import Final

import numpy as np
import polars as pl

from simulation.days import HOUR_MICROS, next_workday, years_since
from simulation.people import Staff, holder_on
from simulation.places import PLACES, UNITS_PER_EURO
from simulation.plan import Plan, Traits
from simulation.projects import FIXED_FEE, RETAINER, Portfolio, rate_cents

TIME, EXPENSE, MILESTONE, RETAINER_LINE = 0, 1, 2, 3
LINE_KINDS: Final = ("time", "expense", "milestone", "retainer", "adjustment")
CATEGORIES: Final = ("travel", "lodging", "materials")
CATEGORY_SHARE: Final = (0.16, 0.10, 0.05)
"""Share of person-months on a project with such an expense."""
CATEGORY_CENTS: Final = (28_000, 24_000, 15_000)
"""Median in euro cents."""
CANCELLED: Final = 0.008
"""Share of drafts that are never issued."""


def lines_of(plan: Plan, traits: Traits, *, book: Portfolio, work: pl.DataFrame) -> pl.DataFrame:
    """One row a line: project, month, kind, person, role, task, minutes, price, net (cents of the project's currency)."""
    priced = _priced(plan, traits, book=book, work=work)
    hourly = priced.filter(~pl.col("contract_kind").is_in([FIXED_FEE, RETAINER])).with_columns(kind=pl.lit(TIME))
    lump = (
        priced.filter(pl.col("contract_kind").is_in([FIXED_FEE, RETAINER]))
        .group_by("project", "month")
        .agg(pl.col("contract_kind", "currency").first(), net=(pl.col("net").sum() / 50_000).round() * 50_000)
        .filter(pl.col("net") > 0)
        .with_columns(
            kind=pl.when(pl.col("contract_kind") == RETAINER).then(RETAINER_LINE).otherwise(MILESTONE), net=pl.col("net").cast(pl.Int64)
        )
    )
    lines = pl.concat([hourly, lump, _expenses(plan, priced)], how="diagonal_relaxed")
    return lines.select("project", "month", "kind", "person", "role", "task", "minutes", "price", "net", "category", "first_on", "last_on")


def _priced(plan: Plan, traits: Traits, *, book: Portfolio, work: pl.DataFrame) -> pl.DataFrame:
    known = book.projects.select("project", "contract", "currency", contract_kind="kind")
    priced = work.join(known, on="project").join(book.contracts.select("contract", "discount"), on="contract")
    price = rate_cents(
        traits,
        role=priced["role"].to_numpy(),
        discount=priced["discount"].to_numpy(),
        currency=priced["currency"].to_list(),
        year=years_since(priced["first_on"].to_numpy(), plan.first),
    )
    return priced.with_columns(price=price, net=np.round(price * priced["minutes"].to_numpy() / 60).astype(np.int64))


def _expenses(plan: Plan, priced: pl.DataFrame) -> pl.DataFrame:
    parts = []
    for number, (share, median) in enumerate(zip(CATEGORY_SHARE, CATEGORY_CENTS, strict=True)):
        key = [priced[name].to_numpy() for name in ("project", "month", "person")]
        spent = plan.draws.chance(share, "expense.spent", *key, number)
        units = np.array([UNITS_PER_EURO[each] for each in priced["currency"].to_list()])
        amount = np.round(plan.draws.lognormal(median, 0.6, "expense.amount", *key, number) * units).astype(np.int64)
        rows = priced.with_columns(kind=pl.lit(EXPENSE), net=amount, category=pl.lit(number), price=None, minutes=None)
        parts.append(rows.filter(pl.lit(spent) & (pl.col("contract_kind") != FIXED_FEE)))
    return pl.concat(parts)


def drafts_of(plan: Plan, *, clients: pl.DataFrame, staff: Staff, book: Portfolio, lines: pl.DataFrame) -> pl.DataFrame:
    """One row a (project, month) that is billed: who drafted it and when, when it was issued and sent, due; hidden satisfaction."""
    has = {
        name: (pl.col("kind") == kind).any() for name, kind in (("has_time", TIME), ("has_expense", EXPENSE), ("has_milestone", MILESTONE))
    }
    drafts = lines.group_by("project", "month").agg(**has).sort("month", "project")
    drafts = drafts.join(book.projects.select("project", "contract", "client", "manager", "currency"), on="project", how="left")
    drafts = drafts.join(
        book.contracts.select("contract", "terms_days", "po_required", "po"), on="contract", how="left", maintain_order="left"
    )
    project, month = drafts["project"].to_numpy(), drafts["month"].to_numpy()
    draws, closed = plan.draws, plan.months_first[month + 1]
    drafted_on = next_workday(closed, draws.whole(1, 6, "draft.drafted", project, month))
    issued = next_workday(drafted_on, draws.whole(1, 6, "draft.review", project, month))
    drafter = holder_on(staff.seats, drafts["manager"].to_numpy(), drafted_on)
    place = clients["place"].to_numpy()[drafts["client"].to_numpy()]
    return drafts.with_columns(
        drafted_at=drafted_on * 24 * HOUR_MICROS + draws.whole(8 * 3600, 18 * 3600, "draft.hour", project, month) * 1_000_000,
        issued=issued,
        sent_at=issued * 24 * HOUR_MICROS + draws.whole(9 * 3600, 17 * 3600, "draft.sent", project, month) * 1_000_000,
        cancelled=draws.chance(CANCELLED, "draft.cancelled", project, month),
        due=issued + drafts["terms_days"].to_numpy(),
        preparer=np.where(drafter < 0, drafts["manager"].to_numpy(), drafter),
        tax_rate=np.array([each.tax_rate for each in PLACES])[place],
        entity=pl.lit(np.array([each.entity for each in PLACES])[place]),
        opens=plan.months_first[month],
        closes=closed - 1,
        satisfaction=_satisfaction(plan, drafts),
        has_cap=pl.col("has_time"),
        sloppiness=staff.people.sort("person")["sloppiness"].to_numpy()[drafts["manager"].to_numpy()],
    )


def _satisfaction(plan: Plan, drafts: pl.DataFrame) -> pl.Series:
    """How content the client is with the project: AR(1), 0.85 a month, standard normal in the long run."""
    persistence, reach = 0.85, 18
    project, month = drafts["project"].to_numpy(), drafts["month"].to_numpy()
    shocks = [persistence**lag * plan.draws.normal("project.satisfaction", project, month - lag) for lag in range(reach)]
    return pl.Series(np.sqrt(1 - persistence**2) * np.sum(shocks, axis=0))
