"""The main job by its commands, in the order in which a person gives them."""

import csv
import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from plumbline.workflow import SCORE_COLUMNS
from tests.plumbline.command_line import Cli

AS_OF = "2025-12-22"
RISKS = ("collections", "dispute")


@pytest.fixture(scope="module")
def trained(plumbline: Cli, firm: Path) -> None:
    imported = plumbline.json("import", str(firm))
    assert imported["read"] == imported["accepted"]
    for risk in RISKS:
        plumbline.json("train", risk, "--as-of", AS_OF)


@pytest.mark.usefixtures("trained")
class TestTheMainJob:
    """Import, train, backtest, promote, score: each step stands on the one before."""

    def test_importing_again_changes_nothing(self, plumbline: Cli, firm: Path) -> None:
        first, again = (plumbline.json("import", str(firm)) for _ in range(2))
        assert (again["accepted"], again["duplicate"]) == (0, again["read"])
        assert again["lake_versions"] == first["lake_versions"]

    def test_a_backtest_stands_beside_its_rule(self, plumbline: Cli) -> None:
        report = plumbline.json("backtest", "collections", "--split", "0.7", "--as-of", AS_OF)
        for who in ("model", "rule"):
            found = report["overall"][who]
            assert found["intervals"]["auc"][0] <= found["auc"] <= found["intervals"]["auc"][1]
            assert {"auc", "pr_auc", "brier", "log_loss", "n", "positives"} <= set(found)
        assert report["target"] == "late"
        assert not report["purged"]
        assert plumbline.json("backtest", "dispute", "--folds", "2", "--as-of", AS_OF)["purged"]

    def test_a_challenger_scores_until_one_is_promoted_and_says_so(self, plumbline: Cli) -> None:
        run = plumbline.json("score", "dispute", "--as-of", AS_OF, "--no-publish")["runs"][0]
        assert any("has not been promoted" in notice for notice in run["notices"])
        plumbline("promote", "dispute")
        run = plumbline.json("score", "dispute", "--as-of", AS_OF, "--no-publish")["runs"][0]
        assert not any("has not been promoted" in notice for notice in run["notices"])

    def test_a_score_file_holds_what_its_columns_promise(self, plumbline: Cli, tmp_path: Path) -> None:
        plumbline("score", "--as-of", AS_OF, "--output", str(tmp_path / "scores.csv"))
        with (tmp_path / "scores.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert tuple(rows[0]) == SCORE_COLUMNS
        assert {row["risk"] for row in rows} == set(RISKS)
        for risk in RISKS:
            own = [row for row in rows if row["risk"] == risk]
            assert [int(row["rank"]) for row in own] == list(range(1, len(own) + 1))
            losses = [Decimal(row["expected_loss"]) for row in own]
            assert losses == sorted(losses, reverse=True)
        for row in rows:
            assert 0 <= float(row["probability"]) <= 1
            assert float(row["probability"]) == 1 or json.loads(row["reasons"])[0]["code"] != "happened"
            assert len(json.loads(row["reasons"])) <= 4
            if row["predicted_on"]:
                low, middle, high = (date.fromisoformat(row[name]) for name in ("predicted_low_on", "predicted_on", "predicted_high_on"))
                assert date.fromisoformat(AS_OF) < low <= middle <= high

    def test_parquet_says_the_same(self, plumbline: Cli, tmp_path: Path) -> None:
        plumbline("score", "dispute", "--as-of", AS_OF, "--output", str(tmp_path / "s.csv"), "--no-publish")
        plumbline("score", "dispute", "--as-of", AS_OF, "--output", str(tmp_path / "s.parquet"), "--no-publish")
        columnar = pl.read_parquet(tmp_path / "s.parquet")
        with (tmp_path / "s.csv").open(encoding="utf-8", newline="") as file:
            assert columnar["entity_id"].to_list() == [row["entity_id"] for row in csv.DictReader(file)]

    @pytest.mark.slow
    @pytest.mark.timeout(600)
    @pytest.mark.usefixtures("spark")
    def test_spark_writes_the_same_file(self, plumbline: Cli, tmp_path: Path) -> None:
        scored = ("score", "collections", "--as-of", AS_OF, "--no-publish", "--output")
        plumbline(*scored, str(tmp_path / "here.csv"))
        address = f"file://{plumbline.home / 'lake'}"
        plumbline(*scored, str(tmp_path / "spark.csv"), "--engine", "spark", "--master", "local[2]", "--lake", address)
        assert (tmp_path / "spark.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()

    def test_a_past_score_is_the_same_after_a_later_import(self, plumbline: Cli, tmp_path: Path) -> None:
        past = ("score", "collections", "--as-of", "2025-09-30", "--no-publish", "--output")
        plumbline(*past, str(tmp_path / "before.csv"))
        (tmp_path / "later").mkdir()
        header = "dispute_id,invoice_id,opened_at,reason_code,currency,recorded_at\n"
        learned_late = "".join(f"DL{n},I{n:04},2025-09-01T09:00:00Z,QUA,EUR,2025-12-01T09:00:00Z\n" for n in range(400))
        (tmp_path / "later" / "dispute.csv").write_text(header + learned_late, encoding="utf-8")
        assert plumbline.json("import", str(tmp_path / "later"))["accepted"] == 400
        plumbline(*past, str(tmp_path / "after.csv"))
        assert (tmp_path / "after.csv").read_bytes() == (tmp_path / "before.csv").read_bytes()

    def test_a_model_whose_files_were_changed_is_refused(self, plumbline: Cli) -> None:
        champion = json.loads((plumbline.home / "models" / "dispute" / "champion.json").read_text(encoding="utf-8"))
        manifest = plumbline.home / "models" / champion["folder"] / "manifest.json"
        kept = manifest.read_bytes()
        manifest.write_bytes(kept.replace(b'"format": 1', b'"format": 2'))
        try:
            refused = plumbline.json("score", "dispute", "--as-of", AS_OF, code=3)
        finally:
            manifest.write_bytes(kept)
        assert "is not the file that was registered" in refused["detail"]


class TestFailures:
    """What a person reads, and the code that a script reads."""

    @pytest.mark.parametrize(
        ("arguments", "code", "says"),
        [
            (("train", "weather"), 2, "no risk is called 'weather'; there are collections, dispute"),
            (("score", "--as-of", "soon"), 2, "Write a date such as 2026-11-23"),
            (("score", "--as-of", "2025-01-01T00:00:00"), 2, "has no time zone"),
            (("score",), 4, "import some first"),
            (("train", "collections"), 4, "import some first"),
            (("promote", "dispute"), 3, "has no challenger"),
            (("import",), 2, "give a path to import"),
            (("token", "issue", "Ana", "--role", "king"), 2, "is no role"),
            (("score", "--as-of", AS_OF, "--output", "scores.xlsx"), 2, "name a .csv or a .parquet file"),
        ],
    )
    def test_says_what_and_how_to_mend_it(
        self, arguments: tuple[str, ...], code: int, says: str, *, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "empty"))
        if arguments[0] == "token":
            Cli(tmp_path)(*arguments, code=code)
            return
        assert says in Cli(tmp_path).json(*arguments, code=code)["detail"]

    def test_a_folder_without_a_table_is_rejected(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "home"))
        (tmp_path / "notes").mkdir()
        (tmp_path / "notes" / "notes.txt").write_text("nothing", encoding="utf-8")
        assert "no table that is known" in Cli(tmp_path).json("import", str(tmp_path / "notes"), code=4)["detail"]

    def test_bad_rows_are_set_aside_listed_and_taken_after_a_fix(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "home"))
        run = Cli(tmp_path)
        (tmp_path / "in").mkdir()
        file = tmp_path / "in" / "client.csv"
        file.write_text("client_id,name,currency,onboarded_on\nC1,One,EUR,2025-01-01\nC2,Two,EUR,2025-02-30\n", encoding="utf-8")
        assert run.json("import", str(tmp_path / "in"), code=4)["quarantined"] == 1
        [entry] = run.json("quarantine")["rows"]
        assert (entry["line"], entry["faults"][0]["column"], entry["faults"][0]["value"]) == (3, "onboarded_on", "2025-02-30")
        file.write_text(file.read_text(encoding="utf-8").replace("02-30", "02-28"), encoding="utf-8")
        assert run.json("import", "--retry")["accepted"] == 1
        assert run.json("quarantine")["rows"] == []


def test_a_failure_is_an_object_on_stdout_for_scripts(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "plumbline", "train", "weather", "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ended.returncode == 2
    assert json.loads(ended.stdout)["detail"].startswith("no risk is called 'weather'")


@pytest.mark.parametrize(
    ("begins", "code", "says"),
    [
        ("import os; os.environ['PATH'] = ''; os.environ.pop('JAVA_HOME', None)", 5, "install 17 or later"),
        ("import sys; sys.modules['pyspark'] = None", 1, "pip install 'plumbline-finance[spark]'"),
    ],
    ids=["no Java", "no pyspark"],
)
def test_what_spark_lacks_is_said_with_how_to_mend_it(begins: str, code: int, says: str, *, tmp_path: Path) -> None:
    script = f"{begins}; from plumbline.cli import main; main()"
    command = [sys.executable, "-c", script, "score", "--engine", "spark", "--as-of", AS_OF, "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ended.returncode == code, ended.stderr
    assert says in json.loads(ended.stdout)["detail"]


def test_help_does_not_wait_for_the_models() -> None:
    """Importing LightGBM or MLflow for `--help` costs seconds."""
    slow = "{'lightgbm', 'mlflow', 'pandas', 'sklearn', 'polars', 'fastapi'}"
    script = f"import sys; import plumbline.cli; print(sorted({slow} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip() == "[]"
