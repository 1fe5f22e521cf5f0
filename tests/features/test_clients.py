"""Who the client is, on the worked example."""

from pathlib import Path

import pytest

from features import clients
from features.feature import Feature
from records.lake import Lake
from tests.features.worked import FIRM_DISPUTED, TODAY, says, value, worked

A_DISPUTED = (1 + 10 * FIRM_DISPUTED) / (3 + 10)
"""One of A's three; ten invoices' weight of the firm's share."""

CASES: tuple[tuple[Feature, str, str, float], ...] = (
    (clients.client_tenure_days, "a3", "2025-01-01", 0),
    (clients.client_tenure_days, "a3", TODAY, 94),
    (clients.client_tenure_days, "c1", TODAY, 0),
    (clients.client_dispute_rate, "a3", TODAY, A_DISPUTED),
    (clients.client_dispute_rate, "b2", TODAY, (1 + 10 * FIRM_DISPUTED) / (2 + 10)),
    (clients.client_dispute_rate, "c1", TODAY, FIRM_DISPUTED),
    (clients.client_dispute_rate, "a3", "2025-01-10T09:59", 0.5 / 2 * 10 / 11),
    (clients.client_dispute_rate, "a3", "2025-01-10T10:00", (1 + 10 * (1.5 / 2)) / (1 + 10)),
    (clients.client_dispute_rate_365d, "a3", TODAY, A_DISPUTED),
    # A year after 10 January a1's dispute is out of the window, and so is its issue; a2 and a3 are not.
    (clients.client_dispute_rate_365d, "a3", "2026-01-10T10:00", (0 + 10 * FIRM_DISPUTED) / (2 + 10)),
    (clients.project_dispute_rate, "a3", TODAY, (1 + 10 * A_DISPUTED) / (2 + 10)),
    (clients.project_invoices, "a3", TODAY, 2),
    (clients.client_open_disputes, "a3", TODAY, 0),
    (clients.client_open_disputes, "a3", "2025-02-01T09:59", 1),
    (clients.client_open_disputes, "a3", "2025-02-01T10:00", 0),
    (clients.client_open_disputes, "b2", TODAY, 1),
    (clients.firm_dispute_rate_90d, "a3", TODAY, (2 + 10 * FIRM_DISPUTED) / (4 + 10)),
)


@pytest.mark.parametrize(("feature", "invoice", "at", "number"), CASES, ids=lambda case: getattr(case, "name", str(case)))
def test_the_worked_example(feature: Feature, invoice: str, at: str, number: float, example: Lake) -> None:
    assert value(example, feature, invoice=invoice, at=at) == says(number)


def test_every_feature_of_clients_is_worked() -> None:
    assert {feature for feature, *_ in CASES} == {one for one in vars(clients).values() if isinstance(one, Feature)}


def test_a_dispute_that_was_taken_out_of_the_records_counts_no_more(tmp_path: Path) -> None:
    told = worked().delete("dispute", "d-b2", recorded="2025-04-02")
    assert value(told.lake(tmp_path), clients.client_open_disputes, invoice="b2") == 0


def test_a_dispute_of_an_unknown_invoice_counts_for_nobody_yet(tmp_path: Path) -> None:
    told = worked().dispute("a9", at="2025-03-01T10:00")
    assert value(told.lake(tmp_path / "before"), clients.client_open_disputes) == 0
    told.invoice("a9", "A", issued="2025-02-20", due=None, recorded="2025-04-04")
    assert value(told.lake(tmp_path / "after"), clients.client_open_disputes) == 1
