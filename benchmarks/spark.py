"""What the same frames cost on Spark and in one process, at growing sizes, compared to the last bit.

    .venv/bin/python -m benchmarks.spark [PEOPLE ...]

For each size a firm is simulated and imported; then the frames of all risks at the end of its records are made, each way in a process of
its own, and every value is compared. Told are seconds of the clock and of the processor, and the most memory that each process has held: on
Spark that of the driver (Python and Java apart) and of the largest worker. Start-up is counted, and told by itself.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl

from features.divisions import needs
from features.frame import build
from features.spark import Records, session
from models.catalog import RISKS
from models.spine import at_instants
from records.known import Known
from records.lake import Lake

SIZES: Final = (100, 400, 1600)
MONTHS: Final = 12
SEED: Final = 17
CORES: Final = 2
ROWS_IN_A_BUCKET: Final = 100_000
"""A twentieth of what features.spark takes, so that firms that fit on this machine fall into as many buckets as greater ones would."""
_TICK: Final = os.sysconf("SC_CLK_TCK")
Row = tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """One way at one size."""

    way: str
    seconds: float
    starting: float
    processor: float
    mebibytes: dict[str, int]
    """By process: the most that it, or the largest of its kind, has held."""
    spread: float
    """Seconds of the processor until the records lay in their buckets."""


def firm(home: Path, people: int) -> int:
    """A firm as a lake below `home`; the rows of its records."""
    with TemporaryDirectory() as files:
        for command in (("simulate", files, "--people", str(people), "--months", str(MONTHS), "--seed", str(SEED)), ("import", files)):
            told = [sys.executable, "-m", "plumbline", *command]
            subprocess.run(told, check=True, capture_output=True, env=os.environ | {"PLUMBLINE_HOME": str(home)})
    lake = Lake(home / "lake")
    return sum(lake.read(name).select(pl.len()).collect().item() for name in lake.versions())


def one(way: str, home: Path, rows: int) -> None:
    """Make every frame one way, leave them beside the lake, and print what it took."""
    begun = time.perf_counter()
    lake = Lake(home / "lake")
    until = lake.last_recorded() or datetime.max.replace(tzinfo=UTC)
    known, spread, ready = Known(lake, until=until), 0.0, begun
    spines = {risk.name: at_instants(known, risk, [until]) for risk in RISKS}
    frames, held = {}, Counter[str]()
    if way == "here":
        frames = {risk.name: build(known, spines[risk.name], risk.computed) for risk in RISKS}
    else:
        spark = session(f"local[{CORES}]")
        ready = time.perf_counter()
        needed = needs([signal for risk in RISKS for signal in risk.computed], until).values()
        with Records(spark, lake, until=until, buckets=max(CORES, rows // ROWS_IN_A_BUCKET)) as records:
            for division in dict.fromkeys(one.division for one in needed):
                tables = frozenset().union(*(one.tables for one in needed if one.division is division))
                records.spread(division, tables).count()
            spread = sum(took for _, took, _ in _processes())
            for risk in RISKS:
                frames[risk.name] = records.build(spines[risk.name], risk.computed)
                held |= _peaks()
    for name, frame in frames.items():
        frame.write_parquet(home / f"{name}.{way}.parquet")
    held |= _peaks()
    processor = sum(took for _, took, _ in _processes())
    print(json.dumps(asdict(Run(way, time.perf_counter() - begun, ready - begun, processor, dict(held), spread))))


def _peaks() -> Counter[str]:
    """By kind, the most MiB that a process has held; of workers those that Spark has not ended, as it does after a minute of idling."""
    found: Counter[str] = Counter()
    for kind, _, peak in _processes():
        found |= Counter({kind: peak})
    return found


def _processes() -> Iterator[tuple[str, float, int]]:
    """Kind, seconds of the processor (with those of children that have ended) and most MiB of this process and all below it."""
    below: dict[int, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            below.setdefault(int(_stat(place)[1]), []).append(int(place.parent.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    waiting = [os.getpid()]
    while waiting:
        process = waiting.pop()
        waiting += below.get(process, [])
        found = Path(f"/proc/{process}")
        try:
            name, used, status = (found / "comm").read_text().strip(), _stat(found / "stat"), (found / "status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        kind = "driver" if process == os.getpid() else "Java" if name == "java" else "worker"
        # One that has ended and not been waited for holds nothing any more.
        peak = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
        yield kind, sum(int(part) for part in used[11:15]) / _TICK, peak // 1024


def _stat(place: Path) -> list[str]:
    """The fields of a process after its name, which may hold blanks."""
    return place.read_text().rpartition(")")[2].split()


def measured(way: str, home: Path, rows: int) -> Run:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.spark", way, str(home), str(rows)],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"POLARS_MAX_THREADS": str(CORES), "OMP_NUM_THREADS": "1"},
    )
    return Run(**json.loads(ran.stdout.splitlines()[-1]))


def alike(home: Path) -> int:
    """How many values of all frames were compared, all of them the same to the last bit. Raises ValueError for the first that is not."""
    compared = 0
    for risk in RISKS:
        here, there = (pl.read_parquet(home / f"{risk.name}.{way}.parquet") for way in ("here", "spark"))
        differing = [name for name in here.columns if _bits(here[name]) != _bits(there[name])]
        if differing or here.schema != there.schema:
            raise ValueError(f"{risk.name} on Spark is another: {', '.join(differing)}")
        compared += here.height * here.width
    return compared


def _bits(values: pl.Series) -> list[object]:
    return [value.hex() if isinstance(value, float) else value for value in values.to_list()]


def main() -> int:
    if sys.argv[1:2] in (["here"], ["spark"]):
        way, place, counted = sys.argv[1:]
        one(way, Path(place), int(counted))
        return 0
    head = (
        "people",
        "rows",
        "",
        "clock s",
        "of it starting",
        "processor s",
        "of it spreading",
        "MiB driver",
        "Java",
        "largest worker",
        "alike",
    )
    print("| " + " | ".join(head) + " |\n" + "| ---: " * len(head) + "|")
    for people in [int(size) for size in sys.argv[1:]] or SIZES:
        with TemporaryDirectory() as home:
            rows = firm(Path(home), people)
            runs = [measured(way, Path(home), rows) for way in ("here", "spark")]
            compared = f"{alike(Path(home)):,}"
            for run in runs:
                held = [f"{run.mebibytes[kind]:,}" if kind in run.mebibytes else "" for kind in ("driver", "Java", "worker")]
                took = [f"{figure:.1f}" for figure in (run.seconds, run.starting, run.processor, run.spread)]
                print("| " + " | ".join([f"{people:,}", f"{rows:,}", run.way, *took, *held, compared]) + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
