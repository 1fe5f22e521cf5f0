"""Split bill: one period on two bills at once, as is done to stay under a limit."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import GUIDELINE, Terms, Tolerance
from controls.facts.siblings import siblings
from controls.facts.spans import day_of
from controls.facts.words import plain
from records.known import Facts, Known

DAYS: Final = Tolerance(
    "together_days", 3, "days", "Parts of one bill are drafted in one go; more than a long weekend apart they are two bills."
)
LIMIT: Final = Tolerance(
    "limit", 0.0, "money", "Nought: two bills of one period are asked about whatever they come to; a client's own limit says when."
)


@control(entity="invoice", severity="warning", family="billing", unit="money", rests_on="invoice", tolerances=(DAYS, LIMIT))
def split_bill(known: Known, terms: Terms) -> Facts:
    """Two bills for the same days of a project were drafted together, each for a part.

    Fires: two bills for March of one project, drafted on one day; for a client with an approval limit, each below it and both above it.
    Silent: one bill; bills that come to no more than the client's limit together, or of which one is above it by itself.
    Rests on: the other bill, drafted first.
    Clears: make one bill of the two, or say on both what is on which and why.
    """
    told = known.derived(siblings)
    dated = Facts(
        told.name, told.frame.with_columns(drafted_on=day_of(pl.col("drafted")), both=pl.col("net_amount") + pl.col("earlier_net_amount"))
    )
    near = terms.on(dated, day="drafted_on").where(pl.col("days_apart") <= pl.col("together_days"), name="together")
    larger = pl.max_horizontal("net_amount", "earlier_net_amount")
    found = near.where((pl.col("limit") == 0) | ((larger <= pl.col("limit")) & (pl.col("both") > pl.col("limit"))), name="split")
    own = pl.col(GUIDELINE).is_not_null()
    return Facts(
        found.name,
        found.frame.with_columns(
            expected=pl.when(pl.col("limit") > 0).then(plain(pl.col("limit"))),
            found=plain(pl.col("both")),
            difference="net_amount",
            rests_on_table=pl.when(own).then(pl.lit("billing_guideline")).otherwise(pl.lit("invoice")),
            rests_on_id=pl.when(own).then(GUIDELINE).otherwise("earlier_invoice_id"),
        ),
    )
