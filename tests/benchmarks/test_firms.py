"""The runner on a small firm: what it leaves behind, that it goes on where it stopped, and what it says."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.firms import BEGINS, ENDS, capacity, main
from benchmarks.learned import INSTANTS, Firm
from benchmarks.quality import USAGE
from benchmarks.truths import read_scores
from models.catalog import RISKS
from models.numbers import compute
from models.prior import shipped
from records.known import Known, instant_of
from simulation.plan import Plan
from training.history import history
from training.train import learn


def test_a_firm_is_learned_from_for_seven_tenths_of_its_months_and_scored_after_them() -> None:
    firm = Firm(Plan(people=40, months=20, seed=41), Path("nowhere"))
    assert firm.learned_until == date(2024, 2, 29)
    for risk in RISKS:
        instants = list(INSTANTS[risk.name](firm))
        assert instants == sorted(set(instants))
        assert instant_of(firm.learned_until) < instants[0]
        assert instants[-1] <= firm.ends
        assert len(instants) >= 12


@pytest.mark.parametrize("risk", RISKS, ids=lambda risk: risk.name)
def test_a_night_of_the_score_file_is_what_a_scoring_of_that_night_says(risk: object, small: Firm) -> None:
    declared = next(one for one in RISKS if one is risk)
    told = read_scores([small.place / f"scores-{declared.name}.parquet"])
    night = told["as_of"].unique().sort()[2]
    bundle = learn(history(small.lake, declared, until=instant_of(small.learned_until)), now=night, prior=shipped(declared))
    alone = compute(Known(small.lake, until=night), declared, bundle, instants=[night])
    rows = told.filter(pl.col("as_of") == night)
    assert rows["entity_id"].to_list() == alone.rows[declared.key].to_list()
    np.testing.assert_allclose(rows["probability"].to_numpy(), alone.probability[alone.decides])


def test_what_is_done_is_not_done_again_and_the_page_says_it_by_mechanism_and_firm(small: Firm, capsys: pytest.CaptureFixture[str]) -> None:
    before = {file.name: file.stat().st_mtime_ns for file in small.place.iterdir()}
    arguments = [str(small.place.parent), "--firms", "additive=41", "--people", "40", "--months", "20"]
    assert main(arguments) == 0
    assert {file.name: file.stat().st_mtime_ns for file in small.place.iterdir()} == before
    said = capsys.readouterr().out
    for risk in RISKS:
        assert f"| {risk.name}: " in said
    assert said.count("| additive 41 |") == len(RISKS)
    assert main([*arguments, "--risk", "dispute", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["pooled"]
    assert [(one["risk"], one["mechanism"]) for one in found] == [("dispute", "additive"), ("dispute", "all")]
    assert found[0]["share_of_reachable_gain"] == found[1]["share_of_reachable_gain"]


def test_a_tenth_of_all_sheets_is_more_than_a_tenth_of_those_that_lack_days(small: Firm) -> None:
    told = pl.read_parquet(small.place / "ceiling-missing_time.parquet")
    share = capacity(small, small.place / "ceiling-missing_time.parquet")
    weeks = told["as_of"].n_unique()
    assert 0.15 < share < 0.9
    # Forty people, a few of them away: a tenth is three or four sheets a week.
    assert 2.5 < share * told.height / weeks < 4.5


def test_the_tables_go_into_a_page_in_their_place(small: Firm, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [str(small.place.parent), "--firms", "additive=41", "--people", "40", "--months", "20", "--page"]
    page = tmp_path / "page.md"
    page.write_text(f"# Before\n\n{BEGINS}\nyesterday\n{ENDS}\n\nAfter\n")
    for _ in range(2):
        assert main([*arguments, str(page)]) == 0
        text = page.read_text()
        assert text.startswith(f"# Before\n\n{BEGINS}\n\n40 people and 20 months each, learned from until 2024-02-29")
        assert text.endswith(f"{ENDS}\n\nAfter\n")
        assert text.count("| additive 41 |") == len(RISKS)
        assert "yesterday" not in text
    page.write_text("# Nothing\n")
    assert main([*arguments, str(page)]) == USAGE
    assert "has no place for the tables" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["--firms", "weather=1"], "'weather' is no mechanism"), (["--risk", "weather"], "no risk is called 'weather'")],
)
def test_what_cannot_be_run_is_refused(arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), *arguments]) == USAGE
    assert says in capsys.readouterr().err
