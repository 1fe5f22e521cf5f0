"""Block narrative: many things in one entry, so that nobody can tell what each took."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import GUIDELINE, Terms, Tolerance
from controls.facts.wording import parts
from controls.facts.work import work
from records.known import Facts, Known

PARTS: Final = Tolerance(
    "parts", 2, "activities", "Two things that belong together are one piece of work; guidelines object from the third on."
)
MINUTES: Final = Tolerance("longer_than", 120, "minutes", "Guidelines exempt short entries: below two hours a split says little.")


@control(entity="time_entry", severity="warning", family="text", unit="count", rests_on="billing_guideline", tolerances=(PARTS, MINUTES))
def block_narrative(known: Known, terms: Terms) -> Facts:
    """One entry bundles several activities that the client wants apart.

    Fires: eight hours for "Reviewed the contract; drafted the memo; called the client" where the client's guideline forbids bundling.
    Silent: two activities; a short entry; a client without such a guideline.
    Rests on: the client's guideline of this name.
    Clears: split the entry into one for each activity, with its own minutes.
    """
    ruled = terms.ruled(known.derived(work), day="worked_on")
    count = parts("narrative")
    found = ruled.where((count > pl.col("parts")) & (pl.col("minutes") > pl.col("longer_than")), name="block")
    return Facts(
        found.name,
        found.frame.with_columns(
            expected=pl.col("parts").cast(pl.String), found=count.cast(pl.String), difference="value", rests_on_id=GUIDELINE
        ),
    )
