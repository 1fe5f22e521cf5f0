"""Every control finds what its cases say, and nothing else."""

from typing import Final

import polars as pl
import pytest

from controls.catalog import CONTROLS
from controls.control import Control
from records.known import ENTER, LEAVE
from tests.controls.case import HERE, Case, Told, cases, found_at, known, told

CASES: Final = [case for control in CONTROLS for case in cases(control.name)]
BY_NAME: Final = {control.name: control for control in CONTROLS}

every_control = pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case) -> None:
    records = known(case.ledger())
    for at, wanted in case.moments:
        found = found_at(BY_NAME[case.control], records, at)
        assert _told_alike(found, wanted), f"at {at} it finds {found}, not {wanted}"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_nothing_is_found_twice_at_one_time(case: Case) -> None:
    control = BY_NAME[case.control]
    found = control.findings(known(case.ledger())).frame.collect().sort(control.key, "period", ENTER)
    again = found.filter(pl.col(ENTER) < pl.col(LEAVE).shift(1).over(control.key, "period"))
    assert again.is_empty()
    assert found.filter(pl.col(ENTER) >= pl.col(LEAVE)).is_empty()


def _told_alike(found: list[Told], wanted: list[Told]) -> bool:
    """Each finding that is wanted is there with all that is said of it, and there is no other."""
    left = list(found)
    for one in wanted:
        same = [row for row in left if all(row.get(name) == value for name, value in one.items())]
        if not same:
            return False
        left.remove(same[0])
    return not left


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_says_what_it_is_for(case: Case) -> None:
    assert case.fires == any(wanted for _, wanted in case.moments)


@every_control
def test_a_control_has_cases_that_fire_that_are_silent_and_at_each_border(control: Control) -> None:
    own = list(cases(control.name))
    assert {case.fires for case in own} == {True, False}
    sides = {(case.border, case.fires) for case in own if case.border}
    assert sides == {(tolerance.name, fires) for tolerance in control.tolerances for fires in (True, False)}


@every_control
def test_a_finding_tells_what_it_rests_on(control: Control) -> None:
    firing = [case for case in cases(control.name) if case.fires]
    rows = [row for case in firing for at, _ in case.moments for row in found_at(control, known(case.ledger()), at)]
    assert all(row.get("rests_on_id") and row.get("client_id") and row.get(control.key) for row in rows)


@every_control
def test_the_standing_firm_is_clean(control: Control) -> None:
    assert found_at(control, known(told({})), "2025-04-02") == []
    assert found_at(control, known(told({})), "2025-08-01") == []


def test_every_file_of_cases_is_a_listed_controls() -> None:
    assert {file.stem for file in (HERE / "cases").glob("*.yaml")} == set(BY_NAME)
