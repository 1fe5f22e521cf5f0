"""How late a client is just now, by hand."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from features import lateness
from features.feature import Feature
from records.lake import Lake
from tests.features.worked import TODAY, says, value
from tests.ledger import Ledger

FIRM = (10 - 3 + 45) / 3
"""Mean days late of a1, a2 and b1."""


def half(days: int) -> float:
    """What a payment counts after so many days."""
    return float(2 ** (-days / 90))


A1, A2 = half(54), half(36)
"""Paid on 10 and 28 February, seen on 5 April."""
A_SETTLED = (10 * A1 - 3 * A2 + 3 * FIRM) / (A1 + A2 + 3)
A_WEIGHT = A1 + A2 + 3
A_LEVEL = (A_SETTLED * A_WEIGHT + max(5 + 10, A_SETTLED)) / (A_WEIGHT + 1)
"""a3 is five days overdue and open, so it is taken to be fifteen days late in the end."""
B_WEIGHT = half(5) + 3
B_SETTLED = (45 * half(5) + 3 * FIRM) / B_WEIGHT

CASES: tuple[tuple[Feature, str, str, float | None], ...] = (
    (lateness.client_days_late_level, "a3", TODAY, A_LEVEL),
    # b2 is not due before 9 April; on the 12th it is three days over, which says less than the level does.
    (lateness.client_days_late_level, "b2", TODAY, B_SETTLED),
    (lateness.client_days_late_level, "b2", "2025-04-12", (45 * half(12) + 3 * FIRM) / (half(12) + 3)),
    (lateness.client_days_late_level, "a1", "2025-01-01", 0),
    # Of a1 and b1, which were open five days after their due dates, b1 went far over: one half with half a case; A has a1 alone.
    (lateness.client_very_late_rate_of_open, "a3", TODAY, (5 * 1.5 / 3) / (1 + 5)),
    (lateness.client_open_beyond_usual_share, "a3", TODAY, 0),
    # The median of A is 3.5, so a3 waits too long from 13.5 days over on: half counted at 12.5 and wholly at 15.
    (lateness.client_open_beyond_usual_share, "a3", "2025-05-10", 1 / (2 + 1)),
)


@pytest.mark.parametrize(("feature", "invoice", "at", "number"), CASES, ids=lambda case: getattr(case, "name", str(case)))
def test_the_worked_example(feature: Feature, invoice: str, at: str, number: float | None, example: Lake) -> None:
    assert value(example, feature, invoice=invoice, at=at) == says(number)


def test_every_feature_of_lateness_is_worked() -> None:
    declared = {one for one in vars(lateness).values() if isinstance(one, Feature) and one.compute.__module__ == lateness.__name__}
    assert {feature for feature, *_ in CASES} == declared


def test_what_is_open_and_overdue_raises_the_level_before_anything_is_paid(tmp_path: Path) -> None:
    prompt = Ledger().client("A")
    for month in range(1, 7):
        prompt.invoice(f"a{month}", "A", issued=f"2025-0{month}-01", due=f"2025-0{month}-15")
        if month < 5:
            prompt.payment(f"a{month}", "A", on=f"2025-0{month}-14")
    lake = prompt.lake(tmp_path)
    before, after = (value(lake, lateness.client_days_late_level, invoice="a6", at=at) for at in ("2025-05-14", "2025-06-30"))
    assert before is not None
    assert after is not None
    assert before < 0
    assert after > 10


def test_the_longer_an_invoice_is_open_the_more_of_its_like_go_far_over(tmp_path: Path) -> None:
    told = Ledger().client("A")
    for number, late in enumerate((-5, 0, 3, 9, 16, 25, 33, 40)):
        told.invoice(f"p{number}", "A", issued="2024-06-01", due="2024-07-01")
        told.payment(f"p{number}", "A", on=f"{date(2024, 7, 1) + timedelta(days=late)}")
    told.invoice("a9", "A", issued="2025-01-01", due="2025-02-01")
    lake = told.lake(tmp_path)
    days = ("2025-01-02", "2025-02-01", "2025-02-08", "2025-02-20", "2025-03-02")
    shares = [value(lake, lateness.client_very_late_rate_of_open, invoice="a9", at=day) for day in days]
    assert shares == sorted(shares, key=lambda one: one or 0.0)
    assert len(set(shares)) == len(days)
