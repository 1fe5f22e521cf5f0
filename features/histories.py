"""The histories that features draw on: what was settled, what is overdue, what was disputed, as facts in knowledge time."""

from typing import Final

import polars as pl

from records.known import DAY, Facts, Known, day_end
from records.receivables import receivables

VERY_LATE_DAYS: Final = 30
"""The field's usual border of serious lateness (ageing bucket 30+), and the second target of the collections risk."""


def invoices(known: Known) -> Facts:
    """Invoices that the firm held, drafts among them, cancelled ones not; `terms_days`, `amount` (engine money)."""
    held = known.derived(receivables).where(pl.col("stage") != "cancelled", name="held")
    terms = (pl.col("due") - pl.col("issued").fill_null(pl.col("drafted"))) / DAY
    return Facts(
        held.name,
        held.frame.with_columns(amount=pl.col("gross"), terms_days=terms.round(0).cast(pl.Int64)),
    )


def issued(known: Known) -> Facts:
    """Invoices that had been sent to the client; window them by `issued`."""
    return known.derived(invoices).where(pl.col("stage").is_in(["open", "settled"]), name="issued")


def settlements(known: Known) -> Facts:
    """Invoices settled with money; window them by `paid_at`. `days_late` may be negative; `late` and `very_late` are 0 or 1."""
    paid = known.derived(receivables).where((pl.col("stage") == "settled") & (pl.col("settled_by") == "cash"), name="settled")
    days_late = (pl.col("paid_on") - pl.col("due_on")).dt.total_days()
    dated = paid.frame.filter(pl.col("due_on").is_not_null()).with_columns(days_late=days_late, paid_at=day_end("paid_on"))
    return Facts(
        paid.name,
        dated.with_columns(
            late=(pl.col("days_late") > 0).cast(pl.Int64),
            very_late=(pl.col("days_late") > VERY_LATE_DAYS).cast(pl.Int64),
            squared=pl.col("days_late") ** 2,
            days_taken=((pl.col("paid_at") - pl.col("issued")) / DAY).round(0).cast(pl.Int64),
        ),
    )


def open_items(known: Known) -> Facts:
    """Issued invoices with something owed."""
    return known.derived(receivables).where(pl.col("stage") == "open", name="open")


def overdue(known: Known) -> Facts:
    """Open invoices from the end of their due date on."""
    return known.derived(open_items).since(pl.col("due"), name="overdue")


def very_overdue(known: Known) -> Facts:
    """Open invoices from VERY_LATE_DAYS after their due date on."""
    return known.derived(open_items).since(pl.col("due") + VERY_LATE_DAYS * DAY, name="very_overdue")


def lacking_po(known: Known) -> Facts:
    """Invoices without a purchase order reference under a contract that asks for one."""
    bare = known.derived(receivables).where(pl.col("po_ref").is_null(), name="bare")
    asking = known.facts("contract", take=("po_required",)).where(pl.col("po_required"), name="asking")
    return bare.joined(asking, on="contract_id", take=("po_required",))


def disputes(known: Known) -> Facts:
    """Disputes ever opened, with the client of the invoice; window them by `opened_at`."""
    opened = known.facts("dispute", take=("invoice_id", "opened_at"))
    return opened.joined(known.derived(receivables), on="invoice_id", take=("client_id", "project_id"))


def open_disputes(known: Known) -> Facts:
    """Disputes while they are not resolved, with the client."""
    opened = known.facts("dispute", until=("resolved_at",), take=("invoice_id",))
    return opened.joined(known.derived(receivables), on="invoice_id", take=("client_id", "project_id"))
