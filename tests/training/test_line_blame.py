"""What is learned from the lines that clients name."""

from pathlib import Path

import numpy as np
import pytest

from features.line_signals import SIGNALS, log_money, signals
from models.estimators.line_blame import LineBlame
from tests.ledger import Ledger, Row
from training.line_blame import LEAST_NAMED, fit_line_blame, named_lines


def firm(*, disputes: int, named: bool = True) -> Ledger:
    """Each invoice has a large line at the card and a small one over it, which is the one that is named."""
    told = Ledger().client("c1").contract("k1", "c1")
    told.row("rate_card_line", "2024-01-01", {"rate_id": "r1", "contract_id": "k1", "bill_rate": 100})
    for number in range(disputes):
        invoice = f"i{number}"
        told.invoice(invoice, "c1", issued="2025-01-10", due=None, contract_id="k1")
        for line, hours, price in ((1, 50, 100), (2, 5, 110)):
            columns: Row = {"quantity": hours, "unit_price": price, "net_amount": hours * price, "line_id": f"{invoice}-{line}"}
            told.row("invoice_line", "2025-01-10", {**columns, "invoice_id": invoice, "line_no": line, "unit": "HUR", "role": "consultant"})
        line_id = f"{invoice}-2" if named else None
        opened: Row = {"dispute_id": invoice, "invoice_id": invoice, "opened_at": "2025-01-20T10:00", "line_id": line_id}
        told.row("dispute", "2025-01-20T10:00", opened)
    return told


def test_the_line_that_clients_name_comes_first(tmp_path: Path) -> None:
    known = firm(disputes=40).known(tmp_path)
    learned = fit_line_blame(known)
    rows, named = named_lines(known)
    shares = learned.shares(signals(rows), log_money(rows), rows["dispute"].to_numpy())
    assert shares[named == 1].min() > 0.8
    assert dict(zip(learned.signals, learned.weights, strict=True))["over_card"] > 1
    assert LineBlame.from_text(learned.to_text()) == learned


@pytest.mark.parametrize("told", [firm(disputes=LEAST_NAMED - 1), firm(disputes=40, named=False)], ids=["few", "none named"])
def test_with_few_named_lines_shares_are_those_of_the_money(told: Ledger, tmp_path: Path) -> None:
    assert fit_line_blame(told.known(tmp_path)) == LineBlame.of_money(SIGNALS)


def test_a_line_of_another_invoice_is_no_line_that_was_named(tmp_path: Path) -> None:
    told = firm(disputes=2)
    told.rows["dispute"][0]["line_id"] = "i1-2"
    rows, named = named_lines(told.known(tmp_path))
    assert rows["invoice_id"].unique().to_list() == ["i1"]
    assert np.flatnonzero(named).tolist() == [1]
