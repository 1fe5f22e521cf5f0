"""Near duplicate line: a line that somebody typed anew."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.bills import lines
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.printed import ALIKE, printed
from controls.facts.twins import twins
from records.known import MONEY_SCALE, Facts, Known

HOURS: Final = Tolerance("hours", 0.25, "hours", "Retyped time is rounded to the quarter of an hour; what differs by more is other work.")


@control(entity="invoice_line", severity="warning", family="billing", unit="text", rests_on="invoice_line", tolerances=(HOURS,))
def near_duplicate_line(known: Known, terms: Terms) -> Facts:
    """A line of hours is all but the same as an earlier line of the same project.

    Fires: one person, task, days and price twice, with other words or a quarter of an hour more.
    Silent: lines that are the same to the last sign (`duplicate_line`); other days, another task, or hours further apart.
    Rests on: the earlier line, on a bill that may be paid already.
    Clears: take one of the two off, or say what makes them different.
    """
    timed = pl.col("kind") == "time"
    open_lines = known.derived(lines).where(timed, name="hours")
    every = known.derived(printed).where(timed, name="hours")
    own = every.joined(Facts(open_lines.name, open_lines.frame.select("line_id", "enter", "leave")), on="line_id", take=())
    both = twins(own, every, alike=ALIKE, key="line_id", since="placed", take=("invoice_number", "quantity", "text"))
    other = (pl.col("quantity") != pl.col("earlier_quantity")) | (pl.col("text") != pl.col("earlier_text"))
    ruled = terms.on(both.where(other, name="other"), day="day")
    apart = (pl.col("quantity") - pl.col("earlier_quantity")).abs() / MONEY_SCALE
    found = ruled.where(apart <= pl.col("hours"), name="near")
    return Facts(
        found.name, found.frame.with_columns(found="earlier_invoice_number", difference="net_amount", rests_on_id="earlier_line_id")
    )
