"""The cash forecast on a firm's records, beside ageing roll-rates: how often its ranges held, and how far it was off.

  python -m benchmarks.cash HOME --from 2025-01-06 --to 2025-06-30

HOME is a home folder with records and a model of collections that was trained on what was known before `--from`. Every second Monday the
open invoices of the most frequent currency are forecast eight weeks ahead and held against what then came in on them.

The reference is what treasurers do: open amounts by age (30 days to each bucket, from not due for a month to more than 90 days
over), and of each bucket the shares that came in one to eight weeks later, on the average of the last half year of Mondays. Its
ranges are those of its own past errors. CRPS is the continuous ranked probability score, in money: the mean absolute error of a
forecast that is a distribution.
"""

import argparse
import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.windows import AS_OF
from models.bundle import Bundle
from models.cash import SHARES, UNKNOWN_SPREAD, OpenItem, simulated
from models.champion import standing_model
from models.collections import COLLECTIONS
from models.numbers import compute
from models.spine import at_instants
from records.known import DAY, MONEY_SCALE, Known, instant_of
from records.lake import Lake

Floats = NDArray[np.float64]

WEEKS: Final = 8
BUCKET_DAYS: Final = 30
BUCKETS: Final = 6
LEARNED_MONDAYS: Final = 26
STEP: Final = 2
"""Mondays from one forecast to the next: neighbours share most of their invoices."""
DRAWS: Final = 1000
BLOCK: Final = 4
"""Forecasts drawn again together for the intervals: those of eight weeks see the same payments."""


@dataclass(frozen=True)
class Judged:
    """Forecasts x weeks."""

    actual: Floats
    expected: dict[str, Floats]
    crps: dict[str, Floats]
    inside: dict[str, Floats]
    """Forecasts x weeks x SHARES: whether the range held."""


def crps(sample: Floats, actual: float) -> float:
    """Of a sample as forecast: mean distance from what came, less half the mean distance within (Gneiting and Raftery 2007)."""
    ordered, many = np.sort(sample), len(sample)
    within = float((ordered * (2 * np.arange(many) - many + 1)).sum()) / many**2
    return float(np.abs(sample - actual).mean()) - within


def cash_by_week(known: Known, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows (one open invoice and instant) with `week_<n>`: money received on each in the n-th week after, as known at the end.

    What had been received and was not yet on record counts in the first week: it comes on record then.
    """
    money = known.facts("payment_allocation", until=("reversed_on",), take=("invoice_id", "payment_id", "amount"))
    paid = money.joined(known.facts("payment", take=("received_on",)), on="payment_id", take=("received_on",))
    standing = paid.frame.filter(pl.col("leave") > pl.lit(known.until).dt.epoch("us")).collect()
    told = rows.select("invoice_id", AS_OF).join(standing.select("invoice_id", "amount", "received_on", "enter"), on="invoice_id")
    later = told.filter(pl.col("enter") > pl.col(AS_OF))
    week = ((pl.col("received_on").cast(pl.Int32).cast(pl.Int64) - (pl.col(AS_OF) // DAY)) // 7).clip(lower_bound=0)
    sums = {f"week_{n}": pl.col("amount").filter(week == n).sum() for n in range(WEEKS)}
    found = later.group_by("invoice_id", AS_OF).agg(**sums)
    return rows.join(found, on=["invoice_id", AS_OF], how="left", maintain_order="left").with_columns(pl.col("^week_.*$").fill_null(0))


def rolled(rows: pl.DataFrame, instants: list[int]) -> tuple[Floats, Floats]:
    """Expected by the roll-rates of `instants` for each of them, and what came: both instants x weeks; and so for a new one, the last."""
    age = ((pl.col(AS_OF) - pl.col("due")) // DAY // BUCKET_DAYS + 2).fill_null(0).clip(0, BUCKETS - 1)
    sums = rows.with_columns(bucket=age).group_by(AS_OF, "bucket").agg(pl.col("owed", *(f"week_{n}" for n in range(WEEKS))).sum())
    owed = np.zeros((len(instants), BUCKETS))
    came = np.zeros((len(instants), BUCKETS, WEEKS))
    places = {instant: place for place, instant in enumerate(instants)}
    for row in sums.iter_rows(named=True):
        if row[AS_OF] in places:
            at = places[row[AS_OF]], row["bucket"]
            owed[at] = row["owed"]
            came[at] = [row[f"week_{n}"] for n in range(WEEKS)]
    past = slice(0, len(instants) - 1)
    total = owed[past].sum(axis=0)
    rates = came[past].sum(axis=0) / np.where(total > 0, total, 1.0)[:, None]
    return owed @ rates, came.sum(axis=1)


def judge(known: Known, bundle: Bundle, *, first: date, last: date) -> Judged:
    mondays = [first + timedelta(days=7 * number) for number in range(-LEARNED_MONDAYS - WEEKS, (last - first).days // 7 + 1)]
    instants = [instant_of(day) for day in mondays]
    rows = at_instants(known, COLLECTIONS, instants)
    currency = rows["currency"].value_counts().sort("count", "currency")["currency"][-1]
    rows = cash_by_week(known, rows.filter(pl.col("currency") == currency))
    found: dict[str, list[list[object]]] = {"model": [], "roll-rates": []}
    actuals = []
    for place in range(LEARNED_MONDAYS + WEEKS, len(mondays), STEP):
        past = [int(instants[other].timestamp() * 1e6) for other in (*range(place - LEARNED_MONDAYS - WEEKS, place - WEEKS + 1), place)]
        expected, came = (values / MONEY_SCALE for values in rolled(rows, past))
        actuals.append(came[-1])
        ratios = came[:-1] / np.where(expected[:-1] > 0, expected[:-1], 1.0)
        samples = {"roll-rates": (expected[-1], expected[-1] * ratios), "model": _forecast(known, bundle, instants[place], currency)}
        for who, (mean, sample) in samples.items():
            found[who].append([_judged(mean[n], sample[:, n], came[-1][n]) for n in range(WEEKS)])
    parts = {who: np.array(values, dtype=np.float64) for who, values in found.items()}
    return Judged(
        np.array(actuals),
        {who: part[:, :, 0] for who, part in parts.items()},
        {who: part[:, :, 1] for who, part in parts.items()},
        {who: part[:, :, 2:] for who, part in parts.items()},
    )


def _judged(expected: float, sample: Floats, actual: float) -> list[float]:
    ends = (np.quantile(sample, [(1 - share) / 2, (1 + share) / 2]) for share in SHARES)
    return [expected, crps(sample, actual), *(float(low <= actual <= high) for low, high in ends)]


def _forecast(known: Known, bundle: Bundle, at: datetime, currency: str) -> tuple[Floats, Floats]:
    scores = compute(known, COLLECTIONS, bundle, instants=[at])
    if scores.days_late is None:
        raise SystemExit("the model predicts no dates: train it on a hundred paid invoices")
    items = [
        OpenItem(row["client_id"], currency, Decimal(row["owed"]) / MONEY_SCALE, _dates(row["due_on"], days))
        for row, days in zip(scores.rows.to_dicts(), scores.days_late, strict=True)
        if row["currency"] == currency
    ]
    last_day = (at - timedelta(microseconds=1)).date()
    return simulated(items, as_of=last_day, weeks=WEEKS, spread=bundle.cash_spread or UNKNOWN_SPREAD)


def _dates(due_on: date | None, days: Floats) -> tuple[date, ...]:
    return () if due_on is None else tuple(due_on + timedelta(days=int(np.ceil(one))) for one in days)


def as_text(found: Judged) -> str:
    drawn, ones = _blocks(len(found.actual)), np.ones(len(found.actual))
    lines = [f"{found.actual.shape[0]} forecasts, {WEEKS} weeks each, {found.actual.sum() / found.actual.size:,.0f} a week came in"]
    lines.append("| | CRPS | expected / came | " + " | ".join(f"{share:.0%} range held" for share in SHARES) + " |")
    lines.append("| --- " * (3 + len(SHARES)) + "|")
    for who in ("model", "roll-rates"):
        score = _interval(found.crps[who].mean(axis=1), ones, drawn, form="{:,.0f}")
        ratio = _interval(found.expected[who].sum(axis=1), found.actual.sum(axis=1), drawn, form="{:.3f}")
        held = [_interval(found.inside[who][:, :, n].mean(axis=1), ones, drawn, form="{:.3f}") for n in range(len(SHARES))]
        lines.append(f"| {who} | {score} | {ratio} | " + " | ".join(held) + " |")
    less = _interval(found.crps["model"].mean(axis=1), found.crps["roll-rates"].mean(axis=1), drawn, form="{:.3f}")
    return "\n".join([*lines, f"CRPS of the model over that of the roll-rates: {less}"])


def _blocks(many: int) -> list[NDArray[np.int64]]:
    """All forecasts, then DRAWS times as many in blocks drawn again."""
    chance = np.random.default_rng(7)
    begins = chance.integers(0, max(many - BLOCK + 1, 1), (DRAWS, -(-many // BLOCK)))
    return [np.arange(many), *(np.minimum((row[:, None] + np.arange(BLOCK)).ravel()[:many], many - 1) for row in begins)]


def _interval(over: Floats, under: Floats, drawn: list[NDArray[np.int64]], *, form: str) -> str:
    """Sum of one over sum of the other, by forecast, with its 95 % interval."""
    values = [float(over[at].sum() / under[at].sum()) for at in drawn]
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return f"{form.format(values[0])} ({form.format(low)} to {form.format(high)})"


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="cash.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path, metavar="HOME", help="home folder with records and a trained model of collections")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, help="first Monday")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, help="last day on which a forecast may be made")
    arguments = parser.parse_args(given)
    lake = Lake(arguments.home / "lake")
    until, model = lake.last_recorded(), standing_model(arguments.home / "models", COLLECTIONS)
    if until is None or model is None:
        parser.error(f"{arguments.home} holds no records or no model of {COLLECTIONS.name}")
    if model[0].as_of > instant_of(arguments.first):
        parser.error(f"the model learned from records up to {model[0].as_of:%Y-%m-%d}, after the first forecast: it would look ahead")
    print(as_text(judge(Known(lake, until=until), model[0], first=arguments.first, last=arguments.last)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
