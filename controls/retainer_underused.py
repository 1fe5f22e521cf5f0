"""Retainer underused: a client that pays for work that it does not get will ask why."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.retainers import retained
from controls.facts.words import plain
from records.known import Facts, Known

SHARE: Final = Tolerance(
    "share", 0.5, "share of the retainer", "Half of what is paid for is what clients begin to ask about; a slow month is not."
)


@control(
    entity="contract",
    severity="notice",
    family="retainers",
    unit="money",
    rests_on="contract",
    owner_role="delivery_lead",
    tolerances=(SHARE,),
)
def retainer_underused(known: Known, terms: Terms) -> Facts:
    """The work of a month that is over is worth far less than the retainer pays.

    Fires: work of 3,000.00 in a month under a retainer of 10,000.00, from the month's end until six weeks after it.
    Silent: half of the retainer or more; a month that is not over; a month without any time.
    Rests on: the contract's retainer and the billable time of the month at its own rates.
    Clears: offer the client what is left of it, or agree on a lower retainer.
    """
    ended = known.derived(retained).since(pl.col("over"), name="ended")
    ruled = terms.on(ended, day="month")
    found = ruled.where(pl.col("total") < pl.col("retainer_amount_month") * pl.col("share"), name="under")
    return Facts(
        found.name,
        found.frame.with_columns(
            expected=plain(pl.col("retainer_amount_month")),
            found=plain(pl.col("total")),
            difference=pl.col("retainer_amount_month") - pl.col("total"),
            period=pl.col("month").cast(pl.String).str.head(7),
            rests_on_id="contract_id",
        ),
    )
