"""Simulate a professional-services firm and write what its systems would export, and apart from it the truth behind it."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from simulation.absences import export_absences
from simulation.amendments import export_amendments
from simulation.anomalies import anomalous_entries, anomalous_lines, checked_kinds, oddly_charged, with_anomalies
from simulation.budgets import export_budgets
from simulation.calendars import export_calendar, export_deadline
from simulation.collecting import export_activities, promises
from simulation.dialects import CANONICAL
from simulation.dirt import merger_links
from simulation.drift import Drift
from simulation.entries import export_entries
from simulation.exchange import exchange_rates
from simulation.expenses import export_expenses
from simulation.export import Export
from simulation.invoicing import adjustments, export_disputes, export_invoices, export_lines
from simulation.ledger import Ledger, ledger_of, open_amounts
from simulation.milestones import export_milestones
from simulation.overwritten import overwritten
from simulation.people import export_people
from simulation.plan import START, Plan
from simulation.rates import export_rates
from simulation.registers import (
    export_assignments,
    export_clients,
    export_contracts,
    export_cost_rates,
    export_guidelines,
    export_links,
    export_projects,
)
from simulation.remitting import export_payments
from simulation.revenue import revenue_schedules
from simulation.scope import status_reports
from simulation.timesheets import month_entries
from simulation.truth import write_truth
from simulation.work import effort, hourly_lines, joined_lines
from simulation.world import World, world_of


def simulate(  # noqa: PLR0913 - as many as the command has options
    directory: Path,
    *,
    people: int,
    months: int,
    seed: int,
    clients: int | None = None,
    start: date = START,
    until: date | None = None,
    mechanism: str = "additive",
    drifts: tuple[str, ...] = (),
    random_arm: float = 0.0,
    dirt: bool = True,
    dialect: str = CANONICAL,
    anomalies: tuple[str, ...] = (),
) -> None:
    """Write a firm's tables into a folder, and its truth into `truth/` below it.

    Without `clients` there are about as many as such a firm serves. `drifts`: each as NAME@DATE. `random_arm`: share of invoices for
    which a coin decides whether they are chased. `dirt`: whether people and systems leave their traces on the records. `dialect`: whose
    files they look like. `anomalies`: kinds of odd entries and lines. Raises ValueError when the parameters describe no firm.
    """
    changes = tuple(Drift.parse(text) for text in drifts)
    run(
        directory,
        Plan(people, months, seed, clients, start, until, mechanism, changes, random_arm, dirt, dialect, checked_kinds(anomalies)),
    )


def run(directory: Path, plan: Plan) -> None:
    """Write the firm that a plan describes; a file of the same name is replaced."""
    world = world_of(plan)
    with Export(directory, plan) as export:
        _write_standing(plan, world, export)
        hourly, done, odd = _write_entries(plan, world, export)
        ledger = ledger_of(plan, world, hourly=hourly, done=done)
        _write_work(plan, world, export, done=done)
        _write_ledger(plan, world, export, ledger=ledger)
    write_truth(directory / "truth", plan, world=world, ledger=ledger, done=done)
    pl.concat([odd, anomalous_lines(hourly)]).write_parquet(directory / "truth" / "anomaly.parquet")


def _write_standing(plan: Plan, world: World, export: Export) -> None:
    office, book = world.office, world.office.book
    export.write("client", export_clients(plan, world.market, book, stress=world.stress))
    export.write("billing_guideline", export_guidelines(plan, world.market))
    export.write("contract", export_contracts(book, world.market, amended=world.amended))
    export.write("contract_amendment", export_amendments(world.amended))
    export.write("rate_card_line", export_rates(plan, office.cards, book.contracts, signed=world.cut_signed))
    export.write("person", export_people(office.crew, plan))
    export.write("cost_rate", export_cost_rates(office.crew, world.cost))
    export.write("calendar_day", export_calendar(plan, office.open_days))
    export.write("timesheet_deadline", export_deadline(plan))
    export.write("absence", export_absences(office.absent))
    export.write("project", export_projects(plan, book, internal=office.internal))
    export.write("project_budget", export_budgets(book.projects, world.planned, office.scope))
    export.write("assignment", export_assignments(book, office.crew))
    export.write("identity_link", export_links(book))
    if plan.dirt:
        export.write("identity_link", merger_links(plan))
    export.write("fx_rate", exchange_rates(plan))


def _write_entries(plan: Plan, world: World, export: Export) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Time entries a month at a time, so that the largest table is never whole in memory; what they add up to, and which are odd."""
    hourly: list[pl.DataFrame] = []
    done: list[pl.DataFrame] = []
    odd: list[pl.DataFrame] = []
    for month in range(plan.months):
        rows = month_entries(plan, world.office, month)
        told = with_anomalies(plan, rows, world.office)
        export.write("time_entry", export_entries(plan, told, world.office, cost=world.cost, cut_signed=world.cut_signed))
        odd.append(anomalous_entries(told))
        hourly.append(hourly_lines(rows))
        done.append(effort(rows, month=month, cost=world.cost))
    charged = oddly_charged(plan, joined_lines(hourly))
    return charged, pl.concat(done).sort("project", "month", "person"), pl.concat(odd)


def _write_work(plan: Plan, world: World, export: Export, *, done: pl.DataFrame) -> None:
    projects, scope = world.office.book.projects, world.office.scope
    export.write("project_status", status_reports(plan, projects, scope, planned_minutes=world.planned["minutes"].to_numpy()))
    export.write("milestone", export_milestones(plan, world.reached))
    export.write("revenue_schedule", revenue_schedules(plan, projects, planned=world.planned, done=done, scope=scope))


def _write_ledger(plan: Plan, world: World, export: Export, *, ledger: Ledger) -> None:
    settled_on = np.maximum(ledger.paid.first_on, ledger.paid.rest_on)
    export.write("expense", export_expenses(plan, ledger.spent, world.office))
    export.write("invoice", export_invoices(ledger.drafts, ledger.faults), also=overwritten(plan, ledger) if plan.dirt else None)
    export.write("invoice_line", export_lines(ledger.drafts, ledger.lines))
    export.write("dispute", export_disputes(ledger.drafts, ledger.faults))
    export.write("credit_adjustment", adjustments(plan, ledger.drafts, settled_on=settled_on, paid=open_amounts(ledger)))
    export.write("payment", export_payments(ledger.cash))
    export.write("payment_allocation", ledger.cash.allocations)
    export.write("collection_activity", export_activities(ledger.acted))
    export.write("promise_to_pay", promises(plan, ledger.acted))
