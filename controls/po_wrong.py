"""Purchase order wrong: a number that the client's system does not find, or that another order has replaced."""

import polars as pl

from controls.control import control
from controls.facts.bills import bills
from controls.facts.guidelines import Terms
from controls.facts.spans import beside, day_of, in_force
from records.known import ENTER, FOREVER, LEAVE, Facts, Known


@control(entity="invoice", severity="blocker", family="head", unit="text", rests_on="contract")
def po_wrong(known: Known, terms: Terms) -> Facts:  # noqa: ARG001 - a number is the same or it is not
    """A bill quotes another purchase order than its contract names.

    Fires: a draft that quotes PO-7 under a contract that has named PO-9 since the month before.
    Silent: the contract's number, as it is known or as it was when the bill was drafted; a bill, or a contract, without a number.
    Rests on: the contract as it was known on the day of drafting.
    Clears: quote the contract's purchase order, or have the new one recorded in the contract.
    """
    named = known.derived(bills).where(pl.col("po_ref").is_not_null() & (pl.col("bill_kind") == "invoice"), name="named")
    versions = known.facts("contract", take=("po_ref",))
    # Every version stays in force for the bills drafted while it was the one known: a bill is not wrong because the order changed later.
    told = versions.frame.with_columns(
        effective_on=day_of(pl.col(ENTER)), ends_on=pl.lit(None, dtype=pl.Date), expected="po_ref", named_by="contract_id"
    ).with_columns(pl.lit(FOREVER, dtype=pl.Int64).alias(LEAVE))
    standing = Facts(versions.name, versions.frame.rename({"po_ref": "standing"}))
    asked = beside(named, standing, on="contract_id", take=("standing",)).where(
        pl.col("po_ref").ne_missing(pl.col("standing")), name="other"
    )
    found = in_force(asked, Facts(versions.name, told), on=("contract_id",), day="drafted_on", take=("expected", "named_by"))
    other = found.frame.filter(pl.col("po_ref") != pl.col("expected"))
    return Facts(
        found.name, other.with_columns(found="po_ref", difference=pl.coalesce("gross_amount", "net_amount"), rests_on_id="named_by")
    )
