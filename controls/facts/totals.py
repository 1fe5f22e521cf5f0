"""Sums in knowledge time: what a key had come to at every instant, and what a contract had been billed when a bill was added."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from controls.facts.bills import charged
from controls.facts.spans import coalesced, together
from records.known import ENTER, FOREVER, LEAVE, Facts, Known

FEES: Final = ("time", "adjustment")
"""Kinds of line that a cap is about: hours, and what is written down of them."""


def running(facts: Facts, *, by: Sequence[str], of: str) -> Facts:
    """The sum of a value over the facts of a key that hold, as `total`, from each change to the next; `count` facts hold."""
    given = facts.frame.select(*by, at=pl.col(ENTER), total=pl.col(of), count=1)
    taken = facts.frame.select(*by, at=pl.col(LEAVE), total=-pl.col(of), count=-1).filter(pl.col("at") < FOREVER)
    changes = pl.concat([given, taken]).group_by(*by, "at").agg(pl.col("total", "count").sum()).sort(*by, "at")
    summed = changes.with_columns(
        pl.col("total", "count").cum_sum().over(by),
        pl.col("at").alias(ENTER),
        pl.col("at").shift(-1).over(by).fill_null(FOREVER).alias(LEAVE),
    )
    return Facts(f"{facts.name}.{of}", summed.filter(pl.col("count") > 0).drop("at"))


def capped_fees(known: Known) -> Facts:
    """What each invoice under a contract with a cap bills as fees: contract_id, invoice_id, `fees`, `drafted`."""
    capped = known.facts("contract", take=("cap_amount",)).where(pl.col("cap_amount").is_not_null(), name="capped")
    heads = _orders(known).frame.join(capped.frame.select("contract_id").unique(), on="contract_id", how="semi")
    fees = known.facts("invoice_line", take=("invoice_id", "kind", "net_amount")).where(pl.col("kind").is_in(FEES), name="fees")
    owned = fees.joined(Facts("head", heads), on="invoice_id", take=("contract_id", "drafted"))
    summed = running(owned, by=("contract_id", "invoice_id", "drafted"), of="net_amount")
    return Facts("capped_fees", summed.frame.rename({"total": "fees"}).drop("count"))


def so_far(facts: Facts, *, of: str) -> Facts:
    """The facts with the sum of a value over the bills of their contract that were drafted before them, and over themselves, as `total`.

    `facts`: contract_id, invoice_id, drafted, the value. Bills of one contract are few, so each is joined to those before it.
    """
    bill = ("contract_id", "drafted", "invoice_id")
    held = facts.frame.collect()
    if held.is_empty():
        return Facts(facts.name, held.lazy().with_columns(total=of))
    told = held.lazy()
    later = told.select(bill).unique().rename({"invoice_id": "bill", "drafted": "bill_drafted"})
    before = (pl.col("drafted") < pl.col("bill_drafted")) | (
        (pl.col("drafted") == pl.col("bill_drafted")) & (pl.col("invoice_id") <= pl.col("bill"))
    )
    pairs = told.join(later, on="contract_id").filter(before)
    summed = running(Facts(facts.name, pairs), by=("contract_id", "bill_drafted", "bill"), of=of)
    totals = summed.frame.drop("count").rename({"bill": "invoice_id", "bill_drafted": "drafted"})
    return together(Facts(facts.name, told), Facts(summed.name, totals), on=bill, take=("total",))


def _orders(known: Known) -> Facts:
    """Invoices with their contract and the instant of drafting, one fact for all their versions that agree."""
    invoices = known.derived(charged).where(pl.col("bill_kind") == "invoice", name="invoices")
    return coalesced(Facts("order", invoices.frame.select("invoice_id", "contract_id", "drafted", ENTER, LEAVE)), by=["invoice_id"])
