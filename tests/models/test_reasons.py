import re
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.feature import Unit
from models.catalog import RISKS
from models.collections import COLLECTIONS
from models.dispute import DISPUTE
from models.finding import Reason
from models.reasons import LEAST_EFFECT, MOST, RAISING_MOST, as_text, next_step, reasons, rule_reason, spoken
from models.risk import Risk
from models.unusual_lines import UNUSUAL_LINES

TEXTS: Final[tuple[tuple[Unit, float, str], ...]] = (
    ("share", 0.0, "0%"),
    ("share", 0.126, "13%"),
    ("share", 1.0, "100%"),
    ("days", 0.0, "0 days"),
    ("days", 1.2, "1 day"),
    ("days", 1234.0, "1,234 days"),
    ("days", -1.0, "-1 day"),
    ("days", -0.4, "0 days"),
    ("lateness", 0.0, "on the day"),
    ("lateness", 1.0, "1 day late"),
    ("lateness", -1.0, "1 day early"),
    ("lateness", 12.0, "12 days late"),
    ("lateness", -0.3, "on the day"),
    ("shift", 0.0, "no later"),
    ("shift", 1.0, "1 day later"),
    ("shift", -3.0, "3 days earlier"),
    ("due", 0.0, "falls due today"),
    ("due", 1.0, "falls due in 1 day"),
    ("due", -1.0, "fell due 1 day ago"),
    ("due", -9.0, "fell due 9 days ago"),
    ("count", 0.0, "0"),
    ("count", 1.0, "1"),
    ("count", 1234.0, "1,234"),
    ("money", 0.0, "EUR 0"),
    ("money", 1234.5, "EUR 1,234"),
    ("money", 39999.6, "EUR 40,000"),
    ("ratio", 0.0, "0.0"),
    ("ratio", 2.96, "3.0"),
    ("percent", -0.002, "0%"),
    ("percent", -0.06, "-6%"),
    ("percent", 1.27, "127%"),
    ("yes_no", 0.0, "no"),
    ("yes_no", 1.0, "yes"),
)

AS_OF: Final = datetime(2026, 11, 26, tzinfo=UTC)
FIRST_OF: Final = {risk.name: [one.name for one in risk.features] for risk in RISKS}
SOME: Final = st.floats(-50, 50).filter(lambda number: abs(number) > 1e-3)
RISK: Final = st.sampled_from(RISKS)


@pytest.mark.parametrize(("unit", "value", "text"), TEXTS)
def test_a_value_reads_as_a_person_says_it(unit: Unit, value: float, text: str) -> None:
    assert as_text(unit, value, "EUR") == text


def told(risk: Risk, values: dict[str, float], contributions: dict[str, float], usual: dict[str, float]) -> tuple[Reason, ...]:
    """Reasons of a row of which only some features are known, and act."""
    seen = np.array([values.get(name, np.nan) for name in FIRST_OF[risk.name]])
    added = np.array([contributions.get(name, 0.0) for name in FIRST_OF[risk.name]])
    return reasons(risk, seen, added, usual=usual, currency="EUR", as_of=AS_OF)


@given(st.data(), RISK)
def test_at_most_four_of_both_sides_and_no_sentence_contradicts_its_direction(data: st.DataObject, risk: Risk) -> None:
    size = len(risk.features)
    values = np.array(data.draw(st.lists(st.one_of(SOME, st.just(float("nan"))), min_size=size, max_size=size)))
    added = np.array(data.draw(st.lists(st.floats(-2, 2), min_size=size, max_size=size)))
    usual = dict(zip(FIRST_OF[risk.name], data.draw(st.lists(SOME, min_size=size, max_size=size)), strict=True))
    found = reasons(risk, values, added, usual=usual, currency="EUR", as_of=AS_OF)
    raising, lowering = ([one for one in found if one.raises is side] for side in (True, False))
    assert len(found) <= MOST
    assert len(raising) <= RAISING_MOST
    assert [*raising, *lowering] == list(found)
    assert [abs(one.effect) for one in raising] == sorted((abs(one.effect) for one in raising), reverse=True)
    assert len({one.code for one in found}) == len(found)
    for one in found:
        places = [place for place, feature in enumerate(risk.features) if feature.group == one.code]
        assert abs(one.effect) >= LEAST_EFFECT - 1e-4
        assert one.raises == (one.effect > 0)
        assert one.effect == pytest.approx(added[places].sum(), abs=1e-4)
        assert one.seen != one.usual
        assert one.text.endswith(".")
        assert not re.search(r"nan|\{", one.text)
        telling = [place for place in places if spoken(risk.features[place], seen=one.seen, usual=one.usual)[1:] == one.text[1:-1]]
        assert any(_agrees(risk, place, values[place], usual=usual, raises=one.raises) for place in telling)


def _agrees(risk: Risk, place: int, seen: float, *, usual: dict[str, float], raises: bool) -> bool:
    direction, above = risk.uses[place].direction, seen > usual[risk.features[place].name]
    return direction == 0 or raises == (above if direction > 0 else not above)


def test_one_place_is_kept_for_the_strongest_reason_against() -> None:
    values = {
        "client_late_rate": 0.9,
        "client_overdue_count": 3,
        "invoice_days_to_due": 3,
        "invoice_in_dispute": 1,
        "client_tenure_days": 900,
    }
    usual = {
        "client_late_rate": 0.3,
        "client_overdue_count": 0,
        "invoice_days_to_due": 20,
        "invoice_in_dispute": 0,
        "client_tenure_days": 90,
    }
    added = {"client_late_rate": 0.9, "client_overdue_count": 0.7, "invoice_days_to_due": 0.6, "invoice_in_dispute": 0.5}
    found = told(COLLECTIONS, values, {**added, "client_tenure_days": -0.06}, usual)
    assert [(one.raises, one.text) for one in found] == [
        (True, "90% of this client's invoices were paid late, with those overdue now (usual: 30%)."),
        (True, "Its invoices overdue now: 3 (usual: 0)."),
        (True, "It falls due in 2 days."),
        (False, "The first invoice to this client went out 900 days ago (usual: 90 days)."),
    ]


@pytest.mark.parametrize(
    ("seen", "usual", "effect"),
    [
        # Above its usual, and yet the model takes it as good news: the sentence would read as the opposite.
        (0.9, 0.3, -0.5),
        (0.1, 0.3, 0.5),
        # The reader would see twice the same number.
        (0.301, 0.299, 0.5),
        (float("nan"), 0.3, 0.5),
        (0.9, 0.3, LEAST_EFFECT / 2),
    ],
)
def test_what_tells_nothing_is_not_told(seen: float, usual: float, effect: float) -> None:
    assert told(COLLECTIONS, {"client_late_rate": seen}, {"client_late_rate": effect}, {"client_late_rate": usual}) == ()


def test_a_feature_that_was_never_seen_in_training_has_no_usual_and_tells_nothing() -> None:
    assert told(COLLECTIONS, {"client_late_rate": 0.9}, {"client_late_rate": 0.9}, {}) == ()


@pytest.mark.parametrize(("risk", "name"), [(risk, one.name) for risk in RISKS for one in risk.features if one.unit == "count"])
@pytest.mark.parametrize("seen", [0, 1])
def test_a_count_of_one_or_none_stands_in_its_sentence(risk: Risk, name: str, seen: int) -> None:
    """A count stands apart from the noun that it counts: "1 disputes are open" is no sentence."""
    phrase = next(one.phrase for one in risk.features if one.name == name).format(seen=seen, usual=2)
    assert f": {seen} (usual: 2)" in phrase


def test_the_next_step_follows_the_strongest_raising_reason_that_has_one() -> None:
    plain, size, against = (
        Reason(code, "", raises, 1.0, "", "") for code, raises in (("season", True), ("size", True), ("reference", False))
    )
    for issued, actions in ((False, dict(DISPUTE.actions)), (True, dict(DISPUTE.issued_actions))):
        assert next_step(DISPUTE, [plain, size], issued=issued) == actions["size"]
        assert next_step(DISPUTE, [plain, against], issued=issued) == actions[""]
        assert next_step(DISPUTE, [], issued=issued) == actions[""]


NOT_ANY_MORE: Final = ("before it", "goes out", "hold the expense back", "take it out", "take out", "next invoice", "covering note")
"""What can be done with a draft, and not with a bill that the client has."""


def test_no_step_of_a_bill_that_is_out_is_one_of_a_draft() -> None:
    assert any(part in step for part in NOT_ANY_MORE for _, step in DISPUTE.actions)
    for _, step in (*DISPUTE.issued_actions, *COLLECTIONS.actions, *UNUSUAL_LINES.issued_actions):
        assert not any(part in step.lower() for part in NOT_ANY_MORE), step


def test_a_risk_without_steps_of_its_own_for_a_bill_that_is_out_tells_the_same() -> None:
    assert next_step(COLLECTIONS, [], issued=True) == next_step(COLLECTIONS, [], issued=False) == dict(COLLECTIONS.actions)[""]


def test_without_a_model_the_rule_is_the_reason() -> None:
    target = DISPUTE.targets[0]
    assert (
        rule_reason(target.rule, 0.125, says=target.rule_says).text
        == "By the simple rule, the client's own share of disputed invoices: 12%."
    )


def test_no_day_is_said_to_be_in_nought_days() -> None:
    [one] = [feature for feature in COLLECTIONS.features if feature.phrase.startswith("its last payment run before 30 days over")]
    assert (
        spoken(one, seen="0 days", usual="38 days") == "its last payment run before 30 days over is probably today or past (usual: 38 days)"
    )
    assert "in 3 days" in spoken(one, seen="3 days", usual="38 days")
