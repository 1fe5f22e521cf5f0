"""How a client pays, on the worked example."""

from math import sqrt
from pathlib import Path

import pytest

from features import payments
from features.feature import Feature
from records.lake import Lake
from tests.features.worked import FIRM_LATE, TODAY, says, value, worked
from tests.ledger import Ledger

A_LATE = (1 + 1 + 5 * FIRM_LATE) / (2 + 1 + 5)
"""a1 was late, a3 is; five invoices' weight of the firm's share."""

CASES: tuple[tuple[Feature, str, str, float | None], ...] = (
    (payments.client_late_rate, "a3", TODAY, A_LATE),
    (payments.client_late_rate, "b2", TODAY, (1 + 5 * FIRM_LATE) / (1 + 5)),
    # From the end of 9 April on b2 is overdue as well.
    (payments.client_late_rate, "b2", "2025-04-08", (1 + 5 * FIRM_LATE) / (1 + 5)),
    (payments.client_late_rate, "b2", "2025-04-09", (2 + 5 * (4.5 / 6)) / (2 + 5)),
    # Before anything was settled or overdue the firm's share is one half.
    (payments.client_late_rate, "a1", "2025-01-01", 0.5),
    (payments.client_very_late_rate, "a3", TODAY, (0 + 5 * (1.5 / 4)) / (2 + 5)),
    (payments.client_very_late_rate, "b2", TODAY, (1 + 5 * (1.5 / 4)) / (1 + 5)),
    # a3 is more than thirty days over from the end of 30 April on.
    (payments.client_very_late_rate, "a3", "2025-04-29", (0 + 5 * (1.5 / 4)) / (2 + 5)),
    (payments.client_very_late_rate, "a3", "2025-04-30", (1 + 5 * (2.5 / 5)) / (3 + 5)),
    (payments.client_late_rate_90d, "a3", TODAY, (1 + 5 * A_LATE) / (2 + 5)),
    (payments.client_days_late_mean_365d, "a3", TODAY, (10 - 3) / 2),
    (payments.client_days_late_mean_365d, "a3", "2025-02-09", None),
    (payments.client_days_late_mean_365d, "a3", "2025-02-10", 10),
    # A year after 10 February only the early payment is in the window, a year after 28 February none.
    (payments.client_days_late_mean_365d, "a3", "2026-02-09", 3.5),
    (payments.client_days_late_mean_365d, "a3", "2026-02-10", -3),
    (payments.client_days_late_mean_365d, "a3", "2026-02-28", None),
    (payments.client_days_late_median, "a3", "2026-02-28", 3.5),
    (payments.client_days_late_spread, "a3", TODAY, sqrt((100 + 9) / 2 - 3.5**2)),
    (payments.client_days_late_spread, "b2", TODAY, 0),
    (payments.client_days_late_trend, "a3", TODAY, 0),
    (payments.client_days_late_trend, "a3", "2025-05-20", -3 - 3.5),
    (payments.client_overdue_count, "a3", "2025-03-30", 0),
    (payments.client_overdue_count, "a3", "2025-03-31", 1),
    (payments.client_overdue_amount, "a3", TODAY, 3000),
    (payments.client_overdue_amount, "b2", "2025-04-09", 300),
    (payments.client_overdue_amount, "b2", TODAY, 0),
    (payments.client_oldest_overdue_days, "a3", TODAY, 5),
    (payments.client_oldest_overdue_days, "b2", TODAY, 0),
    (payments.client_settled_count, "a3", TODAY, 2),
    (payments.client_invoices_90d, "a3", "2025-03-31", 3),
    (payments.client_invoices_90d, "a3", "2025-04-01", 2),
    (payments.firm_late_rate_90d, "a3", TODAY, (2 + 5 * FIRM_LATE) / (3 + 5)),
)


@pytest.mark.parametrize(("feature", "invoice", "at", "number"), CASES, ids=lambda case: getattr(case, "name", str(case)))
def test_the_worked_example(feature: Feature, invoice: str, at: str, number: float | None, example: Lake) -> None:
    assert value(example, feature, invoice=invoice, at=at) == says(number)


def test_every_feature_of_payments_is_worked() -> None:
    assert {feature for feature, *_ in CASES} == {one for one in vars(payments).values() if isinstance(one, Feature)}


def test_an_invoice_without_a_due_date_is_never_overdue_nor_late(example: Lake, tmp_path: Path) -> None:
    told = worked().invoice("a4", "A", issued="2025-01-05", due=None, amount=9000)
    told.invoice("a5", "A", issued="2025-01-05", due=None, amount=9000).payment("a5", "A", on="2025-03-20", amount=9000)
    lake = told.lake(tmp_path)
    for feature in (payments.client_overdue_count, payments.client_late_rate, payments.client_settled_count):
        assert value(lake, feature) == value(example, feature)


def test_what_is_settled_by_credit_tells_nothing_of_a_habit(tmp_path: Path) -> None:
    told = worked().credit("a3", on="2025-04-02", amount=3000)
    assert value(told.lake(tmp_path / "count"), payments.client_settled_count) == 2
    assert value(told.lake(tmp_path / "overdue"), payments.client_overdue_count) == 0


def test_a_payment_that_was_booked_late_is_learned_late(tmp_path: Path) -> None:
    told = worked().payment("a3", "A", on="2025-03-20", amount=3000, recorded="2025-04-10")
    lake = told.lake(tmp_path)
    for at, number in (("2025-04-09", 3.5), ("2025-04-10", (10 - 3 - 11) / 3)):
        assert value(lake, payments.client_days_late_mean_365d, at=at) == says(number)


def test_a_cancelled_invoice_is_not_overdue(tmp_path: Path) -> None:
    told: Ledger = worked().correct("invoice", "a3", recorded="2025-04-03", cancelled_at="2025-04-03T08:00")
    assert value(told.lake(tmp_path / "count"), payments.client_overdue_count) == 0
    assert value(told.lake(tmp_path / "sent"), payments.client_invoices_90d) == 1
