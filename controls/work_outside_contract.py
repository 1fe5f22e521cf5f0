"""Work outside the dates of the contract: nothing says that the client pays for it."""

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms
from controls.facts.spans import beside
from controls.facts.work import work
from records.known import Facts, Known


@control(entity="time_entry", severity="warning", family="time", unit="date", rests_on="contract")
def work_outside_contract(known: Known, terms: Terms) -> Facts:
    """Time was worked on a day that the contract does not cover.

    Fires: work on 10 January for a contract that ended on 31 December.
    Silent: work on the contract's first or last day; a contract without an end; a project without a contract.
    Rests on: the contract, as it was known.
    Clears: have the contract extended and recorded, or take the time off the bill.
    """
    del terms
    told = known.facts("contract", take=("starts_on", "ends_on"))
    dates = Facts(told.name, told.frame.rename({"starts_on": "contract_starts_on", "ends_on": "contract_ends_on"}))
    held = beside(known.derived(work), dates, on="contract_id", take=("contract_starts_on", "contract_ends_on"))
    early = pl.col("worked_on") < pl.col("contract_starts_on")
    found = held.where(early | (pl.col("worked_on") > pl.col("contract_ends_on")), name="outside_contract")
    border = pl.when(early).then("contract_starts_on").otherwise("contract_ends_on")
    return Facts(
        found.name,
        found.frame.with_columns(
            expected=border.cast(pl.String), found=pl.col("worked_on").cast(pl.String), difference="value", rests_on_id="contract_id"
        ),
    )
