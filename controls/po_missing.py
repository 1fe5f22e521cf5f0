"""Purchase order missing: what a client's accounts payable sends back unread."""

import polars as pl

from controls.control import control
from controls.facts.bills import bills
from controls.facts.guidelines import GUIDELINE, Terms
from controls.facts.spans import beside
from records.known import Facts, Known


@control(entity="invoice", severity="blocker", family="head", unit="text", rests_on="contract")
def po_missing(known: Known, terms: Terms) -> Facts:
    """The client asks for a purchase order number, and the bill has none.

    Fires: an invoice without a purchase order under a contract, or for a client whose guideline, asks for one.
    Silent: an invoice that quotes any number (whether it is the right one: `po_wrong`); a contract that asks for none; a credit note.
    Rests on: the contract, or the client's guideline of this name where the contract asks for none.
    Clears: quote the number of the purchase order that the client has given, or ask the client for one.
    """
    bare = known.derived(bills).where(pl.col("po_ref").is_null() & (pl.col("bill_kind") == "invoice"), name="bare")
    asking = known.facts("contract", take=("po_required", "po_ref"))
    renamed = Facts(asking.name, asking.frame.rename({"po_ref": "expected"}))
    ruled = terms.on(beside(bare, renamed, on="contract_id", take=("po_required", "expected")), day="drafted_on")
    asked = pl.col("po_required").fill_null(value=False)
    found = ruled.frame.filter(asked | pl.col(GUIDELINE).is_not_null())
    return Facts(
        ruled.name,
        found.with_columns(
            difference=pl.coalesce("gross_amount", "net_amount"),
            rests_on_table=pl.when(asked).then(pl.lit("contract")).otherwise(pl.lit("billing_guideline")),
            rests_on_id=pl.when(asked).then("contract_id").otherwise(GUIDELINE),
        ),
    )
