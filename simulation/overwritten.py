"""Columns that a ledger overwrites in place: every version of an invoice shows what became of it by the day of the export.

They are no columns of the canonical tables, so the intake keeps them beside the row as raw. Who believes them when looking back at the
day of the draft has read the outcome.
"""

from typing import Final

import numpy as np
import polars as pl

from simulation.ledger import Ledger
from simulation.plan import Plan

COLUMNS: Final = ("status", "dunning_level", "last_contact_on", "credit_note_ref")


def overwritten(plan: Plan, ledger: Ledger) -> pl.DataFrame:
    """By `invoice_id`: the COLUMNS as text, as they stand on the last day that the export knows of."""
    today, drafts = plan.last_known, ledger.drafts
    chased = (
        ledger.acted.filter(pl.col("on") <= today).group_by("invoice_id").agg(dunning_level=pl.col("level").max(), on=pl.col("on").max())
    )
    settled_on = np.maximum(ledger.paid.first_on, ledger.paid.rest_on)
    told = drafts.with_columns(pl.Series("settled_on", settled_on)).join(chased, on="invoice_id", how="left", maintain_order="left")
    credited = (pl.col("if_resolved_on") < today) & pl.col("disputed") & (pl.col("credited") > 0)
    return told.select(
        "invoice_id",
        status=_status(today),
        dunning_level=pl.col("dunning_level").fill_null(0).cast(pl.String),
        last_contact_on=pl.col("on").cast(pl.Int32).cast(pl.Date).cast(pl.String),
        credit_note_ref=pl.when(credited).then(pl.lit("G") + pl.col("invoice_id")),
    )


def _status(today: int) -> pl.Expr:
    steps = {
        "cancelled": pl.col("cancelled"),
        "draft": pl.col("issued") > today,
        "paid": pl.col("settled_on") <= today,
        "disputed": pl.col("disputed") & (pl.col("opened_on") <= today) & (pl.col("if_resolved_on") > today),
        "overdue": pl.col("due") < today,
    }
    status = pl.lit("open")
    for name, holds in reversed(steps.items()):
        status = pl.when(holds).then(pl.lit(name)).otherwise(status)
    return status
