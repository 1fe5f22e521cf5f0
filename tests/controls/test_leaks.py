"""No control knows what was recorded later, none mixes clients, and none depends on how its rows came to it.

Every test here runs over all controls of the catalog: a new one is covered when it is listed there.
"""

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controls.catalog import CONTROLS, findings
from controls.control import Control
from records.known import ENTER, LEAVE, Known, micros
from records.lake import Lake
from records.tables import TABLES
from tests.controls.case import cases, known, told
from tests.controls.random_firms import instants, random_firms
from tests.features.eventful import in_disorder
from tests.ledger import DOOMSDAY, Ledger, moment, recorded_at

FAR: Final = moment(DOOMSDAY)
every_control = pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)


def said(records: Known, control: Control | None = None, *, at: datetime | None = None) -> list[tuple[Any, ...]]:
    """Findings in an order of their own; at an instant, those that hold, without when they will cease to: that is not known yet."""
    found = (control.findings(records) if control else records.derived(findings)).frame
    if at is not None:
        found = found.filter((pl.col(ENTER) <= micros(at)) & (micros(at) < pl.col(LEAVE))).drop(LEAVE)
    return sorted(found.collect().rows(), key=repr)


def later_than(at: datetime, ledger: Ledger) -> Ledger:
    """The rows of a ledger as if recorded after an instant."""
    moved = Ledger()
    for table, rows in ledger.rows.items():
        for place, row in enumerate(rows):
            moved.rows[table].append({**row, "recorded_at": max(recorded_at(row), at) + timedelta(microseconds=1 + place)})
    return moved


def together(*ledgers: Ledger) -> Ledger:
    both = Ledger()
    for ledger in ledgers:
        for table, rows in ledger.rows.items():
            both.rows[table] += rows
    return both


def deleted(at: datetime, ledger: Ledger) -> Ledger:
    gone = {table: [{**row, "deleted": True} for row in rows] for table, rows in ledger.rows.items()}
    return later_than(at, Ledger(gone))


def renamed(ledger: Ledger, prefix: str) -> Ledger:
    """The same firm under other names: every key, and every reference to one, begins with a prefix."""
    changed = Ledger()
    for table, rows in ledger.rows.items():
        own = [name for name in TABLES[table].key if name not in _DAYS]
        named = [*own, *(column.name for column in TABLES[table].columns if column.references), *_ELSEWHERE.get(table, ())]
        for row in rows:
            changed.rows[table].append({**row, **{name: f"{prefix}{row[name]}" for name in named if isinstance(row[name], str)}})
    return changed


_DAYS: Final = {"day"}
"""Columns of a key that name no row."""
_ELSEWHERE: Final = {"identity_link": ("id",), "person": ("office",)}
"""Columns that name a row of another table without saying which; a calendar's id is an office."""


@settings(max_examples=12, deadline=None)
@given(firm=random_firms(), other=random_firms(), at=instants)
def test_what_is_recorded_later_changes_nothing(firm: Ledger, other: Ledger, at: datetime) -> None:
    past = firm.until(at)
    wanted = said(known(past), at=at)
    assert said(known(firm), at=at) == wanted
    assert said(known(together(past, later_than(at, other))), at=at) == wanted
    assert said(known(together(past, deleted(at, past))), at=at) == wanted


@every_control
def test_what_a_case_records_later_changes_nothing_before(control: Control) -> None:
    for case in cases(control.name):
        ledger = case.ledger()
        for at, _ in case.moments:
            instant = moment(at)
            past = ledger.until(instant)
            wanted = said(known(past), control, at=instant)
            assert said(known(ledger), control, at=instant) == wanted
            assert said(known(together(past, later_than(instant, told({})))), control, at=instant) == wanted


@settings(max_examples=10, deadline=None)
@given(firm=random_firms())
def test_a_control_finds_one_thing_of_an_entity_at_a_time(firm: Ledger) -> None:
    records = known(firm)
    for control in CONTROLS:
        found = control.findings(records).frame.collect().sort(control.key, "period", ENTER)
        assert found.filter(pl.col(ENTER) < pl.col(LEAVE).shift(1).over(control.key, "period")).is_empty(), control.name
        assert found.filter(pl.col(ENTER) >= pl.col(LEAVE)).is_empty()


@every_control
def test_clients_are_told_apart(control: Control) -> None:
    firms = [renamed(case.ledger(), f"{number}-") for number, case in enumerate(cases(control.name))]
    alone = [row for firm in firms for row in said(known(firm), control)]
    assert said(known(together(*firms)), control) == sorted(alone, key=repr)


@every_control
def test_the_order_of_the_rows_and_how_they_came_in_are_nothing(control: Control, tmp_path: Path) -> None:
    firm = together(*(renamed(case.ledger(), f"{number}-") for number, case in enumerate(cases(control.name))))
    lake = in_disorder(firm, Lake(tmp_path), seed=5, compacted=True)
    assert said(Known(lake, until=FAR), control) == said(known(firm), control)


@settings(max_examples=10, deadline=None)
@given(firm=random_firms(), seed=st.integers(0, 1000))
def test_rows_of_a_random_firm_in_any_order_say_the_same(firm: Ledger, seed: int) -> None:
    shuffled = Ledger({table: random.Random(seed).sample(rows, len(rows)) for table, rows in firm.rows.items()})  # noqa: S311
    assert said(known(shuffled)) == said(known(firm))
