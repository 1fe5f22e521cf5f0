"""The benchmark from end to end: on a simulated firm, on firms whose truth was written by hand, and on what it must refuse."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from benchmarks.judging import CEILING, TRUTH
from benchmarks.quality import USAGE, main
from benchmarks.soft_labels import GAINS
from simulation.firm import simulate
from tests.benchmarks.made_firm import forgetful, overrunning, write_scores, write_truth
from tests.conftest import ROOT

Tables = dict[str, dict[str, Any]]
NOISE = np.random.default_rng(21)


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("firm")
    simulate(folder, people=20, months=10, seed=3)
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> Tables:
    assert main([*map(str, arguments), "--json", "--draws", "30"]) == 0
    return {table["risk"]: table for table in json.loads(capsys.readouterr().out)["tables"]}


def open_invoices(firm: Path) -> pl.DataFrame:
    """Open invoices at the ends of some Mondays, the true likelihood of a very late payment as their probability."""
    truth = pl.read_parquet(firm / "truth" / "receivable.parquet")
    rows = truth.filter(pl.col("as_of_on").is_between(date(2023, 5, 1), date(2023, 9, 1)))
    instant = (pl.col("as_of_on") + timedelta(days=1)).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return rows.select(entity_id="invoice_id", as_of=instant, probability="p_late_30", late="p_late")


def drafts(firm: Path) -> pl.DataFrame:
    """Drafts on the evening of the day on which they were made."""
    truth = pl.read_parquet(firm / "truth" / "invoice.parquet").filter(pl.col("as_of") < datetime(2023, 9, 1, tzinfo=UTC))
    return truth.select(entity_id="invoice_id", as_of=pl.col("as_of").dt.truncate("1d") + timedelta(hours=20), probability="p_dispute")


def on_plan(truth: pl.DataFrame) -> pl.DataFrame:
    """Every project of an overrunning firm as likely to fall as not."""
    return truth.select(entity_id="project_id", as_of=pl.lit(datetime(2024, 2, 14, tzinfo=UTC)), probability=pl.lit(0.5))


def blurred(rows: pl.DataFrame) -> pl.DataFrame:
    noise = pl.Series(NOISE.lognormal(0, 0.8, rows.height))
    return rows.with_columns((pl.col("probability") * noise).clip(0.001, 0.999))


def reaches_the_truth(table: dict[str, Any]) -> bool:
    model, truth = table["scorers"]["model"], table["scorers"][TRUTH]
    return all(model[metric] == truth[metric] for metric in GAINS) and model["ratio"]["value"] == 1 and model["ece"]["value"] == 0


def test_scores_that_are_the_truth_reach_it(firm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [
        write_scores(tmp_path / "collections.csv", "collections", open_invoices(firm)),
        write_scores(tmp_path / "dispute.parquet", "dispute", drafts(firm)),
    ]
    found = run(capsys, firm, *files)
    assert set(found) == {"collections", "dispute"}
    for table in found.values():
        assert reaches_the_truth(table)
        assert table["rows"] > 100
        gains = {metric: share["value"] for metric, share in table["share_of_omniscient_gain"].items() if share is not None}
        assert gains == dict.fromkeys(gains, 1.0)


def test_scores_that_know_something_lie_between_the_rules_and_the_truth(
    firm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [table] = run(capsys, firm, write_scores(tmp_path / "scores.csv", "dispute", blurred(drafts(firm)))).values()
    assert 0 < table["share_of_omniscient_gain"]["auc"]["value"] < 1
    assert table["model_less_best_rule"]["auc"]["value"] == pytest.approx(
        table["scorers"]["model"]["auc"]["value"] - table["scorers"][table["best_rule"]["auc"]]["auc"]["value"], abs=2e-6
    )
    low, high = table["model_less_best_rule"]["auc"]["interval"]
    assert low < table["model_less_best_rule"]["auc"]["value"] < high


def test_a_gain_is_a_share_of_what_the_tables_allow(firm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The model between the rules and the ceiling, the ceiling between the model and the truth."""
    ceiling = drafts(firm).with_columns(probability=(pl.col("probability") + pl.col("probability").mean()) / 2)
    model = ceiling.with_columns(probability=(pl.col("probability") + 3 * pl.col("probability").mean()) / 4)
    files = [write_scores(tmp_path / f"{name}.csv", "dispute", rows) for name, rows in (("model", model), ("ceiling", ceiling))]
    [table] = run(capsys, firm, files[0], "--ceiling", files[1]).values()
    assert table["ceiling_refused"] == ""
    assert table["alarms"] == []
    loss = {name: one["log_loss"]["value"] for name, one in table["scorers"].items()}
    rule = loss[table["best_rule"]["log_loss"]]
    share = table["share_of_reachable_gain"]["log_loss"]["value"]
    assert share == pytest.approx((loss["model"] - rule) / (loss[CEILING] - rule), abs=2e-4)
    assert 0 < table["share_of_omniscient_gain"]["log_loss"]["value"] < share < 1
    assert table["share_of_reachable_gain"]["auc"]["value"] == 1, "the same order"


def test_a_model_above_the_ceiling_raises_the_alarm(firm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, ceiling = (
        write_scores(tmp_path / name, "dispute", rows) for name, rows in (("m.csv", drafts(firm)), ("c.csv", blurred(drafts(firm))))
    )
    [table] = run(capsys, firm, model, "--ceiling", ceiling).values()
    assert {"auc", "log_loss"} <= set(table["alarms"])
    assert table["ceiling_refused"].startswith("model has less log loss")
    assert main([str(firm), str(model), "--ceiling", str(ceiling), "--draws", "30"]) == 0
    said = capsys.readouterr().out
    assert "**Alarm: the model beats the ceiling in AUC, log loss" in said
    assert "**The ceiling is not one: model has less log loss" in said


def test_a_ceiling_must_say_what_is_true_on_average_and_of_every_row(
    firm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write_scores(tmp_path / "model.csv", "dispute", blurred(drafts(firm)))
    shouted = write_scores(tmp_path / "shouted.csv", "dispute", drafts(firm).with_columns(pl.col("probability") * 1.15))
    [table] = run(capsys, firm, model, "--ceiling", shouted).values()
    assert table["ceiling_refused"] == "it says 1.15 times what is true"
    part = write_scores(tmp_path / "part.csv", "dispute", drafts(firm).head(50))
    assert "the ceiling of dispute says nothing of" in refused(capsys, firm, model, "--ceiling", part)


def test_the_target_says_which_truth_the_scores_are_of(firm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    late = open_invoices(firm).with_columns(probability="late")
    file = write_scores(tmp_path / "scores.csv", "collections", late)
    assert reaches_the_truth(run(capsys, firm, file, "--target", "collections=late")["collections"])
    assert not reaches_the_truth(run(capsys, firm, file)["collections"])


def test_capacity_is_the_owners(firm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_scores(tmp_path / "scores.csv", "collections", open_invoices(firm))
    few = run(capsys, firm, file, "--capacity", "collections=0.05")["collections"]["scorers"]["model"]
    all_of_it = run(capsys, firm, file, "--capacity", "collections=1")["collections"]
    assert few["precision"]["value"] > all_of_it["scorers"]["model"]["precision"]["value"]
    assert all_of_it["scorers"]["model"]["precision"]["value"] == pytest.approx(all_of_it["base_rate"])
    assert all_of_it["scorers"]["model"]["money"]["value"] == 1


def test_what_has_no_truth_is_counted(firm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = drafts(firm)
    foreign = rows.head(3).with_columns(pl.col("entity_id") + "X")
    waiting = rows.tail(5).with_columns(pl.col("as_of") + timedelta(days=9))
    given = pl.concat([rows.head(-5), foreign, waiting])
    [table] = run(capsys, firm, write_scores(tmp_path / "scores.csv", "dispute", given)).values()
    left_out = table["left_out"]
    assert [count for why, count in left_out.items() if why.startswith("without any truth")] == [3]
    assert [count for why, count in left_out.items() if why.startswith("whose newest truth")] == [5]
    assert table["rows"] + sum(left_out.values()) == given.height


def test_a_draft_counts_once_and_when_it_is_sent_no_more(firm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = drafts(firm)
    again = pl.concat([rows, rows.with_columns(pl.col("as_of") + timedelta(days=1))])
    [once] = run(capsys, firm, write_scores(tmp_path / "once.csv", "dispute", rows)).values()
    [twice] = run(capsys, firm, write_scores(tmp_path / "twice.csv", "dispute", again)).values()
    assert twice["rows"] == once["rows"]
    assert twice["scorers"]["model"] == once["scorers"]["model"]


def test_a_firm_whose_truth_was_written_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Missing time: two instants a week; the person's own rate must be the best rule where each has a likelihood of their own."""
    truth = forgetful(tmp_path / "firm").filter(pl.col("week") >= pl.col("week").min() + timedelta(84))
    rows = truth.select("as_of", entity_id=pl.col("person_id") + ":" + pl.col("week").cast(pl.String), probability=pl.col("p_missing"))
    [table] = run(capsys, tmp_path / "firm", write_scores(tmp_path / "exact.csv", "missing_time", rows)).values()
    assert reaches_the_truth(table)
    [table] = run(capsys, tmp_path / "firm", write_scores(tmp_path / "blurred.csv", "missing_time", blurred(rows))).values()
    assert table["best_rule"] == dict.fromkeys(GAINS, "person's own rate")
    assert table["scorers"]["firm's own rate (no ranking)"]["auc"]["value"] == pytest.approx(0.5, abs=0.02)
    assert (table["clusters"], table["worklists"]) == (30, 56)


def test_margin_is_judged_beside_plan_and_cost_performance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth = overrunning(tmp_path / "firm")
    instant = (pl.col("as_of_on") + timedelta(days=1)).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    rows = truth.select(entity_id="project_id", as_of=instant, probability="p_margin_fall")
    [table] = run(capsys, tmp_path / "firm", write_scores(tmp_path / "scores.csv", "margin", rows)).values()
    assert reaches_the_truth(table)
    assert table["best_rule"]["auc"] == "CPI (earned over actual cost)"
    # The made truth follows from what was spent, and so does the rule.
    assert table["scorers"]["CPI (earned over actual cost)"]["auc"] == table["scorers"][TRUTH]["auc"]
    assert table["scorers"]["plan (no ranking)"]["auc"]["value"] == pytest.approx(0.5)


def test_the_table_is_printed(tmp_path: Path) -> None:
    """As the page tells to run it."""
    folder = tmp_path / "firm"
    file = write_scores(tmp_path / "scores.csv", "margin", on_plan(overrunning(folder)))
    before = sorted(folder.rglob("*"))
    command = [sys.executable, "-m", "benchmarks.quality", str(folder), str(file), "--draws", "20"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("| margin: fell | AUC | log loss |")
    assert "share of the omniscient gain" in done.stdout
    assert "60 rows of 60 projects, 1 instants, 1 worklists" in done.stdout
    assert sorted(folder.rglob("*")) == before


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main([*map(str, arguments), "--draws", "5"]) == USAGE
    said = capsys.readouterr()
    assert not said.out
    return said.err


def test_a_firm_without_truth_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth = overrunning(tmp_path / "firm")
    file = write_scores(tmp_path / "scores.csv", "margin", on_plan(truth))
    write_truth(tmp_path / "firm", "margin", truth.rename({"p_margin_fall": "p"}))
    assert "margin.parquet lacks the columns p_margin_fall (docs/simulation.md has the format)" in refused(capsys, tmp_path / "firm", file)
    write_truth(tmp_path / "firm", "margin", truth.with_columns(p_margin_fall=pl.lit(1.5)))
    assert "p_margin_fall is no probability for 60 rows (J00, J01, J02, J03, J04)" in refused(capsys, tmp_path / "firm", file)
    (tmp_path / "firm" / "truth" / "margin.parquet").unlink()
    assert "margin.parquet is missing, which holds the truth of margin" in refused(capsys, tmp_path / "firm", file)
    (tmp_path / "firm" / "truth").rmdir()
    assert "has no folder truth/: only a simulated firm can be judged" in refused(capsys, tmp_path / "firm", file)


def test_scores_that_cannot_be_judged_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = on_plan(overrunning(tmp_path / "firm"))
    firm, good = tmp_path / "firm", write_scores(tmp_path / "good.csv", "margin", rows)
    unknown = write_scores(tmp_path / "unknown.csv", "weather", rows)
    assert "no risk 'weather' can be judged; there are collections, dispute, missing_time, margin" in refused(capsys, firm, unknown)
    assert "is no score file" in refused(capsys, firm, tmp_path / "none.csv")
    pl.read_csv(good).drop("as_of", "rank").write_csv(tmp_path / "narrow.csv")
    assert "narrow.csv lacks the columns as_of, rank: write it anew" in refused(capsys, firm, tmp_path / "narrow.csv")
    pl.read_csv(good).with_columns(as_of=pl.lit("yesterday")).write_csv(tmp_path / "undated.csv")
    assert "undated.csv cannot be read as scores" in refused(capsys, firm, tmp_path / "undated.csv")
    assert "margin J00 as of 2024-02-14T00:00Z is scored twice" in refused(capsys, firm, good, good)
    pl.read_csv(good).with_columns(kind=pl.lit("control")).write_csv(tmp_path / "controls.csv")
    assert "no row is of a risk" in refused(capsys, firm, tmp_path / "controls.csv")
    early = write_scores(tmp_path / "early.csv", "margin", rows.with_columns(as_of=pl.lit(datetime(2024, 1, 14, tzinfo=UTC))))
    assert "no score of margin can be judged: 60 without any truth" in refused(capsys, firm, early)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--capacity", "margin"), "write it as --capacity RISK=VALUE"),
        (("--capacity", "margin=most"), "write a share such as margin=0.15"),
        (("--capacity", "margin=0"), "a share lies above 0 and is at most 1"),
        (("--capacity", "weather=0.1"), "no risk 'weather' can be judged"),
        (("--target", "collections=never"), "collections has the targets late, late_30"),
    ],
)
def test_options_that_say_nothing_are_refused(capsys: pytest.CaptureFixture[str], option: tuple[str, str], said: str) -> None:
    assert said in refused(capsys, "firm", "scores.csv", *option)
