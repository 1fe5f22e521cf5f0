"""Rate of the wrong date: the card of last year, or of before the amendment, was used."""

import polars as pl

from controls.control import control
from controls.facts.cards import off_card, times
from controls.facts.guidelines import Terms
from controls.facts.words import plain
from records.known import Facts, Known


@control(entity="invoice_line", severity="error", family="rates", unit="rate", rests_on="rate_card_line")
def rate_of_wrong_date(known: Known, terms: Terms) -> Facts:  # noqa: ARG001 - what is exactly another card's rate needs no tolerance
    """A line is billed at the rate that its card has for another time.

    Fires: a line of March at 110.00 an hour, where the card says 100.00 from February on and said 110.00 before.
    Silent: a rate that the card has on the line's first or last day; a rate that the card has at no time (`rate_above_card`).
    Rests on: the card line in force on the line's first day, as it was known.
    Clears: bill the rate that is in force on the line's day.
    """
    off = known.derived(off_card).where(pl.col("other_id").is_not_null(), name="of_another_time")
    over = pl.col("unit_price") > pl.col("allowed_high")
    allowed = pl.when(over).then("allowed_high").otherwise("allowed_low")
    return Facts(
        off.name,
        off.frame.with_columns(
            expected=plain(allowed),
            found=plain(pl.col("unit_price")),
            difference=times((pl.col("unit_price") - allowed).abs(), pl.col("quantity")),
            rests_on_id="rate_id",
        ),
    )
