"""The truth behind the export, in `truth/`: probabilities, hidden states, errors, counterfactuals. Only benchmarks and tests may read it.

What each file holds is said in docs/simulation.md.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from simulation.days import DAY_MICROS, NEVER
from simulation.disputes import repaired
from simulation.draws import Flags, Floats, Ints
from simulation.faults import KINDS, SENSITIVITY
from simulation.ledger import Ledger
from simulation.margins import final_margins, outlook
from simulation.paying import paid_by, pay
from simulation.people import person_id
from simulation.plan import Plan
from simulation.projects import client_id, project_id
from simulation.world import World

VERY_LATE_DAYS: Final = 30
WEEKS_WATCHED: Final = 14
"""Mondays after an invoice was sent on which it is scored while it is open."""


def write_truth(directory: Path, plan: Plan, *, world: World, ledger: Ledger, done: pl.DataFrame) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    projects = world.office.book.projects
    margins = final_margins(projects, planned=world.planned, done=done, lines=ledger.lines)
    tables = {
        "invoice": invoices(plan, ledger),
        "receivable": receivables(ledger),
        "fault": faults(plan, ledger),
        "week": person_weeks(world),
        "project": projects_told(plan, world, margins),
        "margin": outlook(plan, projects, scope=world.office.scope, margins=margins),
        "client": clients_told(world),
    }
    for name, table in tables.items():
        table.write_parquet(directory / f"{name}.parquet")


def _settled(first: Ints, rest: Ints) -> Ints:
    return np.maximum(first, rest)


def _day(days: Ints, name: str) -> pl.Series:
    return pl.select(pl.when(pl.Series(days) < NEVER).then(pl.Series(days)).cast(pl.Int32).cast(pl.Date)).to_series().alias(name)


def invoices(plan: Plan, ledger: Ledger) -> pl.DataFrame:
    """One row an invoice, scored when it was drafted, with what happened and what would have: called, left alone."""
    drafts, habit, p = ledger.drafts, ledger.habit, ledger.course.probability
    due, disputed = drafts["due"].to_numpy(), drafts["disputed"].to_numpy()
    called = replace(habit, dunned=_with_call(habit.dunned))
    alone = replace(habit, dunned=np.zeros_like(habit.dunned))
    settled_on = _settled(ledger.paid.first_on, ledger.paid.rest_on)
    outcomes = {name: pay(plan, drafts, habit=course, disputed=disputed) for name, course in (("if_called", called), ("if_left", alone))}
    flags = {"late": settled_on > due, "late_30": settled_on > due + VERY_LATE_DAYS}
    return drafts.select(
        "invoice_id",
        "disputed",
        "cancelled",
        as_of=pl.col("drafted_at").cast(pl.Datetime("us", "UTC")),
        p_dispute=pl.Series(p),
        p_late=pl.Series(1 - paid_by(habit, due, p)),
        p_late_30=pl.Series(1 - paid_by(habit, due + VERY_LATE_DAYS, p)),
        p_late_30_if_called=pl.Series(1 - paid_by(called, due + VERY_LATE_DAYS, p)),
        p_late_30_if_left=pl.Series(1 - paid_by(alone, due + VERY_LATE_DAYS, p)),
        **{name: pl.Series(values) for name, values in flags.items()},
        due_on=_day(due, "due_on"),
        settled_on=_day(settled_on, "settled_on"),
        settled_on_if_called=_day(_settled(outcomes["if_called"].first_on, outcomes["if_called"].rest_on), "called"),
        settled_on_if_left=_day(_settled(outcomes["if_left"].first_on, outcomes["if_left"].rest_on), "left"),
    )


def _with_call(dunned: Flags) -> Flags:
    """The collector acts at the first step, whatever else is done."""
    acted = dunned.copy()
    acted[:, 0] = True
    return acted


def receivables(ledger: Ledger) -> pl.DataFrame:
    """One row an open invoice and Monday's end after it was sent: the probability of being late, given that it is still open then."""
    drafts, habit = ledger.drafts, ledger.habit
    sent = drafts["sent_at"].to_numpy() // DAY_MICROS
    settled_on = _settled(ledger.paid.first_on, ledger.paid.rest_on)
    monday = sent + (7 - (sent + 3) % 7) % 7
    parts = []
    for week in range(WEEKS_WATCHED):
        day = monday + 7 * week
        dispute = _dispute_by_then(ledger, day)
        by_now = paid_by(habit, day, dispute)
        open_still = np.maximum(1 - by_now, 1e-9)
        late = [(1 - paid_by(habit, np.maximum(habit.due + after, day), dispute)) / open_still for after in (0, VERY_LATE_DAYS)]
        late = [np.where(day >= habit.due + after, 1.0, np.clip(each, 0, 1)) for each, after in zip(late, (0, VERY_LATE_DAYS), strict=True)]
        rows = drafts.select(
            "invoice_id", as_of_on=_day(day, "as_of_on"), p_late=pl.Series(late[0]), p_late_30=pl.Series(late[1]),
            late=pl.Series(settled_on > habit.due), late_30=pl.Series(settled_on > habit.due + VERY_LATE_DAYS),
        )  # fmt: skip
        parts.append(rows.filter(pl.Series((settled_on > day) & ~drafts["cancelled"].to_numpy() & (day <= habit.due + VERY_LATE_DAYS))))
    return pl.concat(parts)


def _dispute_by_then(ledger: Ledger, day: Ints) -> Floats:
    """The probability of a dispute as it stands on a day: 1 once raised, 0 once its hidden day has gone by without one."""
    drafts = ledger.drafts
    past = drafts["if_opened_on"].to_numpy() <= day
    return np.where(past, drafts["disputed"].to_numpy().astype(np.float64), ledger.course.probability)


def faults(plan: Plan, ledger: Ledger) -> pl.DataFrame:
    """One row an injected error: where it sits, how bad and how visible, and what would be without it (common random numbers)."""
    row = ledger.drafts.select("project", "month", "invoice_id").with_row_index("row")
    found = ledger.faults.join(row, on=("project", "month"), maintain_order="left")
    at, fault = found["row"].to_numpy(), found["fault"].to_numpy()
    clean = repaired(plan, ledger.course, row=at, fault=fault)
    key = (found["project"].to_numpy(), found["month"].to_numpy(), fault)
    seen = found["visible"].to_numpy() & plan.draws.chance(SENSITIVITY, "fault.seen", *key)
    return found.select(
        "invoice_id",
        "line_id",
        "severity",
        "visible",
        kind=pl.col("fault").replace_strict({number: kind.name for number, kind in enumerate(KINDS)}, return_dtype=pl.String),
        found_by_review=pl.Series(seen),
        p_dispute=pl.Series(ledger.course.probability[at]),
        p_dispute_repaired=pl.Series(clean),
        disputed_repaired=pl.Series((ledger.course.level[at] < clean) & ~ledger.drafts["cancelled"].to_numpy()[at]),
    )


def person_weeks(world: World) -> pl.DataFrame:
    """Two rows a timesheet, for the noons of Saturday and Sunday: the probability that it is not in on Monday noon, and whether it was."""
    spent, people = world.office.spent, world.office.crew.people.sort("person")
    week = np.arange(spent.probability.shape[1], dtype=np.int64)
    monday = spent.first_monday + 7 * week
    here = (people["hired"].to_numpy()[:, None] <= monday) & (people["left"].to_numpy()[:, None] > monday + 6) & (spent.last_due >= 0)
    row, at = np.nonzero(here)
    told = pl.DataFrame({"person": row.astype(np.int64), "monday": monday[at]}).select(
        person_id=person_id("person"),
        week=_day(monday[at], "week"),
        p_missing=pl.Series(spent.once_behind[row, at]),
        p_missing_before=pl.Series(spent.probability[row, at]),
        missing=pl.Series(spent.missing[row, at]),
        overload=pl.Series(spent.overload[row, at]),
    )
    noons = [pl.col("week").cast(pl.Datetime("us", "UTC")) + pl.duration(days=days, hours=12) for days in (5, 6)]
    return pl.concat([told.with_columns(as_of=noon) for noon in noons]).sort("person_id", "as_of")


def projects_told(plan: Plan, world: World, margins: pl.DataFrame) -> pl.DataFrame:
    scope = world.office.scope
    return margins.select(
        "plan_margin",
        "final_margin",
        "fell",
        earned=pl.col("earned") / 100,
        worked_value=pl.col("value") / 100,
        project_id=project_id("project"),
        ends_on=_day(margins["ends"].to_numpy(), "ends_on"),
        ended=(margins["ends"] < plan.end) & (margins["starts"] > plan.first),
        overrun=pl.Series(scope.overrun),
        shock=pl.Series(scope.shock),
        shock_share=pl.Series(scope.shock_share),
        optimism=pl.Series(scope.optimism),
    )


def clients_told(world: World) -> pl.DataFrame:
    hidden = ("habit", "spread", "run_days", "run_phase", "approval_cents", "strictness", "reacts", "reachable")
    return world.market.select(
        *hidden,
        client_id=client_id("client"),
        insolvent_on=_day(world.insolvent_on, "insolvent_on"),
        stressed_months=pl.Series([np.nonzero(path)[0].tolist() for path in world.stress], dtype=pl.List(pl.Int64)),
    )
