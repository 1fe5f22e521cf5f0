"""Non-working day: clients ask why they pay for a Sunday."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.spans import beside
from controls.facts.work import work
from records.known import Facts, Known

ALLOWED: Final = Tolerance(
    "allowed", default=False, unit="yes or no", reason="Work on days off is agreed beforehand as a rule, or questioned."
)


@control(entity="time_entry", severity="warning", family="time", unit="date", rests_on="person", tolerances=(ALLOWED,))
def non_working_day(known: Known, terms: Terms) -> Facts:
    """Time was worked on a day off in the person's office.

    Fires: work on a Sunday, or on a holiday of the office.
    Silent: work on a working day; an office without a calendar; a client whose guideline allows it.
    Rests on: the calendar of the office that the person belongs to.
    Clears: confirm the day with the person and say on the bill why, or correct the day.
    """
    offices = known.facts("person", take=("office",))
    off = known.facts("calendar_day", take=("working",)).where(~pl.col("working"), name="off")
    days = Facts(off.name, off.frame.with_columns(place=_place("calendar_id", "day")))
    few = off.frame.select(pl.col("day").unique()).collect()["day"]
    maybe = known.derived(work).where(pl.col("worked_on").is_in(few.to_list()), name="maybe")
    owned = maybe.joined(offices, on="person_id", take=("office",))
    placed = Facts(owned.name, owned.frame.with_columns(place=_place("office", "worked_on")))
    held = beside(placed, days, on="place", take=("working",)).where(pl.col("working").is_not_null(), name="off")
    found = terms.on(held, day="worked_on").where(~pl.col("allowed"), name="not_allowed")
    return Facts(
        found.name, found.frame.with_columns(found=pl.col("worked_on").cast(pl.String), difference="value", rests_on_id="person_id")
    )


def _place(office: str, day: str) -> pl.Expr:
    return pl.concat_str(office, pl.col(day).cast(pl.String), separator="\n")
