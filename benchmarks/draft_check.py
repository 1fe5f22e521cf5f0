"""How long a draft's check takes, over the API: `python -m benchmarks.draft_check HOME --day 2024-12-10 [--lines 200] [--drafts 60]`.

HOME is a folder that `plumbline import` filled. Drafts are made of lines that the firm billed before, so many to each; the clients take
turns, so that the records of most have to be made ready. No fix is looked for: each that is tried is a check of its own. The reference of
the same run is what answering one draft took before its client's records stood apart: controls and signals over all records of the firm.
"""

import argparse
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final

import polars as pl
from starlette.testclient import TestClient

from controls.catalog import findings_on_bills
from models.dispute import DISPUTE
from models.numbers import framed
from records.known import Known
from records.lake import Lake
from service.app import create_app
from service.auth import Role, issue_token
from service.database import writing
from service.settings import Settings

_UNITS: Final = {"time": "HUR"}


def bodies(known: Known, at: datetime, *, lines: int, drafts: int) -> Iterator[dict[str, Any]]:
    """Drafts of so many lines each, to one client after another, as the API takes them."""
    heads = known.at(at, "invoice").filter(pl.col("kind") == "invoice").sort("drafted_at", "invoice_id").collect()
    billed = known.at(at, "invoice_line").filter(pl.col("kind") == "time").collect()
    last = heads.unique("client_id", keep="last", maintain_order=True).to_dicts()
    for number in range(drafts):
        head = last[number % len(last)]
        own = billed.join(heads.filter(pl.col("client_id") == head["client_id"]).select("invoice_id"), on="invoice_id", how="semi")
        if own.is_empty():
            continue
        rows = own.sort("line_id").to_dicts()
        told = [_line(rows[place % len(rows)]) for place in range(lines)]
        net = sum((Decimal(line["invoice_line_net_amount"]) for line in told), Decimal(0))
        yield {
            "invoice_currency_code": head["currency"],
            "buyer_identifier": head["client_id"],
            "contract_reference": head["contract_id"],
            "project_reference": head["project_id"],
            "purchase_order_reference": head["po_ref"],
            "seller_identifier": head["legal_entity"],
            "invoice_total_amount_without_vat": str(net),
            "lines": told,
        }


def _line(row: dict[str, Any]) -> dict[str, Any]:
    period = {"start_date": str(row["period_start_on"]), "end_date": str(row["period_end_on"])} if row["period_start_on"] else None
    return {
        "kind": "time",
        "person_identifier": row["person_id"],
        "role": row["role"],
        "project_reference": row["project_id"],
        "invoiced_quantity": str(row["quantity"]),
        "invoiced_quantity_unit_of_measure_code": row["unit"],
        "item_net_price": str(row["unit_price"]),
        "invoice_line_net_amount": str(row["net_amount"]),
        "item_description": row["description"],
        "invoice_line_period": period,
        "task_code": row["task_code"],
    }


def measured(home: Path, at: datetime, *, lines: int, drafts: int) -> dict[str, list[tuple[float, float]]]:
    """Seconds of wall clock and of processor for each answer: the first after the start, the first of a client, and the later ones."""
    found: dict[str, list[tuple[float, float]]] = {"first of all": [], "first of a client": [], "later": []}
    app = create_app(Settings(home=home), clock=lambda: at)
    with TestClient(app) as api:
        with writing(app.state.serving.engine) as session:
            token = issue_token(session, "bench", role=Role.BILLING_REVIEWER, now=at)
        seen: set[str] = set()
        for body in bodies(Known(Lake(home / "lake"), until=at), at, lines=lines, drafts=drafts):
            wall, cpu = time.perf_counter(), time.process_time()
            answer = api.post("/v1/drafts:check", params={"fix": "false"}, json=body, headers={"Authorization": f"Bearer {token}"})
            took = (time.perf_counter() - wall, time.process_time() - cpu)
            if not answer.is_success:
                raise SystemExit(answer.text)
            client = body["buyer_identifier"]
            found["first of all" if not seen else "later" if client in seen else "first of a client"].append(took)
            seen.add(client)
    return found


def whole(lake: Lake, at: datetime) -> tuple[float, float]:
    """The reference: controls on bills and the signals of dispute, over all records."""
    wall, cpu = time.perf_counter(), time.process_time()
    known = Known(lake, until=at)
    known.derived(findings_on_bills)
    framed(known, DISPUTE, instants=[at])
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--day", type=date.fromisoformat, required=True)
    parser.add_argument("--lines", type=int, default=200)
    parser.add_argument("--drafts", type=int, default=60)
    given = parser.parse_args()
    at = datetime.combine(given.day + timedelta(days=1), datetime.min.time(), UTC)
    with TemporaryDirectory() as folder:
        home = Path(folder)
        copytree(given.home / "lake", home / "lake")
        reference = whole(Lake(home / "lake"), at)
        print(f"all records of the firm: {reference[0]:.3f} s, {reference[1]:.3f} CPU s")
        for which, took in measured(home, at, lines=given.lines, drafts=given.drafts).items():
            if took:
                print(f"{which} ({len(took)} drafts of {given.lines} lines): {_said(took, reference)}")


def _said(took: list[tuple[float, float]], reference: tuple[float, float]) -> str:
    walls, cpus = ([one[place] for one in took] for place in (0, 1))
    middle, high = (_quantile(walls, share) for share in (50, 95))
    return f"median {middle:.3f} s, 95 % within {high:.3f} s, {_quantile(cpus, 50):.3f} CPU s; {high / reference[0]:.3f} of the reference"


def _quantile(values: list[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


if __name__ == "__main__":
    main()
