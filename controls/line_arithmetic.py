"""Line arithmetic: quantity times price is what the line says."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.bills import lines
from controls.facts.cards import times
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.words import plain
from records.known import Facts, Known

ROUNDING: Final = Tolerance(
    "rounding",
    0.02,
    "money",
    "Quantities and prices are shown rounded: half a cent of each, and half of the product, make two cents at most.",
)


@control(entity="invoice_line", severity="error", family="amounts", unit="money", rests_on="invoice_line", tolerances=(ROUNDING,))
def line_arithmetic(known: Known, terms: Terms) -> Facts:
    """The amount of a line is not its quantity times its price.

    Fires: 8 hours at 100.00 that come to 816.00.
    Silent: 8 hours at 100.00 that come to 800.00; a line without a quantity or a price.
    Rests on: the line itself.
    Clears: correct the amount, or the quantity or price that is wrong.
    """
    product = times(pl.col("unit_price"), pl.col("quantity"))
    # The engine's unit is the least that a guideline can allow, so what is exact need not be asked about.
    apart = known.derived(lines).where(pl.col("net_amount") != product, name="apart")
    ruled = terms.on(apart, day="day")
    found = ruled.frame.filter((pl.col("net_amount") - product).abs() > pl.col("rounding"))
    return Facts(
        ruled.name,
        found.with_columns(
            expected=plain(product), found=plain(pl.col("net_amount")), difference=pl.col("net_amount") - product, rests_on_id="line_id"
        ),
    )
