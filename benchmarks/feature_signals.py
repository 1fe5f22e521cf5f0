"""The 25 features of benchmarks/features.py as the product would declare them, through its engine."""

from pathlib import Path

import polars as pl

from benchmarks.feature_queries import BILLABLE, DAYS_LATE, GRAVE_DAYS, PAID, SUMS, WINDOWS, entries, invoices, spine
from features.signal import NOW, Signal, count, days_between, ordered, total
from features.windows import aggregate
from records.known import ENTER, FOREVER, LEAVE, Facts, day_end

_FOREVER = pl.lit(FOREVER).alias(LEAVE)


def by_engine(folder: Path) -> pl.DataFrame:
    """A row for each of the spine, as features.frame.build makes them."""
    found = _of_people(_worked(folder)) | _of_clients(folder)
    values = aggregate(spine(folder), [part for one in found.values() for part in one.aggregates])
    return values.select(one.value.cast(pl.Float64).alias(name) for name, one in found.items())


def _worked(folder: Path) -> Facts:
    recorded = pl.col("recorded_at").dt.epoch("us").alias(ENTER)
    values = ("quarters", "value_cents", "rate_cents")
    return Facts("worked", entries(folder).select("person_id", recorded, _FOREVER, day_end("worked_on").alias("worked"), *values, BILLABLE))


def _of_people(worked: Facts) -> dict[str, Signal]:
    found: dict[str, Signal] = {}
    for days in WINDOWS:
        for name in SUMS:
            if name == "entries":
                found[f"{name}_{days}d"] = count(worked, by="person_id", days=days, event="worked")
            else:
                found[f"{name}_{days}d"] = total(worked, name, by="person_id", days=days, event="worked")
    return found | {
        "days_since_worked": days_between(ordered(worked, "worked", how="max", by="person_id"), NOW),
        "days_since_recorded": days_between(ordered(worked, ENTER, how="max", by="person_id"), NOW),
        "last_rate_cents": ordered(worked, "rate_cents", how="last", by="person_id"),
    }


def _of_clients(folder: Path) -> dict[str, Signal]:
    billed = invoices(folder)
    grave = (DAYS_LATE >= GRAVE_DAYS).cast(pl.Int64).alias("grave")
    paid = Facts("paid", billed.filter(pl.col("paid_at").is_not_null()).select("client_id", PAID.alias(ENTER), _FOREVER, DAYS_LATE, grave))
    issued = pl.col("issued_at").dt.epoch("us").alias(ENTER)
    unpaid = Facts("unpaid", billed.select("client_id", issued, PAID.fill_null(FOREVER).alias(LEAVE), "amount_cents"))
    told = pl.col("disputed_at").dt.epoch("us").alias(ENTER)
    disputed = Facts("disputed", billed.filter(pl.col("disputed_at").is_not_null()).select("client_id", told, _FOREVER))
    settled = count(paid, by="client_id")
    return {
        "paid_count": settled,
        "days_late_mean": total(paid, "days_late", by="client_id") / settled,
        "days_late_max": ordered(paid, "days_late", how="max", by="client_id"),
        "late_30_share": total(paid, "grave", by="client_id") / settled,
        "open_cents": total(unpaid, "amount_cents", by="client_id"),
        "disputes": count(disputed, by="client_id"),
    }
