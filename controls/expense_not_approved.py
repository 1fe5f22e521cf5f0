"""Expense not approved: on a bill before anybody answered for it."""

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms
from controls.facts.spans import beside
from controls.facts.spending import granted, spending
from records.known import Facts, Known


@control(entity="expense", severity="error", family="expenses", unit="text", rests_on="expense")
def expense_not_approved(known: Known, terms: Terms) -> Facts:
    """An expense is on a bill that nobody has approved.

    Fires: a hotel on a draft, submitted and not approved.
    Silent: an approved expense; an expense that is on no bill yet.
    Rests on: the expense, which names no approval.
    Clears: have it approved, or take it off the bill.
    """
    del terms
    billed = known.derived(spending).where(pl.col("line_id").is_not_null(), name="billed")
    found = beside(billed, known.derived(granted), on="expense_id", take=("approved",)).where(
        pl.col("approved").is_null(), name="unapproved"
    )
    return Facts(found.name, found.frame.with_columns(difference="amount", rests_on_id="expense_id"))
