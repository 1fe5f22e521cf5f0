"""Expense approver is spender: whoever spent cannot be the one who answers for it."""

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms
from controls.facts.spending import granted, spending
from records.known import Facts, Known


@control(entity="expense", severity="error", family="expenses", unit="text", rests_on="expense")
def expense_approver_is_spender(known: Known, terms: Terms) -> Facts:
    """An expense was approved by the person who spent it.

    Fires: an expense whose approver is its own person.
    Silent: an expense that somebody else approved, or that nobody has approved yet.
    Rests on: the approval that the expense names.
    Clears: have somebody else approve it.
    """
    del terms
    held = known.derived(spending).joined(known.derived(granted), on="expense_id", take=("approver_id",))
    found = held.where(pl.col("approver_id") == pl.col("person_id"), name="own")
    return Facts(found.name, found.frame.with_columns(found="approver_id", difference="amount", rests_on_id="expense_id"))
