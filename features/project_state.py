"""Where a project stands, as signals that its features are made of: its plan, its last report, its cost so far, the time passed."""

from typing import Final

import polars as pl

from features.burn import efforts, newest_reports, plans, running
from features.signal import Signal, count, standing, total
from records.known import MONEY_SCALE, Facts, Known

CPI_BOUNDS: Final = (0.5, 2.0)
"""Twice or half the planned cost for what is done: beyond that the first report was about too little work to tell anything."""


def plan(known: Known, of: str) -> Signal:
    return standing(known.derived(plans), of, by="project_id")


def report(known: Known, of: str) -> Signal:
    return standing(known.derived(newest_reports), of, by="project_id")


def complete(known: Known) -> Signal:
    return report(known, "complete") / MONEY_SCALE


def spent(known: Known) -> Signal:
    """Cost so far, entries without one at the mean of those with."""
    worked = known.derived(efforts)
    scale = total(worked, "minutes", by="project_id") / total(worked, "costed", by="project_id")
    return total(worked, "cost", by="project_id") * scale


def spent_then(known: Known) -> Signal:
    """Cost by the last report."""
    return report(known, "spent_cost") * (report(known, "spent_minutes") / report(known, "spent_costed"))


def cost_performance(known: Known) -> Signal:
    return (complete(known) * plan(known, "cost") / spent_then(known)).apply(bounded)


def elapsed(known: Known, at: Signal) -> Signal:
    spans = known.derived(running)
    begun, planned = (standing(spans, of, by="project_id") for of in ("starts", "ends"))
    return (at - begun) / (planned - begun)


def billed_by(known: Known, *methods: str) -> Signal:
    spans: Facts = known.derived(running)
    return count(spans.where(pl.col("billing_method").is_in(methods), name="+".join(methods)), by="project_id")


def within(points: pl.Expr) -> pl.Expr:
    """Beyond the whole revenue either way there is too little on record yet to tell anything."""
    return points.clip(-1.0, 1.0)


def bounded(index: pl.Expr) -> pl.Expr:
    return index.clip(*CPI_BOUNDS)
