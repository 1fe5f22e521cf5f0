"""Milestone not billed: earned, and forgotten."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.waiting import older_than
from controls.facts.words import plain
from records.known import Facts, Known

DAYS: Final = Tolerance("days", 45, "days", "A milestone goes on the bill of its month, which is drafted within the month after it.")


@control(entity="milestone", severity="error", family="milestones", unit="money", rests_on="milestone", tolerances=(DAYS,))
def milestone_not_billed(known: Known, terms: Terms) -> Facts:
    """The client has accepted a milestone, and no bill has it.

    Fires: a milestone of 10,000.00 accepted on 3 January and on no bill at the end of February.
    Silent: a milestone on a draft; one that was accepted lately; one without an amount.
    Rests on: the milestone and its acceptance.
    Clears: bill it.
    """
    owed = known.facts(
        "milestone", after=("accepted_on",), until=("invoice_id",), take=("project_id", "amount", "currency", "accepted_on")
    ).where(pl.col("amount") > 0, name="owed")
    owned = owed.joined(known.facts("project", take=("client_id", "contract_id")), on="project_id", take=("client_id", "contract_id"))
    found = older_than(terms.on(owned, day="accepted_on"), day="accepted_on", days="days")
    return Facts(found.name, found.frame.with_columns(expected=plain(pl.col("amount")), difference="amount", rests_on_id="milestone_id"))
