"""Retainer overused: work that the month's fee does not pay for."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.retainers import retained
from controls.facts.words import plain
from records.known import Facts, Known

SHARE: Final = Tolerance(
    "share", 1.2, "share of the retainer", "Months differ by a fifth either way; beyond it the fee and the work have parted."
)


@control(
    entity="contract",
    severity="warning",
    family="retainers",
    unit="money",
    rests_on="contract",
    owner_role="delivery_lead",
    tolerances=(SHARE,),
)
def retainer_overused(known: Known, terms: Terms) -> Facts:
    """The work of a month is worth well more than the retainer pays.

    Fires: work of 13,000.00 under a retainer of 10,000.00, in the month itself and until six weeks after it.
    Silent: work of up to a fifth more; a contract without a retainer.
    Rests on: the contract's retainer and the billable time of the month at its own rates.
    Clears: agree on a higher retainer or on what is billed beside it, or stop the work for the month.
    """
    ruled = terms.on(known.derived(retained), day="month")
    found = ruled.where(pl.col("total") > pl.col("retainer_amount_month") * pl.col("share"), name="over")
    return Facts(
        found.name,
        found.frame.with_columns(
            expected=plain(pl.col("retainer_amount_month")),
            found=plain(pl.col("total")),
            difference=pl.col("total") - pl.col("retainer_amount_month"),
            period=pl.col("month").cast(pl.String).str.head(7),
            rests_on_id="contract_id",
        ),
    )
