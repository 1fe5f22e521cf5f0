"""Bills: invoices and credit notes from the draft on until they are cancelled or settled, and their lines."""

from typing import Final

import polars as pl

from controls.facts.spans import beside, coalesced, day_of
from records.known import ENTER, LEAVE, Facts, Known
from records.receivables import receivables
from records.tables import TABLES

HEAD: Final = ("client_id", "contract_id", "currency", "bill_kind", "bill_project_id", "bill_starts_on", "bill_ends_on", "drafted_on")
"""Columns of a bill that its lines are told beside; few of them change when a draft is issued."""
_LINE: Final = (
    *("invoice_id", "line_no", "kind", "person_id", "role", "project_id", "quantity", "unit", "unit_price", "net_amount", "description"),
    *("period_start_on", "period_end_on", "task_code", "expense_code", "tax_code", "time_entry_id", "expense_id", "milestone_id"),
)


def charged(known: Known) -> Facts:
    """Every invoice and credit note that is not cancelled, as drafted and as issued.

    `bill_kind`, `drafted` (microseconds), `drafted_on` and the columns of `invoice` that hold before it is issued; `contract_id` is its
    own, else its project's.
    """
    rows = known.facts(
        "invoice",
        until=("cancelled_at",),
        take=(
            *("kind", "number", "client_id", "contract_id", "project_id", "currency", "net_amount", "tax_amount", "gross_amount", "po_ref"),
            *("legal_entity", "preceding_invoice_id", "period_start_on", "period_end_on", "drafted_at", "prepared_by", "due_on"),
        ),
    )
    drafted = pl.coalesce("drafted_at", pl.col(ENTER).min().over("invoice_id"))
    told = rows.frame.with_columns(drafted=drafted, drafted_on=day_of(drafted)).rename({"kind": "bill_kind"}).drop("drafted_at")
    projects = known.facts("project", take=("contract_id",))
    owners = Facts(projects.name, projects.frame.rename({"contract_id": "project_contract_id"}))
    found = beside(Facts("bill", told), owners, on="project_id", take=("project_contract_id",))
    contract = pl.coalesce("contract_id", "project_contract_id").alias("contract_id")
    return Facts("charged", found.frame.with_columns(contract).drop("project_contract_id"))


def bills(known: Known) -> Facts:
    """Those of `charged` that are a draft or open: what has been settled is over."""
    every = known.derived(charged)
    unsettled = known.derived(receivables).where(pl.col("stage").is_in(["draft", "open"]), name="unsettled")
    runs = coalesced(Facts(unsettled.name, unsettled.frame.select("invoice_id", ENTER, LEAVE)), by=["invoice_id"])
    owed = every.where(pl.col("bill_kind") == "invoice", name="invoices").joined(runs, on="invoice_id", take=())
    notes = every.where(pl.col("bill_kind") == "credit_note", name="notes")
    return Facts("bill", pl.concat([owed.frame, notes.frame]))


def lines(known: Known) -> Facts:
    """Every line of a bill while the bill stands, with the bill's `HEAD`; `day` and `last_day` that it is for.

    `project_id` is the line's own, else the bill's. The day is the line's period, else the day of the time or expense it bills, else the
    bill's period, else the day of drafting.
    """
    heads = known.derived(bills).frame.rename(
        {"project_id": "bill_project_id", "period_start_on": "bill_starts_on", "period_end_on": "bill_ends_on"}
    )
    told = coalesced(Facts("head", heads.select("invoice_id", *HEAD, ENTER, LEAVE)), by=["invoice_id"])
    joined = known.facts("invoice_line", take=_LINE).joined(told, on="invoice_id", take=HEAD)
    held = Facts(joined.name, joined.frame.collect().lazy())
    worked = _dated(held, known, table="time_entry", on="time_entry_id", day="worked_on")
    spent = _dated(worked, known, table="expense", on="expense_id", day="incurred_on")
    day = pl.coalesce("period_start_on", "worked_on", "incurred_on", "bill_starts_on", "drafted_on")
    last = pl.coalesce("period_end_on", "worked_on", "incurred_on", "bill_ends_on", "drafted_on")
    return Facts(
        "line",
        spent.frame.with_columns(day=day, last_day=pl.max_horizontal(day, last), project_id=pl.coalesce("project_id", "bill_project_id")),
    )


def _dated(facts: Facts, known: Known, *, table: str, on: str, day: str) -> Facts:
    """The facts with the day of the record that a line names, where it names one and has no period of its own."""
    rows = known.facts(table, take=(day,))
    wanting = pl.col(on).is_not_null() & pl.col("period_start_on").is_null()
    if facts.frame.filter(wanting).select(pl.len()).collect().item() == 0:
        return Facts(facts.name, facts.frame.with_columns(pl.lit(None, dtype=pl.Date).alias(day)))
    dates = Facts(rows.name, rows.frame.rename({TABLES[table].key[0]: on}))
    asked = beside(Facts(facts.name, facts.frame.filter(wanting)), dates, on=on, take=(day,))
    rest = facts.frame.filter(~wanting).with_columns(pl.lit(None, dtype=pl.Date).alias(day))
    return Facts(facts.name, pl.concat([asked.frame, rest], how="diagonal"))
