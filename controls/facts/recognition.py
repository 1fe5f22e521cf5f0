"""Recognition: revenue that was recognised for a month, beside what the time worked in it is worth."""

from typing import Final

import polars as pl

from controls.facts.earned import earned
from controls.facts.guidelines import Terms
from controls.facts.spans import beside
from controls.facts.words import plain
from records.known import DAY, ENTER, LEAVE, Facts, Known

WATCHED_DAYS: Final = 45
"""Days after recognition for which it is told: by then the month is closed for good, and a difference goes into the next."""
_ROW: Final = ("project_id", "period_start_on", "period_end_on", "method", "currency")


def recognised(known: Known) -> Facts:
    """Rows of the revenue schedule by time that cover one month, once recognised: `recognized_amount`, `worth`, the project's client.

    `worth` is nought where no billable time was entered.
    """
    told = known.facts("revenue_schedule", after=("recognized_on",), take=(*_ROW, "recognized_on", "recognized_amount"))
    monthly = pl.col("period_end_on") == pl.col("period_start_on").dt.month_end()
    whole = told.where((pl.col("method") == "time") & monthly & (pl.col("period_start_on").dt.day() == 1), name="monthly")
    of_month = pl.concat_str("project_id", pl.col("period_start_on").cast(pl.String), separator="\n")
    rows = Facts(whole.name, whole.frame.with_columns(of_month=of_month))
    worked = known.derived(earned).frame.select(
        ENTER, LEAVE, worth="total", of_month=pl.concat_str("project_id", pl.col("month").cast(pl.String), separator="\n")
    )
    held = beside(rows, Facts("earned", worked), on="of_month", take=("worth",))
    owned = held.joined(known.facts("project", take=("client_id", "contract_id")), on="project_id", take=("client_id", "contract_id"))
    ends = (pl.col("recognized_on").cast(pl.Int32).cast(pl.Int64) + WATCHED_DAYS) * DAY
    shown = owned.frame.with_columns(worth=pl.col("worth").fill_null(0), leave=pl.min_horizontal(LEAVE, ends))
    return Facts("recognised", shown.filter(pl.col(ENTER) < pl.col(LEAVE)))


def parted(known: Known, terms: Terms, *, more: str, less: str) -> Facts:
    """Months in which `more` exceeds `less` (`recognized_amount`, `worth`) by over the tolerated `share` of the larger, as findings."""
    ruled = terms.on(known.derived(recognised), day="period_start_on")
    apart = pl.col(more) - pl.col(less)
    found = ruled.where(apart > pl.max_horizontal(more, less) * pl.col("share"), name=f"{more}_over_{less}")
    told = {"expected": plain(pl.col("worth")), "found": plain(pl.col("recognized_amount"))}
    return Facts(found.name, found.frame.with_columns(**told, difference=apart, rests_on_id="schedule_id"))
