"""Rate below card: money that was earned and is not asked for."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.cards import off_card, times
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.words import plain
from records.known import Facts, Known

ROUNDING: Final = Tolerance(
    "rounding", 0.01, "money", "Cards are agreed to the cent, so a cent an hour is what converting or rounding a rate can make."
)


@control(entity="invoice_line", severity="warning", family="rates", unit="rate", rests_on="rate_card_line", tolerances=(ROUNDING,))
def rate_below_card(known: Known, terms: Terms) -> Facts:
    """A line is billed at a lower rate than the card has for its role.

    Fires: a line at 90.00 an hour on a day on which the card says 100.00.
    Silent: a line at 100.00; a line in another currency than the card's; a rate that the card has on the line's first or last day; a rate
    that the card has for another time (`rate_of_wrong_date`).
    Rests on: the card line in force on the line's first day, as it was known.
    Clears: bill the card's rate, or have the discount recorded on the card.
    """
    ruled = terms.on(known.derived(off_card), day="day")
    allowed = pl.col("allowed_low")
    below = ruled.frame.filter((pl.col("unit_price") < allowed - pl.col("rounding")) & pl.col("other_id").is_null())
    return Facts(
        ruled.name,
        below.with_columns(
            expected=plain(allowed),
            found=plain(pl.col("unit_price")),
            difference=times(allowed - pl.col("unit_price"), pl.col("quantity")),
            rests_on_id="rate_id",
        ),
    )
