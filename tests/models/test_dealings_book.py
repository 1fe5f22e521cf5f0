"""Dealings as they were known: promises, payments and disputes of a client at one instant."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from models.collections import COLLECTIONS
from models.dealings import Dealings
from models.dealings_book import EVIDENCE_ROWS, LAST_SHOWN, DealingsBook, kept_text
from models.dispute import DISPUTE
from models.scoring import score
from records.known import Known
from tests.ledger import Ledger, moment


@pytest.fixture
def ledger() -> Ledger:
    told = Ledger().client("a").client("b")
    told.invoice("i1", "a", issued="2025-01-10", due="2025-02-09", number="INV-1")
    told.invoice("i2", "a", issued="2025-03-10", due="2025-04-09", number="INV-2")
    told.promise("a", at="2025-02-12T10:00", by="2025-02-20", invoice="i1")
    told.payment("i1", "a", on="2025-02-18", amount=400).payment("i1", "a", on="2025-02-19", amount=600, recorded="2025-02-21")
    told.promise("a", at="2025-04-14T10:00", by="2025-04-22", invoice="i2")
    told.dispute("i2", at="2025-04-20T09:00", resolved_at="2025-05-02T09:00", outcome="rejected")
    return told


def dealings(ledger: Ledger, root: Path, *, as_of: str, client: str = "a") -> Dealings:
    instant = moment(as_of)
    known = Known(ledger.lake(root), until=instant)
    return DealingsBook(known, as_of=instant, references={"i1": "INV-1", "i2": "INV-2"}).of_client(client)


@pytest.mark.parametrize(
    ("as_of", "states"),
    [
        ("2025-02-12T09:59", []),
        ("2025-02-19", ["open"]),
        ("2025-02-20", ["part"]),
        ("2025-02-21", ["kept"]),
        ("2025-04-21", ["open", "kept"]),
        ("2025-04-22", ["broken", "kept"]),
    ],
)
def test_promises_are_judged_by_what_was_known(ledger: Ledger, tmp_path: Path, as_of: str, states: list[str]) -> None:
    assert [one.state for one in dealings(ledger, tmp_path, as_of=as_of).promises] == states


def test_what_is_recorded_later_changes_nothing(ledger: Ledger, tmp_path: Path) -> None:
    early = dealings(ledger, tmp_path / "all", as_of="2025-02-20")
    assert early == dealings(ledger.until(moment("2025-02-20")), tmp_path / "then", as_of="2025-02-20")


def test_payments_come_with_their_invoice_and_failed_ones_do_not(ledger: Ledger, tmp_path: Path) -> None:
    found = dealings(ledger, tmp_path, as_of="2025-03-01").allocations
    assert [(one.reference, one.on, one.amount) for one in found] == [
        ("INV-1", date(2025, 2, 19), Decimal(600)),
        ("INV-1", date(2025, 2, 18), Decimal(400)),
    ]
    ledger.correct("payment", "pay-i1-2025-02-18", recorded="2025-03-02", status="reversed")
    ledger.correct("payment_allocation", "alloc-i1-2025-02-19", recorded="2025-03-02", reversed_on="2025-03-02")
    after = dealings(ledger, tmp_path / "after", as_of="2025-03-03")
    assert (after.allocations, after.promises[0].state) == ((), "broken")


def test_a_dispute_is_open_until_it_is_resolved(ledger: Ledger, tmp_path: Path) -> None:
    opened = dealings(ledger, tmp_path / "1", as_of="2025-04-25")
    assert opened.disputes_now("i2")
    resolved = dealings(ledger, tmp_path / "2", as_of="2025-05-03")
    assert not resolved.disputes_now("i2")
    assert (resolved.disputes[0].resolved_on, resolved.disputes[0].outcome) == (date(2025, 5, 2), "rejected")


def test_a_client_that_never_promised_has_no_dealings(ledger: Ledger, tmp_path: Path) -> None:
    assert dealings(ledger, tmp_path, as_of="2025-06-01", client="b") == Dealings()
    assert kept_text(()) == ""


def test_a_finding_carries_the_dealings_and_says_how_promises_were_kept(ledger: Ledger, tmp_path: Path) -> None:
    as_of = moment("2025-04-25")
    (finding,) = score(Known(ledger.lake(tmp_path), until=as_of), COLLECTIONS, None, as_of=as_of).findings
    assert finding.in_dispute
    assert [one.state for one in finding.dealings.promises] == ["broken", "kept"]
    assert finding.facts["Promises of this client"] == "kept 1 of the last 2"
    assert finding.facts["Dispute on this invoice"] == "open"
    assert finding.issued_on == date(2025, 3, 10)
    table = next(one for one in finding.evidence if one.title == "What this client promised")
    assert table.rows[0] == ("INV-2", "2025-04-14", "2025-04-22", "EUR 1,000.00", "EUR 0.00", "broken")


def test_nobody_collects_a_draft(ledger: Ledger, tmp_path: Path) -> None:
    as_of = moment("2025-03-20")
    (finding,) = score(Known(ledger.lake(tmp_path), until=as_of), DISPUTE, None, as_of=as_of).findings
    assert (finding.dealings, finding.in_dispute) == (Dealings(), False)


def test_only_the_last_are_handed_on(ledger: Ledger, tmp_path: Path) -> None:
    for day in range(1, 29):
        ledger.promise("b", at=f"2025-05-{day:02}T10:00", by="2025-06-30")
    as_of = moment("2025-06-01")
    book = DealingsBook(Known(ledger.lake(tmp_path), until=as_of), as_of=as_of, references={})
    assert len(book.of_client("b").promises) == LAST_SHOWN
    (table,) = book.evidence("b")
    assert len(table.rows) == EVIDENCE_ROWS
    assert table.rows[0][:2] == ("all open invoices", "2025-05-28")
