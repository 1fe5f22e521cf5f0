"""Expense not billed: money laid out for a client and forgotten."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.spending import granted, spending
from controls.facts.waiting import older_than
from records.known import Facts, Known

DAYS: Final = Tolerance("days", 45, "days", "A month until the bill that it belongs on is drafted, and half a month for a late approval.")


@control(entity="expense", severity="warning", family="expenses", unit="days", rests_on="expense", tolerances=(DAYS,))
def expense_not_billed(known: Known, terms: Terms) -> Facts:
    """An approved expense that the client is to pay is on no bill.

    Fires: a hotel of 3 January, approved, and on no bill at the end of February.
    Silent: an expense that was incurred lately, or that nobody has approved; one that is on a bill.
    Rests on: the expense and its approval.
    Clears: put it on the next bill, or make it not billable.
    """
    waiting = known.derived(spending).where(pl.col("line_id").is_null(), name="waiting")
    held = waiting.joined(known.derived(granted), on="expense_id", take=("approver_id",))
    found = older_than(terms.on(held, day="day"), day="day", days="days")
    return Facts(
        found.name, found.frame.with_columns(expected=pl.col("days").cast(pl.String), difference="amount", rests_on_id="expense_id")
    )
