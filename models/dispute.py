"""Dispute: which draft or fresh invoice the client will contest.

Fires: a client that contested one invoice in five gets a draft three times its usual size.
Silent: a client that never contested anything in forty invoices gets its usual monthly draft.
"""

from typing import Final

import polars as pl

from features import clients, invoices, payments
from features.histories import disputes
from models.invoice_book import InvoiceBook
from models.risk import Disputed, Risk, Target, Use
from records.known import DAY, ENTER, LEAVE, Facts, Known
from records.receivables import receivables

FRESH_DAYS: Final = 30
"""An invoice is scored for dispute until so long after its issue: most disputes come 5 to 25 days after it."""
BURN_IN_DAYS: Final = 45
"""Half of the time in which disputes come: before it hardly any could have been seen. Measured on training parts: 0 and 90 are worse."""
WITHIN_DAYS: Final = 90
"""Disputes have a tail to 60 days after issue, and a draft may wait up to a month before it is issued."""


def at_risk(known: Known) -> Facts:
    """Drafts, and invoices issued in the last FRESH_DAYS, that have not been disputed."""
    held = known.derived(receivables).where(pl.col("stage").is_in(["draft", "open"]), name="fresh")
    first = known.derived(disputes).frame.group_by("invoice_id").agg(disputed=pl.col(ENTER).min())
    ends = pl.min_horizontal(LEAVE, pl.col("issued") + FRESH_DAYS * DAY, pl.col("disputed"))
    spans = held.frame.join(first, on="invoice_id", how="left").with_columns(ends.alias(LEAVE)).drop("disputed")
    return Facts(held.name, spans.filter(pl.col(ENTER) < pl.col(LEAVE)))


DISPUTE: Final = Risk(
    name="dispute",
    says="The client will dispute an invoice",
    entity="invoice",
    cluster="client_id",
    at_risk=at_risk,
    ages_days=(0, 14),
    burn_in_days=BURN_IN_DAYS,
    history=payments.client_settled_count,
    targets=(
        Target("disputed", "disputed", Disputed(WITHIN_DAYS), clients.client_dispute_rate, "the client's own share of disputed invoices"),
    ),
    uses=(
        Use(clients.client_dispute_rate, 1),
        Use(clients.client_dispute_rate_365d, 1),
        Use(clients.project_dispute_rate, 1),
        Use(clients.project_invoices),
        Use(clients.client_open_disputes),
        Use(clients.firm_dispute_rate_90d, 1),
        Use(clients.client_tenure_days),
        Use(invoices.invoice_amount),
        Use(invoices.invoice_to_client_mean, 1),
        Use(invoices.invoice_terms_days),
        Use(invoices.invoice_po_missing, 1),
        Use(payments.client_late_rate, 1),
        Use(payments.client_days_late_mean_365d),
        Use(payments.client_overdue_count),
        Use(payments.client_settled_count),
        Use(payments.client_invoices_90d),
    ),
    predicts_payment=False,
    stake="gross",
    book=InvoiceBook,
    title="{reference} may be {outcome}",
    owner_role="billing_reviewer",
    clears=f"It closes by itself {FRESH_DAYS} days after {{reference}} is issued, or once the records show it disputed, paid or cancelled.",
    actions=(
        ("", "Check the lines against the contract and the client's last objections before it goes out."),
        ("size", "Compare it with the client's usual invoice and explain what is new in the covering note."),
        ("reference", "Add the client's purchase order reference before it goes out."),
    ),
)
