"""Spending: expenses that a client pays for, from their entry until their bill is settled, beside their project and their bill."""

from typing import Final

import polars as pl

from controls.facts.bills import lines
from records.known import ENTER, LEAVE, Facts, Known

_EXPENSE: Final = ("person_id", "project_id", "incurred_on", "category", "amount", "currency", "receipt")
_PROJECT: Final = ("client_id", "contract_id", "starts_on", "ends_on")


def spending(known: Known) -> Facts:
    """Billable expenses until their bill is settled; `invoice_id` and `line_id` are empty while an expense waits to be billed.

    An expense is billed by the line that it names or that names it. `client_id`, `contract_id`, `project_starts_on` and
    `project_ends_on` are its project's; `day` is the day on which it was incurred.
    """
    charged = pl.col("billable") & (pl.col("amount") != 0)
    waiting = known.facts("expense", until=("invoice_line_id",), take=(*_EXPENSE, "billable")).where(charged, name="waiting")
    told = known.facts("expense", after=("invoice_line_id",), take=(*_EXPENSE, "billable", "invoice_line_id")).where(charged, name="billed")
    named = Facts(told.name, told.frame.rename({"invoice_line_id": "line_id"}))
    bills = known.derived(lines).frame.select("line_id", "invoice_id", ENTER, LEAVE)
    billed = named.joined(Facts("bill_line", bills), on="line_id", take=("invoice_id",))
    both = Facts("spending", pl.concat([waiting.frame, billed.frame], how="diagonal"))
    projects = known.facts("project", take=_PROJECT)
    of_project = Facts(projects.name, projects.frame.rename({"starts_on": "project_starts_on", "ends_on": "project_ends_on"}))
    owned = both.joined(of_project, on="project_id", take=("client_id", "contract_id", "project_starts_on", "project_ends_on"))
    return Facts("spending", owned.frame.drop("billable").with_columns(day="incurred_on"))


def granted(known: Known) -> Facts:
    """Expenses from their approval on, with who approved them."""
    told = known.facts("expense", after=("approved_at",), take=("approver_id",))
    return Facts(told.name, told.frame.with_columns(approved=pl.lit(value=True)))
