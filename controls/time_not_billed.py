"""Time not billed: work in progress that grows old on a project."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.spans import beside
from controls.facts.totals import running
from controls.facts.waiting import older_than
from controls.facts.words import plain
from controls.facts.work import approved, work
from records.known import Facts, Known

DAYS: Final = Tolerance(
    "days", 60, "days", "A month until the bill that it belongs on is drafted, and a month for it to be settled what goes on."
)


@control(
    entity="project",
    severity="warning",
    family="billing",
    unit="money",
    rests_on="project",
    owner_role="delivery_lead",
    tolerances=(DAYS,),
)
def time_not_billed(known: Known, terms: Terms) -> Facts:
    """Approved time of a project that is billed by the hour is old and on no bill.

    Fires: 40 hours of January, approved, and on no bill in April.
    Silent: time of the last two months; time on a draft; a project that is not billed by the hour.
    Rests on: the project and the approved entries of it that no bill has.
    Clears: bill the time, or make it not billable.
    """
    hourly = known.facts("project", take=("billing_method",)).where(pl.col("billing_method") == "time", name="hourly")
    waiting = known.derived(work).where(pl.col("line_id").is_null() & (pl.col("value") > 0), name="waiting")
    ready = waiting.joined(hourly, on="project_id", take=("billing_method",)).joined(known.derived(approved), on="entry_id", take=())
    old = older_than(terms.on(ready, day="day"), day="day", days="days")
    summed = running(old, by=("project_id", "client_id", "currency"), of="value")
    owned = beside(summed, known.facts("project", take=("contract_id",)), on="project_id", take=("contract_id",))
    return Facts(
        summed.name, owned.frame.with_columns(found=plain(pl.col("total")), difference="total", rests_on_id="project_id", period="currency")
    )
