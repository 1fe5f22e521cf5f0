"""Milestone before acceptance: billed while the client has not said that it is done."""

import polars as pl

from controls.control import control
from controls.facts.bills import lines
from controls.facts.guidelines import Terms
from controls.facts.spans import beside
from records.known import Facts, Known


@control(entity="invoice_line", severity="error", family="milestones", unit="text", rests_on="milestone")
def milestone_before_acceptance(known: Known, terms: Terms) -> Facts:
    """A line bills a milestone that the client has not accepted.

    Fires: a line for "Design accepted" while no acceptance is recorded.
    Silent: a milestone that is accepted; a line that names no milestone.
    Rests on: the milestone, which names no acceptance.
    Clears: get the acceptance and record it, or bill the milestone later.
    """
    del terms
    billed = known.derived(lines).where(pl.col("milestone_id").is_not_null() & (pl.col("bill_kind") == "invoice"), name="milestones")
    told = known.facts("milestone", after=("accepted_on",), take=("accepted_on",))
    held = beside(billed, told, on="milestone_id", take=("accepted_on",))
    found = held.where(pl.col("accepted_on").is_null(), name="unaccepted")
    return Facts(found.name, found.frame.with_columns(difference="net_amount", rests_on_id="milestone_id"))
