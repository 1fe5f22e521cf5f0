"""Receivables: what each invoice was known to owe, through time.

One row for each span of knowledge time in which nothing about the invoice changed: drafted, issued, partly paid, settled, cancelled. Built
from invoices, allocations and adjustments by event and knowledge time, so that a misallocation corrected in March is wrong in February and
right in April, as it was for the collector.
"""

from typing import Final

import polars as pl

from records.known import ENTER, FOREVER, LEAVE, MONEY_SCALE, Facts, Known, day_end

_SETTLED_WITHIN: Final = MONEY_SCALE // 100
"""One hundredth of a unit: banks and ledgers round, and a cent owed is not owed."""

_ATTRIBUTES: Final = ("client_id", "contract_id", "project_id", "currency", "due_on", "gross", "po_ref", "drafted")


def receivables(known: Known) -> Facts:
    """Each invoice's spans, credit notes left out; ask for them by `known.derived(receivables)`.

    Columns: invoice_id, client_id, contract_id, project_id, currency, due_on (date), due (end of it), gross, paid, credited, owed (engine
    money), stage (draft, open, settled, cancelled), issued (end of the day of issue), drafted (microseconds), paid_on (date of the last
    money), settled_by (cash, credit, or nothing: a bill over nothing owes nothing once it is issued), enter, leave.
    """
    spans = _spans(known).with_columns(
        (pl.col("gross") - pl.col("paid") - pl.col("credited")).alias("owed"),
        day_end("due_on").alias("due"),
    )
    moved = pl.col("paid") + pl.col("credited") > 0
    settled = (pl.col("owed") <= _SETTLED_WITHIN) & (moved | pl.col("issued").is_not_null())
    stage = (
        pl.when(pl.col("cancelled"))
        .then(pl.lit("cancelled"))
        .when(settled)
        .then(pl.lit("settled"))
        .when(pl.col("issued").is_not_null())
        .then(pl.lit("open"))
        .otherwise(pl.lit("draft"))
    )
    more = pl.when(pl.col("paid") >= pl.col("credited")).then(pl.lit("cash")).otherwise(pl.lit("credit"))
    by = pl.when(settled).then(pl.when(moved).then(more).otherwise(pl.lit("nothing")))
    return Facts("receivable", spans.with_columns(stage.alias("stage"), by.alias("settled_by")))


def _spans(known: Known) -> pl.LazyFrame:
    """Attributes and running sums between every two instants at which anything about an invoice changed."""
    # Worked out first: what a plan names several times is planned as often, which on a few rows is all that takes time.
    invoices, money = _invoice_states(known).collect().lazy(), _money(known).collect().lazy()
    changes = pl.concat(
        [invoices.select("invoice_id", at=pl.col(ENTER)), invoices.select("invoice_id", at=pl.col(LEAVE)), money], how="diagonal"
    )
    merged = (
        changes.filter(pl.col("at") < FOREVER)
        .group_by("invoice_id", "at")
        .agg(pl.col("paid", "credited").fill_null(0).sum())
        .sort("invoice_id", "at")
        .with_columns(
            pl.col("paid", "credited").cum_sum().over("invoice_id"),
            pl.col("at").shift(-1).over("invoice_id").fill_null(FOREVER).alias("span_end"),
        )
    )
    dated = merged.join(_last_money(known, merged.select("invoice_id", "at")), on=["invoice_id", "at"], how="left", maintain_order="left")
    states = invoices.sort("invoice_id", ENTER).rename({LEAVE: "state_end"})
    spans = dated.join_asof(
        states, left_on="at", right_on=ENTER, by="invoice_id", strategy="backward", check_sortedness=False, coalesce=False
    )
    # A span that starts where one invoice state has ended and no other has begun belongs to a deleted invoice.
    held = spans.filter(pl.col("at") < pl.col("state_end")).with_columns(pl.col("at").alias(ENTER), pl.col("span_end").alias(LEAVE))
    # LEAVE alone may tell of what comes: the spine takes it off, and would keep another column that holds the same.
    return held.drop("at", "span_end", "state_end")


def _invoice_states(known: Known) -> pl.LazyFrame:
    rows = (
        known.versions("invoice")
        .frame.filter(pl.col("kind") == "invoice")
        .with_columns(
            pl.coalesce("gross_amount", pl.col("net_amount") + pl.col("tax_amount").fill_null(0)).alias("gross"),
            pl.min_horizontal("drafted_at", ENTER).cum_min().over("invoice_id", order_by=ENTER).alias("drafted"),
        )
    )
    points = pl.concat_list(
        ENTER, pl.col("issued_on_known").fill_null(FOREVER), pl.col("cancelled_at_known").fill_null(FOREVER)
    ).list.unique()
    split = (
        rows.with_columns(points.alias("point"))
        .explode("point")
        .filter((pl.col("point") >= pl.col(ENTER)) & (pl.col("point") < pl.col(LEAVE)))
    )
    end = pl.col("point").shift(-1).over("invoice_id", ENTER, order_by="point")
    begun = pl.col("issued_on_known") <= pl.col("point")
    return split.with_columns(pl.min_horizontal(end.fill_null(FOREVER), LEAVE).alias("end")).select(
        "invoice_id",
        *_ATTRIBUTES,
        pl.when(begun).then(day_end("issued_on")).alias("issued"),
        (pl.col("cancelled_at_known") <= pl.col("point")).fill_null(value=False).alias("cancelled"),
        pl.col("point").alias(ENTER),
        pl.col("end").alias(LEAVE),
    )


def _money(known: Known) -> pl.LazyFrame:
    """What was paid and credited on each invoice, as changes at instants: + when it came to be known, - when it was taken back."""
    allocations = _allocations(known)
    paid = allocations.frame.select("invoice_id", ENTER, LEAVE, paid="amount")
    # While a payment stands as failed or reversed, what it was allocated to is owed again, whether or not the allocation was taken back.
    # Its other versions change no sum, but begin a span: they may tell of another day.
    unpaid = allocations.joined(_payments(known), on="payment_id", take=("failed",)).frame.select(
        "invoice_id", ENTER, LEAVE, paid=-pl.col("amount") * pl.col("failed")
    )
    adjustments = known.facts("credit_adjustment", take=("invoice_id", "amount")).frame.select(
        "invoice_id", ENTER, LEAVE, credited="amount"
    )
    both = pl.concat([paid, unpaid, adjustments], how="diagonal").with_columns(pl.col("paid", "credited").fill_null(0))
    given = both.select("invoice_id", "paid", "credited", at=pl.col(ENTER))
    taken = both.select("invoice_id", paid=-pl.col("paid"), credited=-pl.col("credited"), at=pl.col(LEAVE))
    return pl.concat([given, taken])


def _last_money(known: Known, points: pl.LazyFrame) -> pl.LazyFrame:
    """`paid_on` at each point: the latest day of the money that stands then, as received, or as allocated where no payment is known."""
    standing = points.join(_allocations(known).frame, on="invoice_id").filter(
        (pl.col(ENTER) <= pl.col("at")) & (pl.col("at") < pl.col(LEAVE))
    )
    received = _payments(known).frame.select("payment_id", "received_on", "failed", begun=pl.col(ENTER), ended=pl.col(LEAVE)).sort("begun")
    paid = standing.sort("at").join_asof(
        received, left_on="at", right_on="begun", by="payment_id", strategy="backward", check_sortedness=False
    )
    held = (pl.col("at") < pl.col("ended")).fill_null(value=False)
    day = pl.when(held).then("received_on").otherwise("allocated_on")
    return paid.filter(~(held & pl.col("failed"))).group_by("invoice_id", "at").agg(day.max().alias("paid_on"))


def _allocations(known: Known) -> Facts:
    return known.facts("payment_allocation", until=("reversed_on",), take=("invoice_id", "payment_id", "amount", "allocated_on"))


def _payments(known: Known) -> Facts:
    held = known.facts("payment", take=("received_on", "status"))
    return Facts(held.name, held.frame.with_columns(failed=pl.col("status").is_in(["failed", "reversed"])))
