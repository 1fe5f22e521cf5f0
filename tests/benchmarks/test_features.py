"""The 25 features of the benchmark at a size that is seen through: all that say them say the same, to the last bit."""

from pathlib import Path

import polars as pl
import pytest

from benchmarks.feature_data import Size, make
from benchmarks.feature_queries import NAMES
from benchmarks.features import CHECKED, ENGINE, differences, hashes, main, query, summary, table

SIZE = Size(people=4, clients=3, spine=90)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("features")
    make(made, SIZE, entries_each=120, invoices_each=40)
    return made


@pytest.fixture(scope="module")
def oracle(folder: Path) -> pl.DataFrame:
    return query("duckdb_naive")(folder)


@pytest.mark.parametrize("name", [name for name in CHECKED if name != "duckdb_naive"])
def test_each_says_what_the_inequality_join_says(name: str, folder: Path, oracle: pl.DataFrame) -> None:
    found = query(name)(folder)
    assert found.columns == list(NAMES)
    assert len(NAMES) == 25
    assert [one for one in NAMES if not found[one].equals(oracle[one])] == []


def test_every_feature_says_something(oracle: pl.DataFrame) -> None:
    """Or agreement would be worth nothing."""
    assert oracle.select(pl.all().n_unique()).row(0) > (5,) * len(NAMES)


def test_a_bit_that_differs_is_told() -> None:
    said = pl.DataFrame({"a": [1.0, None], "b": [0.1 + 0.2, 1.0]})
    other = said.with_columns(b=pl.Series([0.3, 1.0]))
    results = [{"name": name, "columns": hashes(frame)} for name, frame in ((ENGINE, said), ("polars", other), ("scan", said))]
    assert differences(results) == ["polars: b"]


def test_the_table_is_of_medians_and_of_the_highest_peak() -> None:
    runs = [{"name": ENGINE, "wall": wall, "cpu": 2 * wall, "peak_mb": 100 * wall, "columns": {}} for wall in (1.0, 2.0, 9.0)]
    [line] = summary(runs, rows=100)
    assert (line["wall_s"], line["cpu_s"], line["peak_mb"], line["rows_per_s"]) == (2.0, 4.0, 900.0, 50.0)
    assert table([line]).splitlines()[-1] == "| Plumbline | 2.00 | 4.00 | 900 | 50 | 1.00 | 1.00 |"


def test_it_runs_each_in_a_process_of_its_own(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(folder), "--repeat", "1", "--of", ENGINE, "scan"]) == 0
    shown = capsys.readouterr()
    assert "| Plumbline |" in shown.out
    assert "bare scan" in shown.out
    assert shown.err == ""
