"""Purchase order exhausted: the client's system has no money left on the number, and sends the bill back."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.bills import bills, charged
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.spans import coalesced
from controls.facts.totals import so_far
from controls.facts.words import plain
from records.known import ENTER, LEAVE, Facts, Known

ROUNDING: Final = Tolerance("rounding", 0.01, "money", "Bills are rounded to the cent, and orders are placed in whole ones.")


@control(entity="invoice", severity="blocker", family="head", unit="money", rests_on="contract", tolerances=(ROUNDING,))
def po_exhausted(known: Known, terms: Terms) -> Facts:
    """A bill takes what is billed on a purchase order above the order's amount.

    Fires: a draft of 8,000.00 on an order of 50,000.00 of which 45,000.00 had been billed: 3,000.00 too much.
    Silent: bills up to the amount, before tax; what a credit note has given back; bills that quote another order than the contract names
    (`po_wrong`); an order without an amount.
    Rests on: the order's number and amount in the contract as it is known, and all its bills that are not cancelled, in the order of
    drafting.
    Clears: ask the client for a new order, or for more on this one, and record it in the contract.
    """
    totals = so_far(_on_their_order(known), of="billed")
    head = ("client_id", "project_id", "currency", "drafted_on")
    standing = known.derived(bills).frame.filter(pl.col("bill_kind") == "invoice").select("invoice_id", *head, ENTER, LEAVE)
    told = totals.joined(coalesced(Facts("bill", standing), by=["invoice_id"]), on="invoice_id", take=head)
    excess = pl.min_horizontal(pl.col("total") - pl.col("po_amount"), "billed")
    ruled = terms.on(told.where(excess > 0, name="above"), day="drafted_on")
    return Facts(
        ruled.name,
        ruled.frame.filter(excess > pl.col("rounding")).with_columns(
            expected=plain(pl.col("po_amount")), found=plain(pl.col("total")), difference=excess, rests_on_id="contract_id"
        ),
    )


def _on_their_order(known: Known) -> Facts:
    """What each bill takes of the order of its contract, before tax: contract_id, invoice_id, `drafted`, `billed`, `po_amount`.

    A bill without a number is on the order that its contract names; a credit note gives back.
    """
    told = known.facts("contract", take=("po_ref", "po_amount")).where(pl.col("po_amount").is_not_null(), name="limited")
    orders = Facts(told.name, told.frame.rename({"po_ref": "named"}))
    taken = pl.when(pl.col("bill_kind") == "credit_note").then(-pl.col("net_amount").abs()).otherwise("net_amount")
    every = known.derived(charged).frame.select("invoice_id", "contract_id", "drafted", "po_ref", ENTER, LEAVE, billed=taken)
    placed = Facts("billed", every).joined(orders, on="contract_id", take=("named", "po_amount"))
    same = pl.col("po_ref").is_null() | pl.col("named").is_null() | (pl.col("po_ref") == pl.col("named"))
    return coalesced(Facts(placed.name, placed.frame.filter(same).drop("po_ref", "named")), by=["invoice_id"])
