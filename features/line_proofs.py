"""What stands behind a line: time on record, an approved expense with its receipt, a milestone that the client has accepted."""

import polars as pl

from records.known import ENTER, LEAVE, Known


def recorded_time(known: Known, lines: pl.DataFrame) -> pl.DataFrame:
    """By `place`: `recorded` minutes of the entries that name the line, `days_off`: days by which they lie outside its period.

    Null on an invoice none of whose lines is named by an entry: its firm keeps no such link.
    """
    entries = known.facts("time_entry", after=("invoice_line_id",), take=("invoice_line_id", "minutes", "worked_on"))
    linked = entries.frame.select("invoice_line_id", "minutes", "worked_on", ENTER, LEAVE).collect().rename({"invoice_line_id": "line_id"})
    timed = lines.filter(pl.col("hourly")).select("place", "at", "line_id", "invoice_id", "begins", "ends")
    met = timed.select("place", "at", "line_id").join(linked, on="line_id").filter(_stood())
    summed = met.group_by("place").agg(
        recorded=pl.col("minutes").sum(), earliest=pl.col("worked_on").min(), latest=pl.col("worked_on").max()
    )
    told = timed.join(summed, on="place", how="left", maintain_order="left")
    kept = pl.col("recorded").is_not_null().any().over("invoice_id", "at")
    early, late = (pl.col("begins") - pl.col("earliest")).dt.total_days(), (pl.col("latest") - pl.col("ends")).dt.total_days()
    off = pl.max_horizontal(early, late).clip(0).fill_null(0)
    return told.select("place", recorded=pl.when(kept).then(pl.col("recorded").fill_null(0)), days_off=off)


def expense_proofs(known: Known, lines: pl.DataFrame) -> pl.DataFrame:
    """By `place`: `unapproved` and `unproven`, 1 where the expense was not approved or lacks its receipt."""
    asked = lines.filter(pl.col("expense_id").is_not_null()).select("place", "at", "expense_id")
    held = asked.join(known.facts("expense", take=("receipt",)).frame.collect(), on="expense_id").filter(_stood())
    passed = known.facts("expense", after=("approved_at",)).frame.collect()
    approved = asked.join(passed, on="expense_id").filter(_stood()).select("place").unique().with_columns(approved=pl.lit(value=True))
    told = held.join(approved, on="place", how="left")
    return told.select(
        "place",
        unapproved=pl.col("approved").is_null().cast(pl.Int64),
        unproven=(pl.col("receipt") == "missing").fill_null(value=False).cast(pl.Int64),
    ).unique("place")


def accepted(known: Known, lines: pl.DataFrame) -> pl.DataFrame:
    """By `place`: `unaccepted`, 1 where the milestone was not accepted by the client."""
    asked = lines.filter(pl.col("milestone_id").is_not_null()).select("place", "at", "milestone_id")
    passed = known.facts("milestone", after=("accepted_on",)).frame.collect()
    done = asked.join(passed, on="milestone_id").filter(_stood()).select("place").unique().with_columns(done=pl.lit(value=True))
    told = asked.join(done, on="place", how="left")
    return told.select("place", unaccepted=pl.col("done").is_null().cast(pl.Int64))


def _stood() -> pl.Expr:
    return (pl.col(ENTER) <= pl.col("at")) & (pl.col("at") < pl.col(LEAVE))
