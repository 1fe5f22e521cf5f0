"""Role not as assigned: a consultant's hours at a manager's price."""

import polars as pl

from controls.control import control
from controls.facts.cards import hourly, times, with_card
from controls.facts.guidelines import Terms
from controls.facts.spans import in_force
from records.known import Facts, Known


@control(entity="invoice_line", severity="error", family="rates", unit="text", rests_on="assignment")
def role_not_as_assigned(known: Known, terms: Terms) -> Facts:  # noqa: ARG001 - a role is the same or it is not
    """A line bills a person's hours under another role than the person is assigned to the project in.

    Fires: hours billed as a manager's, of a person who is assigned as a consultant.
    Silent: the assigned role; a person without an assignment to the project by then; a line without a person or a role.
    Rests on: the person's last assignment to the project that had begun by the line's first day.
    Clears: bill the assigned role at its rate, or have the assignment changed.
    """
    named = known.derived(hourly).where(pl.col("person_id").is_not_null() & pl.col("role").is_not_null(), name="named")
    planned = known.facts("assignment", take=("person_id", "project_id", "role", "starts_on"))
    # An assignment's end is a plan; who works on does so in the role they had.
    roles = planned.frame.rename({"role": "assigned", "starts_on": "effective_on"}).with_columns(ends_on=pl.lit(None, dtype=pl.Date))
    told = in_force(named, Facts(planned.name, roles), on=("person_id", "project_id"), day="day", take=("assigned", "assignment_id"))
    other = told.frame.filter(pl.col("assigned") != pl.col("role")).rename({"role": "billed"}).with_columns(role="assigned")
    priced = with_card(known, Facts(told.name, other.collect().lazy()), day="day")
    over = pl.when(pl.col("card_currency") == pl.col("currency")).then(pl.col("unit_price") - pl.col("card_rate")).otherwise(0)
    return Facts(
        priced.name,
        priced.frame.with_columns(
            expected="role", found="billed", difference=times(over.abs(), pl.col("quantity")), rests_on_id="assignment_id"
        ),
    )
