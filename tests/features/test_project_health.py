"""How the project behind an invoice fares, by hand."""

from datetime import date
from pathlib import Path

import pytest

from features import project_health
from features.feature import Feature
from records.lake import Lake
from tests.features.worked import TODAY, says, value, worked
from tests.ledger import moment


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Project j1 began on 2 January at 6,000 of cost, has taken 7,500, waits for one milestone, and changed hands."""
    told = (
        worked().project("j1", "A", starts="2025-01-02", manager_id="m1").correct("project", "j1", recorded="2025-03-10", manager_id="m2")
    )
    told.correct("project", "j1", recorded="2025-03-20", name="Renamed")
    told.time("w", date(2025, 2, 3), entered=moment("2025-02-03T18:00"), minutes=7500, project_id="j1", cost_per_hour=60)
    told.milestone("j1", "first", target="2025-03-01", recorded="2025-01-02")
    told.milestone("j1", "second", target="2025-03-05", completed="2025-03-12", recorded="2025-01-02")
    told.assignment("first", "j1", starts="2025-02-01").assignment("new", "j1", starts="2025-02-10").assignment(
        "other", "j2", starts="2025-03-01"
    )
    return told.dispute("a2", at="2025-03-20T10:00").lake(tmp_path_factory.mktemp("troubled"))


CASES: tuple[tuple[Feature, str, float | None], ...] = (
    (project_health.invoice_project_overdue_milestones, "2025-02-28", 0),
    (project_health.invoice_project_overdue_milestones, "2025-03-05", 2),
    (project_health.invoice_project_overdue_milestones, TODAY, 1),
    (project_health.invoice_project_overrun, "2025-02-02", 0),
    (project_health.invoice_project_overrun, TODAY, 0.25),
    (project_health.invoice_project_open_disputes, "2025-01-15", 1),
    (project_health.invoice_project_open_disputes, "2025-03-01", 0),
    (project_health.invoice_project_open_disputes, TODAY, 1),
    # Who came by 1 February was there from the start; `new` came on the 10th, and the manager changed on 10 March.
    (project_health.invoice_project_staff_changes_90d, "2025-02-09", 0),
    (project_health.invoice_project_staff_changes_90d, "2025-02-10", 1),
    (project_health.invoice_project_staff_changes_90d, TODAY, 2),
    (project_health.invoice_project_staff_changes_90d, "2025-05-11", 1),
    (project_health.invoice_project_staff_changes_90d, "2025-06-08", 0),
)


@pytest.mark.parametrize(("feature", "at", "number"), CASES, ids=lambda case: getattr(case, "name", str(case)))
def test_the_worked_example(feature: Feature, at: str, number: float | None, troubled: Lake) -> None:
    assert value(troubled, feature, at=at) == says(number)


def test_every_feature_of_project_health_is_worked() -> None:
    declared = {
        one for one in vars(project_health).values() if isinstance(one, Feature) and one.compute.__module__ == project_health.__name__
    }
    assert {feature for feature, *_ in CASES} == declared


def test_a_project_within_its_plan_is_not_over_it(tmp_path: Path) -> None:
    told = worked().project("j1", "A", starts="2025-01-02")
    told.time("w", date(2025, 2, 3), entered=moment("2025-02-03T18:00"), minutes=600, project_id="j1", cost_per_hour=60)
    assert value(told.lake(tmp_path), project_health.invoice_project_overrun) == 0
