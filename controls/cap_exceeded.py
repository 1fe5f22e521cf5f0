"""Cap exceeded: what the client has agreed not to pay."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.bills import bills
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.spans import coalesced
from controls.facts.totals import capped_fees, so_far
from controls.facts.words import plain
from records.known import ENTER, LEAVE, Facts, Known

ROUNDING: Final = Tolerance("rounding", 0.01, "money", "Lines are rounded to the cent, and what is written down to the cap is too.")


@control(entity="invoice", severity="blocker", family="amounts", unit="money", rests_on="contract", tolerances=(ROUNDING,))
def cap_exceeded(known: Known, terms: Terms) -> Facts:
    """A bill takes the fees of its contract above the agreed cap.

    Fires: a draft of 8,000.00 in fees under a contract with a cap of 50,000.00 of which 45,000.00 had been billed: 3,000.00 too much.
    Silent: fees up to the cap; what is written down to it; expenses, milestones and retainers; a bill that adds no fee to a contract that
    others have taken above its cap.
    Rests on: the contract's cap as it is known, and all its bills that are not cancelled, in the order of drafting.
    Clears: write the excess down, or have the client agree to a higher cap and record the amendment.
    """
    totals = so_far(known.derived(capped_fees), of="fees")
    head = ("client_id", "project_id", "currency", "drafted_on")
    standing = known.derived(bills).frame.select("invoice_id", *head, ENTER, LEAVE)
    told = totals.joined(coalesced(Facts("bill", standing), by=["invoice_id"]), on="invoice_id", take=head)
    caps = known.facts("contract", take=("cap_amount",)).where(pl.col("cap_amount").is_not_null(), name="capped")
    capped = told.joined(caps, on="contract_id", take=("cap_amount",))
    excess = pl.min_horizontal(pl.col("total") - pl.col("cap_amount"), "fees")
    ruled = terms.on(capped.where(excess > 0, name="above"), day="drafted_on")
    return Facts(
        ruled.name,
        ruled.frame.filter(excess > pl.col("rounding")).with_columns(
            expected=plain(pl.col("cap_amount")), found=plain(pl.col("total")), difference=excess, rests_on_id="contract_id"
        ),
    )
