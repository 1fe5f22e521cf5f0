"""Expenses of people on projects: what was spent, whether there is a receipt, when it was entered and approved."""

from typing import Final

import numpy as np
import polars as pl

from simulation.cycle import SECOND_PART, drafted_at
from simulation.days import DAY_MICROS, HOUR_MICROS
from simulation.naming import named
from simulation.people import person_id
from simulation.places import UNITS_PER_EURO
from simulation.plan import Plan
from simulation.projects import FIXED_FEE, project_id
from simulation.timesheets import Office

CATEGORIES: Final = ("travel", "lodging", "materials")
SHARE: Final = (0.16, 0.10, 0.05)
"""Chance that a person has such an expense on a project in a month."""
MEDIAN_CENTS: Final = (28_000, 24_000, 15_000)
"""Euro cents."""
WITHOUT_RECEIPT: Final = 0.06


def expenses(plan: Plan, done: pl.DataFrame) -> pl.DataFrame:
    """One row an expense, from the effort by project, person and month; `month`: the invoice it goes on, or would."""
    parts = []
    ordered = done.sort("month", "project", "person")
    key = [ordered[name].to_numpy() for name in ("project", "month", "person")]
    units = ordered["currency"].replace_strict(UNITS_PER_EURO, return_dtype=pl.Float64).to_numpy()
    draws = plan.draws
    for number, (share, median) in enumerate(zip(SHARE, MEDIAN_CENTS, strict=True)):
        amount = np.round(draws.lognormal(median, 0.6, "expense.amount", *key, number) * units / 10).astype(np.int64) * 10
        span = (ordered["last_on"] - ordered["first_on"]).to_numpy() + 1
        incurred = ordered["first_on"].to_numpy() + (draws.uniform("expense.day", *key, number) * span).astype(np.int64)
        entered = (
            incurred * DAY_MICROS + np.round(draws.lognormal(70, 0.8, "expense.entered", *key, number) * 3600).astype(np.int64) * 1_000_000
        )
        approved = entered + np.round(draws.lognormal(40, 0.8, "expense.approved", *key, number) * 3600).astype(np.int64) * 1_000_000
        receipt = np.array(["present", "missing"])[draws.chance(WITHOUT_RECEIPT, "expense.receipt", *key, number).astype(np.int64)]
        table = ordered.select("project", "month", "person", "currency", "contract_kind").with_columns(
            category=pl.lit(number),
            amount=pl.lit(pl.Series(amount)),
            incurred=pl.lit(pl.Series(incurred)),
            entered=pl.lit(pl.Series(entered)),
            approved=pl.lit(pl.Series(approved)),
            receipt=pl.lit(pl.Series(receipt)),
        )
        parts.append(table.filter(pl.lit(pl.Series(draws.chance(share, "expense.spent", *key, number)))))
    return pl.concat(parts).with_columns(billed=pl.col("contract_kind") != FIXED_FEE)


def expense_line_id() -> pl.Expr:
    return named("LE{}-{}-{}-{}", "project", "month", "person", "category")


def expense_id() -> pl.Expr:
    """The same for an expense whose line went to the second half of a split draft."""
    return named("E{}-{}-{}-{}", "project", pl.col("month") % SECOND_PART, "person", "category")


def export_expenses(plan: Plan, found: pl.DataFrame, office: Office) -> pl.DataFrame:
    drafted = drafted_at(plan, found["project"].to_numpy(), found["month"].to_numpy())
    shown = pl.col("billed") & pl.lit(pl.Series(drafted <= (plan.last_known + 1) * DAY_MICROS))
    project, person = found["project"].to_numpy(), found["person"].to_numpy()
    approver = office.approver(project, person=person, day=found["approved"].to_numpy() // DAY_MICROS)
    return found.with_columns(pl.Series("approver", approver)).select(
        "amount",
        "currency",
        "receipt",
        expense_id=expense_id(),
        person_id=person_id("person"),
        project_id=project_id("project"),
        incurred_on="incurred",
        category=pl.col("category").replace_strict(dict(enumerate(CATEGORIES)), return_dtype=pl.String),
        billable="billed",
        entered_at="entered",
        submitted_at=pl.col("entered") + HOUR_MICROS,
        approved_at="approved",
        approver_id=person_id("approver"),
        invoice_line_id=pl.when(shown).then(expense_line_id()),
    )
