"""What a person is told of a project: plan and use, reports, milestones, and where the margin goes."""

from datetime import date
from pathlib import Path

import pytest

from models.margin import MARGIN
from models.project_book import ProjectBook
from models.spine import at_instants
from models.subject import Subject
from tests.features.test_burn import TODAY, told
from tests.ledger import Ledger, moment


def subject(place: Path, ledger: Ledger, *, at: str = TODAY) -> Subject:
    known = ledger.known(place)
    [row] = at_instants(known, MARGIN, [moment(at)]).to_dicts()
    return ProjectBook(known, moment(at)).subject(row)


def test_a_project_with_its_evidence(tmp_path: Path) -> None:
    found = subject(tmp_path, told())
    assert (found.reference, found.client_id, found.client_name) == ("j", "A", "A client")
    assert f"{found.due_on}" == "2025-06-09"
    tables = {table.title: table.rows for table in found.evidence}
    assert tables["Plan and use"] == (
        ("Hours", "100", "60", "60%"),
        ("Cost", "EUR 6,000.00", "EUR 3,250.00", "54%"),
        ("Planned revenue, and value of the time charged", "EUR 10,000.00", "EUR 5,500.00", "55%"),
    )
    assert tables["Status reports"][-1] == ("2025-04-28", "40 %", "70", "amber", "")
    assert [row[3] for row in tables["Milestones"]] == ["2025-03-24", "open"]
    assert all("as known at 2025-05-01 00:00 UTC" in table.source for table in found.evidence)


def test_where_the_margin_goes_adds_up(tmp_path: Path) -> None:
    found = subject(tmp_path, told())
    course = found.course
    assert course is not None
    assert (f"{course.planned:.0%}", found.facts["Planned margin"]) == ("40%", "40%")
    # 60 hours for 40 % of a hundred: to the power of 0.4 that is 18 % over, of which 10 were granted; an hour costs 65 and not 60.
    hours = 100 * 1.5**0.4
    expected = {"scope": -0.06, "effort": -0.006 * (hours - 110), "mix": -0.0005 * hours, "rate": 0.0, "write-down": 0.0}
    assert course.causes == pytest.approx(expected)
    assert course.goes_on == pytest.approx(1 - hours * 65 / 10_000)
    assert found.facts["Margin if it goes on like this"] == f"{course.goes_on:.0%}"
    assert (course.low, course.middle, course.high) == (None, None, None)


def test_the_cost_of_each_week_stands_beside_plan_and_end(tmp_path: Path) -> None:
    course = subject(tmp_path, told()).course
    assert course is not None
    burn = course.burn
    assert (burn.currency, burn.planned, burn.granted) == ("EUR", 6000, 6000)
    assert (f"{burn.starts_on}", f"{burn.ends_on}", f"{burn.read_on}") == ("2025-03-01", "2025-06-09", "2025-04-30")
    days, costs = zip(*burn.spent, strict=True)
    assert all(day.weekday() == 6 or day == burn.read_on for day in days)
    assert list(days) == sorted(set(days))
    # Ten of the sixty hours have no cost and count at the mean of the others.
    assert costs[-1] == 3900
    assert list(costs) == sorted(costs)
    assert burn.at_completion == round(100 * 1.5**0.4 * 65)
    assert [(f"{one.on}", one.done) for one in burn.milestones] == [("2025-03-24", True), ("2025-04-20", False)]


@pytest.mark.parametrize("method", ["time", "retainer"])
def test_a_project_without_any_time_goes_as_planned(tmp_path: Path, method: str) -> None:
    ledger = Ledger().client("A").project("j", "A", starts="2025-03-01", billing_method=method)
    found = subject(tmp_path, ledger)
    assert found.facts["Margin if it goes on like this"] == found.facts["Planned margin"] == "40%"
    assert [table.title for table in found.evidence] == ["Plan and use"]
    assert found.course is not None
    assert found.course.burn.spent == ()


def test_the_firms_own_work_is_no_usual_write_down(tmp_path: Path) -> None:
    ledger = told().row(
        "project", "2025-01-01", {"project_id": "own", "client_id": "A", "billing_method": "none", "starts_on": "2025-01-01"}
    )
    ledger.time(
        "x", date(2025, 4, 1), entered=moment("2025-04-01T18:00"), minutes=60_000, project_id="own", billable=False, cost_per_hour=65
    )
    ledger.correct("project", "j", recorded="2025-03-05", billing_method="time")
    course = subject(tmp_path, ledger).course
    assert course is not None
    # 110 an hour at five of six charged hours brings 91.67 and not 100; nothing but the price is unlike the plan.
    assert course.causes["write-down"] == pytest.approx(0)
    assert course.causes["rate"] == pytest.approx(65 / 100 - 65 / (110 * 5 / 6))
