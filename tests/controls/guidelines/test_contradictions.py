"""What cannot hold at once is found, and what goes together is left alone."""

from datetime import date
from types import MappingProxyType
from typing import Any, Final

import pytest

from controls.facts.guidelines import Value
from controls.guidelines.contradictions import Contradiction, Placed, against_contract, contradictions, money_elsewhere
from controls.guidelines.document import Clause, Rule

Said = tuple[str, dict[str, Value]]


def placed(number: str, said: Said, *, begins: str = "2026-01-01", ends: str | None = None, currency: str | None = None) -> Placed:
    control, parameters = said
    rule = Rule(control, MappingProxyType(parameters), (Clause(number, "As it says.", 1),), currency)
    return Placed(rule, date.fromisoformat(begins), None if ends is None else date.fromisoformat(ends), f"clause {number}")


def found(one: Said, other: Said) -> list[Contradiction]:
    return contradictions([placed("1", one), placed("2", other)])


FORM: Final = "client_format_rule"
TOGETHER: Final[list[tuple[Said, Said]]] = [
    (("late_entry", {"days": 30}), ("late_entry", {"days": 30})),
    (("late_entry", {"days": 60}), ("late_entry", {})),
    (("late_entry", {"days": 30}), ("time_not_billed", {"days": 30})),
    (("expense_over_policy", {"of_category": "lodging", "limit": 180}), ("expense_over_policy", {"of_category": "meals", "limit": 40})),
    (("expense_over_policy", {"of_category": "lodging", "limit": 180}), ("expense_over_policy", {"limit": 40})),
    ((FORM, {"field": "po_ref"}), (FORM, {"field": "due_on"})),
    (("travel_time", {}), ("forbidden_task", {"text": "travel"})),
    (("travel_time", {"minutes_an_entry": 60}), ("forbidden_task", {"text": "travel booking"})),
    (("non_working_day", {"allowed": False}), ("forbidden_task", {"text": "weekend"})),
    (("po_missing", {}), (FORM, {"field": "po_ref", "pattern": "45[0-9]{8}"})),
]
APART: Final[list[tuple[Said, Said, str]]] = [
    (("late_entry", {"days": 30}), ("late_entry", {"days": 60}), "late_entry says days 30 and 60 for the same days"),
    (("block_narrative", {}), ("block_narrative", {"parts": 1}), "parts 2 and 1"),
    (
        ("expense_over_policy", {"of_category": "meals"}),
        ("expense_over_policy", {"of_category": "meals", "limit": 40}),
        "expense_over_policy of meals says limit 0.0 and 40",
    ),
    ((FORM, {"pattern": "45[0-9]{8}"}), (FORM, {"pattern": "AR-[0-9]+"}), "and nothing fits both"),
    ((FORM, {"pattern": "45[0-9]{8}"}), (FORM, {"pattern": "[0-9]{10}"}), "'4500000000' would fit both"),
    ((FORM, {"pattern": "(?=4)4.*"}), (FORM, {"pattern": "[0-9]{10}"}), "pattern (?=4)4.* and [0-9]{10}"),
    (
        ("travel_time", {"minutes_an_entry": 60}),
        ("forbidden_task", {"text": "filing, Travel"}),
        "one pays 60 minutes of travel, the other forbids travel",
    ),
    (("non_working_day", {"allowed": True}), ("forbidden_task", {"text": "weekends"}), "the other forbids weekends"),
    (("late_entry", {"days": 60}), ("time_not_billed", {"days": 45}), "entered after 60 days, and is to be billed within 45"),
    (("forbidden_task", {"text": "filing"}), ("forbidden_task", {"text": "filing, copying"}), "(copying)"),
]


@pytest.mark.parametrize(("one", "other"), TOGETHER)
def test_what_goes_together_is_left_alone(one: Said, other: Said) -> None:
    assert found(one, other) == []
    assert found(other, one) == []


@pytest.mark.parametrize(("one", "other", "says"), APART)
def test_what_cannot_hold_at_once_is_found_whichever_comes_first(one: Said, other: Said, says: str) -> None:
    [told] = found(one, other)
    assert says in told.what
    assert (told.one, told.other, told.blocks) == ("clause 1", "clause 2", True) or {told.one, told.other} == {"clause 1", "clause 2"}
    assert len(found(other, one)) == 1


def test_rules_of_other_days_do_not_meet() -> None:
    early = placed("1", ("late_entry", {"days": 30}), ends="2026-06-30")
    assert contradictions([early, placed("2", ("late_entry", {"days": 60}), begins="2026-07-01")]) == []
    assert len(contradictions([early, placed("2", ("late_entry", {"days": 60}), begins="2026-06-30")])) == 1


def test_against_the_records_a_person_is_told_and_nothing_is_blocked() -> None:
    held = placed("GL1", ("late_entry", {"days": 60}))
    [told] = contradictions([placed("1", ("late_entry", {"days": 30}))], beside=[held])
    assert (told.one, told.other, told.blocks) == ("clause 1", "clause GL1", False)


CONTRACT: Final[dict[str, Any]] = {
    "contract_id": "k",
    "contract_no": "C-1",
    "starts_on": date(2025, 1, 1),
    "ends_on": date(2026, 12, 31),
    "po_required": True,
    "po_ref": "4500000001",
    "late_entry_cutoff_days": 30,
    "legal_entity": "PL-DE",
}


@pytest.mark.parametrize(
    ("said", "contract", "says"),
    [
        (("po_missing", {}), {}, None),
        (("po_missing", {}), {"po_required": False}, "asks for an order number, the contract for none"),
        (("late_entry", {"days": 30}), {}, None),
        (("late_entry", {"days": 45}), {}, "takes time for 45 days, the contract for 30"),
        (("late_entry", {"days": 45}), {"late_entry_cutoff_days": None}, None),
        ((FORM, {"pattern": "45[0-9]{8}"}), {}, None),
        ((FORM, {"pattern": "45[0-9]{8}"}), {"po_ref": "PO-7"}, "po_ref PO-7 does not fit 45[0-9]{8}"),
        ((FORM, {"pattern": "45[0-9]{8}"}), {"po_ref": None, "po_required": False}, "asks for an order number"),
        ((FORM, {"field": "legal_entity", "pattern": "PL-FR"}), {}, "legal_entity PL-DE does not fit PL-FR"),
        ((FORM, {"field": "due_on"}), {}, None),
        (("late_entry", {"days": 45}), {"ends_on": date(2025, 12, 31)}, None),
        (("travel_time", {}), {}, None),
    ],
)
def test_a_clause_is_held_against_the_contract(said: Said, contract: dict[str, Any], says: str | None) -> None:
    told = against_contract([placed("1", said)], {**CONTRACT, **contract})
    assert [(says or "") in one.what for one in told] == ([True] if says else [])
    assert all(one.other == "contract C-1" and not one.blocks for one in told)


def test_amounts_in_another_currency_than_the_clients_block() -> None:
    limit: Said = ("expense_over_policy", {"limit": 100})
    assert money_elsewhere([placed("1", limit, currency="EUR"), placed("2", limit)], "EUR") == []
    [told] = money_elsewhere([placed("1", limit, currency="GBP")], "EUR")
    assert told.blocks
    assert told.what == "amounts are in GBP, and the client is billed in EUR"
