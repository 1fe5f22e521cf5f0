"""How long it takes to say what is unusual of one night's entries, and of all that are not billed yet, beside a bare scan of the columns.

`python -m benchmarks.anomaly_speed HOME [DAY]`: a home with imported records; without a day the last one on which billable time was worked.
"""

import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

import polars as pl

from features.residuals import HISTORY_DAYS
from features.windows import AS_OF
from models.estimators.worst_tail import WorstTail
from models.unusual import looked_at, most_unusual, values_of
from models.unusual_time import UNUSUAL_TIME
from records.known import DAY, ENTER, Known, instant_of, micros
from records.lake import Lake
from training.anomalies import past

COLUMNS: Final = ("entry_id", "person_id", "project_id", "worked_on", "minutes", "billable", "role", "bill_rate", "currency", "narrative")


def timed(name: str, work: Callable[[], int]) -> float:
    wall, spent = perf_counter(), process_time()
    rows = work()
    seconds = process_time() - spent
    print(f"| {name} | {rows:,} | {perf_counter() - wall:.1f} | {seconds:.1f} |", flush=True)
    return seconds


def last_worked_on(lake: Lake) -> date:
    days = lake.read("time_entry", version=lake.versions()["time_entry"]).filter(pl.col("billable")).select(pl.col("worked_on").max())
    found = days.collect().item()
    if not isinstance(found, date):
        raise TypeError("these records hold no billable time")
    return found


def main(home: Path, day: date | None) -> None:
    lake = Lake(home / "lake")
    as_of = instant_of(day or last_worked_on(lake))
    versions = lake.versions()

    def scan() -> int:
        since = as_of - timedelta(days=HISTORY_DAYS)
        rows = lake.read("time_entry", version=versions["time_entry"]).filter(pl.col("recorded_at").is_between(since, as_of))
        return rows.select(*COLUMNS, "recorded_at").collect().height

    def night() -> int:
        known = Known(lake, until=as_of, versions=versions)
        facts = known.derived(UNUSUAL_TIME.past).frame.filter(pl.col(ENTER) > micros(as_of) - DAY)
        rows = facts.with_columns(pl.col(ENTER).alias(AS_OF)).collect()
        return UNUSUAL_TIME.measure(known, rows).height

    def everything() -> int:
        known = Known(lake, until=as_of, versions=versions)
        most_unusual(known, UNUSUAL_TIME, tail, as_of=as_of)
        return looked_at(known, UNUSUAL_TIME, as_of=as_of).height

    known = Known(lake, until=as_of, versions=versions)
    print("| | rows | seconds | of processor |\n| --- | --- | --- | --- |")
    tail = WorstTail.fit(values_of(UNUSUAL_TIME, past(known, UNUSUAL_TIME)), UNUSUAL_TIME.residuals)
    bare = timed("bare scan of the columns", scan)
    one = timed("one night's entries", night)
    every = timed("all that are looked at", everything)
    print(f"\nOne night costs {one / bare:.1f} times a bare scan, all that are looked at {every / bare:.1f} times.")


if __name__ == "__main__":
    main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]) if len(sys.argv) > 2 else None)  # noqa: PLR2004 - after the home
