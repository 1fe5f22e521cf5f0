"""Collections: which open invoice will be paid late, how late, and so whom to call first.

Fires: a client that paid nine of ten invoices late, two of them overdue now, has a new invoice of 40,000 open.
Silent: a client that always pays a week early has an invoice due tomorrow.
"""

from typing import Final

from features import chasing, clients, invoices, lateness, payment_runs, payments, project_health
from features.histories import VERY_LATE_DAYS, open_items
from models.invoice_book import ReceivableBook
from models.risk import Happened, Late, Risk, Target, Use
from models.segment import NEW_CLIENT_DAYS, Segment

USUAL_TERMS_DAYS: Final = 31.0
"""A month to pay is usual; what gives more is read apart, since its first rows lie far from the due date."""

WATCHED_DAYS: Final = 18 * 7
"""Sixty days to pay, thirty over and five weeks more: after that a collector has the invoice on the desk anyway."""

COLLECTIONS: Final = Risk(
    name="collections",
    says="An open invoice will be paid late",
    entity="invoice",
    cluster="client_id",
    at_risk=open_items,
    # Issue, then weekly while it is open, as it is scored: what becomes of an invoice that is still open so long after its due
    # date. At fortnightly ages hardly any row lay 21 to 30 days after it, where the answer changes fastest.
    ages_days=tuple(range(0, WATCHED_DAYS, 7)),
    # Lateness shows within weeks, and what the first rows could not know of a client the firm's own rate stands for.
    burn_in_days=0,
    history=payments.client_settled_count,
    targets=(
        Target("late", "paid after the due date", Late(0), payments.client_late_rate, "the client's own share of late payments"),
        Target(
            "late_30",
            f"paid more than {VERY_LATE_DAYS} days late",
            Late(VERY_LATE_DAYS),
            payments.client_very_late_rate,
            f"the client's own share of payments more than {VERY_LATE_DAYS} days late",
        ),
    ),
    uses=(
        Use(payments.client_late_rate, 1),
        Use(payments.client_late_rate_90d, 1),
        Use(payments.client_very_late_rate, 1),
        Use(payments.client_days_late_mean_365d, 1),
        Use(payments.client_days_late_median, 1),
        Use(payments.client_days_late_spread),
        Use(payments.client_days_late_trend, 1),
        Use(lateness.client_pace, 1),
        Use(lateness.client_very_late_rate_of_open, 1),
        Use(lateness.client_open_beyond_usual_share, 1),
        Use(payment_runs.client_run_period),
        Use(payment_runs.client_days_to_run),
        Use(payment_runs.invoice_days_to_last_run, -1),
        Use(payment_runs.invoice_very_late_chance, 1),
        Use(payments.client_overdue_count, 1),
        Use(payments.client_overdue_amount),
        Use(payments.client_oldest_overdue_days, 1),
        Use(payments.client_settled_count),
        Use(payments.firm_late_rate_90d, 1),
        Use(clients.client_tenure_days),
        Use(clients.client_dispute_rate, 1),
        Use(clients.client_open_disputes, 1),
        Use(invoices.invoice_amount),
        Use(invoices.invoice_to_client_mean, 1),
        Use(invoices.invoice_owed_share),
        Use(invoices.invoice_days_to_due, -1),
        Use(invoices.invoice_terms_days),
        Use(invoices.invoice_in_dispute, 1),
        Use(invoices.invoice_po_missing, 1),
        Use(chasing.invoice_contacts),
        Use(chasing.client_broken_promises, 1),
        Use(chasing.invoice_promised_days_late, 1),
        Use(project_health.invoice_project_overdue_milestones, 1),
        Use(project_health.invoice_project_overrun, 1),
        Use(project_health.invoice_project_open_disputes, 1),
        Use(project_health.invoice_project_staff_changes_90d, 1),
    ),
    segments=(
        Segment("client tenure", clients.client_tenure_days, (NEW_CLIENT_DAYS,)),
        Segment("invoice amount", invoices.invoice_amount),
        Segment("payment terms", invoices.invoice_terms_days, (USUAL_TERMS_DAYS,)),
    ),
    predicts_payment=True,
    stake="owed",
    book=ReceivableBook,
    title="{reference} may be {outcome}",
    happened=Happened(title="{overdue} overdue: {reference}", reason="It fell due on {due}, and {money} is still owed."),
    owner_role="collector",
    clears="It closes by itself once the records show {money} paid, credited or written off on {reference}, or the invoice cancelled.",
    actions=(
        ("", "Call the client and ask for the date of the payment run."),
        (clients.DISPUTES, "Settle the open dispute with the project lead before asking for payment."),
        ("dispute", "Settle the open dispute with the project lead before asking for payment."),
        (payments.BACKLOG, "Call about all overdue invoices at once and agree a date for each."),
        ("reference", "Ask the client for the purchase order number and send it with the invoice."),
    ),
)
