"""Each import contract in pyproject.toml, tried on a small house with one forbidden import in it."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
CONTRACTS: Final = [
    contract["id"] for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
]

FORBIDDEN: Final = (
    ("floors", "records/lake.py", "import features"),
    ("floors", "training/fit.py", "import service"),
    ("floors", "service/jobs.py", "import training"),
    ("floors", "controls/catalog.py", "import models.risk"),
    ("front-door", "service/jobs.py", "import plumbline"),
    ("simulation", "training/fit.py", "import simulation"),
    ("shipped", "records/lake.py", "import tests"),
    ("shipped", "plumbline/cli.py", "import benchmarks.speed"),
    ("controls", "controls/po_missing.py", "import controls.cap_exceeded"),
    ("controls", "controls/facts/bills.py", "import controls.po_missing"),
    ("service-only", "models/risk.py", "import sqlalchemy.orm"),
    ("service-only", "training/fit.py", "import jinja2"),
    ("mlflow", "service/jobs.py", "import mlflow"),
    ("mlflow", "models/risk.py", "import mlflow.lightgbm"),
    ("serving", "service/jobs.py", "import pandas"),
    ("serving", "service/jobs.py", "import models.registry"),
    ("spark", "features/payments.py", "import pyspark.sql"),
    ("spark", "service/jobs.py", "import pyspark"),
    ("language-model", "service/jobs.py", "import openai"),
    ("connections", "service/jobs.py", "import httpx"),
    ("connections", "records/lake.py", "import socket"),
)

ALLOWED: Final = {
    "plumbline/cli.py": "import service, training, simulation, models.catalog",
    "training/fit.py": "import mlflow, pandas, sklearn, models.registry",
    "service/jobs.py": "import fastapi, sqlalchemy, jinja2, models.catalog",
    "service/assist/wording.py": "import openai, httpx",
    "records/transport.py": "import httpx, socket",
    "records/lake.py": "import polars",
    "models/registry.py": "import mlflow, models.risk",
    "models/catalog.py": "import models.dispute, models.margin",
    "models/dispute.py": "import models.risk, features",
    "models/margin.py": "import models.risk, features",
    "models/risk.py": "import features",
    "controls/catalog.py": "import controls.po_missing, controls.cap_exceeded",
    "controls/po_missing.py": "import controls.control, controls.facts.bills",
    "controls/cap_exceeded.py": "import controls.control",
    "controls/control.py": "import records.lake, controls.facts.spans",
    "controls/facts/spans.py": "import records.known",
    "controls/facts/bills.py": "import records.known, controls.facts.spans",
    "features/payments.py": "import controls.control",
    "features/spark.py": "import pyspark.sql",
    "simulation/draws.py": "import records.lake",
}
"""The small house: what each floor may import, at its fullest."""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path, imports in ALLOWED.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{imports}\n")
    for folder in {parent for path in ALLOWED for parent in Path(path).parents} - {Path()}:
        (tmp_path / folder / "__init__.py").touch()
    return tmp_path


def broken_in(house: Path, *contracts: str) -> str:
    """What lint-imports says of the house; empty when every contract is kept."""
    named = [word for contract in contracts for word in ("--contract", contract)]
    ended = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache", *named],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts:" in ended.stdout, ended.stdout + ended.stderr
    return ended.stdout if ended.returncode else ""


def test_what_is_allowed_keeps_every_contract(house: Path) -> None:
    assert not broken_in(house)


@pytest.mark.parametrize(("contract", "path", "line"), FORBIDDEN)
def test_a_forbidden_import_breaks_its_contract(contract: str, path: str, line: str, house: Path) -> None:
    with (house / path).open("a") as file:
        file.write(f"{line}\n")
    assert "BROKEN" in broken_in(house, contract)


def test_every_contract_is_tried() -> None:
    assert {contract for contract, *_ in FORBIDDEN} == set(CONTRACTS)
