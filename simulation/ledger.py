"""From the work of all months to drafts, their errors, disputes, payments and what collectors do."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from simulation.amendments import orders
from simulation.collecting import activities
from simulation.cycle import SECOND_PART, cycle
from simulation.days import DAY_MICROS, NEVER
from simulation.disputes import Course, course_of
from simulation.drafting import drafts_of
from simulation.expenses import expense_line_id, expenses
from simulation.faults import KIND_NUMBER, inject, unsigned_milestones
from simulation.invoicing import billed
from simulation.lines import clean_lines
from simulation.paying import Habit, Paid, habits, pay
from simulation.plan import Plan
from simulation.remitting import Cash, remit
from simulation.spoiling import spoil
from simulation.world import World

APPROVED_AFTER = 20
"""Days after the draft on which an expense that went out unapproved is approved."""


@dataclass(frozen=True)
class Ledger:
    """`drafts`: one row an invoice, in the order that `course`, `habit` and `paid` follow."""

    drafts: pl.DataFrame
    lines: pl.DataFrame
    faults: pl.DataFrame
    spent: pl.DataFrame
    course: Course
    habit: Habit
    paid: Paid
    cash: Cash
    acted: pl.DataFrame


def ledger_of(plan: Plan, world: World, *, hourly: pl.DataFrame, done: pl.DataFrame) -> Ledger:
    office, spent = world.office, expenses(plan, done)
    clean = clean_lines(plan, book=office.book, cards=office.cards, hourly=hourly, spent=spent, reached=world.reached)
    drafts = drafts_of(
        plan, clients=world.market, crew=office.crew, book=office.book, cards=office.cards, lines=clean, orders=orders(world.amended)
    )
    injected = pl.concat([inject(plan, world.traits, drafts), unsigned_milestones(plan, world.reached)])
    lines, faults = spoil(plan, clean, faults=injected, book=office.book, cards=office.cards)
    drafts = billed(_with_halves(plan, drafts, lines), lines)
    faults = _on_their_invoice(faults, lines)
    course = course_of(plan, world.traits, drafts=drafts, faults=faults, clients=world.market, lines=lines)
    drafts = pl.concat([drafts, course.raised], how="horizontal").with_columns(payable=pl.col("gross") - pl.col("credited"))
    disputed = drafts["disputed"].to_numpy()
    habit = habits(plan, drafts, clients=world.market, stress=world.stress, insolvent_on=world.insolvent_on, raised=course.raised)
    paid = pay(plan, drafts, habit=habit, disputed=disputed)
    drafts = drafts.with_columns(
        pl.Series("first_on", paid.first_on), pl.Series("rest_on", paid.rest_on), pl.Series("in_parts", paid.in_parts)
    )
    cash = remit(plan, drafts.with_row_index("draft").with_columns(pl.col("draft").cast(pl.Int64)))
    reachable = world.market["reachable"].to_numpy()[drafts["client"].to_numpy()]
    acted = activities(plan, drafts, habit=habit, paid=paid, reachable=reachable)
    return Ledger(drafts, lines, faults, _unapproved(plan, spent, faults), course, habit, paid, cash, acted)


def _with_halves(plan: Plan, drafts: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """A row for each invoice that has lines: split drafts have two, each with days of its own."""
    heads = lines.select("project", "month").unique().with_columns(base=pl.col("month") % SECOND_PART)
    both = heads.join(drafts.rename({"month": "base"}), on=("project", "base"), how="left").sort("base", "project", "month").drop("base")
    project, month = both["project"].to_numpy(), both["month"].to_numpy()
    days = cycle(plan, project, month)
    made = np.where(month >= SECOND_PART, both["drafted_at"].to_numpy() + 60_000_000, both["drafted_at"].to_numpy())
    own = month >= SECOND_PART
    issued = np.where(own, np.maximum(days.issued_on, made // DAY_MICROS), both["issued"].to_numpy())
    sent = np.where(own, np.maximum(issued * DAY_MICROS + days.sent_at % DAY_MICROS, made + 60_000_000), both["sent_at"].to_numpy())
    return both.with_columns(
        pl.Series("drafted_at", made),
        pl.Series("issued", issued),
        pl.Series("sent_at", np.maximum(sent, made + 60_000_000)),
        pl.Series("due", issued + both["terms_days"].to_numpy()),
    )


def _on_their_invoice(faults: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Errors of lines that went to the second half of a split draft follow them; the split itself is on both halves."""
    moved = lines.filter(pl.col("month") >= SECOND_PART).select("line_id", second="month").unique()
    told = faults.join(moved, on="line_id", how="left", maintain_order="left")
    told = told.with_columns(month=pl.coalesce("second", "month")).drop("second")
    halves = lines.filter(pl.col("month") >= SECOND_PART).select("project", "month").unique(maintain_order=True)
    split = told.filter(pl.col("fault") == KIND_NUMBER["split"]).with_columns(month=pl.col("month") + SECOND_PART)
    return pl.concat([told, split.join(halves, on=("project", "month"), how="semi")])


def _unapproved(plan: Plan, spent: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    """Expenses billed before approval: approved only weeks after the draft."""
    early = faults.filter(pl.col("fault") == KIND_NUMBER["unapproved_expense"])["line_id"].unique()
    drafted = plan.months_first[np.minimum(spent["month"].to_numpy() + 1, len(plan.months_first) - 1)]
    later = (drafted + APPROVED_AFTER) * DAY_MICROS
    hit = expense_line_id().is_in(early.implode())
    return spent.with_columns(approved=pl.when(hit).then(pl.lit(pl.Series(later))).otherwise("approved"))


def open_amounts(ledger: Ledger) -> np.ndarray:
    """What has been paid on each draft once misallocations are put right, cents."""
    standing = ledger.cash.allocations.filter(pl.col("reversed_on") == NEVER).group_by("invoice_id").agg(pl.col("amount").sum())
    joined = ledger.drafts.select("invoice_id").join(standing, on="invoice_id", how="left", maintain_order="left")
    return joined["amount"].fill_null(0).to_numpy()
