"""Sum of lines: the bill's net amount is what its lines come to."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.bills import bills
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.totals import running
from controls.facts.words import plain
from records.known import Facts, Known

ROUNDING: Final = Tolerance(
    "rounding", 0.01, "money", "Each line is already rounded, so their sum is exact; a cent is what a discount on the whole can leave."
)


@control(entity="invoice", severity="error", family="amounts", unit="money", rests_on="invoice", tolerances=(ROUNDING,))
def sum_of_lines(known: Known, terms: Terms) -> Facts:
    """The net amount of a bill is not the sum of its lines.

    Fires: lines of 500.00 and 300.00 on a bill of 900.00.
    Silent: the sum; a bill of which no line is known.
    Rests on: the bill and its lines.
    Clears: correct the net amount, or add or take out the line that makes the difference.
    """
    lines = known.facts("invoice_line", take=("invoice_id", "net_amount"))
    summed = running(lines, by=("invoice_id",), of="net_amount")
    told = (
        known.derived(bills).joined(summed, on="invoice_id", take=("total",)).where(pl.col("net_amount") != pl.col("total"), name="apart")
    )
    ruled = terms.on(told, day="drafted_on")
    apart = pl.col("net_amount") - pl.col("total")
    return Facts(
        ruled.name,
        ruled.frame.filter(apart.abs() > pl.col("rounding")).with_columns(
            expected=plain(pl.col("total")), found=plain(pl.col("net_amount")), difference=apart, rests_on_id="invoice_id"
        ),
    )
