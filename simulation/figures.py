"""The figures by which a simulated firm is held against published ones (docs/realism.md): each with the range it must fall in."""

from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Final

import numpy as np
import polars as pl

from simulation.draws import Floats

SETTLING_DAYS: Final = 60
"""Invoices due less than this before the end are left out of shares late: the slow ones among them are still to come."""
USUAL_TERMS_DAYS: Final = 30
"""The terms of the invoices that the published British figures are about."""
REASONS: Final = {"price": ("PRI",), "scope": ("QTY", "DEL"), "admin": ("REF", "OTH"), "quality": ("QUA",)}
"""By published kind of dispute: the reason codes that fall under it."""
CONTRACTS: Final = ("time_and_materials", "fixed_fee", "retainer", "hybrid")
DEADLINE_HOURS: Final = 7 * 24 + 12
"""From the Monday on which a week begins: its time is due at noon of the next."""


@dataclass(frozen=True)
class Range:
    low: float
    high: float
    published: str


_BILLED = "81 % (small law firms, Clio 2016), below 89 % (large ones, Peer Monitor 2017)"
RANGES: Final[dict[str, Range]] = {
    "share_late": Range(0.40, 0.60, "47 % W. Europe, 41.8 % in 2018, 53 % in 2021 (Atradius); 52 % of UK 30-day invoices (Xero 2017)"),
    "share_late_30": Range(0.08, 0.18, "no share of its own; the long right tail of the same surveys"),
    "delay_days_mean": Range(5.0, 15.0, "7.3 days in Q2 2024 (Xero)"),
    "days_to_pay_30d": Range(33.0, 47.0, "39.7 days, UK 30-day invoices 2017 (Xero)"),
    "days_to_pay_30d_late": Range(45.0, 65.0, "64 days, the late ones among them: about twice the terms (Xero)"),
    "days_to_pay": Range(35.0, 65.0, "services 35-55 days; 1,948 US firms 38.6, 51.3, 43.8 by size (Growfin)"),
    "bad_debt_share": Range(0.003, 0.02, "1.3 % of receivables (Atradius 2018)"),
    "dispute_rate": Range(0.01, 0.06, "below 2 % excellent, 2-5 % acceptable (KPI guides)"),
    "disputes_price": Range(0.25, 0.50, "35-40 % price (vendor)"),
    "disputes_scope": Range(0.15, 0.40, "25-30 % scope or quantity (vendor)"),
    "disputes_admin": Range(0.05, 0.30, "15-20 % duplicate or administrative (vendor)"),
    "disputes_quality": Range(0.03, 0.25, "10-15 % quality (vendor)"),
    "realisation": Range(0.80, 0.95, _BILLED),
    "realisation_time_and_materials": Range(0.80, 0.95, _BILLED),
    "realisation_fixed_fee": Range(0.80, 0.95, _BILLED),
    "realisation_retainer": Range(0.80, 0.95, _BILLED),
    "realisation_hybrid": Range(0.80, 0.95, _BILLED),
    "utilisation": Range(0.62, 0.80, "68.9 % (SPI 2025)"),
    "plan_margin_mean": Range(0.30, 0.42, "35.9 % (SPI 2025)"),
    "plan_margin_spread": Range(0.03, 0.09, "six points either way, taken as a standard deviation; no published value"),
    "margin_fall_share": Range(0.18, 0.30, "75.7 % of projects on time (SPI/Deltek 2024)"),
    "missing_share": Range(0.06, 0.18, "40 % never on time or accurate (survey)"),
    "lateness_fit": Range(0.98, 1.0, "log-normal by assumption: 1 when the logarithm is normal"),
    "lateness_skew": Range(-0.5, 0.5, "log-normal by assumption: 0 when the logarithm is normal"),
}
"""By figure: the simulator's range of modeling.md 2.5, and the published value that it surrounds.

Reasons: the published shares, up to ten points wider either way, since a firm of 120 sees fewer than a hundred disputes a year.
"""


def figures(directory: Path) -> dict[str, float]:
    """Every figure of RANGES for a firm's folder."""
    return {**_payment(directory), **_disputes(directory), **_projects(directory), **_time(directory)}


def due_invoices(directory: Path) -> pl.DataFrame:
    """One row an issued invoice that fell due long enough before the end: `late`, `gross`, `terms_days`, `delay_days`, `lasted_days`.

    The two lengths are null for one that is never paid.
    """
    issued = _latest(directory, "invoice").filter(pl.col("issued_on").is_not_null())
    terms = _latest(directory, "contract").select("contract_id", terms_days="payment_terms_days")
    heads = issued.select("invoice_id", "issued_on", "contract_id", gross=pl.col("gross_amount").cast(pl.Float64))
    told = pl.read_parquet(directory / "truth" / "invoice.parquet").join(heads, on="invoice_id").join(terms, on="contract_id")
    ended = told["as_of"].dt.date().max()
    due = told.filter(~pl.col("cancelled") & (pl.col("due_on") < pl.lit(ended) - pl.duration(days=SETTLING_DAYS)))
    return due.with_columns(
        delay_days=(pl.col("settled_on") - pl.col("due_on")).dt.total_days(),
        lasted_days=(pl.col("settled_on") - pl.col("issued_on")).dt.total_days(),
    )


def projects(directory: Path) -> pl.DataFrame:
    """The truth of every project, with the `kind` of its contract."""
    kinds = _latest(directory, "contract").select("contract_id", "kind")
    owned = _latest(directory, "project").select("project_id", "contract_id").join(kinds, on="contract_id")
    return pl.read_parquet(directory / "truth" / "project.parquet").join(owned, on="project_id")


def finished(directory: Path) -> pl.DataFrame:
    """The projects that began and ended inside the records and billed something."""
    return projects(directory).filter(pl.col("final_margin").is_finite() & pl.col("ended"))


def first_entries(directory: Path) -> pl.DataFrame:
    """One row a time entry as first entered: person, worked_on, `week` (Monday), `late_days` after the deadline (below 0: in time)."""
    entries = pl.scan_parquet(directory / "time_entry.parquet").sort("recorded_at").unique("entry_id", keep="first")
    monday = pl.col("worked_on").dt.truncate("1w")
    deadline = monday.cast(pl.Datetime("us")).dt.replace_time_zone("UTC") + pl.duration(hours=DEADLINE_HOURS)
    late = (pl.col("recorded_at") - deadline).dt.total_seconds() / 86_400
    return entries.select("person_id", "worked_on", week=monday, late_days=late).collect()


def charged_time(directory: Path) -> pl.DataFrame:
    """One row a fee earner's entry as it stands: worked_on, minutes, and `charged` when a client pays for it."""
    entries = pl.scan_parquet(directory / "time_entry.parquet").filter(pl.col("role") != "support")
    standing = (
        entries.sort("recorded_at").unique("entry_id", keep="last").select("project_id", "worked_on", "minutes", "billable").collect()
    )
    paid = _latest(directory, "project").filter(pl.col("billing_method") != "none").select("project_id", for_client=pl.lit(value=True))
    return standing.join(paid, on="project_id", how="left").with_columns(
        charged=pl.col("billable") & pl.col("for_client").fill_null(value=False)
    )


def normal_fit(values: Floats) -> float:
    """Correlation of the sorted values with the normal's quantiles: the straighter their plot, the closer to 1."""
    normal = NormalDist()
    expected = [normal.inv_cdf((place + 0.5) / len(values)) for place in range(len(values))]
    return float(np.corrcoef(np.sort(values), expected)[0, 1])


def skewness(values: Floats) -> float:
    return float(np.mean(((values - values.mean()) / values.std()) ** 3))


def _latest(directory: Path, table: str) -> pl.DataFrame:
    """The newest version of each row of a CSV table."""
    rows = pl.read_csv(directory / f"{table}.csv", try_parse_dates=True, infer_schema_length=None)
    return rows.sort("recorded_at").unique(f"{table}_id", keep="last", maintain_order=True)


def _payment(directory: Path) -> dict[str, float]:
    due = due_invoices(directory)
    paid = due.filter(pl.col("settled_on").is_not_null())
    usual = paid.filter(pl.col("terms_days") == USUAL_TERMS_DAYS)
    lost = due.filter(pl.col("settled_on").is_null())["gross"].sum()
    return {
        "share_late": _mean(due["late"]),
        "share_late_30": _mean(due["late_30"]),
        "delay_days_mean": _mean(paid["delay_days"]),
        "days_to_pay_30d": _mean(usual["lasted_days"]),
        "days_to_pay_30d_late": _mean(usual.filter("late")["lasted_days"]),
        "days_to_pay": _ratio((paid["lasted_days"] * paid["gross"]).sum(), paid["gross"].sum()),
        "bad_debt_share": _ratio(lost, due["gross"].sum()),
    }


def _disputes(directory: Path) -> dict[str, float]:
    told = pl.read_parquet(directory / "truth" / "invoice.parquet").filter(~pl.col("cancelled"))
    reasons = pl.read_csv(directory / "dispute.csv")["reason_code"]
    shares = {f"disputes_{kind}": _mean(reasons.is_in(codes)) for kind, codes in REASONS.items()}
    return {"dispute_rate": _mean(told["disputed"]), **shares}


def _projects(directory: Path) -> dict[str, float]:
    planned, ended = projects(directory)["plan_margin"], finished(directory)
    kinds = {f"realisation_{kind}": _realisation(ended.filter(pl.col("kind") == kind)) for kind in CONTRACTS}
    return {
        "realisation": _realisation(ended),
        **kinds,
        "plan_margin_mean": _mean(planned),
        "plan_margin_spread": float(planned.to_numpy().std()),
        "margin_fall_share": _mean(ended["fell"]),
    }


def _realisation(ended: pl.DataFrame) -> float:
    """What was billed without drafting errors, over the time worked at agreed rates."""
    return _ratio(ended["earned"].sum(), ended["worked_value"].sum())


def _time(directory: Path) -> dict[str, float]:
    time = charged_time(directory)
    # A week may be told of at more than one instant before its deadline.
    weeks = pl.read_parquet(directory / "truth" / "week.parquet").unique(["person_id", "week"])
    late = first_entries(directory).group_by("person_id", "week").agg(pl.col("late_days").max()).filter(pl.col("late_days") > 0)
    lateness = np.log(late["late_days"].to_numpy())
    return {
        "utilisation": _ratio(time.filter("charged")["minutes"].sum(), time["minutes"].sum()),
        "missing_share": _mean(weeks["missing"]),
        "lateness_fit": normal_fit(lateness),
        "lateness_skew": skewness(lateness),
    }


def _ratio(part: object, whole: object) -> float:
    return float(str(part)) / float(str(whole))


def _mean(values: pl.Series) -> float:
    return float(values.cast(pl.Float64).mean() or 0.0)  # type: ignore[arg-type]
