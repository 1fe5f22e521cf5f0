"""A small firm as files, and the real command line over it."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.plumbline.command_line import Cli

CLIENTS, INVOICES = 40, 25
BEGUN = date(2025, 1, 6)


@pytest.fixture(scope="session")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty clients with habits, billed fortnightly for a year; the last invoices are open."""
    folder = tmp_path_factory.mktemp("firm")
    draw = np.random.default_rng(7)
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in ("client", "invoice", "payment", "payment_allocation", "dispute")}
    for number in range(CLIENTS):
        client = f"C{number:02}"
        habit, quarrel = draw.normal(0, 15), draw.random() ** 3 * 0.6
        rows["client"].append({"client_id": client, "name": f"Client {number}", "currency": "EUR", "onboarded_on": BEGUN})
        for turn in range(INVOICES):
            _bill(rows, draw, client=client, issued=BEGUN + timedelta(14 * turn + number % 10), habit=habit, quarrel=quarrel)
    for table, found in rows.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(found[0]))
            writer.writeheader()
            writer.writerows(found)
    return folder


def _bill(
    rows: dict[str, list[dict[str, object]]], draw: np.random.Generator, *, client: str, issued: date, habit: float, quarrel: float
) -> None:
    invoice = f"I{len(rows['invoice']):04}"
    due, amount = issued + timedelta(30), f"{draw.uniform(500, 20_000):.2f}"
    paid = due + timedelta(round(draw.normal(habit, 8)))
    row = {"invoice_id": invoice, "client_id": client, "kind": "invoice", "issued_on": issued, "due_on": due, "currency": "EUR"}
    rows["invoice"].append({**row, "net_amount": amount, "gross_amount": amount})
    if draw.random() < quarrel:
        opened = f"{issued + timedelta(12)}T09:00:00Z"
        rows["dispute"].append(
            {"dispute_id": f"D{invoice}", "invoice_id": invoice, "opened_at": opened, "reason_code": "PRI", "currency": "EUR"}
        )
    if paid < BEGUN + timedelta(14 * INVOICES):
        money = {"payment_id": f"P{invoice}", "amount": amount}
        rows["payment"].append(
            {**money, "client_id": client, "received_on": paid, "booked_on": paid, "currency": "EUR", "status": "settled"}
        )
        rows["payment_allocation"].append({**money, "allocation_id": f"A{invoice}", "invoice_id": invoice, "allocated_on": paid})


@pytest.fixture(scope="module")
def plumbline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    """The command line over an empty home of the module's own."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PLUMBLINE_HOME", str(home))
        environment.delenv("PLUMBLINE_DATABASE_URL", raising=False)
        yield Cli(home)
