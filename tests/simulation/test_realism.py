"""Every firm falls into the published ranges: simulation/figures.py holds them, docs/realism.md shows them beside what was published."""

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from simulation.draws import Draws
from simulation.figures import CONTRACTS, RANGES, REASONS, figures, first_entries, normal_fit, skewness
from simulation.firm import simulate

SEEDS = (7, 8, 9, 10, 11)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    found = {}
    for seed in SEEDS:
        found[seed] = tmp_path_factory.mktemp(f"firm-{seed}")
        simulate(found[seed], people=120, months=24, seed=seed)
    return found


@pytest.fixture(scope="module")
def firms(folders: dict[int, Path]) -> dict[int, dict[str, float]]:
    return {seed: figures(directory) for seed, directory in folders.items()}


@pytest.mark.parametrize("figure", RANGES)
def test_the_figure_of_every_firm_lies_in_its_range(firms: dict[int, dict[str, float]], figure: str) -> None:
    allowed = RANGES[figure]
    outside = {seed: round(found[figure], 3) for seed, found in firms.items() if not allowed.low <= found[figure] <= allowed.high}
    assert not outside, f"{figure} outside {allowed.low}-{allowed.high}: {outside}"


@pytest.mark.parametrize("figure", [name for name in RANGES if name != "lateness_fit"])
def test_firms_differ(firms: dict[int, dict[str, float]], figure: str) -> None:
    assert len({round(found[figure], 5) for found in firms.values()}) == len(SEEDS)


def test_every_figure_has_a_range(firms: dict[int, dict[str, float]]) -> None:
    assert set(firms[SEEDS[0]]) == set(RANGES)


def test_the_page_shows_the_figures_that_the_firms_have(firms: dict[int, dict[str, float]]) -> None:
    page = (ROOT / "docs" / "realism.md").read_text()
    for name, allowed in RANGES.items():
        measured = " | ".join(f"{found[name]:.3f}" for found in firms.values())
        row = f"| {name} | {allowed.low:g} to {allowed.high:g} | {measured} | {allowed.published} |"
        assert row in page, "measure anew: .venv/bin/python -m benchmarks.realism"


def test_the_page_has_its_pictures_and_each_is_small() -> None:
    shown = set(re.findall(r"\]\((realism/\w+\.svg)\)", (ROOT / "docs" / "realism.md").read_text()))
    there = {path.relative_to(ROOT / "docs").as_posix(): path.stat().st_size for path in (ROOT / "docs" / "realism").iterdir()}
    assert shown == set(there)
    assert max(there.values()) < 100_000


def test_every_dispute_has_one_kind_of_reason_and_every_project_one_kind_of_contract(
    folders: dict[int, Path], firms: dict[int, dict[str, float]]
) -> None:
    for seed, found in firms.items():
        assert sum(found[f"disputes_{kind}"] for kind in REASONS) == pytest.approx(1.0)
        assert set(pl.read_csv(folders[seed] / "contract.csv")["kind"]) == set(CONTRACTS)


def test_missing_weeks_are_those_whose_time_came_after_the_deadline(folders: dict[int, Path]) -> None:
    """No week comes late that was in time by the truth; a missing one leaves no late entry when its last days were off."""
    for directory in folders.values():
        late = first_entries(directory).group_by("person_id", "week").agg(late=(pl.col("late_days") > 0).any())
        told = pl.read_parquet(directory / "truth" / "week.parquet").unique(["person_id", "week"])
        both = told.join(late, on=["person_id", "week"])
        assert both.filter(pl.col("late") & ~pl.col("missing")).is_empty()
        assert both.filter("missing")["late"].cast(pl.Float64).mean() > 0.8  # type: ignore[operator]


def test_the_lateness_of_another_shape_would_be_told_from_a_log_normal() -> None:
    draws, at = Draws(1), np.arange(1_000, dtype=np.int64)
    fitting, waiting = np.log(draws.lognormal(2.2, 1.0, "test", at)), np.log(draws.exponential(2.2, "test", at))
    assert normal_fit(fitting) > RANGES["lateness_fit"].low > normal_fit(waiting)
    assert RANGES["lateness_skew"].low < skewness(fitting) < RANGES["lateness_skew"].high
    assert skewness(waiting) < RANGES["lateness_skew"].low
