"""What the records say became of what was on a worklist: a paid invoice closes its recommendation by itself, and says so."""

from datetime import date, datetime
from typing import Literal

import polars as pl

from features.histories import disputes
from models.finding import Closure
from models.risk import Disputed, Risk
from records.known import ENTER, LEAVE, Known, micros
from records.receivables import receivables

Outcome = Literal["paid", "cancelled", "disputed", "sent", "written_off"]


def closures(known: Known, risk: Risk, *, as_of: datetime) -> tuple[Closure, ...]:
    """Every entity that was at risk once and, as known at `as_of`, is no longer."""
    moment = micros(as_of)
    spans = known.derived(risk.at_risk).frame
    now = spans.filter((pl.col(ENTER) <= moment) & (moment < pl.col(LEAVE))).select(risk.key)
    once = spans.filter(pl.col(ENTER) <= moment).group_by(risk.key).agg(gone=pl.col(LEAVE).max())
    standing = known.derived(receivables).frame.filter((pl.col(ENTER) <= moment) & (moment < pl.col(LEAVE)))
    first_dispute = (
        known.derived(disputes)
        .frame.filter((pl.col(ENTER) <= moment) & (moment < pl.col(LEAVE)))
        .group_by("invoice_id")
        .agg(opened=pl.col("opened_at").min())
    )
    ended = (
        once.join(now, on=risk.key, how="anti")
        .join(standing, on="invoice_id", how="left")
        .join(first_dispute, on="invoice_id", how="left")
        .sort(risk.key)
        .collect()
    )
    return tuple(closure for row in ended.to_dicts() if (closure := _closure(risk, row, as_of=as_of)) is not None)


def _closure(risk: Risk, row: dict[str, object], *, as_of: datetime) -> Closure | None:
    if isinstance(risk.targets[0].outcome, Disputed) and row["opened"] is not None:
        opened = _day(row["opened"], as_of)
        return _of(risk, row, "disputed", opened, f"The client disputed it on {opened:%-d %b %Y}.")
    if row["stage"] == "settled" and row["settled_by"] == "cash" and isinstance(row["paid_on"], date):
        return _of(risk, row, "paid", row["paid_on"], f"Paid in full on {row['paid_on']:%-d %b %Y}.")
    since = _day(row["gone"] if row["stage"] is None else row[ENTER], as_of)
    if row["stage"] == "open":
        return _of(risk, row, "sent", since, "Issued, and not disputed in the time in which disputes come.")
    endings: dict[object, tuple[Outcome, str]] = {
        "settled": ("written_off", "Settled by credit or write-off"),
        "cancelled": ("cancelled", "Cancelled"),
        None: ("cancelled", "Taken out of the records"),
    }
    if row["stage"] not in endings:
        return None
    outcome, what = endings[row["stage"]]
    return _of(risk, row, outcome, since, f"{what}, known since {since:%-d %b %Y}.")


def _day(instant: object, as_of: datetime) -> date:
    return datetime.fromtimestamp(int(str(instant)) / 1e6, tz=as_of.tzinfo).date()


def _of(risk: Risk, row: dict[str, object], outcome: Outcome, on: date, sentence: str) -> Closure:
    return Closure(risk.entity, str(row[risk.key]), outcome, on, sentence)
