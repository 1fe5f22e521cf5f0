"""What was done about an open invoice, and what the client promised: reminders so far, promises broken and pending."""

from typing import Final

import polars as pl

from features.feature import feature
from features.histories import open_items
from features.signal import Signal, count, days_between, ordered, standing
from records.known import Facts, Known, day_end
from records.receivables import receivables

CHASED: Final = "reminders"
PROMISES: Final = "promises"


def contacts(known: Known) -> Facts:
    """Reminders, calls, letters and escalations about an invoice."""
    told = known.facts("collection_activity", take=("invoice_id", "kind", "performed_at"))
    return told.where(pl.col("kind").is_in(["reminder", "call", "letter", "escalation"]), name="asked")


def promised(known: Known) -> Facts:
    """Promises about an invoice: `promised_for`, the end of the day (microseconds)."""
    told = known.facts("promise_to_pay", take=("client_id", "invoice_id", "promised_at", "promised_for_on"))
    return Facts(told.name, told.frame.with_columns(promised_for=day_end("promised_for_on")))


def broken_promises(known: Known) -> Facts:
    """Promises whose day has passed while their invoice is open."""
    waiting = known.derived(promised).joined(known.derived(open_items), on="invoice_id", take=("client_id",))
    return waiting.since(pl.col("promised_for"), name="broken")


@feature(unit="count", group=CHASED, phrase="reminders and calls about it so far: {seen} (usual: {usual})", missing="zero")
def invoice_contacts(known: Known) -> Signal:
    """How often the client was reminded of the invoice, called or written to."""
    return count(known.derived(contacts), by="invoice_id")


@feature(unit="count", group=PROMISES, phrase="promises that it broke on what is open: {seen} (usual: {usual})", missing="zero")
def client_broken_promises(known: Known) -> Signal:
    """How many promises of the client about invoices that are open have passed their day."""
    return count(known.derived(broken_promises), by="client_id")


@feature(unit="lateness", group=PROMISES, phrase="it was promised {seen} (usual: {usual})")
def invoice_promised_days_late(known: Known) -> Signal:
    """How many days after the due date the client last promised to pay the invoice; negative is early."""
    due = standing(known.derived(receivables), "due", by="invoice_id")
    return days_between(due, ordered(known.derived(promised), "promised_for", how="last", by="invoice_id", event="promised_at"))
