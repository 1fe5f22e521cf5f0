"""Credit note without its invoice: nobody can tell what it takes back."""

import polars as pl

from controls.control import control
from controls.facts.bills import bills, charged
from controls.facts.guidelines import Terms
from controls.facts.spans import beside
from controls.facts.words import plain
from records.known import ENTER, LEAVE, Facts, Known


@control(entity="invoice", severity="error", family="billing", unit="text", rests_on="invoice")
def credit_note_without_invoice(known: Known, terms: Terms) -> Facts:
    """A credit note names no invoice of its client, or more than the invoice came to.

    Fires: a credit note without a preceding invoice; one that names another client's; one of 900.00 for an invoice of 800.00.
    Silent: a credit note of no more than the invoice that it names; an invoice.
    Rests on: the invoice that is named, else the credit note.
    Clears: name the invoice that it corrects, or correct the amount.
    """
    del terms
    notes = known.derived(bills).where(pl.col("bill_kind") == "credit_note", name="notes")
    every = known.derived(charged).where(pl.col("bill_kind") == "invoice", name="invoices").frame
    named = every.select(ENTER, LEAVE, preceding_invoice_id="invoice_id", invoice_client_id="client_id", invoice_net_amount="net_amount")
    held = beside(notes, Facts("named", named), on="preceding_invoice_id", take=("invoice_client_id", "invoice_net_amount"))
    strange = pl.col("invoice_client_id").is_null() | (pl.col("invoice_client_id") != pl.col("client_id"))
    over = pl.col("net_amount").abs() > pl.col("invoice_net_amount")
    found = held.where(strange | over, name="strange")
    return Facts(
        found.name,
        found.frame.with_columns(
            expected=pl.when(~strange).then(plain(pl.col("invoice_net_amount"))),
            found=pl.when(strange).then("preceding_invoice_id").otherwise(plain(pl.col("net_amount"))),
            difference=pl.when(strange)
            .then(pl.col("net_amount").abs())
            .otherwise(pl.col("net_amount").abs() - pl.col("invoice_net_amount")),
            rests_on_id=pl.when(strange).then("invoice_id").otherwise("preceding_invoice_id"),
        ),
    )
