"""Labels: the only code that looks at what came after a row's `as_of`.

A label is decided at an instant of its own (`decided_at`): before it, nobody can know the outcome, and a row whose label is not decided
by the end of training is not trained on. Deciding by the calendar, never by the payment, keeps slow payers in.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import polars as pl

from features.histories import disputes
from features.timesheets import MATURE_DAYS, timesheets
from features.windows import AS_OF
from models.risk import Disputed, Late, Target
from models.spine import BEGAN
from records.known import DAY, ENTER, FOREVER, LEAVE, Known, micros
from records.receivables import receivables

LABEL: Final = "label"
DECIDED_AT: Final = "decided_at"
"""Microseconds; with LABEL, null where the row has no outcome: see `dropped`."""
DAYS_LATE: Final = "days_late"

BOOKING_LAG_DAYS: Final = 5
"""Money is booked up to this long after it was received; a label decided sooner would call prompt payers late."""

REASONS_DROPPED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "undecided": "the outcome could not be known yet",
        "already": "the outcome had happened before the row's as_of",
        "not_due": "what was lacking turned out not to be due",
        "no_due_date": "the invoice has no due date",
        "credited": "the invoice was settled by credit, not by money",
        "cancelled": "the invoice was cancelled",
    }
)


def labelled(known: Known, rows: pl.DataFrame, target: Target) -> pl.DataFrame:
    """The rows with `label` (0, 1 or null), `decided_at`, and `dropped`: why a row has no label, or null.

    `known` is all that may be looked at: what happened after its end stays unknown here too.
    """
    if isinstance(target.outcome, Late):
        return _late(known, rows, over_days=target.outcome.over_days)
    if isinstance(target.outcome, Disputed):
        return _disputed(known, rows, target.outcome)
    return _missing(known, rows)


def days_late(known: Known, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `days_late` of the last money, null without it, and `days_observed`: days after due for which money could come.

    These end with `known`, or when the invoice was cancelled or settled by credit: after that no payment was to be seen.
    """
    ended = pl.when((pl.col("became") == "cancelled") | (pl.col("settled_by") == "credit")).then(pl.col("since"))
    observed = (pl.min_horizontal(ended, micros(known.until)) - pl.col("due")) // DAY
    by_money = pl.when(pl.col("settled_by") == "cash").then(pl.col("paid_on"))
    return _settled(known, rows).with_columns(
        (by_money - pl.col("due_on")).dt.total_days().alias(DAYS_LATE), observed.alias("days_observed")
    )


def _settled(known: Known, rows: pl.DataFrame) -> pl.DataFrame:
    """What became of each row's invoice, as known at the end of `known`, and since when; one deleted since counts as cancelled."""
    end = micros(known.until)
    final = known.derived(receivables).frame.filter((pl.col(ENTER) <= end) & (end < pl.col(LEAVE)))
    # An invoice that is open has no day of payment, though money may have come: a part of it, or one that the bank took back.
    paid_on = pl.when(pl.col("stage") == "settled").then(pl.col("paid_on"))
    became = final.select("invoice_id", pl.col("stage").alias("became"), "settled_by", paid_on, since=pl.col(ENTER)).collect()
    found = rows.drop("stage", "settled_by", "paid_on", strict=False).join(became, on="invoice_id", how="left", maintain_order="left")
    return found.with_columns(pl.col("became").fill_null("cancelled"), pl.col("since").fill_null(pl.col(AS_OF)))


def _late(known: Known, rows: pl.DataFrame, *, over_days: int) -> pl.DataFrame:
    border = pl.col("due") + over_days * DAY
    decided = border + BOOKING_LAG_DAYS * DAY
    lateness = (pl.col("paid_on") - pl.col("due_on")).dt.total_days() > over_days
    dropped = (
        pl.when(pl.col("due").is_null())
        .then(pl.lit("no_due_date"))
        .when(pl.col(AS_OF) >= border)
        .then(pl.lit("already"))
        .when(pl.col("became") == "cancelled")
        .then(pl.lit("cancelled"))
        .when((pl.col("became") == "settled") & (pl.col("settled_by") == "credit"))
        .then(pl.lit("credited"))
        .when(decided > micros(known.until))
        .then(pl.lit("undecided"))
    )
    return _with_label(_settled(known, rows), lateness.fill_null(value=True), decided=decided, dropped=dropped)


def _disputed(known: Known, rows: pl.DataFrame, outcome: Disputed) -> pl.DataFrame:
    moment = micros(known.until)
    stands = known.derived(disputes).frame.filter((pl.col(ENTER) <= moment) & (moment < pl.col(LEAVE)))
    opened = stands.group_by("invoice_id").agg(disputed_at=pl.col("opened_at").min()).collect()
    seen = _settled(known, rows).join(opened, on="invoice_id", how="left", maintain_order="left")
    # A ledger in which nothing is open any more, such as that of a closed period, brings no more disputes: what has not come will not.
    closed = bool(seen["became"].is_in(["settled", "cancelled"]).all())
    decided = pl.min_horizontal(pl.col(BEGAN) + outcome.within_days * DAY, pl.lit(moment if closed else FOREVER))
    dropped = (
        pl.when(pl.col("disputed_at") <= pl.col(AS_OF))
        .then(pl.lit("already"))
        .when((pl.col("became") == "cancelled") & pl.col("disputed_at").is_null())
        .then(pl.lit("cancelled"))
        .when(decided > moment)
        .then(pl.lit("undecided"))
    )
    return _with_label(seen, (pl.col("disputed_at") <= decided).fill_null(value=False), decided=decided, dropped=dropped)


def _missing(known: Known, rows: pl.DataFrame) -> pl.DataFrame:
    """A day lacked at the deadline, and was still due when late absences had been registered."""
    states = known.derived(timesheets).frame
    matured = pl.col("due") + MATURE_DAYS * DAY
    at = states.filter(pl.col(ENTER) == pl.col("due")).select("timesheet_id", entered_then="entered")
    after = states.filter(pl.col(ENTER) == matured).select("timesheet_id", needed_then="needed")
    told = rows.join(at.join(after, on="timesheet_id").collect(), on="timesheet_id", how="left", maintain_order="left")
    dropped = (
        pl.when(pl.col(AS_OF) >= pl.col("due"))
        .then(pl.lit("already"))
        .when(matured > micros(known.until))
        .then(pl.lit("undecided"))
        .when(pl.col("needed_then").is_null())
        .then(pl.lit("not_due"))
    )
    return _with_label(told, pl.col("entered_then") < pl.col("needed_then"), decided=matured, dropped=dropped)


def _with_label(rows: pl.DataFrame, outcome: pl.Expr, *, decided: pl.Expr, dropped: pl.Expr) -> pl.DataFrame:
    judged = rows.with_columns(dropped.alias("dropped"), decided.alias(DECIDED_AT))
    label = pl.when(pl.col("dropped").is_null()).then(outcome.cast(pl.Int8))
    return judged.with_columns(label.alias(LABEL))
