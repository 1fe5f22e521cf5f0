"""A small simulated firm, learned from, scored and judged once for all tests that look at what came of it."""

from pathlib import Path

import pytest

from benchmarks.firms import judge
from benchmarks.learned import Firm
from models.catalog import RISKS
from simulation.plan import Plan


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """Shared, so only read."""
    firm = Firm(Plan(people=40, months=20, seed=41), tmp_path_factory.mktemp("firms") / "additive-41")
    firm.place.mkdir()
    for risk in RISKS:
        judge(firm, risk, draws=20)
    return firm


@pytest.fixture(scope="session")
def place(small: Firm) -> Path:
    return small.place
