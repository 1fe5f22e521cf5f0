"""Dispute: which draft or fresh invoice the client will contest.

Fires: a client that contested one invoice in five gets a draft three times its usual size.
Silent: a client that never contested anything in forty invoices gets its usual monthly draft.
"""

from typing import Final

import polars as pl

from features import clients, crediting, drafts, findings, invoices, objections, payments, project_burn
from features.histories import disputes
from models.invoice_book import InvoiceBook
from models.risk import Disputed, Risk, Target, Use
from models.segment import NEW_CLIENT_DAYS, Segment
from records.known import DAY, ENTER, LEAVE, Facts, Known
from records.receivables import receivables

FRESH_DAYS: Final = 30
"""An invoice is scored for dispute until so long after its issue: most disputes come 5 to 25 days after it."""
BURN_IN_DAYS: Final = 45
"""Half of the time in which disputes come: before it hardly any could have been seen. Measured on training parts: 0 and 90 are worse."""
WITHIN_DAYS: Final = 90
"""Disputes have a tail to 60 days after issue, and a draft may wait up to a month before it is issued."""

FLAWS: Final = (
    *(drafts.line_over_card, drafts.line_over_grade, drafts.line_miscounted, drafts.lines_again, drafts.line_days_off_record),
    *(drafts.expenses_unapproved, drafts.expenses_unproven, drafts.milestones_unaccepted, drafts.draft_over_cap),
    *(drafts.draft_other_party, drafts.sibling_drafts, invoices.invoice_po_missing),
)
"""What `draft_flaws` counts."""


def at_risk(known: Known) -> Facts:
    """Drafts, and invoices issued in the last FRESH_DAYS, that have not been disputed."""
    held = known.derived(receivables).where(pl.col("stage").is_in(["draft", "open"]), name="fresh")
    first = known.derived(disputes).frame.group_by("invoice_id").agg(disputed=pl.col(ENTER).min())
    ends = pl.min_horizontal(LEAVE, pl.col("issued") + FRESH_DAYS * DAY, pl.col("disputed"))
    spans = held.frame.join(first, on="invoice_id", how="left").with_columns(ends.alias(LEAVE)).drop("disputed")
    alive = spans.filter(pl.col(ENTER) < pl.col(LEAVE)).collect()
    return Facts(held.name, objections.desks(known, alive, at=ENTER).lazy())


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
        Use(objections.invoice_days_out, -1),
        Use(objections.client_objects, 1),
        Use(objections.project_objects, 1),
        Use(objections.desk_dispute_rate, 1),
        Use(objections.sector_dispute_rate_180d, 1),
        Use(objections.client_billing_rules, 1),
        Use(objections.contract_amendments_180d, 1),
        Use(project_burn.project_health, 1),
        Use(project_burn.project_overdue_milestones, 1),
        Use(drafts.line_over_card, 1),
        Use(drafts.draft_over_card, 1),
        Use(drafts.line_price_rise, 1),
        Use(drafts.line_over_grade, 1),
        Use(drafts.line_miscounted, 1),
        Use(drafts.lines_again, 1),
        Use(drafts.line_days_billed_before, 1),
        Use(drafts.line_days_before_period, 1),
        Use(drafts.line_days_off_record, 1),
        Use(drafts.line_hours_unrecorded, 1),
        Use(drafts.line_wording_rate, 1),
        Use(drafts.line_words_least, -1),
        Use(drafts.expenses_unapproved, 1),
        Use(drafts.expenses_unproven, 1),
        Use(drafts.milestones_unaccepted, 1),
        Use(drafts.draft_other_party, 1),
        Use(drafts.contract_cap_billed, 1),
        Use(drafts.draft_over_cap, 1),
        Use(drafts.sibling_drafts, 1),
        Use(drafts.draft_new_people, 1),
        Use(drafts.draft_expense_share),
        Use(drafts.draft_milestone_share),
        Use(drafts.draft_lines),
        Use(drafts.invoice_to_project_mean, 1),
        Use(drafts.draft_flaws, 1),
        Use(findings.invoice_errors, 1),
        Use(findings.invoice_warnings, 1),
        Use(findings.invoice_findings_share, 1),
    ),
    spread=((drafts.draft_flaws, findings.invoice_errors, findings.invoice_findings_share), FLAWS),
    segments=(
        Segment("client tenure", clients.client_tenure_days, (NEW_CLIENT_DAYS,)),
        Segment("invoice amount", invoices.invoice_amount),
        Segment("order number lacking", invoices.invoice_po_missing, (0.5,)),
    ),
    predicts_payment=False,
    stake="gross",
    stake_share=crediting.client_credited_share,
    splits_lines=True,
    book=InvoiceBook,
    title="{reference} may be {outcome}",
    owner_role="billing_reviewer",
    clears=f"It closes by itself {FRESH_DAYS} days after {{reference}} is issued, or once the records show it disputed, paid or cancelled.",
    actions=(
        ("", "Check the lines against the contract and the client's last objections before it goes out."),
        ("size", "Compare it with the client's usual invoice and explain what is new in the covering note."),
        ("price", "Hold the line's price against the card that the client agreed to, and correct it before it goes out."),
        ("grade", "Bill the person in the role that the client agreed to."),
        ("arithmetic", "Correct the line whose amount is not its quantity times its price."),
        ("billed twice", "Take out what an earlier line already bills."),
        ("period", "Move the line to the days on which the work was done, or explain them in the covering note."),
        ("time on record", "Ask for the time behind the line, or take it out."),
        ("wording", "Say on the line what was done, as the client asks for it."),
        ("expenses", "Get approval and receipt, or hold the expense back until the next invoice."),
        ("acceptance", "Ask the client to accept the milestone before it is billed."),
        ("party", "Bill from the legal entity and in the currency of the contract."),
        ("cap", "Bill no more than the cap, or have it raised first."),
        ("split", "Put the project's drafts of these days on one invoice, or explain both."),
        ("reference", "Add the client's purchase order reference before it goes out."),
    ),
    issued_actions=(
        (
            "",
            "Check the lines against the contract and the client's last objections, and settle what is doubtful before the client objects.",
        ),
        ("size", "Compare it with the client's usual invoice, and explain to the client what is new in it."),
        ("price", "Hold the line's price against the card that the client agreed to, and have what is over it credited."),
        ("grade", "Hold the line against the role that the client agreed to for this person, and have the difference credited."),
        ("arithmetic", "Have the line credited and billed anew: its amount is not its quantity times its price."),
        ("billed twice", "Have credited what an earlier line already bills."),
        ("period", "Explain the days of the line to the client, or have it credited and billed on those on which the work was done."),
        ("time on record", "Ask for the time behind the line, or have it credited."),
        ("wording", "Tell the client what was done, as it asks for it: the line does not say."),
        ("expenses", "Send the client approval and receipt, or have the expense credited."),
        ("acceptance", "Ask the client to accept the milestone now: its bill is out already."),
        ("party", "Have it credited, and billed anew from the legal entity and in the currency of the contract."),
        ("cap", "Have the cap raised, or what is over it credited."),
        ("split", "Explain to the client why the project's work of these days is on more than one invoice."),
        ("reference", "Send the client the invoice anew, with its purchase order reference."),
    ),
)
