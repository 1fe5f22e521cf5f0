"""Time after close: a closed project takes no more of it."""

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms
from controls.facts.work import work
from records.known import Facts, Known


@control(entity="time_entry", severity="error", family="time", unit="date", rests_on="project")
def time_after_close(known: Known, terms: Terms) -> Facts:
    """Time was worked on a project after the project was closed.

    Fires: work on 2 April on a project that was closed on 1 April.
    Silent: work on the day of closing; work before it that was entered later.
    Rests on: the project and its closing date.
    Clears: move the time to the project that it was worked for, or reopen the project.
    """
    del terms
    closed = known.facts("project", after=("closed_on",), take=("closed_on",))
    held = known.derived(work).joined(closed, on="project_id", take=("closed_on",))
    found = held.where(pl.col("worked_on") > pl.col("closed_on"), name="after_close")
    return Facts(
        found.name,
        found.frame.with_columns(
            expected=pl.col("closed_on").cast(pl.String),
            found=pl.col("worked_on").cast(pl.String),
            difference="value",
            rests_on_id="project_id",
        ),
    )
