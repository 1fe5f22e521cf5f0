"""Siblings: bills of one project that are for the same days."""

from typing import Final

import polars as pl

from controls.facts.bills import bills, charged
from controls.facts.spans import coalesced, foremost
from records.known import DAY, ENTER, LEAVE, Facts, Known

_BILL: Final = ("invoice_id", "client_id", "contract_id", "project_id", "currency", "drafted", "net_amount", "number")
_PERIOD: Final = ("period_start_on", "period_end_on")


def siblings(known: Known) -> Facts:
    """Each open invoice beside the first earlier one of its project whose period overlaps, settled ones too: `earlier_*`, `days_apart`.

    Bills of a project are few, so each is joined to the others of it.
    """
    every = known.derived(charged).where(_whole(), name="whole").frame.select(*_BILL, *_PERIOD, ENTER, LEAVE)
    told = coalesced(Facts("whole", every), by=["invoice_id"]).frame
    several = told.group_by("project_id").agg(bills=pl.col("invoice_id").n_unique()).filter(pl.col("bills") > 1)
    few = told.join(several, on="project_id", how="semi")
    own = known.derived(bills).where(_whole(), name="whole").frame.select(*_BILL, *_PERIOD, ENTER, LEAVE)
    earlier = few.rename({name: f"earlier_{name}" for name in few.collect_schema().names() if name != "project_id"})
    met = coalesced(Facts("own", own), by=["invoice_id"]).frame.join(earlier, on="project_id")
    overlap = (pl.col("earlier_period_start_on") <= pl.col("period_end_on")) & (
        pl.col("period_start_on") <= pl.col("earlier_period_end_on")
    )
    same = pl.col("earlier_drafted") == pl.col("drafted")
    before = (pl.col("earlier_drafted") < pl.col("drafted")) | (same & (pl.col("earlier_invoice_id") < pl.col("invoice_id")))
    enter, leave = pl.max_horizontal(ENTER, f"earlier_{ENTER}"), pl.min_horizontal(LEAVE, f"earlier_{LEAVE}")
    held = met.filter(overlap & before).with_columns(enter.alias(ENTER), leave.alias(LEAVE)).filter(pl.col(ENTER) < pl.col(LEAVE))
    apart = (pl.col("drafted") - pl.col("earlier_drafted")) // DAY
    pairs = held.drop(f"earlier_{ENTER}", f"earlier_{LEAVE}").with_columns(days_apart=apart)
    return foremost(Facts("sibling", pairs), by=["invoice_id"], order=["earlier_drafted", "earlier_invoice_id"])


def _whole() -> pl.Expr:
    named = [pl.col(name).is_not_null() for name in ("project_id", *_PERIOD)]
    return pl.all_horizontal(pl.col("bill_kind") == "invoice", *named)
