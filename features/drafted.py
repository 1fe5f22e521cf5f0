"""Lines of invoices with what their head says, as facts in knowledge time."""

from typing import Final

import polars as pl

from records.known import ENTER, Facts, Known

_OF_LINE: Final = (
    *("invoice_id", "line_no", "kind", "person_id", "role", "project_id", "quantity", "unit", "unit_price", "net_amount", "description"),
    *("period_start_on", "period_end_on", "task_code", "expense_id", "milestone_id"),
)
_OF_HEAD: Final = ("client_id", "contract_id", "project_id", "currency", "period_start_on", "period_end_on")


def drafted(known: Known) -> Facts:
    """Lines of invoices that are not cancelled, with what their head says.

    Columns: line_id, invoice_id, line_no, line_kind, person_id, role, project_id, client_id, contract_id, currency, quantity, unit, price,
    net, description, begins, ends (of the line), opens, closes (of the invoice), task, expense_id, milestone_id.
    """
    rows = known.facts("invoice_line", take=_OF_LINE)
    named = {
        "kind": "line_kind",
        "project_id": "of_line",
        "period_start_on": "begins",
        "period_end_on": "ends",
        "unit_price": "price",
        "net_amount": "net",
        "task_code": "task",
    }
    heads = known.facts("invoice", until=("cancelled_at",), take=(*_OF_HEAD, "kind")).where(pl.col("kind") == "invoice", name="sold")
    both = Facts(rows.name, rows.frame.rename(named)).joined(heads, on="invoice_id", take=_OF_HEAD)
    told = both.frame.with_columns(project_id=pl.coalesce("of_line", "project_id")).drop("of_line")
    return Facts("drafted_line", told.rename({"period_start_on": "opens", "period_end_on": "closes"}).sort("line_id", ENTER))
