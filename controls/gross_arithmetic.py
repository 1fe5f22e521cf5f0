"""Gross arithmetic: net and tax make gross."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.bills import bills
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.words import plain
from records.known import Facts, Known

ROUNDING: Final = Tolerance(
    "rounding", 0.01, "money", "Net and tax are rounded to the cent before they are added; EN 16931 allows no more (BR-CO-15)."
)


@control(entity="invoice", severity="error", family="amounts", unit="money", rests_on="invoice", tolerances=(ROUNDING,))
def gross_arithmetic(known: Known, terms: Terms) -> Facts:
    """The gross amount of a bill is not its net amount and tax together.

    Fires: 800.00 and 152.00 of tax on a bill of 962.00.
    Silent: the sum; a bill without a tax or without a gross amount.
    Rests on: the bill itself.
    Clears: correct the tax or the gross amount.
    """
    total = pl.col("net_amount") + pl.col("tax_amount")
    told = known.derived(bills).where(pl.col("gross_amount") != total, name="apart")
    ruled = terms.on(told, day="drafted_on")
    apart = pl.col("gross_amount") - total
    return Facts(
        ruled.name,
        ruled.frame.filter(apart.abs() > pl.col("rounding")).with_columns(
            expected=plain(total), found=plain(pl.col("gross_amount")), difference=apart, rests_on_id="invoice_id"
        ),
    )
