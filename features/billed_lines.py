"""Invoice lines that charge a person's hours, as facts in knowledge time, and how far the rate of one is from its own kind of past.

The rate alone: how long somebody worked, and on what, is judged on the entries beneath, and whether a line has their hours is a control's.
With its hours and its newcomers beside it, rates would be found less than half as often (docs/anomalies.md).
"""

from typing import Final

import polars as pl

from features.residuals import HISTORY_DAYS, SPINE_DAYS, Past, key_of, log_of, off_rate, over, rates
from features.windows import AS_OF
from records.known import DAY, MONEY_SCALE, Facts, Known, LeakError, micros
from records.receivables import receivables

LINE_RESIDUALS: Final = ("off_rate",)
_TOLD: Final = (
    *("invoice_id", "line_no", "kind", "person_id", "role", "project_id", "quantity", "unit", "unit_price", "net_amount", "description"),
    *("period_start_on", "period_end_on", "source", "recorded_at"),
)


def hourly_lines(known: Known) -> Facts:
    """Lines of so many hours of a person at a rate; `quantity`, `unit_price` and `amount` in engine units."""
    rows = known.recent("invoice_line", days=HISTORY_DAYS, take=_TOLD).frame
    hourly = (pl.col("kind") == "time") & (pl.col("unit").fill_null("HUR") == "HUR")
    rows = rows.filter(hourly & pl.col("person_id").is_not_null() & (pl.col("quantity") > 0) & (pl.col("unit_price") > 0))
    keyed = rows.with_columns(
        project_id=pl.col("project_id").fill_null(""),
        log_rate=log_of(pl.col("unit_price") / MONEY_SCALE),
        amount="net_amount",
    )
    keyed = keyed.with_columns(pair=key_of("person_id", "project_id"), grade=key_of("project_id", pl.col("role").fill_null("")))
    return Facts("hourly_line", keyed.collect().lazy())


def open_lines(known: Known) -> Facts:
    """The same while the invoice is a draft, or issued with something owed; with its client and currency."""
    standing = known.derived(receivables).where(pl.col("stage").is_in(["draft", "open"]), name="unsettled")
    return known.derived(hourly_lines).joined(standing, on="invoice_id", take=("client_id", "currency"))


def line_residuals(known: Known, spine: pl.DataFrame) -> pl.DataFrame:
    """The spine (rows of `hourly_lines` with AS_OF, the instant of the draft) with a float column for each of LINE_RESIDUALS.

    Raises LeakError for a row so long before the records' end that what it is judged by was not read whole.
    """
    if spine.height and spine[AS_OF].min() < micros(known.until) - SPINE_DAYS * DAY:  # type: ignore[operator]
        raise LeakError(f"a line of more than {SPINE_DAYS} days before the records' end has no whole history to be judged by")
    facts = known.derived(hourly_lines)
    past = Past(spine, [over(facts, None, "pair"), *rates(facts)])
    return spine.with_columns(pl.Series("off_rate", off_rate(past, facts), nan_to_null=True))
