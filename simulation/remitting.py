"""Payments as the bank shows them and allocations as the ledger books them: netted by run, some put on the wrong invoice and corrected."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from simulation.days import NEVER, next_workday
from simulation.naming import named
from simulation.plan import Plan

NETTING_CLIENTS: Final = 0.65
"""Share of clients that pay all invoices of a run in one sum."""
MISALLOCATED: Final = 0.04
BOOKED_AFTER: Final = (0.45, 0.35, 0.12, 0.08)
"""Shares of payments booked 0, 1, 2 and 3 days after the bank received them."""


@dataclass(frozen=True)
class Cash:
    payments: pl.DataFrame
    allocations: pl.DataFrame


def remit(plan: Plan, settled: pl.DataFrame) -> Cash:
    """`settled`: draft (row number), invoice_id, client, currency, payable, first_on, rest_on, in_parts, project, month."""
    items = _items(plan, settled)
    draws = plan.draws
    netting = draws.chance(NETTING_CLIENTS, "client.netting", items["client"].to_numpy())
    alone = np.where(netting, -1, items["draft"].to_numpy())
    items = items.with_columns(alone=alone).sort("paid_on", "client", "alone", "draft")
    items = items.with_columns(payment=pl.struct("paid_on", "client", "alone").rank("dense").cast(pl.Int64) - 1)
    payments = items.group_by("payment", maintain_order=True).agg(
        pl.col("client", "currency", "paid_on").first(), pl.col("amount").sum(), draft=pl.col("draft").min(), invoices=pl.col("invoice_id")
    )
    key = (payments["client"].to_numpy(), payments["paid_on"].to_numpy(), payments["draft"].to_numpy())
    booked = payments["paid_on"].to_numpy() + draws.pick(BOOKED_AFTER, "payment.booked", *key)
    method = np.array(["transfer", "direct_debit", "cheque"])[draws.pick((0.88, 0.09, 0.03), "payment.method", key[0])]
    payments = payments.with_columns(
        booked_on=next_workday(booked, 0),
        method=pl.lit(method),
        noted=pl.lit(draws.chance(0.85, "payment.noted", *key)),
        payment_id=named("R{}-{}", pl.col("paid_on"), pl.col("draft")),
    )
    return Cash(payments, _allocations(plan, items.join(payments.select("payment", "payment_id", "booked_on"), on="payment")))


def _items(plan: Plan, settled: pl.DataFrame) -> pl.DataFrame:
    key = (settled["project"].to_numpy(), settled["month"].to_numpy())
    share = plan.draws.between(0.3, 0.7, "payment.first_share", *key)
    first = np.where(settled["in_parts"].to_numpy(), np.round(settled["payable"].to_numpy() * share), settled["payable"].to_numpy())
    kept = ["draft", "invoice_id", "client", "currency", "project", "month"]
    whole = settled.select(*kept, part=pl.lit(0), paid_on=pl.col("first_on"), amount=pl.lit(pl.Series(first.astype(np.int64))))
    rest = settled.select(
        *kept, part=pl.lit(1), paid_on=pl.col("rest_on"), amount=pl.col("payable") - pl.lit(pl.Series(first.astype(np.int64)))
    )
    return pl.concat([whole, rest]).filter((pl.col("amount") > 0) & (pl.col("paid_on") < NEVER))


def _allocations(plan: Plan, items: pl.DataFrame) -> pl.DataFrame:
    """Each item on its invoice; a few first on the client's invoice before it, reversed when somebody notices, then put right."""
    draws, key = plan.draws, [items[name].to_numpy() for name in ("project", "month", "part")]
    other = items.select(pl.col("invoice_id").shift(1).over("client", order_by=["draft", "part"])).to_series()
    wrong = (
        draws.chance(MISALLOCATED, "allocation.wrong", *key)
        & other.is_not_null().to_numpy()
        & (other != items["invoice_id"]).fill_null(value=False).to_numpy()
    )
    noticed = next_workday(items["booked_on"].to_numpy() + draws.whole(6, 28, "allocation.noticed", *key), 0)
    booked = items["booked_on"].to_numpy()
    told = items.with_columns(allocation_id=named("A{}-{}-{}", "project", "month", "part"), other=other, wrong=pl.lit(wrong))
    right = told.select(
        "allocation_id",
        "payment_id",
        "invoice_id",
        "amount",
        allocated_on=np.where(wrong, noticed, booked),
        reversed_on=pl.lit(NEVER, dtype=pl.Int64),
    )
    mistaken = told.with_columns(allocated_on=booked, reversed_on=noticed).filter("wrong")
    first = mistaken.select(
        pl.col("allocation_id") + "-X", "payment_id", pl.col("other").alias("invoice_id"), "amount", "allocated_on", "reversed_on"
    )
    return pl.concat([right, first])


def export_payments(cash: Cash) -> pl.DataFrame:
    return cash.payments.select(
        "payment_id",
        "booked_on",
        "amount",
        "currency",
        "method",
        client_id=named("C{}", pl.col("client").cast(pl.String).str.zfill(5)),
        received_on=pl.col("paid_on"),
        status=pl.lit("settled"),
        remittance_text=pl.when("noted").then(pl.col("invoices").list.join(" ")),
        _known_on=pl.col("booked_on"),
    )
