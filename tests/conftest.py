"""What every test may ask for."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

FOLDERS = (
    *("plumbline", "records", "controls", "features", "models", "training", "service", "simulation"),
    *("benchmarks", "notebooks", "tests", "requirements", "docs", ".ci"),
)
VENDORED = "/vendor/"


@pytest.fixture(scope="session")
def tree() -> dict[str, str]:
    """Every text file of the project: path below its root -> text. Needs no git, so that it holds in an unpacked archive too."""
    beside = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]
    below = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    named = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in sorted(beside + below)}
    return {name: raw.decode() for name, raw in named.items() if b"\0" not in raw and VENDORED not in name}


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the checkout; without it a test skips, and under CI it fails."""
    if not SHARED.is_dir():
        _without(f"no real data at {SHARED}")
    return SHARED / "data"


def _without(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"{reason}: CI must not skip this")
    pytest.skip(reason)


SMALL: Final = (
    # Compiling and replanning a query cost more than they bring on tables of a hundred rows.
    "--conf spark.sql.codegen.wholeStage=false --conf spark.sql.codegen.factoryMode=NO_CODEGEN"
    " --conf spark.sql.adaptive.enabled=false"
    " --driver-java-options -XX:TieredStopAtLevel=1 pyspark-shell"
)


@pytest.fixture(scope="session")
def spark() -> "Iterator[SparkSession]":
    """One Spark for all tests: it lives in a process of its own and takes seconds to start."""
    if shutil.which("java") is None:
        _without("no java on the PATH, which Spark runs on")
    from features.spark import session  # noqa: PLC0415  # tests that need no Spark do not wait for it

    os.environ["PYSPARK_SUBMIT_ARGS"] = SMALL
    made = session("local[2]")
    del os.environ["PYSPARK_SUBMIT_ARGS"]
    made.sparkContext.setLogLevel("ERROR")
    yield made
    made.stop()
