"""Approver is worker: whoever did the work cannot be the one who answers for it."""

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms
from controls.facts.work import approved, work
from records.known import Facts, Known


@control(entity="time_entry", severity="error", family="time", unit="text", rests_on="time_entry")
def approver_is_worker(known: Known, terms: Terms) -> Facts:
    """Time was approved by the person who worked it.

    Fires: an entry whose approver is its own person.
    Silent: an entry that somebody else approved, or that nobody has approved yet.
    Rests on: the approval that the time entry names.
    Clears: have somebody else approve it.
    """
    del terms
    held = known.derived(work).joined(known.derived(approved), on="entry_id", take=("approver_id",))
    found = held.where(pl.col("approver_id") == pl.col("person_id"), name="own")
    return Facts(found.name, found.frame.with_columns(found="approver_id", difference="value", rests_on_id="entry_id"))
