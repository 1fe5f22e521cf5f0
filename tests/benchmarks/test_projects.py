"""New York's capital projects, read through the intake and replayed: what the records hold, and that the model harms nothing."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from benchmarks.overruns import OVER, OVERRUN, RAISED, Register
from benchmarks.projects import MAPPING, Said, apart, imported, said, sizes
from features.frame import build
from features.windows import AS_OF
from models.spine import at_instants
from records.intake import import_folder
from records.known import Known, micros
from training.labels import DECIDED_AT, LABEL
from training.metrics import compared

FOLDER = "nyc_capital"


@pytest.fixture(scope="module")
def past(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Register:
    return imported(tmp_path_factory.mktemp(FOLDER), shared / FOLDER)


@pytest.fixture(scope="module")
def over(past: Register) -> Said:
    return said(past, OVER)


def test_every_report_is_read_and_the_money_balances(shared: Path, tmp_path: Path) -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    report = import_folder(shared / FOLDER, tmp_path, mapping=MAPPING, now=now)
    assert report.refused == ()
    [file] = report.files
    assert (file.rows.read, file.rows.accepted, file.rows.duplicate, file.rows.quarantined) == (2259, 2259, 0, 0)
    assert file.unknown_columns == ()
    tables = {table.table: table for table in file.tables}
    assert {name: table.rows.accepted for name, table in tables.items()} == {
        "client": 12,
        "project": 2259,
        "project_budget": 2153,
        "project_status": 2154,
    }
    [cost, revenue] = tables["project_budget"].money
    assert cost.read == cost.accepted == revenue.accepted > 0
    again = import_folder(shared / FOLDER, tmp_path, mapping=MAPPING, now=now)
    assert again.rows.accepted == 0


def test_a_signal_of_a_past_day_is_the_same_whatever_came_later(past: Register) -> None:
    """The register repeats each project's total change in its oldest rows too: nothing may read that, or what was reported later."""
    day = datetime(2016, 3, 1, tzinfo=UTC)
    then = Known(past.lake, until=day)
    spine = at_instants(then, OVERRUN, [day])
    assert spine.height > 60
    seen, whole = (build(known, spine, list(OVERRUN.features)) for known in (then, past.known))
    assert seen.equals(whole)


def test_a_raise_is_decided_a_year_later_and_an_overrun_by_the_end_alone(past: Register) -> None:
    cut = datetime(2017, 6, 1, tzinfo=UTC)
    raised = past.labelled(RAISED, at=cut).filter(pl.col(LABEL).is_not_null())
    assert raised.height > 100
    assert (raised[DECIDED_AT] <= micros(cut)).all()
    assert ((raised[DECIDED_AT] - raised[AS_OF]) == raised[DECIDED_AT][0] - raised[AS_OF][0]).all()
    assert past.labelled(OVER, at=cut)[LABEL].is_not_null().sum() == 0
    ended = past.labelled(OVER, at=past.known.until).filter(pl.col(LABEL).is_not_null())
    assert (ended[LABEL] == (ended["last"] * 10 >= ended["revenue"] * 11)).all()


def test_no_project_is_on_both_sides(past: Register) -> None:
    for train, test in apart(past):
        assert not set(train["project_id"]) & set(test["project_id"])


def test_overruns_are_ordered_better_than_by_chance_and_not_worse_than_by_the_newest_budget(over: Said) -> None:
    assert len(over.labels) > 2000
    beside = compared(over.labels, over.chances["model"], over.chances[f"rule: {OVER.rule_says}"], over.projects)
    for metric, better in (("auc", 1), ("brier", -1)):
        low, high = beside[metric]["interval"]  # type: ignore[index]
        assert (high if better > 0 else -low) >= 0
    by_rate = compared(over.labels, over.chances["model"], over.chances["base rate"], over.projects)
    assert by_rate["auc"]["interval"][0] > 0  # type: ignore[index]


def test_the_forecast_of_the_last_budget_is_no_worse_than_the_first_one(past: Register) -> None:
    found = sizes(past)
    assert found.projects > 200
    assert found.mean["forecast"][0] < found.mean["plan (first budget)"][0]
    assert 0.5 < found.inside[0] < 0.9
