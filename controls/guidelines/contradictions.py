"""What cannot hold at once: two clauses of a client, or a clause and the client's contract.

A contradiction that `blocks` leaves nothing that a control could do, so the document cannot be signed; the others are for a person to know.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, Final

import polars as pl

from controls.facts.guidelines import Value
from controls.guidelines.checking import BY_NAME, filled, subject
from controls.guidelines.document import Reading, Rule
from controls.guidelines.forms import UnreadableFormError, shortest
from controls.guidelines.joining import LISTS, listed

TRAVEL: Final = ("travel", "travelling", "traveling", "travel time")
"""Words that forbid travel."""
WEEKEND: Final = ("weekend", "sunday", "saturday", "holiday")


@dataclass(frozen=True)
class Placed:
    """A rule with the days on which it holds, and where it stands."""

    rule: Rule
    effective_on: date
    ends_on: date | None
    place: str
    """Such as `clause 3.2`, or `guideline GL1-0 of the records`."""

    def meets(self, other: "Placed") -> bool:
        return (self.ends_on is None or other.effective_on <= self.ends_on) and (
            other.ends_on is None or self.effective_on <= other.ends_on
        )


@dataclass(frozen=True)
class Contradiction:
    """Two statements that do not go together, why, and what a person can do."""

    one: str
    other: str
    what: str
    mend: str
    blocks: bool = False


def placed(reading: Reading) -> list[Placed]:
    return [Placed(rule, reading.effective_on, reading.ends_on, f"clause {rule.citation}") for rule in reading.rules]


def contradictions(rules: Sequence[Placed], beside: Sequence[Placed] = ()) -> list[Contradiction]:
    """Among the rules of a document, and between them and those `beside` it: the client's own in the records."""
    among = [found for one, other in combinations(rules, 2) for found in _between(one, other, blocks=True)]
    return among + [found for one in rules for other in beside for found in _between(one, other, blocks=False)]


def _between(one: Placed, other: Placed, *, blocks: bool) -> Iterator[Contradiction]:
    if not one.meets(other):
        return
    if one.rule.control == other.rule.control:
        yield from _of_one_control(one, other, blocks=blocks)
    for first, second in ((one, other), (other, one)):
        asked = CLASHES.get((first.rule.control, second.rule.control))
        if asked and (what := asked(_whole(first), _whole(second))):
            yield Contradiction(first.place, second.place, what, "Ask the client which of the two it means.", blocks)


def _of_one_control(one: Placed, other: Placed, *, blocks: bool) -> Iterator[Contradiction]:
    """Of two rules about one thing that hold on one day only the one effective last, and of those the one known last, is looked at."""
    control = one.rule.control
    about = subject(control, one.rule.parameters)
    if about != subject(control, other.rule.parameters):
        return
    first, second = _whole(one), _whole(other)
    if first == second or control in LISTS:
        missing = sorted({part for name in LISTS.get(control, ()) for part in {*listed(one.rule, name)} ^ {*listed(other.rule, name)}})
        if missing:
            what = f"each forbids what the other does not name ({', '.join(missing)}), and only one of the two holds on a day"
            yield Contradiction(one.place, other.place, what, "Write both lists in one document.", blocks)
        return
    differ = ", ".join(f"{name} {first[name]} and {second[name]}" for name in first if first[name] != second[name])
    what = f"{control}{f' of {about}' if about else ''} says {differ} for the same days"
    mend = "Keep one of the two, or end one before the other begins."
    if control == "client_format_rule":
        what, mend = _of_forms(str(first["pattern"]), str(second["pattern"]), what=what, mend=mend)
    yield Contradiction(one.place, other.place, what, mend, blocks)


def _of_forms(first: str, second: str, *, what: str, mend: str) -> tuple[str, str]:
    try:
        both = shortest([first, second])
    except UnreadableFormError:
        return what, mend
    if both is None:
        return f"{what}, and nothing fits both", "Ask the client which form its system takes."
    return f"{what}; {both!r} would fit both", "Write one pattern that says what both ask."


def _whole(one: Placed) -> dict[str, Value]:
    return filled(one.rule.control, one.rule.parameters)


def _travel(paid: Mapping[str, Value], forbidden: Mapping[str, Value]) -> str | None:
    named = [part for part in str(forbidden["text"]).lower().split(",") if part.strip() in TRAVEL]
    if paid["minutes_an_entry"] and named:
        return f"one pays {paid['minutes_an_entry']} minutes of travel, the other forbids {', '.join(part.strip() for part in named)}"
    return None


def _days_off(allowed: Mapping[str, Value], forbidden: Mapping[str, Value]) -> str | None:
    named = [part for part in str(forbidden["text"]).lower().split(",") if part.strip().rstrip("s") in WEEKEND]
    if allowed["allowed"] and named:
        return f"one accepts work on days off, the other forbids {', '.join(part.strip() for part in named)}"
    return None


def _too_late_to_bill(entered: Mapping[str, Value], billed: Mapping[str, Value]) -> str | None:
    if float(entered["days"]) > float(billed["days"]):
        return f"time may be entered after {entered['days']} days, and is to be billed within {billed['days']}"
    return None


CLASHES: Final[Mapping[tuple[str, str], Callable[[Mapping[str, Value], Mapping[str, Value]], str | None]]] = {
    ("travel_time", "forbidden_task"): _travel,
    ("non_working_day", "forbidden_task"): _days_off,
    ("late_entry", "time_not_billed"): _too_late_to_bill,
}
"""Pairs of controls of which one can forbid what the other allows, by what each asks."""


def against_contract(rules: Sequence[Placed], contract: Mapping[str, Any]) -> list[Contradiction]:
    """Between a document and a row of `contract` as known: both may be meant, so a person looks; the guideline's word counts."""
    found: list[Contradiction] = []
    ends = contract["ends_on"]
    for one in rules:
        if (ends is None or one.effective_on <= ends) and (one.ends_on is None or contract["starts_on"] <= one.ends_on):
            asked = CONTRACT.get(one.rule.control)
            found += asked(one, contract) if asked else ()
    return found


def _order(one: Placed, contract: Mapping[str, Any]) -> Iterator[Contradiction]:
    if not contract["po_required"]:
        mend = "Every bill of this contract needs a number from now on: ask the client for it, or have the clause confined."
        yield Contradiction(one.place, _named(contract), "the guideline asks for an order number, the contract for none", mend)


def _cutoff(one: Placed, contract: Mapping[str, Any]) -> Iterator[Contradiction]:
    agreed, days = contract["late_entry_cutoff_days"], _whole(one)["days"]
    if agreed is not None and agreed != days:
        mend = "The guideline counts where both hold: check that it was meant to change the contract."
        yield Contradiction(one.place, _named(contract), f"the guideline takes time for {days} days, the contract for {agreed}", mend)


def _form(one: Placed, contract: Mapping[str, Any]) -> Iterator[Contradiction]:
    whole = _whole(one)
    field, value = str(whole["field"]), contract.get(str(whole["field"]))
    if field not in {"po_ref", "legal_entity"}:
        return
    if value is not None and not _fits(str(whole["pattern"]), value):
        what = f"the contract's {field} {value} does not fit {whole['pattern']}, so no bill of it can be right"
        yield Contradiction(one.place, _named(contract), what, f"Ask the client for the {field} that its system takes.")
    elif field == "po_ref":
        yield from _order(one, contract)


def _fits(pattern: str, value: str) -> bool:
    return bool(pl.select(pl.lit(value).str.contains(f"^(?:{pattern})$", strict=False)).item())


def _named(contract: Mapping[str, Any]) -> str:
    return f"contract {contract['contract_no'] or contract['contract_id']}"


CONTRACT: Final[Mapping[str, Callable[[Placed, Mapping[str, Any]], Iterator[Contradiction]]]] = {
    "po_missing": _order,
    "late_entry": _cutoff,
    "client_format_rule": _form,
}


def money_elsewhere(rules: Sequence[Placed], currency: str) -> list[Contradiction]:
    """Amounts of a clause in another currency than the client is billed in: the control would compare them as they stand."""
    return [
        Contradiction(
            one.place,
            "the client",
            f"amounts are in {one.rule.currency}, and the client is billed in {currency}",
            f"Give the amounts of {BY_NAME[one.rule.control].title.lower()} in {currency}.",
            blocks=True,
        )
        for one in rules
        if one.rule.currency not in {None, currency}
    ]
