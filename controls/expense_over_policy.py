"""Expense over policy: dearer than the client pays."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import GUIDELINE, Terms, Tolerance
from controls.facts.spending import spending
from controls.facts.words import plain
from records.known import Facts, Known

LIMIT: Final = Tolerance("limit", 0.0, "money", "A guideline that names a category and no limit means that the client pays nothing of it.")
CATEGORY: Final = Tolerance("of_category", "", "category, empty for all", "A guideline without a category is about every expense.")


@control(entity="expense", severity="error", family="expenses", unit="money", rests_on="billing_guideline", tolerances=(LIMIT, CATEGORY))
def expense_over_policy(known: Known, terms: Terms) -> Facts:
    """An expense is dearer than the client's guideline allows.

    Fires: lodging of 240.00 for a client that pays 180.00.
    Silent: lodging of 180.00; another category; a client without such a guideline.
    Rests on: the client's guideline of this name.
    Clears: bill the amount that the client pays, or ask for an exception and record it.
    """
    ruled = terms.ruled(known.derived(spending), day="day")
    meant = (pl.col("of_category") == "") | (pl.col("of_category") == pl.col("category"))
    found = ruled.where(meant & (pl.col("amount") > pl.col("limit")), name="over")
    return Facts(
        found.name,
        found.frame.with_columns(
            expected=plain(pl.col("limit")),
            found=plain(pl.col("amount")),
            difference=pl.col("amount") - pl.col("limit"),
            rests_on_id=GUIDELINE,
        ),
    )
