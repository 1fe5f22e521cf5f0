"""Person not assigned: time that lands on a project by a wrong code."""

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms
from controls.facts.spans import in_force
from controls.facts.work import assigned, ever, unplanned
from records.known import Facts, Known


@control(entity="time_entry", severity="warning", family="time", unit="text", rests_on="project")
def person_not_assigned(known: Known, terms: Terms) -> Facts:
    """Somebody charged time to a project that they were never assigned to.

    Fires: a day of work by a person who has no assignment to the project, while others have.
    Silent: a person with an assignment of any dates (`work_outside_assignment` looks at those); a project to which nobody is assigned,
    as where a firm plans its projects elsewhere.
    Rests on: the project whose assignments were looked through.
    Clears: record the assignment, or move the time to the project that it was worked for.
    """
    del terms
    planned = known.derived(assigned)
    own = in_force(
        known.derived(unplanned),
        ever(planned, on=("person_id", "project_id"), name="assignment_id"),
        on=("person_id", "project_id"),
        day="worked_on",
        take=("assignment_id",),
    )
    alone = own.where(pl.col("assignment_id").is_null(), name="unassigned")
    any_one = ever(planned, on=("project_id",), name="assignment_id")
    others = in_force(alone, any_one, on=("project_id",), day="worked_on", take=("assignment_id",))
    found = others.where(pl.col("assignment_id").is_not_null(), name="strangers")
    return Facts(found.name, found.frame.with_columns(found="person_id", difference="value", rests_on_id="project_id"))
