"""Cap nearly reached: the time to talk to the client is before the work is done."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.spans import day_of
from controls.facts.totals import capped_fees, running
from controls.facts.words import plain
from records.known import ENTER, Facts, Known

SHARE: Final = Tolerance(
    "share", 0.9, "share of the cap", "A tenth of a cap is about a month of a year's work: the time that agreeing to a higher one takes."
)


@control(
    entity="contract",
    severity="notice",
    family="amounts",
    unit="money",
    rests_on="contract",
    owner_role="delivery_lead",
    tolerances=(SHARE,),
)
def cap_nearly_reached(known: Known, terms: Terms) -> Facts:
    """The fees billed under a contract come near its cap.

    Fires: 45,500.00 billed under a cap of 50,000.00.
    Silent: less than nine tenths of the cap; a cap that has been exceeded (`cap_exceeded`).
    Rests on: the contract's cap as it is known, and all its bills that are not cancelled.
    Clears: agree with the client on a higher cap and record it, or end the work that the cap does not cover.
    """
    billed = running(known.derived(capped_fees), by=("contract_id",), of="fees")
    contracts = known.facts("contract", take=("client_id", "currency", "cap_amount"))
    told = billed.joined(contracts, on="contract_id", take=("client_id", "currency", "cap_amount"))
    within = told.where(pl.col("total") <= pl.col("cap_amount"), name="within")
    ruled = terms.on(Facts(within.name, within.frame.with_columns(since=day_of(pl.col(ENTER)))), day="since")
    # To the engine's unit: 0.28 of 1,000.00 is a hair more than 280.00 in binary, and 280.00 has reached it.
    nearly = (pl.col("cap_amount") * pl.col("share")).round(0)
    near = ruled.frame.filter((pl.col("cap_amount") > 0) & (pl.col("total") >= nearly))
    return Facts(
        ruled.name,
        near.with_columns(
            expected=plain(pl.col("cap_amount")),
            found=plain(pl.col("total")),
            difference=pl.col("cap_amount") - pl.col("total"),
            rests_on_id="contract_id",
        ),
    )
