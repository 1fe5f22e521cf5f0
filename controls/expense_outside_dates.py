"""Expense outside dates: incurred when the project was not running."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.spending import spending
from records.known import Facts, Known

GRACE: Final = Tolerance("grace_days", 14, "days", "As for time: handing over takes a week or two after the planned end.")


@control(entity="expense", severity="warning", family="expenses", unit="date", rests_on="project", tolerances=(GRACE,))
def expense_outside_dates(known: Known, terms: Terms) -> Facts:
    """An expense was incurred before its project began, or well after it was to end.

    Fires: a hotel of 31 March for a project that ends on 7 March.
    Silent: an expense of the first day, or within the days of grace after the end; a project without an end.
    Rests on: the project.
    Clears: move it to the project that it was for, or extend the project.
    """
    early = pl.col("incurred_on") < pl.col("project_starts_on")
    late = pl.col("incurred_on") > pl.col("project_ends_on")
    ruled = terms.on(known.derived(spending).where(early | late, name="outside"), day="day")
    beyond = (pl.col("incurred_on") - pl.col("project_ends_on")).dt.total_days() > pl.col("grace_days")
    found = ruled.where(early | beyond, name="found")
    border = pl.when(early).then("project_starts_on").otherwise("project_ends_on")
    return Facts(
        found.name,
        found.frame.with_columns(
            expected=border.cast(pl.String), found=pl.col("incurred_on").cast(pl.String), difference="amount", rests_on_id="project_id"
        ),
    )
