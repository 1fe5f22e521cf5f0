"""Time not approved: on a bill before anybody answered for it."""

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms
from controls.facts.spans import beside
from controls.facts.work import approved, work
from records.known import ENTER, LEAVE, Facts, Known


@control(entity="time_entry", severity="error", family="time", unit="text", rests_on="time_entry")
def time_not_approved(known: Known, terms: Terms) -> Facts:
    """Time is on a bill that nobody has approved.

    Fires: a day of work on a draft, submitted and not approved.
    Silent: approved time; time that is on no bill yet.
    Rests on: the time entry, which names no approval.
    Clears: have it approved, or take it off the bill.
    """
    del terms
    answered = known.derived(approved).frame.select("entry_id", "approver_id", "approved", ENTER, LEAVE)
    every = known.derived(work).frame.filter(pl.col("line_id").is_not_null())
    # Nearly all is approved before it is billed and stays so: only the rest is looked at piece by piece.
    begun = answered.select("entry_id", begun=pl.col(ENTER), ended=pl.col(LEAVE))
    sure = every.select("entry_id", ENTER, LEAVE).join(begun, on="entry_id")
    sure = sure.filter((pl.col("begun") <= pl.col(ENTER)) & (pl.col(LEAVE) <= pl.col("ended"))).select("entry_id", ENTER)
    billed = every.join(sure, on=["entry_id", ENTER], how="anti").collect().lazy()
    own = Facts("approved", answered.join(billed, on="entry_id", how="semi"))
    found = beside(Facts("billed", billed), own, on="entry_id", take=("approver_id", "approved")).where(
        pl.col("approved").is_null(), name="unapproved"
    )
    return Facts(found.name, found.frame.with_columns(difference="value", rests_on_id="entry_id"))
