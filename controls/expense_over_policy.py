"""Expense over policy: dearer than the client pays."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import GUIDELINE, Terms, Tolerance
from controls.facts.spans import beside, coalesced
from controls.facts.spending import spending
from controls.facts.words import plain
from records.known import ENTER, LEAVE, Facts, Known

LIMIT: Final = Tolerance("limit", 0.0, "money", "A guideline that names a category and no limit means that the client pays nothing of it.")
CATEGORY: Final = Tolerance("of_category", "", "category, empty for all", "A guideline without a category is about every expense.")


@control(entity="expense", severity="error", family="expenses", unit="money", rests_on="billing_guideline", tolerances=(LIMIT, CATEGORY))
def expense_over_policy(known: Known, terms: Terms) -> Facts:
    """An expense is dearer than the client's guideline allows.

    Fires: lodging of 240.00 for a client that pays 180.00.
    Silent: lodging of 180.00; another category; a client without such a guideline. A rule for the category goes before one for all.
    Rests on: the client's guideline of this name.
    Clears: bill the amount that the client pays, or ask for an exception and record it.
    """
    told = known.derived(spending)
    own = terms.each(Facts(told.name, told.frame.with_columns(of_category="category")), day="day", about=CATEGORY.name)
    every = terms.each(Facts(told.name, told.frame.with_columns(of_category=pl.lit(""))), day="day", about=CATEGORY.name)
    ruled = Facts(own.name, pl.concat([own.frame, _without(every, own).frame], how="diagonal"))
    found = ruled.where(pl.col("amount") > pl.col("limit"), name="over")
    return Facts(
        found.name,
        found.frame.with_columns(
            expected=plain(pl.col("limit")),
            found=plain(pl.col("amount")),
            difference=pl.col("amount") - pl.col("limit"),
            rests_on_id=GUIDELINE,
        ),
    )


def _without(every: Facts, own: Facts) -> Facts:
    """What a rule for every expense is about while no rule for the category is: the narrower one counts."""
    narrower = coalesced(Facts(own.name, own.frame.select("expense_id", ENTER, LEAVE, narrower=pl.lit(value=True))), by=["expense_id"])
    return beside(every, narrower, on="expense_id", take=("narrower",)).where(pl.col("narrower").is_null(), name="every")
