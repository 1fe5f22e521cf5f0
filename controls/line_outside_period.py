"""Line outside period: work of another month than the bill says."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.bills import lines
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.spans import beside, foremost
from records.known import Facts, Known

DAYS: Final = Tolerance(
    "days",
    14,
    "days",
    "Time of the last two weeks of a month that comes in after its bill goes on the next one; older time has missed a bill.",
)

_FIRST: Final = "first_worked_on"


@control(entity="invoice_line", severity="warning", family="billing", unit="date", rests_on="invoice", tolerances=(DAYS,))
def line_outside_period(known: Known, terms: Terms) -> Facts:
    """A line of hours is for days outside the period of its bill.

    Fires: a line for 10 to 14 February on a bill for March; a line for 25 February on it that bills time of March.
    Silent: a line within the period; late time of the last two weeks before it; a bill that names no period; lines that bill no hours.
    Rests on: the period that the bill names, and the time entries that the line bills.
    Clears: correct the line's days, move it to the bill of its period, or say on the bill that it is late time.
    """
    dated = pl.col("period_start_on").is_not_null() & pl.col("bill_starts_on").is_not_null() & pl.col("bill_ends_on").is_not_null()
    timed = (pl.col("kind") == "time") & (pl.col("bill_kind") == "invoice")
    before = (pl.col("bill_starts_on") - pl.col("day")).dt.total_days()
    after = (pl.col("last_day") - pl.col("bill_ends_on")).dt.total_days()
    outside = known.derived(lines).where(timed & dated & ((before > 0) | (after > 0)), name="outside")
    ruled = terms.on(outside, day="day")
    far = pl.max_horizontal(before, after) > pl.col("days")
    near = _with_first_day(known, ruled.where(~far & (before > 0), name="near"))
    # What is allowed is late time: where all that the line bills was worked within the period, nothing is late and its days are wrong.
    found = Facts(
        "found", pl.concat([ruled.frame.filter(far), near.frame.filter(pl.col(_FIRST) >= pl.col("bill_starts_on"))], how="diagonal")
    )
    early = before > 0
    return Facts(
        found.name,
        found.frame.with_columns(
            expected=pl.when(early).then("bill_starts_on").otherwise("bill_ends_on").cast(pl.String),
            found=pl.when(early).then("day").otherwise("last_day").cast(pl.String),
            difference="net_amount",
            rests_on_id="invoice_id",
        ),
    )


def _with_first_day(known: Known, lines: Facts) -> Facts:
    """The lines with the first day on which the time that they bill was worked; few lines are asked for."""
    told = known.facts("time_entry", after=("invoice_line_id",), take=("invoice_line_id", "worked_on"))
    asked = Facts(lines.name, lines.frame.collect().lazy())
    billed = told.frame.rename({"invoice_line_id": "line_id", "worked_on": _FIRST}).join(asked.frame, on="line_id", how="semi")
    first = foremost(Facts(told.name, billed), by=["line_id"], order=[_FIRST, "entry_id"])
    return beside(asked, first, on="line_id", take=(_FIRST,))
