"""A timesheet that is missing lacks entries at its deadline; over the weekend those who will catch up look the same."""

from pathlib import Path

import polars as pl
import pytest

from simulation.firm import simulate


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """One row a timesheet: the truth, and whether an entry of its came after Saturday noon, and after the deadline."""
    firm: Path = tmp_path_factory.mktemp("firm")
    simulate(firm, people=40, months=12, seed=21, dirt=False)
    told = pl.read_parquet(firm / "truth" / "week.parquet").unique(["person_id", "week"], keep="first")
    entries = pl.read_parquet(firm / "time_entry.parquet").with_columns(week=pl.col("worked_on").dt.truncate("1w"))
    monday = pl.col("week").cast(pl.Datetime("us", "UTC"))
    after = {"after_saturday": pl.duration(days=5, hours=12), "after_deadline": pl.duration(days=7, hours=12)}
    found = entries.group_by("person_id", "week").agg(
        **{name: (pl.col("entered_at") > monday.first() + span).any() for name, span in after.items()}
    )
    return told.join(found, on=("person_id", "week"))


def test_what_is_missing_comes_after_the_deadline(weeks: pl.DataFrame) -> None:
    assert weeks.filter(~pl.col("missing") & pl.col("after_deadline")).is_empty()
    # Where the last days hold no work there is nothing to be late with.
    assert weeks.filter("missing")["after_deadline"].mean() == pytest.approx(1, abs=0.02)


def test_the_weekend_tells_who_is_behind_but_not_who_will_miss(weeks: pl.DataFrame) -> None:
    behind = weeks.filter(pl.col("p_missing") > 0)
    assert weeks.filter((pl.col("p_missing") == 0) & pl.col("after_saturday")).is_empty()
    assert 0.25 < behind.select(pl.col("missing").mean()).item() < 0.6
    assert behind.select(pl.col("p_missing").mean() - pl.col("missing").mean()).item() == pytest.approx(0, abs=0.06)


def test_the_probability_before_anything_is_written_is_the_share_that_misses(weeks: pl.DataFrame) -> None:
    assert weeks.select(pl.col("p_missing_before").mean() - pl.col("missing").mean()).item() == pytest.approx(0, abs=0.02)
