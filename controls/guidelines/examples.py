"""Examples of a rule, and their proof: rows just within it and just beyond it, run through the control itself in memory."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import polars as pl

from controls.facts.guidelines import Value
from controls.guidelines.borders import BORDERS, Border, Changes
from controls.guidelines.checking import BY_NAME, filled
from controls.guidelines.document import Rule
from controls.guidelines.example_firm import BEFORE, DRAFTED, firm, others
from controls.guidelines.forms import UnreadableFormError
from controls.guidelines.turns import TURNS
from records.held import Held, as_table
from records.known import ENTER, LEAVE, Known, micros
from records.tables import TABLES

MADE: Final = frozenset(TURNS) | {one.control for one in BORDERS}
"""Controls of whose rules examples are made; a guideline that sets another is told that none is."""
CURRENCY: Final = "EUR"
"""Of examples of rules that name none."""
_SOON: Final = timedelta(days=DRAFTED + 30)
"""After the bill of the examples was drafted."""


@dataclass(frozen=True)
class Example:
    """A record as a rule's own control judged it."""

    rule: Rule
    says: str
    wanted: bool
    """Whether the rule has it fire."""
    fired: bool

    @property
    def confirmed(self) -> bool:
        return self.wanted == self.fired


@dataclass(frozen=True)
class Untold:
    """A rule of which no example can be made, and why."""

    rule: Rule
    why: str
    idle: bool = False
    """It refuses nothing, or accepts nothing: it cannot be meant."""


@dataclass(frozen=True)
class _Case:
    rule: Rule
    says: str
    fires: bool
    changes: Changes
    at: datetime


def prove(rules: Sequence[Rule], *, on: date) -> tuple[list[Example], list[Untold]]:
    """Examples of each rule, run through its control; `on`: the day from which the rules hold, near which the examples lie."""
    monday = on + timedelta(days=-on.weekday() % 7)
    cases: list[_Case] = []
    untold: list[Untold] = []
    for rule in rules:
        if rule.control not in MADE:
            untold.append(Untold(rule, "no example is made of this control"))
            continue
        try:
            made = list(_cases(rule, monday))
        except UnreadableFormError as why:
            untold.append(Untold(rule, f"no example is made of this pattern ({why})"))
            continue
        sides = {case.fires for case in made}
        if True not in sides and rule.control != "non_working_day":
            untold.append(Untold(rule, "there is nothing that it refuses", idle=True))
        if False not in sides:
            untold.append(Untold(rule, "there is nothing that it accepts", idle=True))
        cases += made
    return _run(cases, monday), untold


def _cases(rule: Rule, monday: date) -> Iterator[_Case]:
    parameters = filled(rule.control, rule.parameters)
    soon = datetime.combine(monday, time(), UTC) + _SOON
    for border in BORDERS:
        if border.control == rule.control:
            yield from _at_border(rule, border, parameters=parameters, monday=monday)
    for says, fires, changes in TURNS[rule.control](parameters, monday) if rule.control in TURNS else ():
        yield _Case(rule, says, fires, changes, soon)


def _at_border(rule: Rule, border: Border, *, parameters: Mapping[str, Value], monday: date) -> Iterator[_Case]:
    allowed = float(parameters[border.tolerance]) * border.scale
    begun = datetime.combine(monday + timedelta(days=1), time(), UTC)
    for steps, fires in ((border.silent, False), (border.fires, True)):
        value = round(allowed + steps * border.step, 4)
        if border.waits:
            value = max(value, 0)
        # Of what waits the two examples are one record, asked just before its time is up and then.
        at = begun + (timedelta(days=allowed) - timedelta(microseconds=not fires) if border.waits else _SOON)
        if value >= 0:
            yield _Case(rule, border.says.format(value), fires, border.rows(value, parameters, monday), at)


def _run(cases: Sequence[_Case], monday: date) -> list[Example]:
    """Each case is a firm of its own among the rows, so that each control runs once for all."""
    if not cases:
        return []
    rows: dict[str, list[dict[str, Any]]] = {}
    for number, case in enumerate(cases):
        for table, row in _rows(case, number, monday):
            rows.setdefault(table, []).append(row)
    recorded = datetime.combine(monday, time(), UTC) - BEFORE
    frames = {table: as_table(table, told, recorded_at=recorded, source="example") for table, told in rows.items()}
    known = Known(Held(frames), until=max(case.at for case in cases))
    found = {name: BY_NAME[name].findings(known).frame.collect() for name in dict.fromkeys(case.rule.control for case in cases)}
    return [
        Example(case.rule, case.says, case.fires, _fires(found[case.rule.control], f"client.{number}", case.at))
        for number, case in enumerate(cases)
    ]


def _fires(found: pl.DataFrame, client: str, at: datetime) -> bool:
    now = micros(at)
    return not found.filter((pl.col("client_id") == client) & (pl.col(ENTER) <= now) & (now < pl.col(LEAVE))).is_empty()


def _rows(case: _Case, number: int, monday: date) -> Iterator[tuple[str, dict[str, Any]]]:
    """The example firm with what is other in this case; every id ends in the number of the case."""
    currency = case.rule.currency or CURRENCY
    stands, would = firm(monday, currency), others(monday, currency)
    for table in {**stands, **case.changes}:
        template = stands.get(table) or would[table]
        for place, change in enumerate(case.changes.get(table, [{}])):
            yield table, _keyed(table, {**template, **change}, number=number, place=place)
    rule = {"rule": case.rule.control, "parameters": json.dumps(dict(case.rule.parameters)), "effective_on": monday - BEFORE}
    yield "billing_guideline", _keyed("billing_guideline", rule, number=number, place=0)


def _keyed(table: str, row: dict[str, Any], *, number: int, place: int) -> dict[str, Any]:
    """The row with its own key, and the ids of the rows of its firm that it refers to."""
    named = {
        column.name: f"{column.references}.{number}"
        for column in TABLES[table].columns
        if column.references in _FIRM and not (column.name in row and row[column.name] is None) and _refers(table, column.name)
    }
    own = {TABLES[table].key[0]: f"{table}.{number}" + (f".{place}" if place else "")}
    if table == "calendar_day":
        own = {"calendar_id": f"here.{number}"}
    office = {"office": f"here.{number}"} if table == "person" else {}
    manager = {"approver_id": f"manager.{number}"} if "approver_id" in row else {}
    return {**row, **named, **office, **manager, **own}


_FIRM: Final = frozenset({"client", "contract", "person", "project", "invoice", "invoice_line"})
_NOT: Final = frozenset(
    {
        *(("client", "parent_client_id"), ("rate_card_line", "client_id"), ("rate_card_line", "person_id"), ("person", "manager_id")),
        *(("project", "manager_id"), ("invoice", "prepared_by"), ("invoice", "preceding_invoice_id"), ("expense", "invoice_line_id")),
    }
)
"""References that the example firm leaves empty."""


def _refers(table: str, column: str) -> bool:
    return (table, column) not in _NOT
