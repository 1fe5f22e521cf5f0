"""Labels: the only code that looks at what came after a row's `as_of`.

A label is decided at an instant of its own (`decided_at`): before it, nobody can know the outcome, and a row whose label is not decided
by the end of training is not trained on. Deciding by the calendar, never by the payment, keeps slow payers in.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import polars as pl

from features.burn import billings, closed, efforts, plans, reductions
from features.histories import disputes
from features.timesheets import MATURE_DAYS, timesheets
from features.windows import AS_OF, Aggregate, aggregate
from models.risk import Compressed, Disputed, Late, Target
from models.spine import BEGAN
from records.known import DAY, ENTER, FOREVER, LEAVE, Known, day_end, micros
from records.receivables import receivables

LABEL: Final = "label"
DECIDED_AT: Final = "decided_at"
"""Microseconds; with LABEL, null where the row has no outcome: see `dropped`."""
DAYS_LATE: Final = "days_late"

FINAL_MARGIN: Final = "final_margin"
"""Share of what was billed, null while it is not decided."""
BILLED_AFTER_DAYS: Final = 60
"""Days after a project was closed in which its last work is accepted and billed. At 30 days 3 % more of the milestone projects of a
simulated firm seemed to have lost margin, only because their last milestone was not yet billed; at 120 days nothing changed any more."""
BOOKING_LAG_DAYS: Final = 5
"""Money is booked up to this long after it was received; a label decided sooner would call prompt payers late."""

REASONS_DROPPED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "undecided": "the outcome could not be known yet",
        "already": "the outcome had happened before the row's as_of",
        "not_due": "what was lacking turned out not to be due",
        "no_due_date": "the invoice has no due date",
        "credited": "the invoice was settled by credit in time, not by money",
        "cancelled": "the invoice was cancelled",
        "no_plan": "the plan was taken out of the records",
        "not_billed": "nothing was billed, so there is no margin",
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
    if isinstance(target.outcome, Compressed):
        return _compressed(known, rows, target.outcome)
    return _missing(known, rows)


def days_late(known: Known, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `days_late` of the last money, null without it, and `days_observed`: days after due for which money could come.

    These end with `known`, or when the invoice was cancelled or settled without money: after that no payment was to be seen.
    """
    ended = pl.when((pl.col("became") == "cancelled") | (pl.col("settled_by") != "cash")).then(pl.col("since"))
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
        # Money that had come and was not booked yet had decided the outcome too.
        .when((pl.col(AS_OF) >= border) | (day_end("paid_on") <= pl.col(AS_OF)))
        .then(pl.lit("already"))
        .when(pl.col("became") == "cancelled")
        .then(pl.lit("cancelled"))
        # What is written off after the border had gone over it unpaid: left out, the worst clients would be missed.
        .when((pl.col("became") == "settled") & (pl.col("settled_by") != "cash") & (pl.col("since") <= border))
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


def final_margins(known: Known, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `final_margin` and `decided_at`, both null for a project not closed; `final_margin` also null when nothing was billed.

    What was billed less what was granted, over the cost of all time, as known BILLED_AFTER_DAYS after the project was closed.
    """
    end = micros(known.until)
    shut = known.derived(closed).frame.filter((pl.col(ENTER) <= end) & (end < pl.col(LEAVE))).collect()
    projects = rows.select("project_id").unique().join(shut.select("project_id", "closed_on"), on="project_id")
    decided = projects.with_columns((day_end("closed_on") + BILLED_AFTER_DAYS * DAY).alias(AS_OF)).filter(pl.col(AS_OF) <= end)
    sums = {
        name: Aggregate(known.derived(facts), "sum", name, "project_id")
        for facts, name in ((billings, "net"), (reductions, "amount"), (efforts, "cost"), (efforts, "minutes"), (efforts, "costed"))
    }
    summed = aggregate(decided, list(sums.values())).rename({one.name: name for name, one in sums.items()})
    earned, cost = pl.col("net") - pl.col("amount"), pl.col("cost") * (pl.col("minutes") / pl.col("costed"))
    margin = pl.when((earned > 0) & (pl.col("costed") > 0)).then(1 - cost / earned)
    told = summed.select("project_id", margin.alias(FINAL_MARGIN), pl.col(AS_OF).alias(DECIDED_AT))
    return rows.join(told, on="project_id", how="left", maintain_order="left")


def _compressed(known: Known, rows: pl.DataFrame, outcome: Compressed) -> pl.DataFrame:
    end = micros(known.until)
    plan = known.derived(plans).frame.filter((pl.col(ENTER) <= end) & (end < pl.col(LEAVE)))
    planned = plan.select("project_id", planned=1 - pl.col("cost") / pl.col("revenue")).collect()
    seen = final_margins(known, rows).join(planned, on="project_id", how="left", maintain_order="left")
    dropped = (
        pl.when(pl.col(DECIDED_AT).is_null())
        .then(pl.lit("undecided"))
        .when(pl.col("planned").is_null())
        .then(pl.lit("no_plan"))
        .when(pl.col(FINAL_MARGIN).is_null())
        .then(pl.lit("not_billed"))
    )
    fell = pl.col(FINAL_MARGIN) < pl.col("planned") - outcome.points / 100
    return _with_label(seen, fell, decided=pl.col(DECIDED_AT), dropped=dropped)


def _with_label(rows: pl.DataFrame, outcome: pl.Expr, *, decided: pl.Expr, dropped: pl.Expr) -> pl.DataFrame:
    judged = rows.with_columns(dropped.alias("dropped"), decided.alias(DECIDED_AT))
    label = pl.when(pl.col("dropped").is_null()).then(outcome.cast(pl.Int8))
    return judged.with_columns(label.alias(LABEL))
