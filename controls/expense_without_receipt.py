"""Expense without receipt: reimbursed against proof alone."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import GUIDELINE, Terms, Tolerance
from controls.facts.spending import spending
from controls.facts.words import plain
from records.known import Facts, Known

FREE: Final = Tolerance("free_up_to", 25.0, "money", "Most policies, and most tax offices, ask for no receipt of small change.")


@control(entity="expense", severity="error", family="expenses", unit="money", rests_on="expense", tolerances=(FREE,))
def expense_without_receipt(known: Known, terms: Terms) -> Facts:
    """An expense that the client is to pay has no receipt.

    Fires: a train ticket of 80.00 whose receipt is missing.
    Silent: an expense with a receipt, or of a kind that needs none; small change.
    Rests on: the client's guideline of this name, else the expense itself.
    Clears: attach the receipt, or take the expense off the bill.
    """
    bare = known.derived(spending).where(pl.col("receipt") == "missing", name="bare")
    ruled = terms.on(bare, day="day")
    found = ruled.where(pl.col("amount").abs() > pl.col("free_up_to"), name="unproven")
    own = pl.col(GUIDELINE).is_not_null()
    return Facts(
        found.name,
        found.frame.with_columns(
            found=plain(pl.col("amount")),
            difference="amount",
            rests_on_table=pl.when(own).then(pl.lit("billing_guideline")).otherwise(pl.lit("expense")),
            rests_on_id=pl.when(own).then(GUIDELINE).otherwise("expense_id"),
        ),
    )
