"""Work outside the dates of the assignment."""

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms
from controls.facts.spans import in_force
from controls.facts.work import assigned, unplanned
from records.known import Facts, Known


@control(entity="time_entry", severity="warning", family="time", unit="date", rests_on="assignment")
def work_outside_assignment(known: Known, terms: Terms) -> Facts:
    """Time was worked on a day on which the person was not assigned to the project.

    Fires: work on 10 March by a person whose assignment ended on 7 March.
    Silent: work on the first or last day of an assignment; a person with a second assignment that holds on the day; an assignment
    without an end; a person never assigned (`person_not_assigned`).
    Rests on: the person's last assignment to the project.
    Clears: extend the assignment, or correct the day or the project of the time.
    """
    del terms
    planned = known.derived(assigned)
    pair = ("person_id", "project_id")
    covered = in_force(known.derived(unplanned), planned, on=pair, day="worked_on", take=("assignment_id",))
    apart = covered.where(pl.col("assignment_id").is_null(), name="uncovered")
    rules = Facts(planned.name, planned.frame.with_columns(assigned_until="ends_on", assigned_from="effective_on", at="effective_on"))
    latest = _latest(rules)
    known_pair = in_force(apart, latest, on=pair, day="worked_on", take=("assignment_id", "assigned_from", "assigned_until"))
    found = known_pair.where(pl.col("assignment_id").is_not_null(), name="outside")
    early = pl.col("worked_on") < pl.col("assigned_from")
    border = pl.when(early).then("assigned_from").otherwise(pl.coalesce("assigned_until", "assigned_from"))
    return Facts(
        found.name,
        found.frame.with_columns(
            expected=border.cast(pl.String), found=pl.col("worked_on").cast(pl.String), difference="value", rests_on_id="assignment_id"
        ),
    )


def _latest(rules: Facts) -> Facts:
    """Every assignment as if in force always, a later one before an earlier one."""
    # in_force lets the rule that became effective last win; days before 1900 keep the order and are before all work.
    shifted = pl.col("effective_on").dt.offset_by("-400y")
    return Facts(rules.name, rules.frame.with_columns(effective_on=shifted, ends_on=pl.lit(None, dtype=pl.Date)))
