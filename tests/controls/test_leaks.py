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
from records.known import ENTER, LEAVE, Known, micros
from records.lake import Lake
from records.tables import TABLES
from tests.controls.case import cases, known
from tests.controls.random_firms import instants, random_firms
from tests.features.eventful import in_disorder
from tests.ledger import DOOMSDAY, Ledger, moment, recorded_at

FAR: Final = moment(DOOMSDAY)
COLUMN_OF_CONTROL: Final = -2
"""Of a finding's row: severity is the last."""


def said(records: Known, *, at: datetime | None = None) -> list[tuple[Any, ...]]:
    """Findings in an order of their own; at an instant, those that hold, without when they will cease to: that is not known yet."""
    found = records.derived(findings).frame
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


def every_case(*, begin: int = 0, step: int = 1) -> Ledger:
    """The firms of all cases of all controls beside each other; those with a standard card left out, which is every client's."""
    told = [case.ledger() for control in CONTROLS for case in cases(control.name)]
    apart = [ledger for ledger in told if all(row["contract_id"] or row["client_id"] for row in ledger.rows["rate_card_line"])]
    return together(*(renamed(ledger, f"{number}-") for number, ledger in list(enumerate(apart))[begin::step]))


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


@pytest.mark.parametrize("at", ["2025-03-10", "2025-04-01T09:00", "2025-04-02", "2025-04-19", "2025-05-01"])
def test_what_is_recorded_later_changes_nothing_in_any_case(at: str) -> None:
    instant, firm = moment(at), every_case()
    past = firm.until(instant)
    wanted = said(known(past), at=instant)
    assert said(known(firm), at=instant) == wanted
    assert said(known(together(past, later_than(instant, firm))), at=instant) == wanted


@settings(max_examples=10, deadline=None)
@given(firm=random_firms())
def test_a_control_finds_one_thing_of_an_entity_at_a_time(firm: Ledger) -> None:
    records = known(firm)
    for control in CONTROLS:
        found = control.findings(records).frame.collect().sort(control.key, "period", ENTER)
        assert found.filter(pl.col(ENTER) < pl.col(LEAVE).shift(1).over(control.key, "period")).is_empty(), control.name
        assert found.filter(pl.col(ENTER) >= pl.col(LEAVE)).is_empty()


def test_clients_are_told_apart() -> None:
    halves = [said(known(every_case(begin=begin, step=2))) for begin in (0, 1)]
    assert said(known(every_case())) == sorted([*halves[0], *halves[1]], key=repr)


def test_the_order_of_the_rows_and_how_they_came_in_are_nothing(tmp_path: Path) -> None:
    firm = every_case()
    lake = in_disorder(firm, Lake(tmp_path), seed=5, compacted=True)
    assert said(Known(lake, until=FAR)) == said(known(firm))


def test_every_control_finds_something_in_the_cases() -> None:
    assert {row[COLUMN_OF_CONTROL] for row in said(known(every_case()))} == {control.name for control in CONTROLS}


@settings(max_examples=10, deadline=None)
@given(firm=random_firms(), seed=st.integers(0, 1000))
def test_rows_of_a_random_firm_in_any_order_say_the_same(firm: Ledger, seed: int) -> None:
    shuffled = Ledger({table: random.Random(seed).sample(rows, len(rows)) for table, rows in firm.rows.items()})  # noqa: S311
    assert said(known(shuffled)) == said(known(firm))
