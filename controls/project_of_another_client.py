"""Project of another client: a code that says one thing in one system and another in the next."""

import polars as pl

from controls.control import control
from controls.facts.bills import lines
from controls.facts.guidelines import Terms
from records.known import Facts, Known


@control(entity="invoice_line", severity="error", family="head", unit="text", rests_on="project")
def project_of_another_client(known: Known, terms: Terms) -> Facts:
    """A line bills a project that is another client's.

    Fires: a line for a project of Aldgate Rail on an invoice to Bank Street.
    Silent: a line for a project of the invoice's own client.
    Rests on: the project, as the system of projects has it.
    Clears: correct the project of the line, or the client of the invoice.
    """
    del terms
    told = known.facts("project", take=("client_id",))
    owners = Facts(told.name, told.frame.rename({"client_id": "owner_id"}))
    held = known.derived(lines).joined(owners, on="project_id", take=("owner_id",))
    found = held.where(pl.col("owner_id") != pl.col("client_id"), name="strange")
    return Facts(
        found.name, found.frame.with_columns(expected="client_id", found="owner_id", difference="net_amount", rests_on_id="project_id")
    )
