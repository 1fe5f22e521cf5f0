"""Retainers: what a contract's retainer buys in a month, beside what was worked in it."""

import polars as pl

from controls.facts.earned import earned, month_end
from controls.facts.spans import day_of
from controls.facts.totals import running
from records.known import DAY, ENTER, Facts, Known

WATCHED_DAYS = 45
"""Days after a month's end for which its use is told: by then the next month's talk with the client is over."""


def retained(known: Known) -> Facts:
    """contract_id, `month` and `total` worked in it, with client_id, currency and `retainer_amount_month`, until WATCHED_DAYS after it.

    `over` is the end of the month in microseconds, `since` the day on which the total came to be known.
    """
    paid = known.facts("contract", take=("client_id", "currency", "retainer_amount_month")).where(
        pl.col("retainer_amount_month") > 0, name="retained"
    )
    projects = known.facts("project", take=("contract_id", "billing_method")).where(pl.col("billing_method") == "retainer", name="retained")
    own = known.derived(earned).joined(projects, on="project_id", take=("contract_id",))
    summed = running(own, by=("contract_id", "month"), of="total")
    held = summed.joined(paid, on="contract_id", take=("client_id", "currency", "retainer_amount_month"))
    over = month_end("month")
    told = held.frame.with_columns(over=over, since=day_of(pl.col(ENTER)), leave=pl.min_horizontal("leave", over + WATCHED_DAYS * DAY))
    return Facts("retained", told.filter(pl.col(ENTER) < pl.col("leave")))
