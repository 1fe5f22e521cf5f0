"""What each invoice owes at any instant, against plain Python over the records as known then."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.known import ENTER, LEAVE, MONEY_SCALE, Known, instant_of, micros
from records.receivables import receivables
from tests.ledger import Ledger, moment
from tests.random_ledgers import ledgers, tidy_ledgers
from tests.random_rows import instants

COMPARED = (
    *("client_id", "contract_id", "project_id", "currency", "due_on", "due", "po_ref"),
    *("gross", "paid", "credited", "owed", "stage", "issued", "drafted", "paid_on", "settled_by"),
)


def holding(known: Known, at: datetime) -> dict[str, dict[str, Any]]:
    spans = known.derived(receivables).frame.filter((pl.col(ENTER) <= micros(at)) & (micros(at) < pl.col(LEAVE))).collect()
    assert spans["invoice_id"].is_unique().all(), "two spans of one invoice hold at once"
    return {row["invoice_id"]: {name: row[name] for name in COMPARED} for row in spans.to_dicts()}


def plain(known: Known, at: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """The same from what was known at that instant alone, without a thought of other instants."""
    tables = ("invoice", "payment", "payment_allocation", "credit_adjustment")
    invoices, payments, allocations, adjustments = (known.at(at, table).collect().to_dicts() for table in tables)
    drafted = _drafted(known, at)
    received = {row["payment_id"]: row for row in payments}
    paid: dict[str, Decimal] = defaultdict(Decimal)
    paid_on: dict[str, list[date]] = defaultdict(list)
    for row in allocations:
        payment = received.get(row["payment_id"])
        failed = payment is not None and payment["status"] in {"failed", "reversed"}
        if row["reversed_on"] is None and not failed:
            paid[row["invoice_id"]] += row["amount"]
            paid_on[row["invoice_id"]].append(payment["received_on"] if payment else row["allocated_on"])
    credited: dict[str, Decimal] = defaultdict(Decimal)
    for row in adjustments:
        credited[row["invoice_id"]] += row["amount"]
    for row in invoices:
        if row["kind"] == "invoice":
            name = row["invoice_id"]
            gross = row["net_amount"] + (row["tax_amount"] or 0) if row["gross_amount"] is None else row["gross_amount"]
            sums = {"gross": gross, "paid": paid[name], "credited": credited[name], "owed": gross - paid[name] - credited[name]}
            yield (
                name,
                {
                    **{column: row[column] for column in ("client_id", "contract_id", "project_id", "currency", "due_on", "po_ref")},
                    **{column: int(value * MONEY_SCALE) for column, value in sums.items()},
                    **_standing(row, sums),
                    "due": _end(row["due_on"]),
                    "issued": _end(row["issued_on"]),
                    "drafted": drafted[name],
                    "paid_on": max(paid_on[name], default=None),
                },
            )


def _standing(row: dict[str, Any], sums: dict[str, Decimal]) -> dict[str, str | None]:
    moved = sums["paid"] + sums["credited"] > 0
    settled = sums["owed"] <= Decimal("0.01") and (moved or row["issued_on"] is not None)
    more = "cash" if sums["paid"] >= sums["credited"] else "credit"
    by = (more if moved else "nothing") if settled else None
    if row["cancelled_at"] is not None:
        return {"stage": "cancelled", "settled_by": by}
    issued = "open" if row["issued_on"] is not None else "draft"
    return {"stage": "settled" if settled else issued, "settled_by": by}


def _end(day: date | None) -> int | None:
    return micros(instant_of(day)) if day else None


def _drafted(known: Known, at: datetime) -> dict[str, int]:
    """When the firm first held the invoice: no version of it says more than that."""
    first: dict[str, int] = {}
    rows = known.lake.read("invoice").filter((pl.col("recorded_at") <= at) & ~pl.col("deleted") & (pl.col("kind") == "invoice"))
    for row in rows.collect().to_dicts():
        earliest = min(row["recorded_at"], row["drafted_at"] or row["recorded_at"])
        first[row["invoice_id"]] = min(micros(earliest), first.get(row["invoice_id"], micros(earliest)))
    return first


def _differences(known: Known, at: datetime) -> list[str]:
    found, wanted = holding(known, at), dict(plain(known, at))
    missing = [f"{name} {'holds' if name in found else 'does not hold'}" for name in found.keys() ^ wanted.keys()]
    both = ((name, column) for name in found.keys() & wanted.keys() for column in COMPARED)
    return missing + [
        f"{name}.{column}: {found[name][column]!r}, by the records {wanted[name][column]!r}"
        for name, column in both
        if found[name][column] != wanted[name][column]
    ]


@settings(max_examples=50, deadline=None)
@given(ledger=ledgers(), at=st.lists(instants, min_size=3, max_size=3))
def test_what_holds_at_an_instant_is_what_the_records_known_then_say(ledger: Ledger, at: list[datetime]) -> None:
    with TemporaryDirectory() as root:
        known = ledger.known(Path(root))
        every = {row["recorded_at"] for rows in ledger.rows.values() for row in rows if isinstance(row["recorded_at"], datetime)}
        for instant in [*at, *sorted(every)[:3], datetime(2029, 1, 1, tzinfo=UTC)]:
            assert not _differences(known, instant), instant


@settings(max_examples=20, deadline=None)
@given(ledger=tidy_ledgers(), at=st.lists(instants, min_size=3, max_size=3))
def test_the_same_of_a_tidy_firm(ledger: Ledger, at: list[datetime]) -> None:
    with TemporaryDirectory() as root:
        known = ledger.known(Path(root))
        for instant in at:
            assert not _differences(known, instant), instant


def _seen(known: Known, *days: str) -> list[tuple[str, int, str | None, date | None]]:
    rows = [holding(known, moment(day))["i1"] for day in days]
    return [(row["stage"], row["owed"] // MONEY_SCALE, row["settled_by"], row["paid_on"]) for row in rows]


def _invoiced() -> Ledger:
    return Ledger().invoice("i1", "c1", issued="2025-01-10", due="2025-02-09", recorded="2025-01-05")


def test_a_life_of_an_invoice(tmp_path: Path) -> None:
    known = _invoiced().payment("i1", "c1", on="2025-02-01", amount=400).payment("i1", "c1", on="2025-03-01", amount=600).known(tmp_path)
    assert _seen(known, "2025-01-05", "2025-01-10", "2025-02-01", "2025-03-01") == [
        ("draft", 1000, None, None),
        ("open", 1000, None, None),
        ("open", 600, None, date(2025, 2, 1)),
        ("settled", 0, "cash", date(2025, 3, 1)),
    ]


def test_money_booked_late_does_not_move_the_date_of_the_last_money_back(tmp_path: Path) -> None:
    ledger = _invoiced().payment("i1", "c1", on="2025-03-01", amount=600)
    known = ledger.payment("i1", "c1", on="2025-02-20", amount=400, recorded="2025-03-05").known(tmp_path)
    assert _seen(known, "2025-03-05") == [("settled", 0, "cash", date(2025, 3, 1))]


def test_a_misallocation_is_wrong_until_it_is_taken_back(tmp_path: Path) -> None:
    ledger = _invoiced().payment("i1", "c1", on="2025-02-01", amount=400).payment("i1", "c1", on="2025-03-01", amount=600)
    ledger.correct("payment_allocation", "alloc-i1-2025-03-01", recorded="2025-04-01", reversed_on="2025-04-01")
    assert _seen(ledger.known(tmp_path), "2025-03-31", "2025-04-01") == [
        ("settled", 0, "cash", date(2025, 3, 1)),
        ("open", 600, None, date(2025, 2, 1)),
    ]


def test_a_payment_that_fails_is_owed_again_though_its_allocation_stands(tmp_path: Path) -> None:
    ledger = _invoiced().payment("i1", "c1", on="2025-02-01")
    ledger.correct("payment", "pay-i1-2025-02-01", recorded="2025-02-10", status="failed")
    ledger.correct("payment", "pay-i1-2025-02-01", recorded="2025-02-20", status="settled", received_on="2025-02-19")
    assert _seen(ledger.known(tmp_path), "2025-02-09", "2025-02-10", "2025-02-20") == [
        ("settled", 0, "cash", date(2025, 2, 1)),
        ("open", 1000, None, None),
        ("settled", 0, "cash", date(2025, 2, 19)),
    ]


@pytest.mark.parametrize(("paid", "stage"), [(998, "open"), (1000, "settled"), (1200, "settled")])
def test_settled_is_nothing_owed(paid: int, stage: str, tmp_path: Path) -> None:
    known = _invoiced().payment("i1", "c1", on="2025-02-01", amount=paid).known(tmp_path)
    assert _seen(known, "2025-02-01")[0][0] == stage


def test_a_cent_owed_is_not_owed(tmp_path: Path) -> None:
    ledger = Ledger()
    for name, gross in (("i1", "1000.01"), ("i2", "1000.02")):
        ledger.invoice(name, "c1", issued="2025-01-10", due=None, gross_amount=Decimal(gross)).payment(name, "c1", on="2025-02-01")
    found = holding(ledger.known(tmp_path), moment("2025-02-01"))
    assert [found[name]["stage"] for name in ("i1", "i2")] == ["settled", "open"]


@pytest.mark.parametrize("gross", [0, "0.01", -250])
def test_a_bill_over_nothing_is_settled_once_it_is_issued(gross: str | int, tmp_path: Path) -> None:
    ledger = Ledger().invoice("i1", "c1", issued=None, due="2025-02-09", recorded="2025-01-05", gross_amount=Decimal(gross))
    known = ledger.correct("invoice", "i1", recorded="2025-01-10", issued_on="2025-01-10").known(tmp_path)
    found = [holding(known, moment(day))["i1"] for day in ("2025-01-08", "2025-01-12")]
    assert [(one["stage"], one["settled_by"]) for one in found] == [("draft", None), ("settled", "nothing")]


def test_settled_by_what_was_more(tmp_path: Path) -> None:
    ledger = _invoiced().payment("i1", "c1", on="2025-02-01", amount=400).credit("i1", on="2025-02-05", amount=600)
    assert _seen(ledger.known(tmp_path), "2025-02-05") == [("settled", 0, "credit", date(2025, 2, 1))]


def test_spans_of_one_invoice_follow_each_other(tmp_path: Path) -> None:
    ledger = _invoiced().payment("i1", "c1", on="2025-02-01", amount=400).credit("i1", on="2025-02-05", amount=600)
    spans = ledger.known(tmp_path).derived(receivables).frame.sort(ENTER).select(ENTER, LEAVE).collect()
    assert spans[LEAVE][:-1].to_list() == spans[ENTER][1:].to_list()
    assert timedelta(microseconds=spans[ENTER][0]) == moment("2025-01-05") - datetime(1970, 1, 1, tzinfo=UTC)
