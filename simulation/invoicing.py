"""The invoices, their lines, disputes and adjustments as the ledger has them."""

from typing import Final

import numpy as np
import polars as pl

from simulation.cycle import INVOICE_ID
from simulation.days import DAY_MICROS, HOUR_MICROS, NEVER, end_of
from simulation.draws import Ints
from simulation.expenses import CATEGORIES, expense_id
from simulation.faults import KIND_NUMBER
from simulation.grievances import dispute_text
from simulation.lines import EXPENSE, LINE_KINDS, TIME
from simulation.naming import named
from simulation.narratives import TASK_CODES
from simulation.people import ROLES, person_id
from simulation.plan import Plan
from simulation.projects import client_id, contract_id, project_id

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
        po_ref=pl.when(pl.col("po_required") & ~pl.col("no_po")).then(named("PO-{}", "po")),
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
            number=named("{}-{}", "legal_entity", (pl.int_range(pl.len()) + 10_001)),
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
    spent = pl.when(pl.col("kind") == EXPENSE)
    return joined.select(
        "line_id",
        "invoice_id",
        "line_no",
        "description",
        "milestone_id",
        "_known_at",
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
        task_code=pl.col("task").replace_strict(dict(enumerate(TASK_CODES)), default=None, return_dtype=pl.String),
        expense_code=pl.col("category").replace_strict(dict(enumerate(CATEGORIES)), default=None, return_dtype=pl.String),
        expense_id=spent.then(expense_id()),
    )


def export_disputes(drafts: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    raised = drafts.filter("disputed")
    placed = faults.filter(pl.col("line_id").is_not_null() & (pl.col("lost").is_null())).select("project", "month", "fault", "line_id")
    placed = placed.unique(["project", "month", "fault"], keep="first", maintain_order=True)
    found = raised.join(placed, on=("project", "month", "fault"), how="left", maintain_order="left")
    return found.select(
        "invoice_id",
        "currency",
        "outcome",
        "line_id",
        "disputed_amount",
        dispute_id=pl.lit("X") + pl.col("invoice_id"),
        opened_at=pl.col("opened_on") * DAY_MICROS + (10 + pl.col("project") % 7) * HOUR_MICROS,
        reason_code="reason",
        text=dispute_text(),
        resolved_at=pl.col("if_resolved_on") * DAY_MICROS + 18 * HOUR_MICROS,
        credited_amount="credited",
    )


def adjustments(plan: Plan, drafts: pl.DataFrame, *, settled_on: Ints, paid: Ints) -> pl.DataFrame:
    """Credits of upheld disputes, and write-offs of what is never paid. `paid`: cents received on each draft in the end."""
    credited = drafts.filter(pl.col("disputed") & (pl.col("credited") > 0)).select(
        "invoice_id", "currency", adjustment_id=pl.lit("G") + pl.col("invoice_id"), kind=pl.lit("credit_note"), amount="credited",
        reason=pl.lit("dispute ") + pl.col("outcome"), adjusted_on=pl.col("if_resolved_on") + 1,
    )  # fmt: skip
    never = drafts.with_columns(pl.Series("never", settled_on >= NEVER), pl.Series("paid", paid)).filter(
        pl.col("never") & ~pl.col("cancelled")
    )
    after = plan.draws.whole(*WRITTEN_OFF_AFTER, "write_off.after", never["project"].to_numpy(), never["month"].to_numpy())
    losses = never.select(
        "invoice_id", "currency", adjustment_id=pl.lit("W") + pl.col("invoice_id"), kind=pl.lit("write_off"),
        amount=pl.col("payable") - pl.col("paid"), reason=pl.lit("uncollectable"), adjusted_on=pl.col("due") + pl.Series(after),
    )  # fmt: skip
    return pl.concat([credited, losses.select(credited.columns)]).filter(pl.col("amount") > 0)
