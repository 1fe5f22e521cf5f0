"""Period already billed: a second bill for days that the client has a bill for."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.siblings import siblings
from controls.facts.spans import day_of
from records.known import Facts, Known

DAYS: Final = Tolerance(
    "together_days", 3, "days", "Bills of one period that are drafted within days of each other are parts of one (`split_bill`)."
)


@control(entity="invoice", severity="warning", family="billing", unit="date", rests_on="invoice", tolerances=(DAYS,))
def period_already_billed(known: Known, terms: Terms) -> Facts:
    """A bill is for days of a project that an earlier bill is for.

    Fires: a bill for March, drafted in May, of a project whose March was billed in April.
    Silent: the next month's bill; a bill whose earlier one was cancelled; two bills drafted together; bills that name no period.
    Rests on: the earlier bill.
    Clears: cancel one of the two, or correct the period.
    """
    told = known.derived(siblings)
    dated = Facts(told.name, told.frame.with_columns(drafted_on=day_of(pl.col("drafted"))))
    found = terms.on(dated, day="drafted_on").where(pl.col("days_apart") > pl.col("together_days"), name="again")
    return Facts(
        found.name,
        found.frame.with_columns(
            expected=pl.col("earlier_period_end_on").cast(pl.String),
            found=pl.col("period_start_on").cast(pl.String),
            difference="net_amount",
            rests_on_id="earlier_invoice_id",
        ),
    )
