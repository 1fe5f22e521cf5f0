from dataclasses import replace
from typing import Any

import pytest

from features import invoices, payments
from models.catalog import RISKS, UnknownRiskError, risk_named
from models.collections import COLLECTIONS
from models.dispute import DISPUTE
from models.margin import MARGIN
from models.missing_time import MISSING_TIME
from models.risk import Late, Risk, Target, Use

BY_SIZE = Target("late_60", "paid late", Late(60), invoices.invoice_to_client_mean, "the size")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"targets": ()}, "needs a target and features"),
        ({"uses": ()}, "needs a target and features"),
        ({"ages_days": ()}, "must rise from 0"),
        ({"ages_days": (7, 14)}, "must rise from 0"),
        ({"ages_days": (0, 28, 14)}, "must rise from 0"),
        ({"ages_days": (0, 14, 14)}, "must rise from 0"),
        ({"judged_ages_days": (0, 6)}, "are not among its ages"),
        ({"actions": (("size", "Look at it."),)}, "no default action"),
        ({"uses": (*COLLECTIONS.uses, Use(payments.client_late_rate))}, "features used twice: client_late_rate"),
        ({"targets": (*COLLECTIONS.targets, COLLECTIONS.targets[0])}, "two targets of one name in late, late_30, late"),
        ({"uses": COLLECTIONS.uses[1:]}, "client_late_rate is a simple rule, its history or a segment and no feature of it"),
    ],
)
def test_a_risk_checks_itself_when_it_is_made(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        replace(COLLECTIONS, **changes)


def test_a_risk_names_its_key_features_rules_and_what_it_ranks_by() -> None:
    assert COLLECTIONS.key == "invoice_id"
    assert [one.name for one in COLLECTIONS.rules] == ["client_late_rate", "client_very_late_rate"]
    assert COLLECTIONS.decided_by.name == "late_30"
    assert COLLECTIONS.features == tuple(use.feature for use in COLLECTIONS.uses)
    assert replace(COLLECTIONS, targets=(BY_SIZE,)).rules == (invoices.invoice_to_client_mean,)


def test_a_risk_is_found_by_its_name() -> None:
    assert [risk_named(risk.name) for risk in RISKS] == [COLLECTIONS, DISPUTE, MARGIN, MISSING_TIME]
    with pytest.raises(UnknownRiskError, match="'weather'; there are collections, dispute, margin, missing_time"):
        risk_named("weather")


@pytest.mark.parametrize("risk", RISKS, ids=lambda risk: risk.name)
def test_every_action_belongs_to_a_group_of_signals_that_the_risk_draws_on(risk: Risk) -> None:
    """An action of a group that no feature has would never be proposed."""
    assert {code for code, _ in risk.actions} - {""} <= {one.group for one in risk.features}
