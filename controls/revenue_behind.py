"""Revenue behind delivery: the books and the work of a month tell two stories."""

from typing import Final

from controls.control import control
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.recognition import parted
from records.known import Facts, Known

SHARE: Final = Tolerance(
    "share", 0.25, "share of the larger", "Time still to be entered, and what is not charged of it, move a fifth; a quarter is asked about."
)


@control(
    entity="revenue_schedule",
    severity="warning",
    family="revenue",
    unit="money",
    rests_on="revenue_schedule",
    owner_role="delivery_lead",
    tolerances=(SHARE,),
)
def revenue_behind(known: Known, terms: Terms) -> Facts:
    """Less revenue was recognised for a month than its work is worth.

    Fires: 7,000.00 recognised for work of 10,000.00, until six weeks after it was recognised.
    Silent: a difference of a quarter of the larger; revenue that is not recognised by time, or not by whole months.
    Rests on: the schedule's row and the billable time of its month at its own rates.
    Clears: correct what was recognised, or enter the time that is missing.
    """
    return parted(known, terms, more="worth", less="recognized_amount")
