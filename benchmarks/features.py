"""What 25 point-in-time features cost: the engine beside queries by hand, the oracle, a bare scan and, if asked for, Featuretools.

    .venv/bin/python -m benchmarks.features --size S --repeat 3

makes the data in a temporary folder (S: 2 million time entries, 200,000 invoices, 100,000 spine rows; L: ten times the entities) and runs
each competitor in a process of its own, in turn, as often as asked. Wall, CPU (user and system, all threads) and spine rows a second are
medians, the peak is the highest. Starting Python, reading libraries and a first run on a few rows are not counted. What they say must be
the same to the last bit, or it ends with exit code 1.
"""

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from typing import Any, Final

import polars as pl
from polars import selectors

from benchmarks.feature_data import SIZES, Size, make

ENGINE: Final = "engine"
RUNS: Final[Mapping[str, str]] = {
    ENGINE: "feature_signals:by_engine",
    "polars_tuned": "feature_queries:by_polars_tuned",
    "polars": "feature_queries:by_polars",
    "duckdb_asof": "feature_sql:by_asof",
    "duckdb_naive": "feature_sql:by_inequality",
    "scan": "feature_sql:scanned",
}
"""Competitor -> module and function: one whose module is not named has not been read when another is measured."""
SAID: Final = {
    ENGINE: "Plumbline",
    "polars_tuned": "Polars by hand, one running sum over all keys",
    "polars": "Polars by hand, running sums by key and `join_asof`",
    "duckdb_asof": "DuckDB, running sums and ASOF joins",
    "duckdb_naive": "DuckDB, inequality join (the oracle)",
    "scan": "bare scan of the same columns (DuckDB)",
}
CHECKED: Final = tuple(name for name in RUNS if name != "scan")
TINY: Final = Size(people=3, clients=2, spine=40)
_ENTRIES_OF_TINY: Final = 60


def query(name: str) -> Callable[[Path], pl.DataFrame]:
    module, function = RUNS[name].split(":")
    found: Callable[[Path], pl.DataFrame] = getattr(import_module(f"benchmarks.{module}"), function)
    return found


def measured(name: str, folder: Path) -> dict[str, Any]:
    """Run in this process, which has done nothing else."""
    run = query(name)
    with TemporaryDirectory() as tiny:
        make(Path(tiny), TINY, entries_each=_ENTRIES_OF_TINY, invoices_each=_ENTRIES_OF_TINY)
        run(Path(tiny))
    before, started = getrusage(RUSAGE_SELF), time.perf_counter()
    found = run(folder)
    wall, after = time.perf_counter() - started, getrusage(RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"name": name, "wall": wall, "cpu": cpu, "peak_mb": after.ru_maxrss / 1024, "columns": hashes(found)}


def hashes(found: pl.DataFrame) -> dict[str, str]:
    """Column -> its bits, null as one value."""
    floats = found.select(selectors.numeric().cast(pl.Float64).fill_null(float("-inf")))
    return {one.name: hashlib.sha256(one.to_numpy().tobytes()).hexdigest() for one in floats}


def differences(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """Where competitors do not say what the engine says."""
    wanted: Mapping[str, str] = next((one["columns"] for one in results if one["name"] == ENGINE), {})
    return [
        f"{one['name']}: {column}"
        for one in results
        if one["name"] in CHECKED
        for column in {**wanted, **one["columns"]}
        if wanted.get(column) != one["columns"].get(column)
    ]


def summary(results: Sequence[Mapping[str, Any]], rows: int) -> list[dict[str, Any]]:
    found = []
    for name in dict.fromkeys(one["name"] for one in results):
        own = [one for one in results if one["name"] == name]
        wall, cpu = (statistics.median(one[part] for one in own) for part in ("wall", "cpu"))
        peak = max(one["peak_mb"] for one in own)
        found.append({"name": name, "wall_s": wall, "cpu_s": cpu, "peak_mb": peak, "rows_per_s": rows / wall, "runs": len(own)})
    return found


def table(lines: Sequence[Mapping[str, Any]]) -> str:
    """As Markdown, with each line's share of what the engine needs."""
    engine = next((line for line in lines if line["name"] == ENGINE), lines[0])
    head = ["", "wall s", "CPU s", "peak MB", "spine rows/s", "engine's CPU / its", "engine's wall / its"]
    cells = [
        [
            SAID[line["name"]],
            f"{line['wall_s']:.2f}",
            f"{line['cpu_s']:.2f}",
            f"{line['peak_mb']:,.0f}",
            "–" if line["name"] == "scan" else f"{line['rows_per_s']:,.0f}",
            f"{engine['cpu_s'] / line['cpu_s']:.2f}",
            f"{engine['wall_s'] / line['wall_s']:.2f}",
        ]
        for line in lines
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---", *["---:"] * (len(head) - 1)], *cells])


def _run(name: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.features", "--measure", name, "--data", str(folder)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment, cwd=Path(__file__).parents[1])
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def _compared(folder: Path, options: argparse.Namespace) -> int:
    size = SIZES[options.size]
    if not (folder / "spine.parquet").exists():
        make(folder, size)
    loads = [os.getloadavg()[0]]
    results = [_run(name, folder) for _ in range(options.repeat) for name in options.of]
    loads.append(os.getloadavg()[0])
    sample = _sampled(folder) if options.featuretools else None
    wrong = differences(results) + (sample["different"] if sample else [])
    lines = summary(results, size.spine)
    if options.json:
        print(
            json.dumps(
                {"size": options.size, "cores": os.cpu_count(), "loads": loads, "lines": lines, "sample": sample, "different": wrong}
            )
        )
    else:
        print(table(lines))
        print(f"\n{options.size}, {options.repeat} runs each; {os.cpu_count()} cores, load {loads[0]:.1f} before and {loads[1]:.1f} after")
        print(*(f"{name}: {value}" for name, value in (sample or {}).items()), sep="\n")
    for one in wrong:
        print(f"not the same: {one}", file=sys.stderr)
    return 1 if wrong else 0


def _sampled(folder: Path) -> dict[str, Any]:
    # Read here, since it reads the engine: a process that only starts others stays small, and theirs is the peak that is measured.
    from benchmarks.feature_sample import beside_featuretools  # noqa: PLC0415

    return beside_featuretools(folder)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="S")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--of", nargs="+", choices=RUNS, default=list(RUNS), help="competitors, instead of all")
    parser.add_argument("--data", type=Path, help="a folder that keeps the data for the next run, instead of a temporary one")
    parser.add_argument("--featuretools", action="store_true", help="install it in an environment of its own and run it on a sample")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--measure", choices=RUNS, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.measure:
        print(json.dumps(measured(options.measure, options.data)))
        return 0
    with TemporaryDirectory() as temporary:
        return _compared(options.data or Path(temporary), options)


if __name__ == "__main__":
    sys.exit(main())
