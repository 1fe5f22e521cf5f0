"""What the records say became of what was on a worklist: a paid invoice closes its recommendation by itself, and says so."""

from datetime import date, datetime

import polars as pl

from features.burn import closed
from features.histories import disputes
from features.timesheets import MATURE_DAYS
from models.finding import Closure, Ending
from models.risk import Disputed, Risk
from records.known import DAY, ENTER, LEAVE, Known, micros
from records.receivables import receivables


def closures(known: Known, risk: Risk, *, as_of: datetime) -> tuple[Closure, ...]:
    """Every entity that was at risk once and, as known at `as_of`, is no longer."""
    of_entity = {"timesheet": _of_timesheets, "project": _of_projects}.get(risk.entity, _of_invoices)
    return of_entity(known, risk, as_of=as_of)


def _of_projects(known: Known, risk: Risk, *, as_of: datetime) -> tuple[Closure, ...]:
    moment = micros(as_of)
    spans = known.derived(risk.at_risk).frame.filter(pl.col(ENTER) <= moment).group_by(risk.key).agg(pl.col(LEAVE).max())
    shut = known.derived(closed).frame.filter((pl.col(ENTER) <= moment) & (moment < pl.col(LEAVE))).select(risk.key, "closed_on")
    ended = spans.filter(pl.col(LEAVE) <= moment).join(shut, on=risk.key, how="left").sort(risk.key).collect()
    return tuple(_project_closure(risk, row, as_of=as_of) for row in ended.to_dicts())


def _project_closure(risk: Risk, row: dict[str, object], *, as_of: datetime) -> Closure:
    on = row["closed_on"]
    if isinstance(on, date):
        return _of(risk, row, "closed", on, f"The project was closed on {on:%-d %b %Y}.")
    since = _day(row[LEAVE], as_of)
    return _of(risk, row, "cancelled", since, f"No longer a running project with a plan, known since {since:%-d %b %Y}.")


def _of_timesheets(known: Known, risk: Risk, *, as_of: datetime) -> tuple[Closure, ...]:
    moment = micros(as_of)
    spans = known.derived(risk.at_risk).frame.filter(pl.col(ENTER) <= moment).group_by(risk.key)
    ended = spans.agg(pl.col(LEAVE).max(), pl.col("due").first()).filter(pl.col(LEAVE) <= moment).sort(risk.key).collect()
    return tuple(_sheet_closure(risk, row, as_of=as_of) for row in ended.to_dicts())


def _sheet_closure(risk: Risk, row: dict[str, object], *, as_of: datetime) -> Closure:
    on = _day(row[LEAVE], as_of)
    if int(str(row[LEAVE])) < int(str(row["due"])) + MATURE_DAYS * DAY:
        return _of(risk, row, "entered", on, f"Complete since {on:%-d %b %Y}.")
    return _of(
        risk, row, "not_entered", on, f"Not complete {MATURE_DAYS} days after its deadline: for the next close, no longer for a reminder."
    )


def _of_invoices(known: Known, risk: Risk, *, as_of: datetime) -> tuple[Closure, ...]:
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
    endings: dict[object, tuple[Ending, str]] = {
        "settled": ("written_off", "Nothing is owed on it" if row["settled_by"] == "nothing" else "Settled by credit or write-off"),
        "cancelled": ("cancelled", "Cancelled"),
        None: ("cancelled", "Taken out of the records"),
    }
    if row["stage"] not in endings:
        return None
    outcome, what = endings[row["stage"]]
    return _of(risk, row, outcome, since, f"{what}, known since {since:%-d %b %Y}.")


def _day(instant: object, as_of: datetime) -> date:
    return datetime.fromtimestamp(int(str(instant)) / 1e6, tz=as_of.tzinfo).date()


def _of(risk: Risk, row: dict[str, object], outcome: Ending, on: date, sentence: str) -> Closure:
    return Closure(risk.entity, str(row[risk.key]), outcome, on, sentence)
