"""Time entries that may be billed, as facts in knowledge time, with the keys and the logarithms that residuals are made of."""

from typing import Final

import polars as pl

from features.residuals import HISTORY_DAYS, key_of, log_of
from features.timesheets import NO_CURRENCY
from records.known import ENTER, FOREVER, LEAVE, MONEY_SCALE, Facts, Known

_WORD: Final = r"[\p{L}]{3,}"
_MINUTES_IN_AN_HOUR: Final = 60
_TOLD: Final = (
    *("person_id", "project_id", "worked_on", "minutes", "billable", "role", "bill_rate", "currency", "narrative"),
    *("source", "recorded_at"),
)


def charged(known: Known) -> Facts:
    """Entries that may be billed, whether or not they have been; `amount` in engine money of `currency`."""
    return Facts("charged", _charged(known, until=()).collect().lazy())


def unbilled(known: Known) -> Facts:
    """The same, until they are on an invoice. Read when asked for, as few of them are."""
    return Facts("unbilled", _charged(known, until=("invoice_line_id",)))


def _charged(known: Known, *, until: tuple[str, ...]) -> pl.LazyFrame:
    rows = known.recent("time_entry", days=HISTORY_DAYS, until=until, take=_TOLD).frame
    rows = rows.filter(pl.col("billable") & (pl.col("minutes") > 0) & (pl.col("bill_rate") > 0))
    keyed = rows.with_columns(
        pair=key_of("person_id", "project_id"),
        grade=key_of("project_id", pl.col("role").fill_null("")),
        day=_day(),
        text=key_of("person_id", "project_id", _plain()),
        said=key_of("person_id", _plain()),
        person=key_of("person_id"),
        currency=pl.col("currency").fill_null(NO_CURRENCY),
        log_minutes=log_of(pl.col("minutes")),
        log_rate=log_of(pl.col("bill_rate") / MONEY_SCALE),
        amount=(pl.col("minutes") * pl.col("bill_rate") / _MINUTES_IN_AN_HOUR).round().cast(pl.Int64),
    )
    return keyed.with_columns(log_minutes_squared=pl.col("log_minutes") ** 2).drop("billable")


def _plain() -> pl.Expr:
    return pl.col("narrative").fill_null("").str.to_lowercase()


def _day() -> pl.Expr:
    return key_of("person_id", pl.col("worked_on").cast(pl.String))


def day_totals(known: Known) -> Facts:
    """What a person has on record for a day, all work and not only what may be billed, while it is that much. `day`, `log_total`."""
    rows = known.recent("time_entry", days=HISTORY_DAYS, take=("person_id", "worked_on", "minutes")).frame
    keyed = rows.select("person_id", "minutes", ENTER, LEAVE, day=_day())
    comes = keyed.select("person_id", "day", "minutes", at=ENTER)
    goes = keyed.filter(pl.col(LEAVE) < FOREVER).select("person_id", "day", -pl.col("minutes"), at=LEAVE)
    steps = pl.concat([comes, goes]).group_by("person_id", "day", "at").agg(pl.col("minutes").sum()).sort("day", "at")
    held = steps.with_columns(total=pl.col("minutes").cum_sum().over("day"), until=pl.col("at").shift(-1).over("day").fill_null(FOREVER))
    told = held.filter(pl.col("total") > 0).select("person_id", "day", log_total=log_of(pl.col("total")), **{ENTER: "at", LEAVE: "until"})
    return Facts("day_total", told.with_columns(log_total_squared=pl.col("log_total") ** 2).collect().lazy())


def words(entries: pl.LazyFrame) -> pl.LazyFrame:
    """Each word of three letters or more once for each entry: `word`, `person_word`, `project_word`, ENTER, LEAVE, and the `row`."""
    numbered = [name for name in ("row",) if name in entries.collect_schema().names()]
    said = _plain().str.extract_all(_WORD).list.unique()
    each = (
        entries.select(*numbered, "person_id", "project_id", ENTER, LEAVE, word=said).explode("word").filter(pl.col("word").is_not_null())
    )
    keyed = each.with_columns(person_word=key_of("person_id", "word"), project_word=key_of("project_id", "word"))
    return keyed.drop("person_id", "project_id")
