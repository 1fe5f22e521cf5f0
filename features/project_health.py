"""How the project behind an invoice fares: a client that is not content with the work does not hurry to pay for it."""

from typing import Final

import polars as pl

from features.burn import overdue_milestones
from features.feature import feature
from features.histories import open_disputes
from features.project_burn import project_burn
from features.signal import Signal, count
from records.known import DAY, ENTER, FOREVER, LEAVE, Facts, Known, day_end

HEALTH: Final = "project health"

STAFFING_DAYS: Final = 30
"""A project is staffed within its first month: who comes later takes somebody's place, or is called in to help."""
CHANGE_DAYS: Final = 90
"""For a quarter the client has to do with people whom it does not know."""


def staff_changes(known: Known) -> Facts:
    """People who came to a project after its first month, and managers who took over; window them by `changed`."""
    came = known.facts("assignment", take=("project_id", "starts_on"))
    dated = Facts(came.name, came.frame.with_columns(changed=day_end("starts_on")).drop("starts_on"))
    late = dated.joined(known.facts("project", take=("starts_on",)), on="project_id", take=("starts_on",)).frame
    joined = late.filter(pl.col("changed") > day_end("starts_on") + STAFFING_DAYS * DAY)
    states = known.versions("project").frame.select("project_id", "manager_id", ENTER).sort("project_id", ENTER)
    taken_over = states.with_columns(before=pl.col("manager_id").shift(1).over("project_id")).filter(
        pl.col("manager_id") != pl.col("before")
    )
    managers = taken_over.select("project_id", ENTER, pl.lit(FOREVER, pl.Int64).alias(LEAVE), changed=pl.col(ENTER))
    kept = ("project_id", ENTER, LEAVE, "changed")
    return Facts("staff_change", pl.concat([joined.select(kept), managers.select(kept)]))


@feature(unit="count", group=HEALTH, phrase="milestones of its project overdue: {seen} (usual: {usual})", missing="zero")
def invoice_project_overdue_milestones(known: Known) -> Signal:
    """Milestones of the invoice's project past their target day and not completed."""
    return count(known.derived(overdue_milestones), by="project_id")


@feature(unit="percent", group=HEALTH, phrase="its project is over its budget by {seen} of it (usual: {usual})", missing="zero")
def invoice_project_overrun(known: Known) -> Signal:
    """Cost of the invoice's project beyond what was planned, over the plan; 0 while it is within the plan."""
    return project_burn.compute(known).apply(lambda used: (used - 1.0).clip(lower_bound=0.0))


@feature(unit="count", group=HEALTH, phrase="unresolved disputes on its project: {seen} (usual: {usual})", missing="zero")
def invoice_project_open_disputes(known: Known) -> Signal:
    """Disputes about invoices of the same project that are not resolved."""
    return count(known.derived(open_disputes), by="project_id")


@feature(unit="count", group=HEALTH, phrase="changes of people on its project in 90 days: {seen} (usual: {usual})", missing="zero")
def invoice_project_staff_changes_90d(known: Known) -> Signal:
    """People who came to the invoice's project late, or took it over as its manager, in the last 90 days."""
    return count(known.derived(staff_changes), by="project_id", days=CHANGE_DAYS, event="changed")
