"""Printed lines: every line that is or was on an invoice that was not cancelled, settled ones too, to find what is billed again."""

from typing import Final

import polars as pl

from controls.facts.spans import day_of
from controls.facts.wording import folded
from records.known import ENTER, Facts, Known

ALIKE: Final = ("project_id", "kind", "person_id", "role", "task_code", "expense_code", "unit_price", "day", "last_day", "billed_record")
"""Two lines that are alike in these are of the same work, or of the same kind of expense on the same day."""
_LINE: Final = (
    *("invoice_id", "line_no", "kind", "person_id", "role", "project_id", "quantity", "unit_price", "net_amount", "description"),
    *("period_start_on", "period_end_on", "task_code", "expense_code", "time_entry_id", "expense_id", "milestone_id"),
)
_HEAD: Final = ("client_id", "currency", "bill_project_id", "bill_starts_on", "bill_ends_on", "drafted", "invoice_number")


def printed(known: Known) -> Facts:
    """Lines with `ALIKE`, `text` (folded), `placed` (microseconds: when drafted, by line number within a bill) and `invoice_number`.

    `billed_record` names the time entry, expense or milestone that a line bills, where it names one.
    """
    take = ("kind", "number", "client_id", "currency", "project_id", "period_start_on", "period_end_on", "drafted_at")
    bills = known.facts("invoice", until=("cancelled_at",), take=take).where(pl.col("kind") == "invoice", name="invoices")
    drafted = pl.coalesce("drafted_at", pl.col(ENTER).min().over("invoice_id"))
    named = {"project_id": "bill_project_id", "period_start_on": "bill_starts_on", "period_end_on": "bill_ends_on"}
    heads = bills.frame.with_columns(drafted=drafted, invoice_number=pl.coalesce("number", "invoice_id")).drop("kind").rename(named)
    both = known.facts("invoice_line", take=_LINE).joined(Facts("head", heads), on="invoice_id", take=_HEAD)
    day = pl.coalesce("period_start_on", "bill_starts_on", day_of(pl.col("drafted")))
    last = pl.coalesce("period_end_on", "bill_ends_on", day_of(pl.col("drafted")))
    return Facts(
        "printed",
        both.frame.with_columns(
            project_id=pl.coalesce("project_id", "bill_project_id"),
            day=day,
            last_day=pl.max_horizontal(day, last),
            text=folded("description"),
            placed=pl.col("drafted") + pl.col("line_no"),
            billed_record=pl.coalesce("time_entry_id", "expense_id", "milestone_id"),
        ),
    )
