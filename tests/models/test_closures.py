"""What the records say became of an invoice, for each outcome."""

from datetime import date
from pathlib import Path

import pytest

from models.closures import closures
from models.collections import COLLECTIONS
from models.dispute import DISPUTE
from models.finding import Closure
from models.margin import MARGIN
from models.risk import Risk
from tests.ledger import Ledger, moment

END = "2025-06-30"


def closed(place: Path, risk: Risk, told: Ledger, *, as_of: str = END) -> Closure | None:
    """What became of the one invoice `i`."""
    found = closures(told.known(place, until=END), risk, as_of=moment(as_of))
    assert {one.entity_id for one in found} <= {"i"}
    return found[0] if found else None


def billed() -> Ledger:
    return Ledger().client("A").invoice("i", "A", issued="2025-03-03", due="2025-04-02")


def paid() -> Ledger:
    return billed().payment("i", "A", on="2025-03-20")


def cancelled() -> Ledger:
    return billed().correct("invoice", "i", recorded="2025-03-12", cancelled_at="2025-03-12T10:00")


CASES: tuple[tuple[Risk, Ledger, str, date, str], ...] = (
    (COLLECTIONS, paid(), "paid", date(2025, 3, 20), "Paid in full on 20 Mar 2025."),
    (DISPUTE, paid(), "paid", date(2025, 3, 20), "Paid in full on 20 Mar 2025."),
    (
        COLLECTIONS,
        billed().payment("i", "A", on="2025-03-10", amount=400).payment("i", "A", on="2025-04-29", amount=600),
        "paid",
        date(2025, 4, 29),
        "Paid in full on 29 Apr 2025.",
    ),
    (
        COLLECTIONS,
        billed().credit("i", on="2025-03-10"),
        "written_off",
        date(2025, 3, 11),
        "Settled by credit or write-off, known since 11 Mar 2025.",
    ),
    (
        COLLECTIONS,
        billed().correct("invoice", "i", recorded="2025-03-10", gross_amount=0),
        "written_off",
        date(2025, 3, 11),
        "Nothing is owed on it, known since 11 Mar 2025.",
    ),
    (COLLECTIONS, cancelled(), "cancelled", date(2025, 3, 13), "Cancelled, known since 13 Mar 2025."),
    (DISPUTE, cancelled(), "cancelled", date(2025, 3, 13), "Cancelled, known since 13 Mar 2025."),
    (
        COLLECTIONS,
        billed().delete("invoice", "i", recorded="2025-03-12"),
        "cancelled",
        date(2025, 3, 13),
        "Taken out of the records, known since 13 Mar 2025.",
    ),
    (DISPUTE, billed().dispute("i", at="2025-03-14T15:00"), "disputed", date(2025, 3, 14), "The client disputed it on 14 Mar 2025."),
    (
        DISPUTE,
        billed().dispute("i", at="2025-03-14T15:00").payment("i", "A", on="2025-03-20"),
        "disputed",
        date(2025, 3, 14),
        "The client disputed it on 14 Mar 2025.",
    ),
    (DISPUTE, billed(), "sent", date(2025, 3, 4), "Issued, and not disputed in the time in which disputes come."),
    (
        DISPUTE,
        billed().dispute("i", at="2025-03-14T15:00").delete("dispute", "d-i", recorded="2025-03-18"),
        "sent",
        date(2025, 3, 4),
        "Issued, and not disputed in the time in which disputes come.",
    ),
)


@pytest.mark.parametrize(("risk", "told", "outcome", "on", "sentence"), CASES)
def test_what_became_of_an_invoice_is_said(risk: Risk, told: Ledger, outcome: str, on: date, sentence: str, *, tmp_path: Path) -> None:
    found = closed(tmp_path, risk, told)
    assert found is not None
    assert (found.outcome, found.on, found.sentence) == (outcome, on, sentence)
    assert found.entity_type == "invoice"


@pytest.mark.parametrize(
    ("change", "outcome", "sentence"),
    [
        ({"closed_on": "2025-03-20"}, "closed", "The project was closed on 20 Mar 2025."),
        ({"billing_method": "none"}, "cancelled", "No longer a running project with a plan, known since 21 Mar 2025."),
        ({}, None, None),
    ],
)
def test_what_became_of_a_project_is_said(change: dict[str, str], outcome: str | None, sentence: str | None, *, tmp_path: Path) -> None:
    told = Ledger().client("A").project("i", "A", starts="2025-03-03").correct("project", "i", recorded="2025-03-20", **change)
    found = closed(tmp_path, MARGIN, told)
    assert (found.outcome if found else None, found.sentence if found else None) == (outcome, sentence)
    assert closed(tmp_path / "before", MARGIN, told, as_of="2025-03-19") is None


@pytest.mark.parametrize(
    ("risk", "told", "as_of"),
    [
        (COLLECTIONS, billed(), END),
        (COLLECTIONS, billed().payment("i", "A", on="2025-03-20", amount=400), END),
        (COLLECTIONS, paid(), "2025-03-19"),
        (COLLECTIONS, billed().dispute("i", at="2025-03-14T15:00"), END),
        (COLLECTIONS, paid().correct("payment", "pay-i-2025-03-20", recorded="2025-03-25", status="failed"), END),
        (DISPUTE, billed(), "2025-03-31"),
        (DISPUTE, Ledger().client("A").invoice("i", "A", issued=None, due=None), END),
        (COLLECTIONS, Ledger().client("A").invoice("i", "A", issued=None, due=None), END),
    ],
)
def test_what_is_at_risk_still_or_never_was_is_not_closed(risk: Risk, told: Ledger, as_of: str, *, tmp_path: Path) -> None:
    assert closed(tmp_path, risk, told, as_of=as_of) is None


def test_nothing_on_record_closes_nothing(tmp_path: Path) -> None:
    assert closed(tmp_path, COLLECTIONS, Ledger()) is None
