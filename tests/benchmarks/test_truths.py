"""Each score is judged by the newest truth at its instant, never by a later one, and by none that is stale."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.truths import SUBJECTS, WEEKLY, Judged, default_target, judged, read_scores, subject_named
from models.catalog import RISKS
from tests.benchmarks.made_firm import write_scores, write_truth

TOLD = {date(2024, 1, 1): 0.1, date(2024, 1, 8): 0.2, date(2024, 1, 15): 0.3}
"""Mondays at whose end the truth is told -> probability."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("firm")
    rows = [{"project_id": "J1", "as_of_on": day, "percent_elapsed": 0.5, "p_margin_fall": p} for day, p in TOLD.items()]
    write_truth(found, "margin", pl.DataFrame(rows))
    return found


def judge(folder: Path, *instants: datetime) -> Judged:
    rows = pl.DataFrame({"entity_id": ["J1"] * len(instants), "as_of": pl.Series(instants, dtype=pl.Datetime("us", "UTC"))})
    file = write_scores(folder / "scores.parquet", "margin", rows.with_columns(probability=pl.lit(0.5)))
    return judged(read_scores([file]), subject_named("margin"), "fell", folder=folder)


@pytest.mark.parametrize(
    ("instant", "truth"),
    [
        (datetime(2024, 1, 1, 23, 59, tzinfo=UTC), []),
        (datetime(2024, 1, 2, tzinfo=UTC), [0.1]),
        (datetime(2024, 1, 8, 23, 59, tzinfo=UTC), [0.1]),
        (datetime(2024, 1, 9, tzinfo=UTC), [0.2]),
        (datetime(2024, 1, 22, 23, 59, tzinfo=UTC), [0.3]),
        (datetime(2024, 1, 23, tzinfo=UTC), []),
    ],
)
def test_a_date_is_its_end_and_a_week_makes_a_truth_stale(folder: Path, instant: datetime, truth: list[float]) -> None:
    found = judge(folder, instant)
    assert found.rows["truth"].to_list() == truth
    assert sum(found.left_out.values()) == 1 - len(truth)


@settings(deadline=None)  # a file is written and read each time
@given(st.sets(st.integers(0, 6 * 7 * 24), min_size=1, max_size=8))
def test_every_row_is_judged_or_counted_and_by_nothing_later(folder: Path, hours: set[int]) -> None:
    found = judge(folder, *(datetime(2023, 12, 25, tzinfo=UTC) + timedelta(hours=hour) for hour in hours))
    ends = {datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1): p for day, p in TOLD.items()}
    for row in found.rows.rows(named=True):
        newest = max(end for end in ends if end <= row["as_of"])
        assert row["truth"] == ends[newest]
        assert row["as_of"] - newest < WEEKLY
    assert found.rows.height + sum(found.left_out.values()) == len(hours)


def test_every_risk_of_the_catalog_can_be_judged_by_the_target_it_ranks_by() -> None:
    for risk in RISKS:
        assert default_target(subject_named(risk.name)) == risk.decided_by.name
        assert set(subject_named(risk.name).targets) == {target.name for target in risk.targets}
    for subject in SUBJECTS:
        assert default_target(subject) in subject.targets
