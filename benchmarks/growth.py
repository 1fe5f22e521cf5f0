"""How the simulator grows with the firm: seconds and memory of 250, 2,500 and 10,000 people, and of 250 over three years.

Each firm is simulated in a process of its own, one thread, into a folder that is deleted.
Run it from the checkout: .venv/bin/python -m benchmarks.growth
It takes a few minutes and needs about 3 GiB of memory and 2 GB of disk. Stop other work first: seconds are those of the clock.
"""

import math
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl
import pyarrow.parquet as pq

from simulation.firm import simulate

SIZES: Final = ((250, 24), (250, 36), (2_500, 24), (10_000, 24))
LIMITS: Final = {(250, 36): (60, 2_048), (10_000, 24): (1_800, 6_144)}
"""By people and months: most seconds, and most MiB, that a firm may take."""
ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
SEED: Final = 7


@dataclass(frozen=True)
class Run:
    people: int
    months: int
    seconds: float
    work_seconds: float
    """Of the processor: what the clock would have shown on a machine of its own."""
    mebibytes: int
    entries: int
    invoices: int

    @property
    def within(self) -> str:
        limit = LIMITS.get((self.people, self.months))
        if limit is None:
            return ""
        kept = self.seconds <= limit[0] and self.mebibytes <= limit[1]
        return f"{'within' if kept else 'OVER'} {limit[0]:,} s, {limit[1]:,} MiB"


def measured(people: int, months: int) -> Run:
    """Start this file anew for one firm, and read what it prints of itself."""
    with TemporaryDirectory() as home:
        begun = time.perf_counter()
        told = subprocess.run(
            [sys.executable, __file__, home, str(people), str(months)],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | ONE_THREAD,
        )
        seconds = time.perf_counter() - begun
        mebibytes, work_seconds = told.stdout.split()
        entries = pq.ParquetFile(Path(home) / "time_entry.parquet").metadata.num_rows
        invoices = pl.read_csv(Path(home) / "invoice.csv", columns=["invoice_id"])["invoice_id"].n_unique()
    return Run(people, months, seconds, float(work_seconds), int(mebibytes), entries, invoices)


def one(directory: Path, people: int, months: int) -> None:
    simulate(directory, people=people, months=months, seed=SEED)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_maxrss // 1024, used.ru_utime + used.ru_stime)


def table(runs: list[Run]) -> str:
    head = ["people", "months", "time entries", "invoices", "seconds", "of processor", "MiB at most", "limit"]
    cells = [
        [
            f"{run.people:,}", str(run.months), f"{run.entries:,}", f"{run.invoices:,}", f"{run.seconds:.1f}", f"{run.work_seconds:.1f}",
            f"{run.mebibytes:,}", run.within,
        ]
        for run in runs
    ]  # fmt: skip
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *cells])


def ratios(runs: list[Run]) -> str:
    """From each size of the same length to the next, and from the least to the most: growth, brought to ten times the people."""
    by_size = sorted((run for run in runs if run.months == SIZES[0][1]), key=lambda run: run.people)
    head = ["from", "to", "time entries", "seconds", "of processor", "MiB"]
    rows = [head, ["---"] * len(head)]
    for small, large in [*pairwise(by_size), (by_size[0], by_size[-1])]:
        tens = math.log10(large.people / small.people)
        pairs = (
            (large.entries, small.entries), (large.seconds, small.seconds), (large.work_seconds, small.work_seconds),
            (large.mebibytes, small.mebibytes),
        )  # fmt: skip
        rows.append([f"{small.people:,}", f"{large.people:,}", *(f"x {(more / less) ** (1 / tens):.1f}" for more, less in pairs)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def main() -> int:
    if len(sys.argv) > 1:
        directory, people, months = sys.argv[1:]
        one(Path(directory), int(people), int(months))
        return 0
    runs = [measured(people, months) for people, months in SIZES]
    print(f"{table(runs)}\n\nGrowth for ten times the people:\n\n{ratios(runs)}")
    return int(any(run.within.startswith("OVER") for run in runs))


if __name__ == "__main__":
    sys.exit(main())
