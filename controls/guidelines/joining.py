"""Rules that are one: what two clauses forbid, or both say, is one rule, which cites both."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from controls.guidelines.document import Rule

LISTS: Final = {"forbidden_task": ("codes", "text")}
"""Controls whose parameters are lists: each clause adds to them."""


def joined(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules in their order; those that add up, or say the same, as one in the place of the first."""
    told: list[Rule] = []
    for rule in rules:
        same = [place for place, one in enumerate(told) if one.control == rule.control and _adds_up(one, rule)]
        if same:
            told[same[0]] = _both(told[same[0]], rule)
        else:
            told.append(rule)
    return tuple(told)


def _adds_up(one: Rule, other: Rule) -> bool:
    return one.control in LISTS or (one.parameters == other.parameters and one.currency == other.currency)


def _both(one: Rule, other: Rule) -> Rule:
    lists = {name: list(dict.fromkeys([*listed(one, name), *listed(other, name)])) for name in LISTS.get(one.control, ())}
    parameters = {**one.parameters, **{name: ", ".join(parts) for name, parts in lists.items() if parts}}
    return Rule(one.control, MappingProxyType(parameters), tuple(dict.fromkeys((*one.clauses, *other.clauses))), one.currency)


def listed(rule: Rule, name: str) -> list[str]:
    """The parts of a parameter that is a list."""
    return [part.strip() for part in str(rule.parameters.get(name, "")).split(",") if part.strip()]
