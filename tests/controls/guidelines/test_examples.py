"""Examples of rules, each confirmed by the real control: what is just within is silent, and what is just beyond fires."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from controls.catalog import CONTROLS
from controls.facts.guidelines import Value
from controls.guidelines.borders import BORDERS
from controls.guidelines.document import Clause, Rule
from controls.guidelines.examples import MADE, Example, prove

ON: Final = date(2026, 1, 1)
NOT_MADE: Final = {
    # What a firm keeps to itself, or is wrong whatever a client says of it: no clause sets these.
    *("amendment_not_reflected", "near_duplicate_line", "same_hours_on_two_projects", "rate_below_card", "tax_mismatch"),
    *("line_outside_period", "po_exhausted", "milestone_not_billed", "period_already_billed"),
    *("retainer_overused", "retainer_underused", "revenue_ahead", "revenue_behind"),
}


def rule(control: str, **parameters: Value) -> Rule:
    return Rule(control, MappingProxyType(parameters), (Clause("1", "As the client says.", 1),))


def proved(control: str, parameters: Mapping[str, Value]) -> list[Example]:
    found, untold = prove([rule(control, **parameters)], on=ON)
    assert not untold, untold[0].why
    return found


def test_every_control_that_a_guideline_can_set_has_examples_or_is_named() -> None:
    assert {one.name for one in CONTROLS if one.tolerances} - MADE == NOT_MADE
    assert {(one.name, each.name) for one in CONTROLS for each in one.tolerances if one.name in MADE} - {
        (one.control, one.tolerance) for one in BORDERS
    } == {
        ("client_format_rule", "field"),
        ("client_format_rule", "pattern"),
        ("expense_over_policy", "of_category"),
        ("forbidden_task", "codes"),
        ("forbidden_task", "text"),
        ("non_working_day", "allowed"),
        ("split_bill", "limit"),
    }, "these are no border in steps, and have turns of their own"


@pytest.mark.parametrize("control", sorted(MADE - {"forbidden_task"}))
def test_a_rule_as_usual_is_confirmed_on_both_sides(control: str) -> None:
    found = proved(control, {})
    assert {one.wanted for one in found} == {True, False}
    assert [one.says for one in found if not one.confirmed] == []


MONEY: Final = st.integers(1, 500_000).map(lambda cents: cents / 100)
RULES: Final = st.one_of(
    st.builds(lambda n: ("late_entry", {"days": n}), st.integers(0, 400)),
    st.builds(lambda n: ("narrative_too_short", {"words": n}), st.integers(1, 40)),
    st.builds(lambda n, m: ("block_narrative", {"parts": n, "longer_than": m}), st.integers(1, 9), st.integers(0, 600)),
    st.builds(lambda n: ("travel_time", {"minutes_an_entry": n}), st.integers(0, 900)),
    st.builds(lambda n: ("expense_without_receipt", {"free_up_to": n}), MONEY | st.just(0)),
    st.builds(lambda n, c: ("expense_over_policy", {"limit": n, "of_category": c}), MONEY | st.just(0), st.sampled_from(["", "lodging"])),
    st.builds(lambda n, d: ("split_bill", {"limit": n, "together_days": d}), MONEY.filter(lambda n: n > 1), st.integers(0, 30)),
    st.builds(lambda n: ("time_not_billed", {"days": n}), st.integers(0, 365)),
    st.builds(lambda n: ("expense_not_billed", {"days": n}), st.integers(0, 365)),
    st.builds(lambda n: ("cap_nearly_reached", {"share": n / 100}), st.integers(1, 100)),
    st.builds(lambda n: ("rate_above_card", {"rounding": n}), MONEY),
    st.builds(lambda n: ("cap_exceeded", {"rounding": n}), st.floats(0.01, 700).map(lambda one: round(one, 2))),
    st.builds(lambda n: ("vague_line", {"words": n}), st.integers(1, 10)),
    st.builds(lambda n: ("work_outside_project", {"grace_days": n}), st.integers(0, 365)),
    st.sampled_from(
        [
            ("forbidden_task", {"codes": "A110, A111"}),
            ("forbidden_task", {"codes": "L1", "text": "filing, Own Staff"}),
            ("client_format_rule", {"field": "po_ref", "pattern": "45[0-9]{8}"}),
            ("client_format_rule", {"field": "number", "pattern": "R-[0-9]+|X"}),
            ("client_format_rule", {"field": "legal_entity", "pattern": "(PL|EX)-DE"}),
            ("client_format_rule", {"field": "due_on"}),
            ("client_format_rule", {"field": "tax_amount"}),
            ("non_working_day", {"allowed": False}),
            ("non_working_day", {"allowed": True}),
        ]
    ),
)


# Each run is of many rules at once, and as telling as it will get: making it smaller takes minutes and says no more.
@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.lists(RULES, min_size=6, max_size=12))
def test_any_rule_is_confirmed_at_its_very_border(rules: list[tuple[str, dict[str, Value]]]) -> None:
    found, untold = prove([rule(control, **parameters) for control, parameters in rules], on=ON)
    assert untold == []
    assert [(one.rule.control, dict(one.rule.parameters), one.says) for one in found if not one.confirmed] == []


@pytest.mark.parametrize(
    ("control", "parameters", "why"),
    [
        ("forbidden_task", {}, "there is nothing that it refuses"),
        ("narrative_too_short", {"words": 0}, "there is nothing that it refuses"),
        ("client_format_rule", {"pattern": ".*"}, None),
        ("client_format_rule", {"pattern": "(?=4).*"}, "no example is made of this pattern"),
        ("client_format_rule", {"pattern": "[0-9]{0}"}, "there is nothing that it accepts"),
        ("retainer_overused", {"share": 1.5}, "no example is made of this control"),
    ],
)
def test_a_rule_without_two_sides_says_so(control: str, parameters: dict[str, Value], why: str | None) -> None:
    _, untold = prove([rule(control, **parameters)], on=ON)
    assert [one.why.partition(" (")[0] for one in untold] == ([why] if why else [])


def test_an_example_that_the_control_does_not_confirm_is_not_confirmed() -> None:
    # A control that compared with another number would find the other; here the number itself is made to lie.
    [within, beyond] = proved("late_entry", {"days": 30})
    assert within.confirmed
    assert beyond.confirmed
    assert not Example(within.rule, within.says, wanted=True, fired=within.fired).confirmed
