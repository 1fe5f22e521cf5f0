"""A control tried on history: what appears, what vanishes, and what the clients disputed of it."""

from decimal import Decimal

import pytest

from controls.rate_above_card import rate_above_card
from controls.vague_line import vague_line
from tests.controls.case import Told, known, told
from training.control_trial import Share, UnknownToleranceError, trial

THREE: dict[str, list[Told]] = {
    "invoice_line": [
        {"unit_price": 100.05, "net_amount": 800.4},
        {"line_id": "l2", "invoice_id": "i2", "unit_price": 110, "net_amount": 880, "recorded": "2025-05-02T09:00"},
        {"line_id": "l2", "invoice_id": "i2", "unit_price": 112, "net_amount": 896, "recorded": "2025-05-03T09:00"},
    ],
    "invoice": [{"invoice_id": "i2", "drafted_at": "2025-05-02T09:00", "recorded": "2025-05-02T09:00"}],
    "dispute": [{"invoice_id": "i2", "opened_at": "2025-05-20T10:00", "recorded": "2025-05-20T10:00"}],
}


def test_a_wider_tolerance_loses_what_lies_within_it() -> None:
    found = trial(known(told(THREE)), rate_above_card, {"rounding": 0.05})
    assert (found.as_is.findings, found.tried.findings, found.appeared.findings, found.vanished.findings) == (2, 1, 0, 1)
    assert found.vanished.money == {"EUR": Decimal("0.40")}
    assert found.tried.money == {"EUR": Decimal("96.00")}, "the most that was at stake while it stood"


def test_what_was_disputed_afterwards_counts_by_invoice() -> None:
    found = trial(known(told(THREE)), rate_above_card, {"rounding": 0.05})
    assert found.as_is.disputed == Share(1, 2)
    assert found.tried.disputed == Share(1, 1)
    assert found.vanished.disputed == Share(0, 1)


def test_a_dispute_before_the_finding_is_none_of_its_making() -> None:
    early = {**THREE, "dispute": [{"invoice_id": "i2", "opened_at": "2025-05-02T08:00", "recorded": "2025-05-02T08:00"}]}
    assert trial(known(told(early)), rate_above_card, {}).as_is.disputed == Share(0, 2)


def test_a_narrower_tolerance_finds_more() -> None:
    found = trial(known(told({})), vague_line, {"words": 9})
    assert (found.as_is.findings, found.appeared.findings) == (0, 1)


def test_a_clients_own_guideline_stays_above_what_is_tried() -> None:
    ruled = {**THREE, "billing_guideline": [{"rule": "rate_above_card", "parameters": '{"rounding": 50}'}]}
    assert trial(known(told(ruled)), rate_above_card, {"rounding": 0.0}).tried.findings == 0


@pytest.mark.parametrize(
    ("tried", "says"),
    [
        ({"words": 2}, "rate_above_card has no tolerance words; there are: rounding"),
        ({"rounding": "much"}, "rounding is 'much', but it takes money"),
    ],
)
def test_what_is_no_tolerance_is_refused(tried: dict[str, float | str], says: str) -> None:
    with pytest.raises(UnknownToleranceError, match=says):
        trial(known(told({})), rate_above_card, tried)


def test_a_share_has_an_interval_and_of_nothing_none() -> None:
    low, high = Share(1, 2).interval or (0.0, 0.0)
    assert 0.0 < low < 0.5 < high < 1.0
    assert Share(0, 0).interval is None
