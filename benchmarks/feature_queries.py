"""The 25 features of benchmarks/features.py as a person would write them in Polars.

Each query takes the folder of the data and gives a row for each of the spine, with the columns `NAMES`, as floats.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from records.known import DAY

WINDOWS: Final = (7, 28, 90, 365)
SUMS: Final = ("quarters", "entries", "billable_quarters", "value_cents")
WINDOWED: Final = tuple(f"{name}_{days}d" for days in WINDOWS for name in SUMS)
LATEST: Final = ("days_since_worked", "days_since_recorded", "last_rate_cents")
OF_CLIENT: Final = ("paid_count", "days_late_mean", "days_late_max", "late_30_share", "open_cents", "disputes")
NAMES: Final = (*WINDOWED, *LATEST, *OF_CLIENT)
GRAVE_DAYS: Final = 30

BILLABLE: Final = (pl.col("quarters") * pl.col("billable").cast(pl.Int64)).alias("billable_quarters")
RECORDED: Final = pl.col("recorded_at").dt.epoch("us")
ISSUED: Final = pl.col("issued_at").dt.epoch("us")
PAID: Final = pl.col("paid_at").dt.epoch("us")
DISPUTED: Final = pl.col("disputed_at").dt.epoch("us")
DAYS_LATE: Final = (PAID // DAY - pl.col("due_on").cast(pl.Int32)).alias("days_late")
GRAVE: Final = (DAYS_LATE >= GRAVE_DAYS).cast(pl.Int64).alias("grave")
_ONE: Final = pl.lit(1, dtype=pl.Int64)


def entries(folder: Path) -> pl.LazyFrame:
    return pl.scan_parquet(folder / "entries-*.parquet")


def invoices(folder: Path) -> pl.LazyFrame:
    return pl.scan_parquet(folder / "invoices.parquet")


def spine(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "spine.parquet")


def by_polars(folder: Path) -> pl.DataFrame:
    """Running sums of what entered less running sums of what left each window, each looked up by an as-of join: as most would write it."""
    return _by_polars(folder, tuned=False)


def by_polars_tuned(folder: Path) -> pl.DataFrame:
    """The same, but one running sum over all keys on end, so that no group is formed: what lies before a key is taken off again."""
    return _by_polars(folder, tuned=True)


def _by_polars(folder: Path, *, tuned: bool) -> pl.DataFrame:
    asked = spine(folder).with_row_index("row").lazy()
    people, clients = _of_people(asked.drop("client_id"), folder, tuned=tuned), _of_clients(asked, folder, tuned=tuned)
    return people.join(clients, on="row").sort("row").select(pl.col(name).cast(pl.Float64) for name in NAMES).collect()


@dataclass(frozen=True)
class _Stream:
    """Things that come at an instant, whose sums and latest values are looked up."""

    name: str
    rows: pl.LazyFrame
    key: str
    at: pl.Expr
    sums: Sequence[str]
    latest: Sequence[pl.Expr] = ()

    def joined(self, asked: pl.LazyFrame, *, tuned: bool) -> pl.LazyFrame:
        """`asked` with a column `<name>_<sum>` for each sum, `<name>_at` and the latest of the rest."""
        timed = self.rows.with_columns(self.at.alias("at"))
        ordered = timed.sort(self.key, "at") if tuned else timed.sort("at")
        added = [pl.col(one).cum_sum() if tuned else pl.col(one).cum_sum().over(self.key) for one in self.sums]
        stream = ordered.select(
            self.key,
            pl.col("at").alias(f"{self.name}_at"),
            *(sums.alias(f"{self.name}_{one}") for one, sums in zip(self.sums, added, strict=True)),
            *self.latest,
        )
        found = asked.sort(self.key, "as_of") if tuned else asked.sort("as_of")
        both = found.join_asof(stream, left_on="as_of", right_on=f"{self.name}_at", by=self.key, coalesce=False, check_sortedness=False)
        if not tuned:
            return both.with_columns(pl.col(f"{self.name}_{one}").fill_null(0) for one in self.sums)
        columns = [pl.col(one).sum().alias(f"before_{one}") for one in self.sums]
        before = (
            self.rows.group_by(self.key)
            .agg(columns)
            .sort(self.key)
            .with_columns(pl.col(f"before_{one}").cum_sum() - pl.col(f"before_{one}") for one in self.sums)
        )
        less = [(pl.col(f"{self.name}_{one}") - pl.col(f"before_{one}")).fill_null(0) for one in self.sums]
        return (
            both.join(before, on=self.key, how="left", maintain_order="left").with_columns(less).drop(f"before_{one}" for one in self.sums)
        )


def _of_people(asked: pl.LazyFrame, folder: Path, *, tuned: bool) -> pl.LazyFrame:
    day_end = (pl.col("worked_on").cast(pl.Int32).cast(pl.Int64) + 1) * DAY
    columns = ("quarters", "value_cents", "rate_cents")
    rows = entries(folder).select("person_id", RECORDED, day_end.alias("worked"), *columns, BILLABLE, _ONE.alias("entries"))
    latest = [pl.col("worked").cum_max().over("person_id"), pl.col("rate_cents").alias(LATEST[2])]
    found = _Stream("in", rows, "person_id", pl.col("recorded_at"), SUMS, latest).joined(asked, tuned=tuned)
    for days in WINDOWS:
        left = pl.max_horizontal("recorded_at", pl.col("worked") + days * DAY)
        found = _Stream(f"{days}", rows, "person_id", left, SUMS).joined(found, tuned=tuned)
    windowed = [(pl.col(f"in_{name}") - pl.col(f"{days}_{name}")).alias(f"{name}_{days}d") for days in WINDOWS for name in SUMS]
    # By a column, not by a number: that Polars does through its reciprocal, and the last bit differs.
    day = pl.col("as_of") * 0 + DAY
    since = {name: (pl.col("as_of") - pl.col(of)) / day for name, of in zip(LATEST[:2], ("worked", "in_at"), strict=True)}
    return found.select("row", *windowed, LATEST[2], **since)


def _of_clients(asked: pl.LazyFrame, folder: Path, *, tuned: bool) -> pl.LazyFrame:
    key = "client_id"
    rows = invoices(folder).select(key, "amount_cents", ISSUED, PAID, DISPUTED, DAYS_LATE, GRAVE, _ONE.alias("count"))
    paid = rows.filter(pl.col("paid_at").is_not_null())
    disputed = rows.filter(pl.col("disputed_at").is_not_null())
    greatest = pl.col("days_late").cum_max().over(key).alias("days_late_max")
    found = _Stream("issued", rows, key, pl.col("issued_at"), ["amount_cents"]).joined(asked, tuned=tuned)
    sums = ["amount_cents", "count", "days_late", "grave"]
    found = _Stream("paid", paid, key, pl.col("paid_at"), sums, [greatest]).joined(found, tuned=tuned)
    found = _Stream("disputed", disputed, key, pl.col("disputed_at"), ["count"]).joined(found, tuned=tuned)
    some = pl.when(pl.col("paid_count") > 0)
    return found.select(
        "row",
        "paid_count",
        some.then(pl.col("paid_days_late") / pl.col("paid_count")).alias("days_late_mean"),
        "days_late_max",
        some.then(pl.col("paid_grave") / pl.col("paid_count")).alias("late_30_share"),
        (pl.col("issued_amount_cents") - pl.col("paid_amount_cents")).alias("open_cents"),
        pl.col("disputed_count").alias("disputes"),
    )
