"""What controls find, counted on the invoice that it is found on."""

from pathlib import Path

import pytest

from features.feature import Feature
from features.findings import invoice_errors, invoice_findings_share, invoice_warnings
from features.frame import build
from models.dispute import DISPUTE
from models.spine import at_instants
from tests.ledger import Ledger, Row, moment

DRAFTED = "2025-03-05T09:00"


def firm(**changes: object) -> Ledger:
    """A draft at the card, with one line whose columns may be changed."""
    told = Ledger().client("c1").contract("k1", "c1").project("j1", "c1", starts="2025-01-01", contract_id="k1").person("ana")
    told.row("rate_card_line", "2025-01-01", {"rate_id": "r1", "contract_id": "k1", "bill_rate": 100, "effective_on": "2025-01-01"})
    told.invoice("i1", "c1", issued=None, due=None, amount=1000, recorded=DRAFTED, contract_id="k1", project_id="j1")
    line: Row = {"line_id": "i1-1", "invoice_id": "i1", "project_id": "j1", "person_id": "ana", "role": "consultant", "unit": "HUR"}
    days: Row = {"quantity": 10, "unit_price": 100, "net_amount": 1000, "period_start_on": "2025-02-03", "period_end_on": "2025-02-20"}
    told.row("invoice_line", DRAFTED, {**line, **days, "description": "Analysis of the claims with the team"})
    told.rows["invoice_line"][0].update(changes)  # type: ignore[arg-type]
    return told


def value(told: Ledger, root: Path, one: Feature) -> float:
    known = told.known(root)
    return float(build(known, at_instants(known, DISPUTE, [moment("2025-03-06")]), [one])[one.name].item())


@pytest.mark.parametrize("one", [invoice_errors, invoice_warnings, invoice_findings_share], ids=lambda one: one.name)
def test_where_controls_find_nothing_there_is_nothing(one: Feature, tmp_path: Path) -> None:
    assert value(firm(), tmp_path, one) == 0


def test_a_price_over_the_card_is_an_error_with_its_money(tmp_path: Path) -> None:
    told = firm(unit_price=112, net_amount=1120)
    assert value(told, tmp_path / "count", invoice_errors) >= 1
    # The line is 12 % over the card, and the draft is not the sum of its lines.
    assert value(told, tmp_path / "share", invoice_findings_share) == pytest.approx(0.24)


def test_a_line_that_says_nothing_is_warned_of(tmp_path: Path) -> None:
    assert value(firm(description="Services"), tmp_path, invoice_warnings) >= 1
