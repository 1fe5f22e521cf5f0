"""A guideline document, its review and what a change of it does, as the command line writes them: tables, or plain values."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from controls.guidelines.changes import Change, Effect, Moved
from controls.guidelines.checking import BY_NAME, filled
from controls.guidelines.contradictions import Contradiction
from controls.guidelines.document import Rule
from controls.guidelines.review import Review
from plumbline.console import say, show

SHOWN: Final = 20
"""Findings of a table: more is read as JSON."""
NAMED: Final = 3
"""Contracts that one line names."""


def review_told(review: Review) -> dict[str, Any]:
    """As JSON has it."""
    reading = review.reading
    return {
        "client": reading.client_id,
        "document": reading.document,
        "effective_on": reading.effective_on,
        "ends_on": reading.ends_on,
        "digest": reading.digest,
        "rules": [rule_told(rule, review) for rule in reading.rules],
        "unread": [{"clause": one.clause.number, "line": one.clause.line, "text": one.text, "why": one.why} for one in reading.unread],
        "faults": [{"line": one.line, "what": one.what, "mend": one.mend} for one in reading.faults],
        "contradictions": [
            {"one": one.one, "other": one.other, "what": one.what, "mend": one.mend, "blocks": one.blocks} for one in review.contradictions
        ],
        "obstacles": list(review.obstacles),
    }


def rule_told(rule: Rule, review: Review) -> dict[str, Any]:
    units = {one.name: one.unit for one in BY_NAME[rule.control].tolerances}
    return {
        "clauses": [{"clause": one.number, "line": one.line, "text": one.text} for one in rule.clauses],
        "control": rule.control,
        "parameters": dict(rule.parameters),
        "as_usual": {name: value for name, value in filled(rule.control, rule.parameters).items() if name not in rule.parameters},
        "units": units,
        "currency": rule.currency,
        "examples": [{"says": one.says, "fires": one.wanted, "confirmed": one.confirmed} for one in review.examples if one.rule is rule],
        "without_examples": [one.why for one in review.untold if one.rule is rule],
    }


def show_review(review: Review) -> None:
    reading = review.reading
    until = f" until {reading.ends_on}" if reading.ends_on else ""
    named = f"{reading.document or 'Guideline'} of client {reading.client_id}, from {reading.effective_on}{until}"
    rows = [(rule.citation, rule.control, parameters_said(rule), *_sides(rule, review)) for rule in reading.rules]
    show(f"{named}: what was read", ("clause", "control", "parameters", "accepted", "refused"), rows, left=5)
    if reading.unread:
        left = [(one.clause.number, one.text, one.why) for one in reading.unread]
        show("Left to a person", ("clause", "text", "why"), left, left=3)
    if reading.faults:
        wrong = [(str(one.line), one.what, one.mend) for one in reading.faults]
        show("To be mended", ("line", "what is wrong", "how to mend it"), wrong, left=3)
    show_contradictions(review)
    for one in review.untold:
        say(f"clause {one.rule.citation}, {one.rule.control}: {one.why}")


def show_contradictions(review: Review) -> None:
    """Those that a clause has with several contracts as one line."""
    together: dict[tuple[str, str], list[Contradiction]] = {}
    for one in review.contradictions:
        together.setdefault((one.one, one.mend), []).append(one)
    apart = [
        (f"{found[0].one} and {_named([one.other for one in found])}", found[0].what, f"{mend}{' (blocks)' if found[0].blocks else ''}")
        for (_, mend), found in together.items()
    ]
    if apart:
        show("What does not go together", ("where", "what", "what to do"), apart, left=3)


def _named(others: Sequence[str]) -> str:
    more = len(others) - NAMED
    return ", ".join(others[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _sides(rule: Rule, review: Review) -> tuple[str, str]:
    """What the rule accepts and what it refuses, each confirmed by the control or marked."""
    own = [one for one in review.examples if one.rule is rule]
    told = [[one.says if one.confirmed else f"{one.says} (NOT CONFIRMED)" for one in own if one.wanted == fires] for fires in (False, True)]
    return "; ".join(told[0]) or "–", "; ".join(told[1]) or "–"


def parameters_said(rule: Rule) -> str:
    whole = filled(rule.control, rule.parameters)
    money = {one.name for one in BY_NAME[rule.control].tolerances if one.unit == "money"}
    parts = [
        f"{name} {value}{f' {rule.currency}' if rule.currency and name in money else ''}{'' if name in rule.parameters else ' (usual)'}"
        for name, value in whole.items()
        if value != ""
    ]
    return ", ".join(parts) or "–"


def changes_told(found: Sequence[Change]) -> list[dict[str, Any]]:
    return [
        {
            "change": one.kind,
            "control": one.control,
            "about": one.about,
            "before": one.before.place if one.before else None,
            "after": one.after.place if one.after else None,
            "parameters": {name: {"before": old, "after": new} for name, (old, new) in one.parameters.items()},
        }
        for one in found
    ]


def effect_told(found: Effect) -> dict[str, Any]:
    return {
        "on_open_drafts": {
            "appears": money_of(one for one in found.appears if one.place == "open draft"),
            "clears": money_of(one for one in found.clears if one.place == "open draft"),
        },
        "appears": [_moved_told(one) for one in found.appears],
        "clears": [_moved_told(one) for one in found.clears],
    }


def _moved_told(one: Moved) -> dict[str, Any]:
    return {
        "control": one.control,
        "entity": BY_NAME[one.control].entity,
        "entity_id": one.entity_id,
        "period": one.period,
        "bill": one.on,
        "place": one.place,
        "money": str(one.money),
        "currency": one.currency,
        "guideline_id": one.guideline_id,
    }


def money_of(found: Iterable[Moved]) -> dict[str, Any]:
    """How many, and the money of each currency."""
    listed = list(found)
    totals: dict[str, Decimal] = {}
    for one in listed:
        if one.currency:
            totals[one.currency] = totals.get(one.currency, Decimal(0)) + one.money
    return {"findings": len(listed), "money": {currency: str(total) for currency, total in sorted(totals.items())}}


def show_changes(found: Sequence[Change]) -> None:
    rows = [
        (
            one.kind,
            one.control + (f" of {one.about}" if one.about else ""),
            ", ".join(_differs(one.kind, name, pair) for name, pair in one.parameters.items()) or "–",
            one.after.place if one.after else one.before.place if one.before else "",
        )
        for one in found
    ]
    show("What is other", ("change", "control", "parameters", "where"), rows, left=4)


def _differs(kind: str, name: str, pair: tuple[object, object]) -> str:
    old, new = pair
    return f"{name} {old} → {new}" if kind == "changed" else f"{name} {new if kind == 'added' else old}"


def show_effect(found: Effect) -> None:
    counted = Counter((one.control, one.place) for one in (*found.appears, *found.clears))
    rows = [(control, place, *_cells(found.appears, control, place), *_cells(found.clears, control, place)) for control, place in counted]
    show("What it does to the findings that stand", ("control", "on", "appear", "money", "clear", "money"), sorted(rows), left=2)
    listed = [("appears", one) for one in found.appears if one.place == "open draft"]
    listed += [("clears", one) for one in found.clears if one.place == "open draft"]
    told = [(what, one.control, one.on or "", one.entity_id, f"{one.money:,} {one.currency or ''}") for what, one in listed[:SHOWN]]
    if told:
        show("On open drafts", ("", "control", "bill", "record", "money"), told, left=4)
    if len(listed) > SHOWN:
        say(f"{len(listed) - SHOWN} more: read all with --json")


def _cells(found: Sequence[Moved], control: str, place: str) -> tuple[str, str]:
    counted: Mapping[str, Any] = money_of(one for one in found if (one.control, one.place) == (control, place))
    money = ", ".join(f"{Decimal(amount):,} {currency}" for currency, amount in counted["money"].items())
    return (f"{counted['findings']:,}", money) if counted["findings"] else ("", "")
