"""The data of benchmarks/features.py: time entries, invoices and a spine as Parquet files, the same on every machine.

A person's entries lie over two years; they are recorded some days after the end of the day that they tell of (exponential, two days in the
mean), 3 in 100 of them one to four months after. Files are sorted by entity and time, as the lake keeps them, and a larger size has more
entities with as long a history. No entry is corrected: a query written by hand would need an order of versions first.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from records.known import DAY

ENTRIES_EACH: Final = 1_000
INVOICES_EACH: Final = 200
PEOPLE_OF_A_FILE: Final = 2_000
FIRST_DAY: Final = 19_358
"""1 January 2023, days since 1970."""
DAYS: Final = 730
_LAG_DAYS: Final = 2.0
_VERY_LATE: Final = 0.03


@dataclass(frozen=True)
class Size:
    """How many of what; clients have INVOICES_EACH and people ENTRIES_EACH."""

    people: int
    clients: int
    spine: int


SIZES: Final = {"S": Size(2_000, 1_000, 100_000), "L": Size(20_000, 10_000, 1_000_000)}


def make(folder: Path, size: Size, *, entries_each: int = ENTRIES_EACH, invoices_each: int = INVOICES_EACH) -> None:
    """Write entries-<n>.parquet, invoices.parquet and spine.parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, begin in enumerate(range(0, size.people, PEOPLE_OF_A_FILE)):
        people = np.arange(begin, min(begin + PEOPLE_OF_A_FILE, size.people))
        _entries(people, entries_each, seed=part).write_parquet(folder / f"entries-{part:02}.parquet", statistics=True)
    _invoices(size.clients, invoices_each).write_parquet(folder / "invoices.parquet")
    _spine(size).write_parquet(folder / "spine.parquet")


def _named(kind: str, numbers: np.ndarray) -> pl.Series:
    places = pl.Series(numbers, dtype=pl.Int64).cast(pl.String).str.zfill(6)
    return pl.select(pl.lit(f"{kind}-") + places).to_series()


def _instants(micros: np.ndarray) -> pl.Series:
    return pl.Series(micros.astype(np.int64)).cast(pl.Datetime("us", "UTC"))


def _entries(people: np.ndarray, each: int, *, seed: int) -> pl.DataFrame:
    random = np.random.default_rng([1, seed])
    rows = len(people) * each
    worked = FIRST_DAY + random.integers(0, DAYS, rows)
    lag = np.where(random.random(rows) < _VERY_LATE, random.uniform(30, 120, rows), random.exponential(_LAG_DAYS, rows))
    quarters = random.integers(1, 40, rows)
    rate = random.integers(80, 320, rows) * 100
    frame = pl.DataFrame(
        {
            "person_id": _named("person", np.repeat(people, each)),
            "worked_on": pl.Series(worked, dtype=pl.Int32).cast(pl.Date),
            "recorded_at": _instants((worked + 1) * DAY + (lag * DAY).astype(np.int64)),
            "quarters": quarters,
            "billable": random.random(rows) < 0.7,  # noqa: PLR2004 - as made up as every other share here
            "rate_cents": rate,
            "value_cents": quarters * rate // 4,
        }
    )
    return frame.sort("person_id", "worked_on", "recorded_at")


def _invoices(clients: int, each: int) -> pl.DataFrame:
    random = np.random.default_rng(2)
    rows = clients * each
    issued = FIRST_DAY * DAY + random.integers(0, DAYS * DAY, rows)
    due = issued // DAY + 30
    paid = due * DAY + (random.normal(8, 20, rows).clip(-29) * DAY).astype(np.int64)
    disputed = issued + random.integers(DAY, 40 * DAY, rows)
    frame = pl.DataFrame(
        {
            "client_id": _named("client", np.repeat(np.arange(clients), each)),
            "issued_at": _instants(issued),
            "due_on": pl.Series(due, dtype=pl.Int32).cast(pl.Date),
            "paid_at": _instants(paid),
            "disputed_at": _instants(disputed),
            "amount_cents": random.integers(10_000, 5_000_000, rows),
            "unpaid": random.random(rows) < 0.1,  # noqa: PLR2004
            "undisputed": random.random(rows) < 0.92,  # noqa: PLR2004
        }
    )
    known = frame.with_columns(pl.when(~pl.col("unpaid")).then("paid_at"), pl.when(~pl.col("undisputed")).then("disputed_at"))
    return known.drop("unpaid", "undisputed").sort("client_id", "issued_at")


def _spine(size: Size) -> pl.DataFrame:
    random = np.random.default_rng(3)
    return pl.DataFrame(
        {
            "person_id": _named("person", random.integers(0, size.people, size.spine)),
            "client_id": _named("client", random.integers(0, size.clients, size.spine)),
            "as_of": FIRST_DAY * DAY + random.integers(0, (DAYS + 30) * DAY, size.spine),
        }
    )
