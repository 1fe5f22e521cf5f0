"""Who objects more than there is reason to."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from features.feature import Feature
from features.frame import build
from features.objections import (
    client_billing_rules,
    client_objects,
    contract_amendments_180d,
    desk_dispute_rate,
    invoice_days_out,
    sector_dispute_rate_180d,
)
from models.dispute import DISPUTE
from models.spine import at_instants
from tests.ledger import Ledger, moment

BEGUN = date(2024, 1, 5)


def firm(*, disputed: tuple[int, ...], months: int = 10) -> Ledger:
    """A strict client and a calm one of another sector, each with an invoice a month from a desk of its own, and a draft each."""
    told = Ledger().client("strict", segment="health").client("calm", segment="trade")
    for month in range(months):
        issued = BEGUN + timedelta(days=30 * month)
        for client in ("strict", "calm"):
            told.invoice(f"{client}{month}", client, issued=f"{issued}", due=None, prepared_by=f"desk-{client}", contract_id="k1")
        if month in disputed:
            told.dispute(f"strict{month}", at=f"{issued + timedelta(days=9)}T10:00")
    for client in ("strict", "calm"):
        told.invoice(
            f"draft-{client}", client, issued=None, due=None, recorded="2024-11-20", prepared_by=f"desk-{client}", contract_id="k1"
        )
    return told


def values(told: Ledger, root: Path, one: Feature, *, at: str = "2024-11-25") -> dict[str, float]:
    known = told.known(root)
    frame = build(known, at_instants(known, DISPUTE, [moment(at)]), [one])
    return dict(frame.select(pl.col("invoice_id").str.strip_prefix("draft-"), one.name).rows())


@pytest.mark.parametrize("one", [client_objects, desk_dispute_rate, sector_dispute_rate_180d], ids=lambda one: one.name)
def test_disputes_raise_their_client_desk_and_sector_alone(one: Feature, tmp_path: Path) -> None:
    found = values(firm(disputed=(6, 8, 9)), tmp_path, one)
    assert found["strict"] > found["calm"] > 0


@pytest.mark.parametrize("one", [client_objects, desk_dispute_rate], ids=lambda one: one.name)
def test_what_lies_long_ago_counts_less(one: Feature, tmp_path: Path) -> None:
    early, late = values(firm(disputed=(0, 1)), tmp_path / "early", one), values(firm(disputed=(8, 9)), tmp_path / "late", one)
    assert late["strict"] > early["strict"]


def test_who_disputes_what_was_flawed_objects_less_than_who_disputes_what_was_in_order(tmp_path: Path) -> None:
    """Invoices without the reference that the contract asks for are disputed more: a client of such invoices has reason to."""
    told = firm(disputed=(4, 6, 8))
    for month in (4, 6, 8):
        told.dispute(f"calm{month}", at=f"{BEGUN + timedelta(days=30 * month + 9)}T10:00")
    told.contract("k1", "calm", po_required=True)
    for row in told.rows["invoice"]:
        flawed = row["client_id"] == "calm" and row["invoice_id"] in {"calm4", "calm6", "calm8"}
        row["po_ref"] = None if flawed else "PO-1"
    found = values(told, tmp_path, client_objects)
    assert found["strict"] > found["calm"]


def test_rules_and_amendments_are_counted(tmp_path: Path) -> None:
    told = firm(disputed=())
    told.row("billing_guideline", "2024-02-01", {"guideline_id": "g1", "client_id": "strict"})
    for number, day in ((1, "2024-02-01"), (2, "2024-10-01")):
        told.row("contract_amendment", day, {"amendment_id": f"a{number}", "contract_id": "k1", "effective_on": day})
    assert values(told, tmp_path / "rules", client_billing_rules) == {"strict": 1, "calm": 0}
    assert values(told, tmp_path / "amendments", contract_amendments_180d) == {"strict": 1, "calm": 1}


def test_a_draft_is_not_out_and_an_invoice_since_the_end_of_its_day(tmp_path: Path) -> None:
    told = firm(disputed=(), months=11)
    found = values(told, tmp_path, invoice_days_out, at="2024-11-10")
    assert found["calm10"] == 10
    assert values(told, tmp_path / "later", invoice_days_out)["calm"] == 0
