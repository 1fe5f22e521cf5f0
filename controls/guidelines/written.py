"""A guideline document in YAML: clauses in the client's words, each with the control and the parameters that a person gave it.

A clause without a `rule` is read as a letter's would be; `rule: none` says that a person found nothing in it for a control.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from controls.guidelines.checking import faults_of, filled, sound, subject
from controls.guidelines.document import Clause, Fault, Reading, Rule, Unread, UnreadableDocumentError
from controls.guidelines.joining import joined

HEAD: Final = ("client", "document", "effective_on", "ends_on", "clauses")
CLAUSE: Final = ("clause", "text", "rule", "parameters", "currency")
LEFT: Final = "none"
Words = Callable[[Clause], tuple[list[Rule], list[Unread]]]
"""Reads a clause that has no rule."""

EXAMPLE: Final = """client: C0001
effective_on: 2026-01-01
clauses:
  - clause: "3.2"
    text: Time older than 30 days is not accepted.
    rule: late_entry
    parameters: {days: 30}"""


@dataclass
class _Found:
    clauses: list[Clause] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int, what: str, mend: str) -> None:
        self.faults.append(Fault(line, what, mend))


def read_written(text: str, words: Words) -> Reading:
    """The reading of a document in YAML. Raises UnreadableDocumentError when it is none, or has no client or day."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as broken:
        raise UnreadableDocumentError(f"it cannot be read as YAML: {' '.join(str(broken).split())}") from broken
    found = _Found()
    if not isinstance(node, MappingNode):
        raise UnreadableDocumentError(f"it has no client and no clauses; write, for example:\n{EXAMPLE}")
    head = _entries(node, HEAD, found)
    client = _text(head.get("client"))
    starts = _day(head.get("effective_on"), "effective_on")
    if not client or starts is None:
        raise UnreadableDocumentError(f"it says no {'effective_on' if client else 'client'}; write, for example:\n{EXAMPLE}")
    ends = _day(head.get("ends_on"), "ends_on")
    if ends is not None and ends < starts:
        found.fault(_line(head["ends_on"]), f"it ends on {ends}, before it is effective on {starts}", "Correct one of the two days.")
    listed = head.get("clauses")
    if not isinstance(listed, SequenceNode) or not listed.value:
        raise UnreadableDocumentError(f"it has no clauses; write, for example:\n{EXAMPLE}")
    for each in listed.value:
        _clause(each, found, words)
    return Reading(
        client_id=client,
        document=_text(head.get("document")),
        effective_on=starts,
        ends_on=ends,
        clauses=tuple(found.clauses),
        rules=joined(found.rules),
        unread=tuple(found.unread),
        faults=tuple(found.faults),
        digest=hashlib.sha256(text.encode()).hexdigest(),
        text=text,
    )


def _clause(node: Node, found: _Found, words: Words) -> None:
    if not isinstance(node, MappingNode):
        found.fault(_line(node), "a clause is no mapping", 'Write `- clause: "3.2"` and, below it, `text:` and `rule:`.')
        return
    said = _entries(node, CLAUSE, found)
    clause = Clause(_text(said.get("clause")), " ".join(_text(said.get("text")).split()), _line(node))
    for name, there in (("clause", clause.number), ("text", clause.text)):
        if not there:
            found.fault(clause.line, f"a clause has no {name}", "A rule cites its clause: give its number, and the client's own words.")
    if not clause.number or not clause.text:
        return
    if clause.number not in {one.number for one in found.clauses}:
        found.clauses.append(clause)
    rule = _text(said.get("rule"))
    if not rule:
        rules, unread = words(clause)
        found.rules += rules
        found.unread += unread
        if "parameters" in said:
            found.fault(_line(said["parameters"]), "parameters without a rule", "Name the control under `rule:`.")
    elif rule == LEFT:
        found.unread.append(Unread(clause, clause.text, "left to people"))
    else:
        made = list(_rule(clause, rule, said, found))
        found.rules += made
        for one in made:
            _as_worded(one, words(clause)[0], _line(said["rule"]), found)


def _as_worded(rule: Rule, worded: list[Rule], line: int, found: _Found) -> None:
    """A clause whose own words say otherwise than the rule that a person gave it."""
    about = subject(rule.control, rule.parameters)
    for one in worded:
        same = one.control == rule.control and subject(one.control, one.parameters) == about
        if same and filled(one.control, one.parameters) != filled(rule.control, rule.parameters):
            read, given = dict(one.parameters), dict(rule.parameters)
            what = f"clause {rule.citation}: its words read as {one.control} {read}, and the rule says {given}"
            found.fault(line, what, "Correct the parameters, or the words.")


def _rule(clause: Clause, rule: str, said: Mapping[str, Node], found: _Found) -> Iterator[Rule]:
    node = said.get("parameters")
    given = _value(node) if node is not None else {}
    if not isinstance(given, dict):
        found.fault(_line(node or said["rule"]), f"the parameters of {rule} are no mapping", "Write them as {days: 30}.")
        return
    wrong = faults_of(rule, {str(name): value for name, value in given.items()})
    for what, mend in wrong:
        found.fault(_place(node, what, otherwise=said["rule"]), f"clause {clause.number}: {what}", mend)
    if not wrong:
        yield Rule(rule, MappingProxyType(sound(rule, given)), (clause,), _text(said.get("currency")) or None)


def _place(node: Node | None, what: str, *, otherwise: Node) -> int:
    """The line of the parameter that a fault names."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if what.startswith(f"{key.value} ") or repr(key.value) in what or f"{value.value!r}" in what:
                return _line(key)
    return _line(otherwise)


def _entries(node: MappingNode, known: tuple[str, ...], found: _Found) -> dict[str, Node]:
    """The entries of a mapping by name; a name that is not known, or comes twice, is a fault."""
    told: dict[str, Node] = {}
    for key, value in node.value:
        name = str(key.value)
        if name not in known:
            found.fault(_line(key), f"nothing is read from {name!r}", f"It may say {', '.join(known)}.")
        elif name in told:
            found.fault(_line(key), f"{name!r} stands here twice", "Keep one of the two.")
        else:
            told[name] = value
    return told


def _text(node: Node | None) -> str:
    # As it is written: a clause 3.10 is not the number 3.1, and a client 0017 not 17.
    return str(node.value).strip() if isinstance(node, ScalarNode) and node.tag != "tag:yaml.org,2002:null" else ""


def _day(node: Node | None, name: str) -> date | None:
    if node is None:
        return None
    try:
        return date.fromisoformat(_text(node))
    except ValueError as error:
        raise UnreadableDocumentError(f"line {_line(node)}: {name} is {_text(node)!r}; write a day such as 2026-01-01") from error


def _value(node: Node) -> object:
    return yaml.safe_load(yaml.serialize(node))


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
