"""Waiting: what holds only once so many days have gone by since a day of its own."""

import polars as pl

from controls.facts.spans import day_of
from records.known import DAY, ENTER, Facts


def older_than(facts: Facts, *, day: str, days: str) -> Facts:
    """The facts from the end of their `day` and so many `days` (a column) on."""
    # A day is over at the end of it, and the count begins there.
    instant = (pl.col(day).cast(pl.Int32).cast(pl.Int64) + 1 + pl.col(days)) * DAY
    return facts.since(instant, name=f"older_than_{days}")


def known_on(facts: Facts) -> Facts:
    """The facts with the day on which each came to be known, as `since`."""
    return Facts(facts.name, facts.frame.with_columns(since=day_of(pl.col(ENTER))))
