"""Every firm falls into the published ranges: modeling.md 2.5 says which, simulation/figures.py where they come from."""

import pytest

from simulation.figures import RANGES, figures
from simulation.firm import simulate

SEEDS = (7, 8, 9, 10, 11)


@pytest.fixture(scope="module")
def firms(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, float]]:
    found = {}
    for seed in SEEDS:
        directory = tmp_path_factory.mktemp(f"firm-{seed}")
        simulate(directory, people=120, months=24, seed=seed)
        found[seed] = figures(directory)
    return found


@pytest.mark.parametrize("figure", RANGES)
def test_the_figure_of_every_firm_lies_in_its_range(firms: dict[int, dict[str, float]], figure: str) -> None:
    allowed = RANGES[figure]
    outside = {seed: round(found[figure], 3) for seed, found in firms.items() if not allowed.low <= found[figure] <= allowed.high}
    assert not outside, f"{figure} outside {allowed.low}-{allowed.high}: {outside}"


def test_firms_differ(firms: dict[int, dict[str, float]]) -> None:
    assert len({round(found["share_late"], 4) for found in firms.values()}) == len(SEEDS)


def test_every_figure_has_a_range(firms: dict[int, dict[str, float]]) -> None:
    assert set(firms[SEEDS[0]]) == set(RANGES)
