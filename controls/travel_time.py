"""Travel time: paid by some clients, by some in part, by many not at all."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import GUIDELINE, Terms, Tolerance
from controls.facts.work import work
from records.known import Facts, Known

TASK: Final = r"(?i)^\s*(travel(l?ing)?|reise(zeit)?|fahrt(zeit)?)\b"
"""A task that is travel by its name."""
TEXT: Final = (
    r"(?i)\b(travel(l?ing|l?ed)?\s+(time|to|from|by|back)|(drive|drove|flight|flew|train)\s+(to|from|back)"
    r"|reisezeit|anreise|rückreise|fahrtzeit)\b"
)
"""A narrative that tells of a way; a travel policy that was reviewed is none."""
MINUTES: Final = Tolerance("minutes_an_entry", 0, "minutes", "A guideline that names travel and no limit means that none is paid.")


@control(entity="time_entry", severity="error", family="time", unit="minutes", rests_on="billing_guideline", tolerances=(MINUTES,))
def travel_time(known: Known, terms: Terms) -> Facts:
    """Travel is charged beyond what the client's guideline allows.

    Fires: two hours of travel for a client that pays none, or one hour.
    Silent: travel within the limit; travel that is not billable; a client without such a guideline.
    Rests on: the client's guideline of this name.
    Clears: make the travel beyond the limit not billable.
    """
    trips = known.derived(work).where(_travels(), name="trips")
    ruled = terms.ruled(trips, day="worked_on")
    over = (pl.col("minutes") - pl.col("minutes_an_entry")).clip(lower_bound=0)
    found = ruled.where(over > 0, name="over")
    return Facts(
        found.name,
        found.frame.with_columns(
            expected=pl.col("minutes_an_entry").cast(pl.String),
            found=pl.col("minutes").cast(pl.String),
            difference=(pl.col("value") * over / pl.col("minutes")).round(0).cast(pl.Int64),
            rests_on_id=GUIDELINE,
        ),
    )


def _travels() -> pl.Expr:
    named = pl.col("task").str.contains(TASK).fill_null(value=False)
    return named | pl.col("narrative").str.contains(TEXT).fill_null(value=False)
