"""Time entries, a month at a time: who worked on what, when it was entered, approved and corrected, and on which invoice it goes."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from simulation.absences import Absences
from simulation.budgets import SLOT_MINUTES
from simulation.calendars import DAY_MINUTES
from simulation.days import DAY_MICROS, HOUR_MICROS, NEVER
from simulation.draws import Flags, Ints
from simulation.people import MANAGER, PARTNER, SUPPORT, Staff, holder_on
from simulation.places import HOME_CURRENCY
from simulation.plan import Plan
from simulation.projects import SLOTS, Portfolio
from simulation.rates import RateCards
from simulation.scope import Scope, unbilled
from simulation.tardiness import OVERLOAD_FACTOR, Weeks, entered_at

TOUCHED: Final = 0.9
"""Chance that a person works on a project of theirs on a given day."""
CORRECTED: Final = 0.015
BILLING_CUTOFF_DAYS: Final = 3
"""Days into the next month until which approved time still goes on the month's invoice."""
INTERNAL_SLOT: Final = SLOTS
QUARTER: Final = 15


@dataclass(frozen=True)
class Office:
    """What the timesheets of every month depend on."""

    crew: Staff
    book: Portfolio
    scope: Scope
    cards: RateCards
    absent: Absences
    open_days: Flags
    due: Flags
    """People x days of the horizon: the day is one on which the person is to work."""
    spent: Weeks
    internal: Ints
    """Number of the internal project by practice."""

    def capacity(self, plan: Plan, person: Ints, day: Ints) -> Ints:
        """Minutes that a person is to work on a day."""
        return np.where(self.due[person, day - plan.first], DAY_MINUTES, 0)

    def approver(self, project: Ints, *, person: Ints, day: Ints) -> Ints:
        """Who approves what a person did on a project: its manager, and for the manager's own work the next one in line.

        While a seat is empty, the one who held it before answers from afar. `project` -1: the firm's own work.
        """
        led = self.crew.seats.filter(pl.col("role").is_in([MANAGER, PARTNER]))["seat"].sort().to_numpy()
        beside = np.arange(len(self.crew.seats), dtype=np.int64)
        beside[led] = np.roll(led, -1)
        seat = np.where(project >= 0, self.book.projects["manager"].to_numpy()[np.maximum(project, 0)], led[0])
        seat = np.where(self._holder(seat, day) == person, beside[seat], seat)
        return self._holder(seat, day)

    def _holder(self, seat: Ints, day: Ints) -> Ints:
        holder = holder_on(self.crew.seats, seat, day)
        return np.where(holder < 0, seat, holder)


def month_entries(plan: Plan, office: Office, month: int) -> pl.DataFrame:
    """Entries worked in a month, one row each; amounts in cents, instants in microseconds."""
    rows = pl.concat([_client_work(plan, office, month), _support(plan, office, month)])
    rows = pl.concat([rows, _internal(plan, office, rows, month)]).sort("person", "day", "slot")
    return _billing(plan, office, _history(plan, office, _priced(plan, office, rows)))


def _client_work(plan: Plan, office: Office, month: int) -> pl.DataFrame:
    opens, closes = int(plan.months_first[month]), int(plan.months_first[month + 1])
    running = office.book.projects.filter((pl.col("starts") < closes) & (pl.col("ends") >= opens)).select(
        "project", "starts", "ends", "intensity"
    )
    at_work = office.book.members.join(running, on="project").join(
        pl.DataFrame({"day": np.arange(opens, closes, dtype=np.int64)}), how="cross"
    )
    at_work = at_work.filter((pl.col("day") >= pl.col("starts")) & (pl.col("day") < pl.col("ends")))
    at_work = at_work.with_columns(
        person=pl.lit(pl.Series(holder_on(office.crew.seats, at_work["seat"].to_numpy(), at_work["day"].to_numpy())))
    )
    at_work = at_work.filter(pl.col("person") >= 0)
    person, day, slot = (at_work[name].to_numpy() for name in ("person", "day", "slot"))
    due = office.capacity(plan, person, day) > 0
    worked = due & plan.draws.chance(TOUCHED, "entry.touched", person, day, slot)
    mean = SLOT_MINUTES / TOUCHED * at_work["intensity"].to_numpy()
    mean = mean * np.where(office.spent.overload[person, office.spent.of(day)], OVERLOAD_FACTOR, 1.0)
    minutes = np.round(plan.draws.lognormal(0.92, 0.4, "entry.minutes", person, day, slot) * mean / QUARTER) * QUARTER
    kept = at_work.select("person", "day", "slot", "project").with_columns(minutes=pl.lit(pl.Series(minutes.astype(np.int64))))
    return kept.filter(pl.lit(pl.Series(worked)) & (pl.col("minutes") > 0))


def _support(plan: Plan, office: Office, month: int) -> pl.DataFrame:
    seats = office.crew.seats.filter(pl.col("role") == SUPPORT)
    days = pl.DataFrame({"day": np.arange(plan.months_first[month], plan.months_first[month + 1], dtype=np.int64)})
    grid = seats.select("seat", "practice").join(days, how="cross")
    grid = grid.with_columns(person=pl.lit(pl.Series(holder_on(office.crew.seats, grid["seat"].to_numpy(), grid["day"].to_numpy()))))
    grid = grid.filter(pl.col("person") >= 0)
    minutes = office.capacity(plan, grid["person"].to_numpy(), grid["day"].to_numpy())
    project = office.internal[grid["practice"].to_numpy()]
    told = grid.select(
        "person", "day", slot=pl.lit(INTERNAL_SLOT, dtype=pl.Int64), project=pl.lit(pl.Series(project)), minutes=pl.lit(pl.Series(minutes))
    )
    return told.filter(pl.col("minutes") > 0)


def _internal(plan: Plan, office: Office, rows: pl.DataFrame, month: int) -> pl.DataFrame:
    """The rest of each fee earner's day: meetings, training, selling; a day without any client work is all of this."""
    seats = office.crew.seats.filter(pl.col("role") != SUPPORT)
    days = pl.DataFrame({"day": np.arange(plan.months_first[month], plan.months_first[month + 1], dtype=np.int64)})
    grid = seats.select("seat", "practice").join(days, how="cross")
    grid = grid.with_columns(person=pl.lit(pl.Series(holder_on(office.crew.seats, grid["seat"].to_numpy(), grid["day"].to_numpy()))))
    done = rows.group_by("person", "day").agg(done=pl.col("minutes").sum())
    grid = grid.filter(pl.col("person") >= 0).join(done, on=("person", "day"), how="left", maintain_order="left")
    person, day = grid["person"].to_numpy(), grid["day"].to_numpy()
    left = office.capacity(plan, person, day) - grid["done"].fill_null(0).to_numpy()
    noted = np.round(left * plan.draws.between(0.75, 1.05, "entry.internal", person, day) / QUARTER).astype(np.int64) * QUARTER
    project = office.internal[grid["practice"].to_numpy()]
    told = grid.select(
        "person", "day", slot=pl.lit(INTERNAL_SLOT, dtype=pl.Int64), project=pl.lit(pl.Series(project)), minutes=pl.lit(pl.Series(noted))
    )
    return told.filter(pl.col("minutes") >= QUARTER)


def _priced(plan: Plan, office: Office, rows: pl.DataFrame) -> pl.DataFrame:
    projects = office.book.projects
    project, person, day, slot = (rows[name].to_numpy() for name in ("project", "person", "day", "slot"))
    client_work = slot != INTERNAL_SLOT
    own = np.where(client_work, project, 0)
    role = office.crew.people.sort("person")["role"].to_numpy()[person]
    free = unbilled(plan, projects, office.scope, project=own, day=day, key=(person, day, slot))
    contract = projects["contract"].to_numpy()[own]
    rate = office.cards.at(contract, role=role, day=day)
    return rows.with_columns(
        role=pl.lit(pl.Series(role)),
        contract=pl.lit(pl.Series(np.where(client_work, contract, -1))),
        contract_kind=pl.lit(pl.Series(np.where(client_work, projects["kind"].to_numpy()[own], -1))),
        manager=pl.lit(pl.Series(office.approver(np.where(client_work, project, -1), person=person, day=day))),
        billable=pl.lit(pl.Series(client_work & ~free)),
        rate=pl.lit(pl.Series(rate)),
        currency=pl.lit(pl.Series(np.where(client_work, projects["currency"].to_numpy()[own], HOME_CURRENCY))),
        task=pl.lit(pl.Series(plan.draws.pick((0.3, 0.2, 0.3, 0.12, 0.08), "entry.task", person, project, day // 21))),
    )


def _history(plan: Plan, office: Office, rows: pl.DataFrame) -> pl.DataFrame:
    """When each entry was entered, submitted, approved and (a few) corrected, and to how many minutes."""
    person, day, slot = (rows[name].to_numpy() for name in ("person", "day", "slot"))
    draws, entered = plan.draws, entered_at(plan, office.spent, person=person, day=day)
    week_end = (office.spent.first_monday + 7 * office.spent.of(day) + 4) * DAY_MICROS + 18 * HOUR_MICROS
    submitted = np.maximum(entered + 600_000_000, week_end)
    wait = draws.lognormal(20.0, 0.9, "week.approval", rows["manager"].to_numpy(), person, office.spent.of(day))
    approved = submitted + np.round(np.minimum(wait, 600) * 3600).astype(np.int64) * 1_000_000
    corrected = draws.chance(CORRECTED, "entry.corrected", person, day, slot)
    change = draws.pick((0.35, 0.25, 0.2, 0.2), "entry.change", person, day, slot)
    minutes = rows["minutes"].to_numpy()
    mended = np.maximum(QUARTER, minutes + np.array([-30, -15, 15, 30])[change])
    later = approved + draws.whole(2 * 24, 24 * 24, "entry.mended", person, day, slot) * HOUR_MICROS
    return rows.with_columns(
        entered=pl.lit(pl.Series(entered)),
        submitted=pl.lit(pl.Series(submitted)),
        approved=pl.lit(pl.Series(approved)),
        mended=pl.lit(pl.Series(np.where(corrected, mended, minutes))),
        mended_at=pl.lit(pl.Series(np.where(corrected, later, NEVER * DAY_MICROS))),
    )


def _billing(plan: Plan, office: Office, rows: pl.DataFrame) -> pl.DataFrame:
    """The month whose invoice an entry goes on: its own, or a later one when approval came late; -1 when it is not charged by the hour."""
    closes = (plan.months_first[1:] + BILLING_CUTOFF_DAYS) * DAY_MICROS
    own = np.searchsorted(plan.months_first, rows["day"].to_numpy(), side="right") - 1
    month = np.maximum(own, np.searchsorted(closes, rows["approved"].to_numpy(), side="right"))
    contract = rows["contract"].to_numpy()
    cutoff = office.book.contracts["cutoff_days"].fill_null(10_000).to_numpy()[np.maximum(contract, 0)]
    in_time = rows["entered"].to_numpy() // DAY_MICROS - rows["day"].to_numpy() <= cutoff
    hourly = rows["contract_kind"].is_in([0, 3]).to_numpy() & rows["billable"].to_numpy() & in_time & (month < plan.months)
    mended = rows["mended_at"].to_numpy() < closes[np.minimum(month, len(closes) - 1)]
    return rows.with_columns(
        month=pl.lit(pl.Series(np.where(hourly, month, -1))),
        charged=pl.lit(pl.Series(np.where(mended, rows["mended"].to_numpy(), rows["minutes"].to_numpy()))),
    )
