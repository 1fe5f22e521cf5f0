"""Time not approved: on a bill before anybody answered for it."""

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms
from controls.facts.spans import beside
from controls.facts.work import approved, work
from records.known import Facts, Known


@control(entity="time_entry", severity="error", family="time", unit="text", rests_on="time_entry")
def time_not_approved(known: Known, terms: Terms) -> Facts:
    """Time is on a bill that nobody has approved.

    Fires: a day of work on a draft, submitted and not approved.
    Silent: approved time; time that is on no bill yet.
    Rests on: the time entry, which names no approval.
    Clears: have it approved, or take it off the bill.
    """
    del terms
    billed = known.derived(work).where(pl.col("line_id").is_not_null(), name="billed")
    found = beside(billed, known.derived(approved), on="entry_id", take=("approver_id", "approved")).where(
        pl.col("approved").is_null(), name="unapproved"
    )
    return Facts(found.name, found.frame.with_columns(difference="value", rests_on_id="entry_id"))
