"""Vague line: a text that could stand on any bill."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.bills import lines
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.wording import telling_words
from records.known import Facts, Known

WORDS: Final = Tolerance(
    "words", 2, "words", "What was done and on what: one word that tells something is not enough to recognise the work by."
)


@control(entity="invoice_line", severity="warning", family="text", unit="text", rests_on="invoice_line", tolerances=(WORDS,))
def vague_line(known: Known, terms: Terms) -> Facts:
    """The text of a line does not say what was done.

    Fires: "Professional services"; "work"; a line of hours without a text.
    Silent: "Design of the cut-over plan"; lines that bill no hours.
    Rests on: the text of the line.
    Clears: say what was done and on what, in the client's words.
    """
    timed = (pl.col("kind") == "time") & (pl.col("bill_kind") == "invoice")
    hours = known.derived(lines).where(timed, name="hours")
    ruled = terms.on(hours, day="day").where(telling_words("description") < pl.col("words"), name="vague")
    text = pl.col("description").fill_null("")
    return Facts(ruled.name, ruled.frame.with_columns(found=text, difference="net_amount", rests_on_id="line_id"))
