"""How late a client is just now, by hand."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from features import lateness
from features.feature import Feature
from features.pace import STILL_OPEN, paces
from records.known import micros
from records.lake import Lake
from tests.features.worked import TODAY, says, value
from tests.ledger import Ledger, moment


def paced(*waits: tuple[int, str], at: str) -> float:
    """What the filter says of these: days late or STILL_OPEN, and the day of payment or the due date."""
    told = sorted((micros(moment(day)), late) for late, day in waits)
    happened, late = (np.array([one[place] for one in told], dtype=np.int64) for place in (0, 1))
    row = np.zeros(len(told), dtype=np.int64)
    return float(paces(row, late.astype(np.float64), happened, as_of=np.array([micros(moment(at))]))[0])


CASES: tuple[tuple[Feature, str, str, float | None], ...] = (
    # What the filter says is worked out in test_pace.py; here, of whom it is asked: A has paid a1 and a2, and a3 is open and overdue.
    (lateness.client_pace, "a3", TODAY, paced((10, "2025-02-10"), (-3, "2025-02-28"), (STILL_OPEN, "2025-03-31"), at=TODAY)),
    # b2 is not due before 9 April; on the 12th it is three days over and open.
    (lateness.client_pace, "b2", TODAY, paced((45, "2025-03-31"), at=TODAY)),
    (lateness.client_pace, "b2", "2025-04-12", paced((45, "2025-03-31"), (STILL_OPEN, "2025-04-09"), at="2025-04-12")),
    (lateness.client_pace, "a1", "2025-01-01", None),
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


def test_what_is_open_and_overdue_slows_the_pace_before_anything_is_paid(tmp_path: Path) -> None:
    prompt = Ledger().client("A")
    for month in range(1, 7):
        prompt.invoice(f"a{month}", "A", issued=f"2025-0{month}-01", due=f"2025-0{month}-15")
        if month < 5:
            prompt.payment(f"a{month}", "A", on=f"2025-0{month}-14")
    lake = prompt.lake(tmp_path)
    before, after = (value(lake, lateness.client_pace, invoice="a6", at=at) for at in ("2025-05-14", "2025-06-30"))
    assert before is not None
    assert after is not None
    # Monthly payments on the day before: meant up to a month earlier. Two runs have gone by without a5 by the end of June.
    assert before < 0
    assert after > before + 10


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
