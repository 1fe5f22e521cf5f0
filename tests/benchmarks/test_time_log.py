"""The log of one person, read through the intake and replayed week by week."""

from pathlib import Path

import polars as pl
import pytest

from benchmarks.time_log import DATA, WEEK_DAYS, gap_lines, gaps, imported, ratios, tasks, write_canonical
from features.windows import AS_OF
from records.known import DAY, day_end
from records.lake import Lake
from records.report import ImportReport
from training.history import History
from training.labels import LABEL


@pytest.fixture(scope="module")
def log(shared: Path) -> Path:
    return shared / "renzo" / DATA.name


@pytest.fixture(scope="module")
def read(log: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[ImportReport, Lake]:
    return imported(tmp_path_factory.mktemp("renzo"), log)


@pytest.fixture(scope="module")
def past(read: tuple[ImportReport, Lake]) -> History:
    return gaps(read[1])


def test_every_task_that_took_time_is_read(log: Path, read: tuple[ImportReport, Lake]) -> None:
    report, _ = read
    assert report.refused == ()
    rows = {file.file: file.rows for file in report.files}
    worked = tasks(log).filter(pl.col("actual") > 0).height
    assert rows["time_entry.csv"].accepted == rows["time_entry.csv"].read == worked > 9000
    assert sum(one.read for one in rows.values()) == sum(one.accepted + one.duplicate + one.quarantined for one in rows.values())
    assert sum(one.quarantined for one in rows.values()) == 0


def test_a_task_that_is_listed_twice_on_a_day_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        '"X.words","word_cnt","description","DONE","date","estimate","actual"\n'
        '"@a","1",7,0,2009-04-09,2,1\n"@a","1",7,1,2009-04-09,2,1\n"@a","1",8,0,2009-04-09,NA,NA\n'
    )
    assert tasks(path).select("task", "done", "actual").rows() == [(7, 1, 1), (8, 0, None)]
    write_canonical(path, tmp_path)
    assert pl.read_csv(tmp_path / "time_entry.csv")["minutes"].to_list() == [25]


def test_a_gap_is_a_week_with_time_on_too_few_days(log: Path, past: History) -> None:
    weeks = past.labelled(past.risk.decided_by, at=past.known.until).filter(pl.col(LABEL).is_not_null())
    assert weeks.height > 480
    days = tasks(log).filter(pl.col("actual") > 0).group_by(week=pl.col("day").dt.truncate("1w")).agg(days=pl.col("day").n_unique())
    both = weeks.join(days, on="week", how="left").with_columns(pl.col("days").fill_null(0))
    assert (both[LABEL] == (both["days"] < WEEK_DAYS)).all()
    assert (both[AS_OF] == both.select(day_end("week") - DAY // 2).to_series()).all()


def test_no_week_is_said_to_be_known_better_than_by_its_rule_beyond_doubt(past: History) -> None:
    """What can be learned from one person's days alone is next to nothing: a model that seemed to know more would have seen the week."""
    model, *_ = gap_lines(past)
    assert 0.35 < float(model[1].split()[0]) < 0.75


def test_a_persons_own_ratio_makes_a_task_worse_and_a_week_no_worse(log: Path) -> None:
    found = ratios(tasks(log))
    assert found.tasks > 7000
    assert found.weeks > 450
    _, as_estimated = found.of_task["plan (estimate)"][1] or [0.0, 0.0]
    assert as_estimated < found.of_task["rule: own ratio so far"][0]
    low, _ = found.less_rule["the same, damped"][1] or [1.0, 1.0]
    assert low <= 0
