"""Late entry: time that the client no longer accepts."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import GUIDELINE, Terms, Tolerance
from controls.facts.spans import beside, day_of
from controls.facts.work import work
from records.known import Facts, Known

DAYS: Final = Tolerance("days", 60, "days", "Clients that set a limit without a number usually mean two months, the commonest one stated.")


@control(entity="time_entry", severity="error", family="time", unit="days", rests_on="contract", tolerances=(DAYS,))
def late_entry(known: Known, terms: Terms) -> Facts:
    """Time was entered later than the client accepts.

    Fires: work of 3 March that was entered on 10 May for a client that takes 60 days.
    Silent: work entered on the last day allowed; a client and a contract that set no limit.
    Rests on: the client's guideline of this name, else the contract's cutoff.
    Clears: ask the client to accept it, or write it off.
    """
    told = known.facts("contract", take=("late_entry_cutoff_days",))
    taken = (day_of(pl.col("entered_at")) - pl.col("worked_on")).dt.total_days()
    # Below the shortest time that anybody allows nothing is late.
    cutoffs = told.frame.select(pl.col("late_entry_cutoff_days").min()).collect().to_series()
    least = pl.concat([cutoffs, terms.guidelines["days"].fill_null(int(DAYS.default))]).min()
    aged = Facts("aged", known.derived(work).frame.with_columns(taken=taken).filter(pl.col("taken") > pl.lit(least, dtype=pl.Int64)))
    ruled = terms.on(beside(aged, told, on="contract_id", take=("late_entry_cutoff_days",)), day="worked_on")
    own = pl.col(GUIDELINE).is_not_null()
    allowed = pl.when(own).then("days").otherwise("late_entry_cutoff_days")
    found = ruled.frame.filter(pl.col("taken") > allowed)
    return Facts(
        ruled.name,
        found.with_columns(
            expected=allowed.cast(pl.String),
            found=pl.col("taken").cast(pl.String),
            difference="value",
            rests_on_table=pl.when(own).then(pl.lit("billing_guideline")).otherwise(pl.lit("contract")),
            rests_on_id=pl.when(own).then(GUIDELINE).otherwise("contract_id"),
        ),
    )
