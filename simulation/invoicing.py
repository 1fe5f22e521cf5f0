"""The invoices, their lines, disputes and adjustments as the ledger has them."""

from typing import Final

import numpy as np
import polars as pl

from simulation.days import NEVER, end_of
from simulation.drafting import CATEGORIES, LINE_KINDS, TIME
from simulation.faults import KIND_NUMBER, KINDS
from simulation.people import ROLES, person_id
from simulation.plan import Plan
from simulation.projects import client_id, contract_id, project_id

INVOICE_ID: Final = pl.format("I{}-{}", pl.col("project").cast(pl.String).str.zfill(6), pl.col("month").cast(pl.String).str.zfill(3))
WRITTEN_OFF_AFTER: Final = (100, 190)
"""Days past due within which what an insolvent client owes is given up."""


def billed(drafts: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Drafts with their net, tax and gross amounts in cents, and what the errors in their lines add or take."""
    totals = lines.group_by("project", "month").agg(pl.col("net").sum(), clean_net=pl.col("clean_net").sum())
    priced = drafts.join(totals, on=("project", "month"), how="left", maintain_order="left")
    return priced.with_columns(tax=(pl.col("net") * pl.col("tax_rate")).round().cast(pl.Int64), invoice_id=INVOICE_ID).with_columns(
        gross=pl.col("net") + pl.col("tax")
    )


def export_invoices(drafts: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    """Two versions of each: the draft, and the issued invoice with its number and due date; a cancelled draft has the one."""
    heads = faults.filter(pl.col("fault").is_in([KIND_NUMBER["missing_po"], KIND_NUMBER["wrong_entity"]]))
    flags = heads.group_by("project", "month").agg(
        no_po=(pl.col("fault") == KIND_NUMBER["missing_po"]).any(), other_entity=(pl.col("fault") == KIND_NUMBER["wrong_entity"]).any()
    )
    told = drafts.join(flags, on=("project", "month"), how="left", maintain_order="left").with_columns(
        pl.col("no_po", "other_entity").fill_null(value=False)
    )
    shared = told.select(
        "invoice_id",
        "drafted_at",
        "currency",
        "cancelled",
        "issued",
        client_id=client_id("client"),
        contract_id=contract_id("contract"),
        project_id=project_id("project"),
        kind=pl.lit("invoice"),
        prepared_by=person_id("preparer"),
        period_start_on="opens",
        period_end_on="closes",
        net_amount="net",
        tax_amount="tax",
        gross_amount="gross",
        po_ref=pl.when(pl.col("po_required") & ~pl.col("no_po")).then(pl.format("PO-{}", "po")),
        legal_entity=pl.when("other_entity").then(pl.lit("PL-IE")).otherwise("entity"),
        issued_on=pl.lit(NEVER, dtype=pl.Int64),
        sent_at=pl.lit(end_of(np.array([NEVER]))[0], dtype=pl.Int64),
        cancelled_at=pl.when("cancelled").then(pl.col("sent_at")).otherwise(int(end_of(np.array([NEVER]))[0])),
        _sent="sent_at",
        _due="due",
    )
    draft = shared.with_columns(number=pl.lit(None, dtype=pl.String), due_on=pl.lit(None, dtype=pl.Int64), _known_at="drafted_at")
    sent = (
        shared.filter(~pl.col("cancelled"))
        .sort("_sent", "invoice_id")
        .with_columns(
            number=pl.format("{}-{}", "legal_entity", (pl.int_range(pl.len()) + 10_001)),
            due_on="_due",
            issued_on="issued",
            sent_at="_sent",
            _known_at="_sent",
        )
    )
    return pl.concat([draft, sent.select(draft.columns)]).drop("_sent", "_due", "cancelled", "issued")


def export_lines(drafts: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    heads = drafts.select("project", "month", "invoice_id", _known_at="drafted_at")
    joined = lines.join(heads, on=("project", "month"), how="left", maintain_order="left")
    hourly = pl.col("kind") == TIME
    return joined.select(
        "invoice_id",
        "line_no",
        "description",
        "_known_at",
        line_id=line_id(),
        kind=pl.col("kind").replace_strict(dict(enumerate(LINE_KINDS)), return_dtype=pl.String),
        person_id=pl.when(pl.col("person").is_not_null()).then(person_id("person")),
        role=pl.col("role").replace_strict(dict(enumerate(ROLES)), default=None, return_dtype=pl.String),
        project_id=project_id("project"),
        quantity=pl.when(hourly).then((pl.col("minutes") / 60).round(4)).otherwise(1.0),
        unit=pl.when(hourly).then(pl.lit("HUR")).otherwise(pl.lit("EA")),
        unit_price=pl.when(hourly).then(pl.col("price")).otherwise(pl.col("net")),
        net_amount="net",
        period_start_on="first_on",
        period_end_on="last_on",
        expense_code=pl.col("category").replace_strict(dict(enumerate(CATEGORIES)), default=None, return_dtype=pl.String),
    )


def line_id() -> pl.Expr:
    return pl.format("{}-{}", INVOICE_ID, pl.col("line_no").cast(pl.String).str.zfill(3))


def export_disputes(drafts: pl.DataFrame) -> pl.DataFrame:
    raised = drafts.filter("disputed")
    names = pl.lit(pl.Series([kind.name.replace("_", " ") for kind in KINDS]))
    return raised.select(
        "invoice_id",
        "currency",
        "outcome",
        dispute_id=pl.lit("X") + pl.col("invoice_id"),
        opened_at=pl.col("opened_on") * 86_400_000_000 + 36_000_000_000 + pl.col("project") % 7 * 3_600_000_000,
        reason_code="reason",
        text=pl.when(pl.col("fault") >= 0).then(names.gather(pl.col("fault").clip(lower_bound=0))),
        disputed_amount="disputed_amount",
        resolved_at=pl.col("if_resolved_on") * 86_400_000_000 + 54_000_000_000,
        credited_amount="credited",
    )


def adjustments(plan: Plan, drafts: pl.DataFrame, *, paid_on: np.ndarray, first_share: np.ndarray) -> pl.DataFrame:
    """Credits of upheld disputes and write-offs of what never comes."""
    credits_ = drafts.filter(pl.col("disputed") & (pl.col("credited") > 0)).select(
        "invoice_id",
        "currency",
        adjustment_id=pl.lit("G") + pl.col("invoice_id"),
        kind=pl.lit("credit_note"),
        amount="credited",
        reason=pl.lit("dispute ") + pl.col("outcome"),
        adjusted_on=pl.col("if_resolved_on") + 1,
    )
    never = drafts.with_columns(never=pl.lit(paid_on >= NEVER), paid=pl.lit(first_share)).filter(pl.col("never") & ~pl.col("cancelled"))
    after = plan.draws.whole(*WRITTEN_OFF_AFTER, "write_off.after", never["project"].to_numpy(), never["month"].to_numpy())
    losses = never.select(
        "invoice_id",
        "currency",
        adjustment_id=pl.lit("W") + pl.col("invoice_id"),
        kind=pl.lit("write_off"),
        amount=pl.col("payable") - pl.col("paid"),
        reason=pl.lit("uncollectable"),
        adjusted_on=pl.col("due") + pl.lit(pl.Series(after)),
    )
    return pl.concat([credits_, losses.select(credits_.columns)]).filter(pl.col("amount") > 0)
