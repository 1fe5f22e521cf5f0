"""Narrative too short: the client's guideline wants to read what was done."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import GUIDELINE, Terms, Tolerance
from controls.facts.wording import read_once, words
from controls.facts.work import work
from records.known import Facts, Known

WORDS: Final = Tolerance(
    "words", 4, "words", "Who did what on which thing takes four words at least; guidelines that give a number give this one most."
)


@control(entity="time_entry", severity="blocker", family="text", unit="count", rests_on="billing_guideline", tolerances=(WORDS,))
def narrative_too_short(known: Known, terms: Terms) -> Facts:
    """A narrative has fewer words than the client's guideline asks for.

    Fires: "project work" for a client that asks for four words.
    Silent: a narrative with as many words as asked; a client without such a guideline.
    Rests on: the client's guideline of this name.
    Clears: have the person write what was done, on what and why.
    """
    ruled = terms.ruled(known.derived(work), day="worked_on")
    counted = Facts(ruled.name, read_once(ruled.frame, "narrative", {"said": words("narrative")}))
    count = pl.col("said").fill_null(0)
    found = counted.where(count < pl.col("words"), name="short")
    return Facts(
        found.name,
        found.frame.with_columns(
            expected=pl.col("words").cast(pl.String), found=count.cast(pl.String), difference="value", rests_on_id=GUIDELINE
        ),
    )
