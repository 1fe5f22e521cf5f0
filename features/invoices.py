"""What the invoice itself says: its size, its age, its terms, what is missing on it."""

from features.feature import feature
from features.histories import invoices, issued, lacking_po, open_disputes
from features.signal import NOW, Signal, count, days_between, in_units, mean, standing
from records.known import Known
from records.receivables import receivables

TIMING = "timing"
SIZE = "size"


@feature(unit="money", group=SIZE, phrase="the invoice is for {seen} (usual: {usual})")
def invoice_amount(known: Known) -> Signal:
    """Gross amount of the invoice, in its currency."""
    return in_units(standing(known.derived(invoices), "amount", by="invoice_id"))


@feature(unit="ratio", group=SIZE, phrase="it is {seen} times this client's average invoice (usual: {usual})")
def invoice_to_client_mean(known: Known) -> Signal:
    """The invoice's amount over the client's average invoice of the last year."""
    usual = mean(known.derived(issued), "amount", by="client_id", days=365, event="issued")
    return standing(known.derived(invoices), "amount", by="invoice_id") / usual


@feature(unit="share", group=SIZE, phrase="{seen} of the invoice is still owed (usual: {usual})")
def invoice_owed_share(known: Known) -> Signal:
    """What is still owed over the invoice's amount."""
    held = known.derived(invoices)
    return standing(held, "owed", by="invoice_id") / standing(held, "amount", by="invoice_id")


@feature(unit="due", group=TIMING, phrase="it {seen}")
def invoice_days_to_due(known: Known) -> Signal:
    """Days from now to the end of the due date; negative when overdue."""
    return days_between(NOW, standing(known.derived(receivables), "due", by="invoice_id"))


@feature(unit="days", group=TIMING, phrase="it was issued {seen} ago (usual: {usual})")
def invoice_age_days(known: Known) -> Signal:
    """Days since the end of the day of issue."""
    return days_between(standing(known.derived(receivables), "issued", by="invoice_id"), NOW)


@feature(unit="days", group="terms", phrase="it gives {seen} to pay (usual: {usual})")
def invoice_terms_days(known: Known) -> Signal:
    """Days from issue, or from the draft, to the due date."""
    return standing(known.derived(invoices), "terms_days", by="invoice_id")


@feature(unit="yes_no", group="dispute", phrase="an open dispute on this invoice: {seen} (usual: {usual})", missing="zero")
def invoice_in_dispute(known: Known) -> Signal:
    """Whether a dispute of this invoice is open now."""
    return count(known.derived(open_disputes), by="invoice_id").apply(lambda found: found.clip(upper_bound=1))


@feature(unit="yes_no", group="reference", phrase="a purchase order is asked for and missing: {seen} (usual: {usual})", missing="zero")
def invoice_po_missing(known: Known) -> Signal:
    """Whether the contract asks for a purchase order reference (BT-13) and the invoice has none."""
    return count(known.derived(lacking_po), by="invoice_id").apply(lambda found: found.clip(upper_bound=1))
