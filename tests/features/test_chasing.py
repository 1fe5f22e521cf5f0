"""Reminders and promises, on the worked example."""

from pathlib import Path

import pytest

from features import chasing
from features.feature import Feature
from records.lake import Lake
from tests.features.worked import TODAY, says, value, worked


@pytest.fixture(scope="module")
def chased(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """a3, due on 31 March, was written to twice and promised for 4 April, then for 20 April."""
    told = worked().contact("a3", "A", at="2025-04-02T09:00").contact("a3", "A", at="2025-04-03T09:00", kind="call")
    told.contact("a3", "A", at="2025-04-03T10:00", kind="hold").promise("A", at="2025-04-01T10:00", by="2025-04-04", invoice="a3")
    told.promise("A", at="2025-04-05T10:00", by="2025-04-20", invoice="a3").promise("A", at="2025-04-05T11:00", by="2025-04-06")
    return told.payment("a3", "A", on="2025-04-25", amount=3000).lake(tmp_path_factory.mktemp("chased"))


CASES: tuple[tuple[Feature, str, str, float | None], ...] = (
    (chasing.invoice_contacts, "a3", "2025-04-01", 0),
    (chasing.invoice_contacts, "a3", TODAY, 2),
    (chasing.invoice_contacts, "b2", TODAY, 0),
    (chasing.client_broken_promises, "a3", "2025-04-03", 0),
    (chasing.client_broken_promises, "a3", "2025-04-04", 1),
    (chasing.client_broken_promises, "a2", "2025-04-20", 2),
    (chasing.client_broken_promises, "a3", "2025-04-25", 0),
    (chasing.client_broken_promises, "b2", "2025-04-20", 0),
    (chasing.invoice_promised_days_late, "a3", "2025-03-31", None),
    (chasing.invoice_promised_days_late, "a3", "2025-04-04", 4),
    (chasing.invoice_promised_days_late, "a3", TODAY, 20),
)


@pytest.mark.parametrize(("feature", "invoice", "at", "number"), CASES, ids=lambda case: getattr(case, "name", str(case)))
def test_the_worked_example(feature: Feature, invoice: str, at: str, number: float | None, chased: Lake) -> None:
    assert value(chased, feature, invoice=invoice, at=at) == says(number)


def test_every_feature_of_chasing_is_worked() -> None:
    declared = {one for one in vars(chasing).values() if isinstance(one, Feature) and one.compute.__module__ == chasing.__name__}
    assert {feature for feature, *_ in CASES} == declared


def test_a_promise_told_late_is_learned_late(tmp_path: Path) -> None:
    told = worked()
    told.row(
        "promise_to_pay",
        "2025-04-10",
        {"promise_id": "q", "client_id": "A", "invoice_id": "a3", "promised_at": "2025-04-01T10:00", "promised_for_on": "2025-04-04"},
    )
    lake = told.lake(tmp_path)
    assert value(lake, chasing.client_broken_promises, at="2025-04-09") == 0
    assert value(lake, chasing.client_broken_promises, at="2025-04-10") == 1
