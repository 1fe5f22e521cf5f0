"""What is credited of an invoice once it is disputed."""

from pathlib import Path

import pytest

from features.crediting import PRIOR_DISPUTES, client_credited_share
from features.frame import build
from models.dispute import DISPUTE
from models.spine import at_instants
from tests.ledger import Ledger, Value, moment


def firm(*disputes: tuple[str, dict[str, Value]]) -> Ledger:
    """Of each client an invoice of 1,000 a dispute, and a draft of each."""
    told = Ledger().client("c1").client("c2")
    for number, (client, how) in enumerate(disputes):
        told.invoice(f"i{number}", client, issued="2025-01-10", due=None, amount=1000)
        columns: dict[str, Value] = {"dispute_id": f"d{number}", "invoice_id": f"i{number}", "opened_at": "2025-01-20T10:00"}
        told.row("dispute", "2025-01-20T10:00", {**columns, "resolved_at": "2025-02-10T10:00", **how})
    for client in ("c1", "c2"):
        told.invoice(f"draft-{client}", client, issued=None, due=None, recorded="2025-02-20")
    return told


def share(told: Ledger, root: Path, *, of: str = "draft-c1", at: str = "2025-02-25") -> float:
    known = told.known(root)
    frame = build(known, at_instants(known, DISPUTE, [moment(at)]), [client_credited_share])
    return float(frame.filter(frame["invoice_id"] == of).to_dicts()[0][client_credited_share.name])


def test_before_any_dispute_is_resolved_all_of_it_is_at_stake(tmp_path: Path) -> None:
    assert share(firm(), tmp_path / "none") == 1
    assert share(firm(("c1", {"resolved_at": "2025-03-01T10:00", "credited_amount": 0})), tmp_path / "open") == 1


def test_a_clients_share_is_drawn_to_the_firms(tmp_path: Path) -> None:
    told = firm(("c1", {"credited_amount": 200}), ("c1", {"credited_amount": 400}), ("c2", {"credited_amount": 0}))
    of_firm = (0.2 + 0.4 + 0 + 1) / 4
    assert share(told, tmp_path / "one") == pytest.approx((0.6 + of_firm * PRIOR_DISPUTES) / (2 + PRIOR_DISPUTES), abs=1e-4)
    assert share(told, tmp_path / "other", of="draft-c2") == pytest.approx(of_firm * PRIOR_DISPUTES / (1 + PRIOR_DISPUTES), abs=1e-4)


def test_where_the_dispute_does_not_say_the_credits_and_the_cancelling_do(tmp_path: Path) -> None:
    told = firm(("c1", {})).credit("i0", on="2025-02-05", amount=300)
    assert share(told, tmp_path / "credited") == pytest.approx((0.3 + 0.65 * PRIOR_DISPUTES) / (1 + PRIOR_DISPUTES))
    gone = firm(("c1", {"credited_amount": 0}))
    gone.correct("invoice", "i0", recorded="2025-02-12", cancelled_at="2025-02-12T09:00")
    assert share(gone, tmp_path / "cancelled") == 1
