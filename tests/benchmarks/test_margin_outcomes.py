"""Margin on outcomes: who knows more than the truth has less loss, who knows less has more, and what has not ended is not judged."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.margin_outcomes import main, outcomes
from benchmarks.quality import USAGE
from tests.benchmarks.made_firm import write_scores, write_truth

PROJECTS = 400
RUNNING = 7
"""Of the projects, so many have not ended."""


def firm(work: Path, *, truth_knows: float, model_knows: float) -> Path:
    """Projects whose outcome is drawn from a likelihood; scores know a share of its log-odds, the ceiling none."""
    draw = np.random.default_rng(11)
    odds = draw.normal(-1, 2, PROJECTS)
    fell = draw.random(PROJECTS) < 1 / (1 + np.exp(-odds))
    named = {"project_id": [f"J{number:03}" for number in range(PROJECTS)]}

    def known(share: float) -> pl.Series:
        return pl.Series(1 / (1 + np.exp(1 - share * (odds + 1))))

    place = work / "made-1"
    (place / "firm").mkdir(parents=True)
    write_truth(
        place / "firm", "margin", pl.DataFrame({**named, "as_of_on": [date(2024, 2, 12)] * PROJECTS, "p_margin_fall": known(truth_knows)})
    )
    ended = np.arange(PROJECTS) >= RUNNING
    write_truth(place / "firm", "project", pl.DataFrame({**named, "ended": ended, "final_margin": [0.3] * PROJECTS, "fell": fell}))
    rows = pl.DataFrame({"entity_id": named["project_id"], "as_of": [datetime(2024, 2, 14, tzinfo=UTC)] * PROJECTS})
    for name, share in (("scores", model_knows), ("ceiling", 0.0)):
        write_scores(place / f"{name}-margin.parquet", "margin", rows.with_columns(probability=known(share)))
    return work


@pytest.mark.parametrize(("truth_knows", "model_knows", "sign"), [(0.3, 1.0, -1), (1.0, 0.3, 1)], ids=["more", "less"])
def test_who_knows_more_than_the_truth_has_less_loss(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], truth_knows: float, model_knows: float, sign: int
) -> None:
    work = firm(tmp_path, truth_knows=truth_knows, model_knows=model_knows)
    assert main([str(work), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    less = told["scorers"]["model"]["less_truth"]
    assert all(sign * end > 0 for end in less["log_loss"]["interval"])
    assert sign * less["auc"]["difference"] <= 0
    assert told["scorers"]["omniscient truth"]["less_truth"]["log_loss"] == {"difference": 0.0, "interval": [0.0, 0.0]}
    assert main([str(work)]) == 0
    assert "| model | " in capsys.readouterr().out


def test_what_has_not_ended_is_not_judged(tmp_path: Path) -> None:
    found = outcomes(firm(tmp_path, truth_knows=1.0, model_knows=1.0))
    assert len(np.unique(found.project)) == len(found.fell) == PROJECTS - RUNNING


def test_a_folder_without_firms_says_what_makes_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == USAGE
    assert "run python -m benchmarks.firms" in capsys.readouterr().err
