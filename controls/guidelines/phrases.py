"""Common sentences of billing guidelines, read without guessing: a sentence counts only when a pattern reads all of it.

The patterns are data (phrases.yaml). What none reads is left to a person, and so is a clause in which an unread sentence may take back
what another says.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import yaml

from controls.facts.guidelines import Value
from controls.guidelines.document import Clause, Rule, Unread
from controls.guidelines.quantities import COUNT, DAYS, MINUTES, MONEY, PERCENT, Quantity, quantity

CODE: Final = r"[A-Z]{1,2}\d{2,4}"
SENTENCE: Final = re.compile(r"(?<=[.;!?])\s+(?=[\"“(]?[A-Z])")
LED: Final = re.compile(r":\s*\(?[a-z]\)\s+")
"""Between what leads into a list and a part of it."""
ENDED: Final = re.compile(r"\s*[.;,]?(?:\s+(?:and|or))?\s*$")
NOT_READ: Final = "no phrase reads it"
NOT_SURE: Final = "what is not read of it may take back the rest"
NOT_ONE: Final = "it can be read in two ways"
NOT_A_QUANTITY: Final = "its quantity is not certain"
A_CENT: Final = 0.01
Given = Mapping[str, Quantity | None]
"""Quantities of a sentence, by name."""


@dataclass(frozen=True)
class Phrase:
    """One kind of sentence."""

    reads: str
    pattern: re.Pattern[str]
    control: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Phrases:
    """The whole table."""

    listed: tuple[Phrase, ...]
    lead_ins: re.Pattern[str]
    qualifiers: re.Pattern[str]
    topics: frozenset[str]
    categories: Mapping[str, str]
    tasks: Mapping[str, str]


@cache
def phrases() -> Phrases:
    """The table that ships. Raises KeyError or re.error for a pattern that cannot be made: its test reads every line."""
    said = yaml.safe_load(files("controls.guidelines").joinpath("phrases.yaml").read_text("utf-8"))
    words = {name: re.sub(r"\s*\n\s*", "", text) for name, text in said["words"].items()}
    words |= _values(said)
    listed = tuple(
        Phrase(one["reads"], re.compile(_expanded(one["pattern"], words), re.IGNORECASE), one["rule"], one.get("parameters", {}))
        for one in said["phrases"]
    )
    lead_ins = re.compile(rf"(?:{'|'.join(said['lead_ins'])}),? ", re.IGNORECASE)
    qualifiers = re.compile(rf"\b(?:{'|'.join(said['qualifiers'].split())})\b", re.IGNORECASE)
    topics = frozenset(said["topics"].split())
    return Phrases(listed, lead_ins, qualifiers, topics, MappingProxyType(said["categories"]), MappingProxyType(said["tasks"]))


def _values(said: Mapping[str, Any]) -> dict[str, str]:
    task = "|".join(f"(?:{one})" for one in said["tasks"])
    return {
        "days": f"(?P<days>{DAYS})",
        "minutes": f"(?P<minutes>{MINUTES})",
        "money": f"(?P<money>{MONEY})",
        "percent": f"(?P<percent>{PERCENT})",
        "count": f"(?P<count>{COUNT})",
        "category": f"(?P<category>{'|'.join(said['categories'].values())})",
        "tasks": f"(?P<tasks>(?:{task})(?:, (?:{task}))*(?:,? (?:and|or) (?:{task}))?)",
        "codes": f"(?P<codes>{CODE}(?:, {CODE})*(?:,? (?:and|or) {CODE})?)",
        "start": r"(?P<start>[\"“']?[A-Z0-9][A-Z0-9/-]*[\"”']?)",
    }


def _expanded(pattern: str, words: Mapping[str, str]) -> str:
    """A pattern with the words and values put in; {4} of a regular expression stays."""
    while found := re.search(r"\{([a-z_]+)\}", pattern):
        pattern = pattern.replace(found[0], words[found[1]])
    return pattern


def read_clause(clause: Clause) -> tuple[list[Rule], list[Unread]]:
    """The rules of a clause in words, and what of it is not read."""
    rules: list[Rule] = []
    unread: list[Unread] = []
    for sentence in SENTENCE.split(clause.text):
        found = _read(clause, sentence)
        if isinstance(found, Unread):
            unread.append(found)
        else:
            rules.append(found)
    if rules and any(phrases().qualifiers.search(one.text) for one in unread):
        return [], [Unread(clause, clause.text, NOT_SURE)]
    return rules, unread


def _read(clause: Clause, sentence: str) -> Rule | Unread:
    table = phrases()
    one_line = LED.sub(" ", sentence.translate(_STRAIGHT).strip())
    plain = table.lead_ins.sub("", ENDED.sub("", one_line), count=1)
    matched = [(one, found) for one in table.listed if (found := one.pattern.fullmatch(plain))]
    made = [_made(clause, phrase, found) for phrase, found in matched]
    rules = list({(rule.control, tuple(sorted(rule.parameters.items()))): rule for rule in made if rule is not None}.values())
    if len(rules) == 1 and None not in made:
        return rules[0]
    why = NOT_A_QUANTITY if None in made else NOT_ONE if rules else NOT_READ
    return Unread(clause, sentence, why)


_STRAIGHT: Final = str.maketrans({"’": "'", "‘": "'", "\u00a0": " ", "–": "-"})


def _made(clause: Clause, phrase: Phrase, found: re.Match[str]) -> Rule | None:
    """The rule, or None where a quantity in it contradicts itself."""
    given: dict[str, Quantity | None] = {name: quantity(name, text) for name, text in found.groupdict().items() if text is not None}
    if any(one is None for one in given.values()):
        return None
    currency = next((one.currency for one in given.values() if one and one.currency), None)
    parameters = {name: _parameter(value, found, given) for name, value in phrase.parameters.items()}
    if any(value is None for value in parameters.values()):
        return None
    return Rule(
        phrase.control, MappingProxyType({name: value for name, value in parameters.items() if value is not None}), (clause,), currency
    )


def _parameter(value: Value, found: re.Match[str], given: Given) -> Value | None:
    if not isinstance(value, str) or not value.startswith("$"):
        return value
    name = value.removeprefix("$")
    if name in WORDED:
        return WORDED[name](found, given)
    made = given["money" if name == "below" else name]
    if made is None:
        return None
    return round(made.value - A_CENT, 2) if name == "below" else made.value


def _tasks(found: re.Match[str], _: Given) -> Value:
    table = phrases().tasks.items()
    named = [words for part in _parts(found["tasks"]) for pattern, words in table if re.fullmatch(pattern, part, re.IGNORECASE)]
    return ", ".join(dict.fromkeys(named))


def _category(found: re.Match[str], _: Given) -> Value:
    return next(one for one, pattern in phrases().categories.items() if re.fullmatch(pattern, found["category"], re.IGNORECASE))


def _codes(found: re.Match[str], _: Given) -> Value:
    return ", ".join(re.findall(CODE, found["codes"].upper()))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r",? (?:and|or) |, ", text)]


def _form(found: re.Match[str], given: Given) -> Value | None:
    """The regular expression of a number with so many digits and such a beginning; None where the beginning is no part of it."""
    groups = found.groupdict()
    start = (groups.get("start") or "").strip("\"“”'")
    digits = given.get("count")
    if digits is None:
        return f"{re.escape(start)}.*"
    rest = int(digits.value) - len(start)
    if rest < 0 or not (start.isdigit() or not start):
        return None
    return start + (f"[0-9]{{{rest}}}" if rest else "")


WORDED: Final[Mapping[str, Callable[[re.Match[str], Given], Value | None]]] = {
    "tasks": _tasks,
    "category": _category,
    "codes": _codes,
    "form": _form,
}
"""Values that are words: what a parameter makes of each."""
