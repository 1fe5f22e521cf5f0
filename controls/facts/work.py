"""Work: time that a client pays for, from its entry until its bill is settled, beside its project and its bill."""

from typing import Final

import polars as pl

from controls.facts.bills import lines
from records.known import ENTER, LEAVE, Facts, Known

MINUTES_PER_HOUR: Final = 60
_ENTRY: Final = ("person_id", "project_id", "task", "task_code", "worked_on", "minutes", "bill_rate", "currency", "narrative", "entered_at")
_PROJECT: Final = ("client_id", "contract_id", "starts_on", "ends_on")
_BILL: Final = ("invoice_id", "line_id")
_PAIR: Final = ("person_id", "project_id")


def work(known: Known) -> Facts:
    """Billable time entries with minutes in them, until their bill is settled or cancelled for good.

    `invoice_id` and `line_id` are empty while an entry waits to be billed. `client_id`, `contract_id`, `project_starts_on` and
    `project_ends_on` are its project's. `value` is what it is worth by its own rate, engine money, nought without one; `day` is the day
    worked.
    """
    charged = pl.col("billable") & (pl.col("minutes") > 0)
    waiting = known.facts("time_entry", until=("invoice_line_id",), take=(*_ENTRY, "billable")).where(charged, name="waiting")
    told = known.facts("time_entry", after=("invoice_line_id",), take=(*_ENTRY, "billable", "invoice_line_id")).where(
        charged, name="billed"
    )
    named = Facts(told.name, told.frame.rename({"invoice_line_id": "line_id"}))
    bills = known.derived(lines)
    billed = named.joined(Facts(bills.name, bills.frame.select(*_BILL, ENTER, LEAVE)), on="line_id", take=("invoice_id",))
    both = Facts("work", pl.concat([waiting.frame, billed.frame], how="diagonal"))
    projects = known.facts("project", take=_PROJECT)
    of_project = Facts(projects.name, projects.frame.rename({"starts_on": "project_starts_on", "ends_on": "project_ends_on"}))
    owned = both.joined(of_project, on="project_id", take=("client_id", "contract_id", "project_starts_on", "project_ends_on"))
    worth = pl.col("minutes") * pl.col("bill_rate").fill_null(0) / MINUTES_PER_HOUR
    return Facts("work", owned.frame.drop("billable").with_columns(day="worked_on", value=worth.round(0).cast(pl.Int64)))


def approved(known: Known) -> Facts:
    """Time entries from their approval on, with who approved them."""
    told = known.facts("time_entry", after=("approved_at",), take=("approver_id",))
    return Facts(told.name, told.frame.with_columns(approved=pl.lit(value=True)))


def assigned(known: Known) -> Facts:
    """Assignments of persons to projects, in force on their days."""
    told = known.facts("assignment", take=("person_id", "project_id", "starts_on", "ends_on"))
    return Facts(told.name, told.frame.rename({"starts_on": "effective_on"}))


def unplanned(known: Known) -> Facts:
    """Work that no one assignment covers on its day for as long as it is known: all that is outside of assignments, and little else.

    Nearly all work is covered, so what asks more of the rest need not look at it.
    """
    worked = known.derived(work).frame.collect()
    plans = known.derived(assigned).frame.select(*_PAIR, "effective_on", "ends_on", begun=pl.col(ENTER), ended=pl.col(LEAVE))
    met = worked.lazy().select(*_PAIR, "worked_on", ENTER, LEAVE).with_row_index("place").join(plans, on=_PAIR)
    on_day = (pl.col("effective_on") <= pl.col("worked_on")) & (pl.col("ends_on").is_null() | (pl.col("worked_on") <= pl.col("ends_on")))
    covered = met.filter(on_day & (pl.col("begun") <= pl.col(ENTER)) & (pl.col(LEAVE) <= pl.col("ended"))).select("place").collect()
    bare = pl.repeat(value=True, n=worked.height, eager=True, dtype=pl.Boolean()).scatter(covered["place"], values=False)
    return Facts("unplanned", worked.filter(bare).lazy())


def ever(rules: Facts, *, on: tuple[str, ...], name: str) -> Facts:
    """The same rules in force on every day, to ask whether a key has any at all."""
    always = rules.frame.select(*on, name, ENTER, LEAVE, effective_on=pl.date(1900, 1, 1), ends_on=pl.lit(None, dtype=pl.Date))
    return Facts(f"{rules.name}.ever", always)
