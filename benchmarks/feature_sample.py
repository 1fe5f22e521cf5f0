"""Featuretools with cutoff times beside the engine, on a sample: 20,000 time entries, 4,000 invoices, 200 spine rows."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import polars as pl

from benchmarks.feature_data import Size, make
from benchmarks.feature_signals import by_engine

SAMPLE: Final = Size(people=20, clients=20, spine=200)
PACKAGES: Final = ("featuretools==1.31.0", "pandas<3", "setuptools<81", "pyarrow")
"""The last release of Featuretools (2024) does not run on pandas 3, nor without pkg_resources."""
_CLOSE: Final = 1e-6
"""Days; its instants go through floats of seconds."""


def beside_featuretools(folder: Path) -> dict[str, Any]:
    """Its milliseconds for a spine row, the engine's, and the columns in which their values differ."""
    sample = folder / "sample"
    make(sample, SAMPLE)
    script = Path(__file__).with_name("feature_featuretools.py")
    told = json.loads(_output(str(_python(folder / "environment")), "-W", "ignore", str(script), str(sample)).splitlines()[-1])
    started = time.perf_counter()
    ours = by_engine(sample)
    took = time.perf_counter() - started
    theirs = pl.read_parquet(sample / "featuretools.parquet")
    wrong = [name for name in theirs.columns if not _close(ours[name], theirs[name])]
    return {
        "version": told["version"],
        "features": theirs.width,
        "ms_a_row": 1e3 * told["seconds"] / SAMPLE.spine,
        "engine_features": ours.width,
        "engine_ms_a_row": 1e3 * took / SAMPLE.spine,
        "different": [f"featuretools: {name}" for name in wrong],
    }


def _close(ours: pl.Series, theirs: pl.Series) -> bool:
    both = pl.DataFrame({"ours": ours, "theirs": theirs.fill_nan(None)})
    unlike = pl.col("ours").is_null() != pl.col("theirs").is_null()
    return both.filter(unlike | ((pl.col("ours") - pl.col("theirs")).abs() > _CLOSE)).is_empty()


def _python(environment: Path) -> Path:
    python = environment / "bin" / "python"
    if not python.exists():
        _output(sys.executable, "-m", "venv", str(environment))
        _output(str(python), "-m", "pip", "install", "--quiet", *PACKAGES)
    return python


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
