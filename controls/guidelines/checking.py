"""Whether a control can do what a rule says: a name that no control has, a parameter that it lacks, a value of another kind.

The controls leave aside what they cannot read of a guideline, so that one bad row stops nothing; here it is told.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

import polars as pl

from controls.catalog import CONTROLS
from controls.control import Control
from controls.facts.guidelines import Tolerance, Value

MISSPELT: Final = 0.8
"""Likeness of two names, of which one is taken for the other misspelt: a letter or two; below it they share a word."""
BY_NAME: Final[Mapping[str, Control]] = MappingProxyType({one.name: one for one in CONTROLS})
WITHOUT_TOLERANCE: Final = frozenset({"po_missing"})
"""Controls that a guideline turns on by its being there."""
ABOUT: Final[Mapping[str, str]] = MappingProxyType({"client_format_rule": "field", "expense_over_policy": "of_category"})
"""The parameter that says what a rule is about: rules about different things hold beside each other."""
ONE_OF: Final = "one of "
FORM: Final = "regular expression"
"""How the unit of a tolerance begins that takes one of some words, or a form."""
SHARES: Final = ("share of the cap",)
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")


def faults_of(control: str, parameters: Mapping[str, object]) -> list[tuple[str, str]]:
    """What is wrong with a rule and how to mend it, in the order of its parts."""
    one = BY_NAME.get(control)
    if one is None:
        return [(f"no control is named {control!r}", _near(control))]
    if not one.tolerances and control not in WITHOUT_TOLERANCE:
        return [(f"{control} is the same for every client: no guideline changes it", "Leave the rule out.")]
    named = {each.name: each for each in one.tolerances}
    found: list[tuple[str, str]] = []
    for name, value in parameters.items():
        found += _unknown(one, name) if name not in named else _value(named[name], value)
    return found


def sound(control: str, parameters: Mapping[str, object]) -> dict[str, Value]:
    """The parameters that the control reads."""
    named = {each.name: each for each in BY_NAME[control].tolerances}
    return {
        name: value
        for name, value in parameters.items()
        if name in named and isinstance(value, bool | int | float | str) and not _value(named[name], value)
    }


def filled(control: str, parameters: Mapping[str, Value]) -> dict[str, Value]:
    """The parameters with what is usual for the rest."""
    return {each.name: parameters.get(each.name, each.default) for each in BY_NAME[control].tolerances}


def subject(control: str, parameters: Mapping[str, Value]) -> str:
    """What a rule is about where one control has several: a field, a category; empty where it has one."""
    return str(filled(control, parameters).get(ABOUT.get(control, ""), ""))


def _near(control: str) -> str:
    """Which control may have been meant: one spelled alike, else those about the same thing."""
    alike = get_close_matches(control, BY_NAME, n=1, cutoff=MISSPELT) or [
        name for name in BY_NAME if name.partition("_")[0] == control.partition("_")[0]
    ]
    if not alike:
        return "docs/controls.md names the controls."
    return f"Did you mean {' or '.join(one for one in (', '.join(alike[:-1]), alike[-1]) if one)}?"


def _unknown(one: Control, name: str) -> list[tuple[str, str]]:
    there = ", ".join(each.name for each in one.tolerances) or "none"
    return [(f"{one.name} has no parameter {name!r}", f"It has: {there}.")]


def _value(tolerance: Tolerance, value: object) -> list[tuple[str, str]]:
    if not tolerance.readable(value):
        plain = isinstance(value, str) and _NUMBER.fullmatch(value) and not isinstance(tolerance.default, str)
        mend = f"Write {tolerance.name}: {value}, without quotation marks." if plain else f"Write {_such_as(tolerance)}."
        return [(f"{tolerance.name} is {value!r}, but it takes {tolerance.unit}", mend)]
    if isinstance(value, int | float) and value < 0:
        return [(f"{tolerance.name} is {value}, below nought", f"Write {_such_as(tolerance)}.")]
    if tolerance.unit in SHARES and isinstance(value, int | float) and value > 1:
        return [(f"{tolerance.name} is {value}, more than the whole", f"Write a share, such as {tolerance.default}.")]
    if tolerance.unit.startswith(ONE_OF) and value not in tolerance.unit.removeprefix(ONE_OF).split(", "):
        return [(f"{tolerance.name} is {value!r}, which is none of those that there are", f"Write {tolerance.unit}.")]
    if tolerance.unit.startswith(FORM) and not readable_form(str(value)):
        return [(f"the pattern {value!r} cannot be read", "Write a regular expression for the whole of the field, such as 45[0-9]{8}.")]
    return []


def _such_as(tolerance: Tolerance) -> str:
    return f"{tolerance.name}: {str(tolerance.default).lower() if isinstance(tolerance.default, bool) else tolerance.default or '...'}"


def readable_form(pattern: str) -> bool:
    """Whether the engine that looks for it can read a pattern."""
    found = pl.select(pl.lit("").str.contains(f"^(?:{pattern})$", strict=False)).item()
    return found is not None
