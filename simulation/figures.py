"""The figures by which a simulated firm is held against published ones (docs/simulation.md): each with the range it must fall in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

SETTLING_DAYS: Final = 60
"""Invoices due less than this before the end are left out of shares late: the slow ones among them are still to come."""


@dataclass(frozen=True)
class Range:
    low: float
    high: float
    source: str


RANGES: Final[dict[str, Range]] = {
    "share_late": Range(0.40, 0.60, "47 % W. Europe (Atradius), 52 % UK (Xero 2017)"),
    "share_late_30": Range(0.08, 0.18, "long right tail of the same surveys"),
    "delay_days_mean": Range(5.0, 15.0, "7.3 days in Q2 2024 (Xero)"),
    "days_to_pay": Range(35.0, 65.0, "services 35-55 d; 1,948 US firms 38.6-51.3 d (Growfin)"),
    "bad_debt_share": Range(0.003, 0.02, "1.3 % of receivables (Atradius 2018)"),
    "dispute_rate": Range(0.01, 0.06, "KPI guides: 2-5 % acceptable"),
    "disputes_price": Range(0.25, 0.50, "35-40 % (vendor)"),
    "disputes_quantity": Range(0.15, 0.40, "25-30 % (vendor)"),
    "realisation": Range(0.80, 0.95, "81 % (Clio 2016) to 89 % (Peer Monitor 2017)"),
    "utilisation": Range(0.62, 0.80, "68.9 % (SPI 2025)"),
    "plan_margin_mean": Range(0.30, 0.42, "35.9 % (SPI 2025)"),
    "margin_fall_share": Range(0.18, 0.30, "on-time projects 75.7 % (SPI/Deltek 2024)"),
    "missing_share": Range(0.06, 0.18, "40 % never on time or accurate (survey)"),
}
"""By figure: the simulator's range of modeling.md 2.5, and the published value that it surrounds."""


def figures(directory: Path) -> dict[str, float]:
    """Every figure of RANGES for a firm's folder."""
    return {**_payment(directory), **_disputes(directory), **_work(directory)}


def _payment(directory: Path) -> dict[str, float]:
    invoices = (
        pl.read_csv(directory / "invoice.csv", try_parse_dates=True, infer_schema_length=None)
        .sort("recorded_at")
        .unique("invoice_id", keep="last")
    )
    issued = invoices.filter(pl.col("issued_on").is_not_null()).select(
        "invoice_id", "issued_on", gross=pl.col("gross_amount").cast(pl.Float64)
    )
    told = pl.read_parquet(directory / "truth" / "invoice.parquet").join(issued, on="invoice_id")
    ended = told["as_of"].dt.date().max()
    due = told.filter(~pl.col("cancelled") & (pl.col("due_on") < pl.lit(ended) - pl.duration(days=SETTLING_DAYS)))
    paid = due.filter(pl.col("settled_on").is_not_null())
    delay = (paid["settled_on"] - paid["due_on"]).dt.total_days()
    lasted = (paid["settled_on"] - paid["issued_on"]).dt.total_days()
    lost = due.filter(pl.col("settled_on").is_null())["gross"].sum()
    return {
        "share_late": _mean(due["late"]),
        "share_late_30": _mean(due["late_30"]),
        "delay_days_mean": _mean(delay),
        "days_to_pay": _ratio((lasted * paid["gross"]).sum(), paid["gross"].sum()),
        "bad_debt_share": _ratio(lost, due["gross"].sum()),
    }


def _disputes(directory: Path) -> dict[str, float]:
    told = pl.read_parquet(directory / "truth" / "invoice.parquet").filter(~pl.col("cancelled"))
    reasons = pl.read_csv(directory / "dispute.csv")["reason_code"]
    return {
        "dispute_rate": _mean(told["disputed"]),
        "disputes_price": _mean(reasons == "PRI"),
        "disputes_quantity": _mean(reasons == "QTY"),
    }


def _work(directory: Path) -> dict[str, float]:
    entries = pl.scan_parquet(directory / "time_entry.parquet").filter(pl.col("role") != "support")
    latest = entries.sort("recorded_at").unique("entry_id", keep="last").select("project_id", "minutes", "billable", "bill_rate").collect()
    methods = pl.read_csv(directory / "project.csv").select("project_id", "billing_method")
    client_work = latest.join(methods, on="project_id").filter(pl.col("billing_method") != "none")
    charged = client_work.filter("billable")["minutes"].sum()
    projects = pl.read_parquet(directory / "truth" / "project.parquet")
    margins = projects.filter(pl.col("final_margin").is_finite() & pl.col("ended"))
    weeks = pl.read_parquet(directory / "truth" / "week.parquet")
    return {
        "realisation": _ratio(margins["earned"].sum(), margins["worked_value"].sum()),
        "utilisation": _ratio(charged, latest["minutes"].sum()),
        "plan_margin_mean": _mean(projects["plan_margin"]),
        "margin_fall_share": _mean(margins["fell"]),
        "missing_share": _mean(weeks["missing"]),
    }


def _ratio(part: object, whole: object) -> float:
    return float(str(part)) / float(str(whole))


def _mean(values: pl.Series) -> float:
    return float(values.cast(pl.Float64).mean() or 0.0)  # type: ignore[arg-type]
