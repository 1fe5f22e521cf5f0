"""What an invoice itself says, on the worked example."""

from pathlib import Path

import pytest

from features import invoices
from features.feature import Feature
from records.lake import Lake
from tests.features.worked import TODAY, says, value, worked

CASES: tuple[tuple[Feature, str, str, float | None], ...] = (
    (invoices.invoice_amount, "a3", TODAY, 3000),
    (invoices.invoice_amount, "a3", "2025-02-28", None),
    (invoices.invoice_to_client_mean, "a3", TODAY, 1.5),
    (invoices.invoice_owed_share, "a3", TODAY, 1),
    (invoices.invoice_owed_share, "b2", TODAY, 0.6),
    (invoices.invoice_owed_share, "b1", TODAY, 0),
    (invoices.invoice_days_to_due, "a3", TODAY, -5),
    (invoices.invoice_days_to_due, "b2", TODAY, 4),
    (invoices.invoice_days_to_due, "b2", "2025-04-09", 0),
    (invoices.invoice_age_days, "a3", TODAY, 35),
    (invoices.invoice_terms_days, "a2", TODAY, 30),
    (invoices.invoice_in_dispute, "a1", "2025-01-20", 1),
    (invoices.invoice_in_dispute, "a1", TODAY, 0),
    (invoices.invoice_in_dispute, "b2", TODAY, 1),
    (invoices.invoice_po_missing, "a3", TODAY, 1),
    (invoices.invoice_po_missing, "a2", TODAY, 0),
    (invoices.invoice_po_missing, "b2", TODAY, 0),
)


@pytest.mark.parametrize(("feature", "invoice", "at", "number"), CASES, ids=lambda case: getattr(case, "name", str(case)))
def test_the_worked_example(feature: Feature, invoice: str, at: str, number: float | None, example: Lake) -> None:
    assert value(example, feature, invoice=invoice, at=at) == says(number)


def test_every_feature_of_invoices_is_worked() -> None:
    assert {feature for feature, *_ in CASES} == {one for one in vars(invoices).values() if isinstance(one, Feature)}


def test_terms_of_a_draft_run_from_the_draft(tmp_path: Path) -> None:
    told = worked().invoice("a4", "A", issued=None, due="2025-05-01", recorded="2025-04-01", drafted_at="2025-04-01")
    assert value(told.lake(tmp_path / "terms"), invoices.invoice_terms_days, invoice="a4") == 30
    assert value(told.lake(tmp_path / "age"), invoices.invoice_age_days, invoice="a4") is None


def test_two_disputes_of_one_invoice_are_one_yes(tmp_path: Path) -> None:
    told = worked().row("dispute", "2025-03-25", {"dispute_id": "again", "invoice_id": "b2", "opened_at": "2025-03-25"})
    assert value(told.lake(tmp_path), invoices.invoice_in_dispute, invoice="b2") == 1


def test_an_invoice_of_nothing_is_a_share_of_nothing(tmp_path: Path) -> None:
    told = worked().invoice("a4", "A", issued="2025-04-01", due=None, amount=0)
    assert value(told.lake(tmp_path), invoices.invoice_owed_share, invoice="a4") is None
