"""Work outside the dates of the project."""

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.work import work
from records.known import Facts, Known

GRACE: Tolerance = Tolerance(
    "grace_days", 14, "days", "Handing over takes a week or two after the planned end, and nobody moves the date for it."
)


@control(entity="time_entry", severity="notice", family="time", unit="date", rests_on="project", tolerances=(GRACE,))
def work_outside_project(known: Known, terms: Terms) -> Facts:
    """Time was worked before its project began, or well after it was to end.

    Fires: work on 31 March for a project that ends on 7 March.
    Silent: work on the first day, or within the days of grace after the end; a project without an end.
    Rests on: the project.
    Clears: extend the project, or correct the day or the project of the time.
    """
    late = pl.col("worked_on") > pl.col("project_ends_on")
    early = pl.col("worked_on") < pl.col("project_starts_on")
    ruled = terms.on(known.derived(work).where(early | late, name="outside_project"), day="worked_on")
    beyond = (pl.col("worked_on") - pl.col("project_ends_on")).dt.total_days() > pl.col("grace_days")
    found = ruled.where(early | beyond, name="found")
    border = pl.when(early).then("project_starts_on").otherwise("project_ends_on")
    return Facts(
        found.name,
        found.frame.with_columns(
            expected=border.cast(pl.String), found=pl.col("worked_on").cast(pl.String), difference="value", rests_on_id="project_id"
        ),
    )
