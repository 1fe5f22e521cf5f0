"""Controls beside the truth of simulated firms, and how fast they go over a million lines.

  python -m benchmarks.controls FIRM [FIRM ...] [--lines 1000000] [--page docs/controls_measured.md]

imports the folders that `plumbline simulate` wrote and tells, for each kind of injected error that a control can express, how many it
found, and for each control what it found beside them and why. With `--lines N` the first firm's records are laid side by side until they
hold N lines of time and of bills together, and all controls go over them; the reference is a bare scan of the same tables in the same run.
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl

from benchmarks.control_matching import judged
from benchmarks.control_traces import TRACES
from controls.catalog import CONTROLS, findings
from records.intake import LAKE, import_folder
from records.known import Known
from records.lake import Lake
from records.tables import TABLES

FAR: Final = datetime(2100, 1, 1, tzinfo=UTC)
NOW: Final = datetime(2030, 1, 1, tzinfo=UTC)
LINES: Final = ("time_entry", "invoice_line")
"""What a control goes over line by line."""
BEGINS, ENDS = "<!-- controls: made by benchmarks.controls -->", "<!-- controls: end -->"
"""Between them a page holds what is said here."""

Judged = tuple[pl.DataFrame, pl.DataFrame]


class Wide(Lake):
    """The records of a lake as often as it takes to make so many lines, under other names each time; in memory."""

    def __init__(self, lake: Lake, *, lines: int) -> None:
        super().__init__(lake.root)
        self.times = -(-lines // sum(lake.read(table).select(pl.len()).collect().item() for table in LINES))
        self.held: dict[str, pl.DataFrame] = {}
        """The tables that were asked for."""

    def read(self, table: str, *, version: int | None = None) -> pl.LazyFrame:
        if table not in self.held:
            declared = TABLES[table]
            named = [column.name for column in declared.columns if column.references] + [name for name in declared.key if name != "day"]
            rows = super().read(table, version=version)
            copies = (
                rows.with_columns((pl.lit(f"{number}-") + pl.col(name)).alias(name) for name in dict.fromkeys(named))
                for number in range(self.times)
            )
            self.held[table] = pl.concat(copies).collect()
        return self.held[table].lazy()


def timed(lake: Wide) -> str:
    """CPU seconds of a bare scan of the tables that controls read and of all controls, the memory that the run took, and over how much.

    Both begin with the tables in memory. The scan takes one aggregate of each column: what reading every value once costs.
    """
    for table in lake.versions():
        lake.read(table)
    begun = time.process_time()
    for rows in lake.held.values():
        rows.select(pl.all().hash().sum())
    scanned = time.process_time()
    Known(lake, until=FAR).derived(findings)
    scan, spent = scanned - begun, time.process_time() - scanned
    held = {table: lake.held[table].height for table in LINES}
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return (
        f"{sum(held.values()):,} lines ({held['time_entry']:,} of time, {held['invoice_line']:,} of bills): all {len(CONTROLS)} controls "
        f"{spent:.1f} CPU s, bare scan {scan:.1f} CPU s, ratio {spent / scan:.1f}; {most:,} MiB at most, tables and all."
    )


def page(firms: Mapping[str, Judged], speed: str) -> str:
    """The tables of all firms as Markdown."""
    return "\n".join([*_errors(firms), "", *_controls(firms), "", *_silent(firms), *(["", speed] if speed else [])])


def _errors(firms: Mapping[str, Judged]) -> Iterator[str]:
    yield from _head("error", [f"{name}: found of injected" for name in firms], then="recall")
    by_kind = [{row["error"]: row for row in kinds.to_dicts()} for kinds, _ in firms.values()]
    for kind in by_kind[0]:
        rows = [of[kind] for of in by_kind]
        nothing = [f" ({row['changed nothing']} changed nothing)" if row["changed nothing"] else "" for row in rows]
        expected = sum(row["injected"] - row["changed nothing"] for row in rows)
        told = [f"{row['found']} of {row['injected']}{said}" for row, said in zip(rows, nothing, strict=True)]
        yield _row(f"`{kind}`", told, _share(sum(row["found"] for row in rows), expected))


def _controls(firms: Mapping[str, Judged]) -> Iterator[str]:
    yield from _head("control", [f"{name}: error, firm, other, none" for name in firms], then="precision | what of the firm")
    by_name = [{row["control"]: row for row in controls.to_dicts()} for _, controls in firms.values()]
    for control in CONTROLS:
        rows = [of[control.name] for of in by_name]
        every = sum(row["found"] for row in rows)
        if every == 0:
            continue
        told = [f"{row['its error']}, {row['the firm']}, {row['another']}, {row['unexplained']}" for row in rows]
        traced = TRACES[control.name][0] if control.name in TRACES else ""
        yield _row(f"`{control.name}`", told, f"{_share(every - sum(row['unexplained'] for row in rows), every)} | {traced}")


def _silent(firms: Mapping[str, Judged]) -> Iterator[str]:
    found = pl.concat(controls for _, controls in firms.values()).group_by("control", maintain_order=True).agg(pl.col("found").sum())
    silent = found.filter(pl.col("found") == 0)["control"].to_list()
    yield f"Silent, where nothing of the kind was put: {', '.join(f'`{name}`' for name in silent)}."


def _head(first: str, columns: list[str], *, then: str) -> Iterator[str]:
    yield _row(first, columns, then)
    yield _row("---", ["---"] * len(columns), " | ".join("---" for _ in then.split("|")))


def _row(first: str, columns: list[str], last: str) -> str:
    return f"| {first} | {' | '.join(columns)} | {last} |"


def _share(part: int, of: int) -> str:
    return f"{100 * part / of:.1f} %" if of else "–"


def marked(file: Path, said: str, *, begins: str, ends: str) -> None:
    """Put what is said between two marks of a page. Raises SystemExit when it has none."""
    before, found, rest = file.read_text(encoding="utf-8").partition(begins)
    _, ended, after = rest.partition(ends)
    if not ended:
        raise SystemExit(f"{file} has no place for the tables: write {begins} and {ends} into it")
    file.write_text(f"{before}{found}\n\n{said}\n\n{ended}{after}", encoding="utf-8")


def _imported(firm: Path, home: Path) -> Lake:
    home.mkdir(parents=True, exist_ok=True)
    import_folder(firm, home, now=NOW)
    return Lake(home / LAKE)


def main(given: list[str]) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("firms", type=Path, nargs="+", metavar="FIRM", help="folder that `plumbline simulate` wrote")
    arguments.add_argument("--lines", type=int, default=0, help="also go over so many lines of time and bills")
    arguments.add_argument("--page", type=Path, metavar="FILE", help=f"write the tables into a page, between {BEGINS} and {ENDS}")
    asked = arguments.parse_args(given)
    with TemporaryDirectory() as home:
        lakes = {_named(firm): _imported(firm, Path(home) / str(place)) for place, firm in enumerate(asked.firms)}
        # Before anything else is in memory, so that the most it took is its own.
        speed = timed(Wide(next(iter(lakes.values())), lines=asked.lines)) if asked.lines else ""
        truths = [pl.read_parquet(firm / "truth" / "fault.parquet") for firm in asked.firms]
        said = page({name: judged(Known(lake, until=FAR), of) for (name, lake), of in zip(lakes.items(), truths, strict=True)}, speed)
    if asked.page is not None:
        marked(asked.page, said, begins=BEGINS, ends=ENDS)
    else:
        print(said)


def _named(firm: Path) -> str:
    return firm.parent.name if firm.name == "firm" else firm.name


if __name__ == "__main__":
    main(sys.argv[1:])
