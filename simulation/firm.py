"""Simulate a professional-services firm and write what its systems would export, and apart from it the truth behind it."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from simulation import clients as markets
from simulation.collecting import activities, export_activities, promises
from simulation.days import NEVER
from simulation.disputes import disputes
from simulation.drafting import drafts_of, lines_of
from simulation.exchange import exchange_rates
from simulation.export import Export
from simulation.faults import inject
from simulation.invoicing import adjustments, billed, export_disputes, export_invoices, export_lines
from simulation.paying import habits, pay
from simulation.people import export_people, staff
from simulation.plan import CLIENTS_PER_PERSON, START, Plan, traits_of
from simulation.projects import portfolio
from simulation.registers import export_clients, export_contracts, export_projects
from simulation.remitting import export_payments, remit
from simulation.spoiling import spoil
from simulation.truth import write_truth
from simulation.work import work


def simulate(
    directory: Path, *, people: int, months: int, seed: int, clients: int | None = None, start: date = START, until: date | None = None
) -> None:
    """Write a firm's tables into a folder, and its truth into `truth/` below it.

    Without `clients` there are about as many as such a firm serves. Raises ValueError when the parameters describe no firm.
    """
    plan = Plan(people, months, seed, clients or max(6, round(people * CLIENTS_PER_PERSON)), start, until)
    run(directory, plan)


def run(directory: Path, plan: Plan) -> None:
    traits = traits_of(plan)
    market, stress = markets.market(plan, traits), markets.stress_paths(plan)
    insolvent_on = markets.insolvency_days(plan, stress, market["size"].to_numpy())
    crew = staff(plan)
    book = portfolio(plan, traits, market, crew.seats)
    worked = work(plan, book, crew.seats)
    clean = lines_of(plan, traits, book=book, work=worked)
    drafts = drafts_of(plan, clients=market, staff=crew, book=book, lines=clean)
    faults = inject(plan, traits, drafts)
    lines = spoil(plan, clean, faults)
    drafts = billed(drafts, lines)
    course = disputes(plan, traits, drafts=drafts, faults=faults, clients=market)
    drafts = pl.concat([drafts, course.raised], how="horizontal")
    drafts = drafts.with_columns(disputed_amount=(pl.col("gross") * pl.col("share")).round().cast(pl.Int64))
    drafts = drafts.with_columns(
        credited=(pl.col("disputed_amount") * pl.col("credited_share") * pl.col("disputed")).round().cast(pl.Int64)
    )
    drafts = (
        drafts.with_columns(payable=pl.col("gross") - pl.col("credited"))
        .with_row_index("draft")
        .with_columns(pl.col("draft").cast(pl.Int64))
    )
    habit = habits(plan, drafts, clients=market, stress=stress, insolvent_on=insolvent_on, raised=course.raised)
    paid = pay(plan, drafts, habit=habit, disputed=drafts["disputed"].to_numpy())
    settled = drafts.with_columns(first_on=paid.first_on, rest_on=paid.rest_on, in_parts=paid.in_parts)
    cash = remit(plan, settled)
    acted = activities(plan, settled, habit=habit, paid=paid, reachable=market["reachable"].to_numpy()[drafts["client"].to_numpy()])
    received = cash.allocations.filter(pl.col("reversed_on") == NEVER).group_by("invoice_id").agg(pl.col("amount").sum())
    had = drafts.select("invoice_id").join(received, on="invoice_id", how="left", maintain_order="left")["amount"].fill_null(0).to_numpy()
    with Export(directory, plan) as export:
        export.write("client", export_clients(plan, market, book))
        export.write("contract", export_contracts(book, market))
        export.write("person", export_people(crew, plan))
        export.write("project", export_projects(book))
        export.write("fx_rate", exchange_rates(plan))
        export.write("invoice", export_invoices(drafts, faults))
        export.write("invoice_line", export_lines(drafts, lines))
        export.write("dispute", export_disputes(drafts))
        export.write("credit_adjustment", adjustments(plan, drafts, paid_on=np.maximum(paid.first_on, paid.rest_on), first_share=had))
        export.write("payment", export_payments(cash))
        export.write("payment_allocation", cash.allocations)
        export.write("collection_activity", export_activities(acted))
        export.write("promise_to_pay", promises(plan, acted))
    write_truth(directory / "truth", drafts=drafts, habit=habit, probability=course.probability, paid=paid)
