"""The truth behind the export: probabilities that produced each outcome. Nothing but benchmarks and tests may read it."""

from pathlib import Path

import numpy as np
import polars as pl

from simulation.days import NEVER
from simulation.draws import Floats
from simulation.paying import Habit, Paid, paid_by

VERY_LATE_DAYS = 30


def write_truth(directory: Path, *, drafts: pl.DataFrame, habit: Habit, probability: Floats, paid: Paid) -> None:
    """`truth/invoice.parquet`: one row an invoice, scored when it was drafted."""
    directory.mkdir(parents=True, exist_ok=True)
    due = drafts["due"].to_numpy()
    settled_on = np.maximum(paid.first_on, paid.rest_on)
    told = drafts.select(
        "invoice_id",
        as_of=pl.col("drafted_at").cast(pl.Datetime("us", "UTC")),
        p_dispute=probability,
        p_late=1 - paid_by(habit, due, probability),
        p_late_30=1 - paid_by(habit, due + VERY_LATE_DAYS, probability),
        disputed="disputed",
        late=pl.lit(pl.Series(settled_on > due)),
        late_30=pl.lit(pl.Series(settled_on > due + VERY_LATE_DAYS)),
        settled_on=pl.when(pl.lit(pl.Series(settled_on < NEVER))).then(pl.lit(pl.Series(settled_on))).cast(pl.Int32).cast(pl.Date),
        due_on=pl.col("due").cast(pl.Int32).cast(pl.Date),
        cancelled="cancelled",
    )
    told.write_parquet(directory / "invoice.parquet")
