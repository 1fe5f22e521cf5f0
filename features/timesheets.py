"""Timesheets: one a person and week, what is due on it, what is in, and since when nothing is lacking; as facts in knowledge time.

A day of work is due when the office's calendar has minutes on it, the person is employed, and no absence that was registered by then covers
it. Part-timers owe as many days as their minutes make, whichever they are. Overlapping absences are counted once. When a sheet is due its
office says (due_times.py).
"""

from typing import Final

import polars as pl

from features.due_times import due_times
from features.windows import AS_OF, Aggregate, aggregate
from records.known import DAY, ENTER, FOREVER, LEAVE, MONEY_SCALE, Facts, Known, day_end

HOUR: Final = DAY // 24
MATURE_DAYS: Final = 14
"""Days after the deadline for which a missing sheet is asked for and absences are registered after the fact: nearly all come by then."""
LOOKED_AT: Final = (-2 * DAY, -DAY, 0, MATURE_DAYS * DAY)
"""From its deadline, when a sheet's state is taken: two days and one day before it, at it, and when it has matured."""
FULL_DAY: Final = 480
FULL_WEEK: Final = 2400
NO_CURRENCY: Final = "XXX"
"""ISO 4217: no currency is involved; there is no money on record yet."""
_VALUED_DAYS: Final = 90
_OWN_ENTRIES: Final = 8
"""Entries on a project at which what is usual on it counts for as much as what is usual for the person."""
_MINUTES_IN_AN_HOUR: Final = 60
_SHEET: Final = ("person_id", "practice", "week", "due", "zone", ENTER)


def home_currency(known: Known) -> str | None:
    """The currency that the firm's first rate was quoted against; None without any."""
    first = known.versions("fx_rate").frame.sort(ENTER, "base").select("base").head(1).collect()
    return first["base"][0] if first.height else None


def worked(known: Known) -> Facts:
    """Time entries: person_id, project_id, minutes, billable (0 or 1), value and cost (home currency, engine money), `happened`."""
    entries = known.facts(
        "time_entry", take=("person_id", "project_id", "worked_on", "minutes", "billable", "bill_rate", "cost_per_hour", "currency")
    )
    rates = home_rates(known)
    priced = entries.frame.sort(ENTER).join_asof(rates, left_on=ENTER, right_on="since", by="currency", check_sortedness=False)
    into_home = pl.col("per_home").fill_null(float(MONEY_SCALE))
    amount = {
        name: (pl.col("minutes") * pl.col(rate).fill_null(0) / _MINUTES_IN_AN_HOUR * MONEY_SCALE / into_home).round().cast(pl.Int64)
        for name, rate in (("value", "bill_rate"), ("cost", "cost_per_hour"))
    }
    billable = pl.col("billable").cast(pl.Int64)
    frame = priced.with_columns(**amount).with_columns(billable=billable, value=pl.col("value") * billable, happened=day_end("worked_on"))
    return Facts("worked", frame.drop("since", "per_home", "bill_rate", "cost_per_hour").sort("person_id", "happened"))


def home_rates(known: Known) -> pl.LazyFrame:
    """By currency: units of it for one of home (engine number), since when known."""
    home = home_currency(known)
    rates = known.versions("fx_rate").frame.filter(pl.col("base") == pl.lit(home, dtype=pl.String))
    return rates.select(currency="quote", since=pl.col(ENTER), per_home=pl.col("rate").cast(pl.Float64)).sort("since", "per_home")


def against_usual(known: Known) -> Facts:
    """Billable time entries beside the `usual` minutes of the person's entries on the same project, of those that were on record before.

    The first entries on a project are held to the person's entries on any; somebody's very first are left out.
    """
    entries = known.derived(worked).frame.filter((pl.col("billable") == 1) & (pl.col("minutes") > 0))
    both = _before(entries, "person_id", "project_id").join(
        _before(entries, "person_id"), on=["person_id", ENTER], suffix="_anywhere", how="inner"
    )
    anywhere = pl.col("before_anywhere") / pl.col("entries_anywhere")
    usual = (pl.col("before") + anywhere * _OWN_ENTRIES) / (pl.col("entries") + _OWN_ENTRIES)
    known_before = both.filter(pl.col("entries_anywhere") > 0).with_columns(usual=usual.round().cast(pl.Int64))
    told = entries.join(known_before.select("person_id", "project_id", ENTER, "usual"), on=["person_id", "project_id", ENTER])
    return Facts("against_usual", told.select("person_id", "minutes", "usual", "happened", ENTER, LEAVE).sort("person_id", "happened"))


def _before(entries: pl.LazyFrame, *by: str) -> pl.LazyFrame:
    """By key and instant of entering: the minutes, `before`, and number, `entries`, of what was entered earlier."""
    came = entries.group_by(*by, ENTER).agg(pl.col("minutes").sum(), entries=pl.len().cast(pl.Int64)).sort(*by, ENTER)
    so_far = {"before": pl.col("minutes").cum_sum().over(by) - pl.col("minutes")}
    return came.with_columns(**so_far, entries=pl.col("entries").cum_sum().over(by) - pl.col("entries")).drop("minutes")


def worked_days(known: Known) -> Facts:
    """Days on which a person has time on record, while there is any; `lag_hours` from the end of the day to the first entry."""
    entries = known.derived(worked).frame.select("person_id", "worked_on", "happened", ENTER, LEAVE).sort("person_id", "worked_on", ENTER)
    day = ["person_id", "worked_on"]
    # Entries of a day whose spans touch are one span; what comes after a gap is another, and unknown before it comes.
    apart = (pl.col(ENTER) > pl.col(LEAVE).cum_max().shift(1).over(day)).fill_null(value=True)
    spans = entries.with_columns(span=apart.cum_sum().over(day)).group_by(*day, "span")
    days = spans.agg(pl.col(ENTER).min(), pl.col(LEAVE).max(), pl.col("happened").first()).drop("span")
    return Facts("worked_days", days.with_columns(lag_hours=(pl.col(ENTER) - pl.col("happened")) // HOUR).sort("person_id", "happened"))


def timesheets(known: Known) -> Facts:
    """Each sheet's state at the instants LOOKED_AT, holding until the next.

    Columns: timesheet_id, person_id, practice, week (its Monday), due (deadline, microseconds), zone (of the deadline), needed, entered and
    lacking days, closed_days (of Monday to Friday), away_days, month_end, complete_at (the last lacking day came in).
    """
    days = _days_due(known)
    sheets = pl.concat(_state(known, days, instant=place, offset=offset) for place, offset in enumerate(LOOKED_AT))
    return Facts("timesheet", sheets.sort("person_id", "week", ENTER))


def lacking_sheets(known: Known) -> Facts:
    """Sheets with a day lacking, from two days before the deadline until they are complete; `stake`: what the days would have billed."""
    held = known.derived(timesheets).frame.filter(pl.col("lacking") > 0)
    asked_for = held.filter(pl.col(ENTER) <= pl.col("due"))
    open_now = asked_for.with_columns(pl.min_horizontal(LEAVE, pl.col("complete_at").fill_null(FOREVER)).alias(LEAVE))
    rows = open_now.filter(pl.col(ENTER) < pl.col(LEAVE)).with_columns(pl.col(ENTER).alias(AS_OF)).collect()
    value = Aggregate(known.derived(worked), "sum", "value", "person_id", _VALUED_DAYS, "happened")
    count = Aggregate(known.derived(worked_days), "sum", None, "person_id", _VALUED_DAYS, "happened")
    valued = aggregate(rows, [value, count])
    a_day = pl.col(value.name) // pl.max_horizontal(pl.col(count.name), 1)
    told = _in_currency(known, valued.with_columns(stake=pl.col("lacking") * a_day)).drop(value.name, count.name, AS_OF, "complete_at")
    return Facts("lacking", told.lazy())


def _in_currency(known: Known, sheets: pl.DataFrame) -> pl.DataFrame:
    """The sheets with their currency: home once a rate is known, before it that of the person's first entry."""
    rates = known.versions("fx_rate").frame.select(since=pl.col(ENTER).min())
    entries = known.derived(worked).frame.sort(ENTER).group_by("person_id", maintain_order=True)
    first = entries.agg(own=pl.col("currency").first(), own_since=pl.col(ENTER).first()).collect()
    told = sheets.join(first, on="person_id", how="left", maintain_order="left").join(rates.collect(), how="cross", maintain_order="left")
    home = pl.when(pl.col("since") <= pl.col(AS_OF)).then(pl.lit(home_currency(known), pl.String))
    own = pl.when(pl.col("own_since") <= pl.col(AS_OF)).then("own")
    return told.with_columns(currency=pl.coalesce(home, own, pl.lit(NO_CURRENCY))).drop("since", "own", "own_since")


def deadlines(known: Known) -> Facts:
    """Every sheet's deadline from then on: `missing` as it stood or `in_time`, `behind` two days before, `caught_up` if behind and in time.

    `happened` is the deadline.
    """
    states = known.derived(timesheets).frame
    before = states.filter(pl.col(ENTER) == pl.col("due") - 2 * DAY).select("timesheet_id", behind=(pl.col("lacking") > 0).cast(pl.Int64))
    at = states.filter(pl.col(ENTER) == pl.col("due")).join(before, on="timesheet_id", how="left")
    missing, behind = (pl.col("lacking") > 0).cast(pl.Int64), pl.col("behind").fill_null(0)
    told = at.with_columns(missing=missing, in_time=1 - missing, behind=behind, caught_up=behind * (1 - missing))
    return Facts("deadline", told.with_columns(pl.lit(FOREVER).alias(LEAVE), happened=pl.col("due")).sort("person_id", "happened"))


def _days_due(known: Known) -> pl.LazyFrame:
    """Person x day of the office's calendar: minutes the calendar gives, the share of a full week that the person works, when it is due."""
    people = known.versions("person").frame.sort(ENTER).unique("person_id", keep="first")
    hired = people.select("person_id", "practice", "office", "weekly_minutes", "hired_on", known_at=pl.col(ENTER))
    calendar = known.versions("calendar_day").frame.select(
        "calendar_id", "day", minutes=pl.when("working").then("minutes").otherwise(0), planned_at=pl.col(ENTER)
    )
    latest = calendar.sort("planned_at").unique(["calendar_id", "day"], keep="first")
    days = hired.join(latest, left_on="office", right_on="calendar_id")
    weeks = days.filter(pl.col("hired_on").fill_null(pl.col("day")) <= pl.col("day")).with_columns(week=pl.col("day").dt.truncate("1w"))
    return weeks.join(due_times(known, weeks.select("office", "week")).lazy(), on=["office", "week"])


def _state(known: Known, days: pl.LazyFrame, *, instant: int, offset: int) -> pl.LazyFrame:
    by_then = days.with_columns((pl.col("due") + offset).alias(ENTER)).filter(
        (pl.col("known_at") <= pl.col(ENTER)) & (pl.col("planned_at") <= pl.col(ENTER)) & (pl.col(ENTER) <= _last(known))
    )
    gone = (
        known.facts("person", after=("left_on",), take=("left_on",))
        .frame.group_by("person_id")
        .agg(pl.col("left_on").sort_by(ENTER).first(), noticed=pl.col(ENTER).min())
    )
    by_then = by_then.join(gone, on="person_id", how="left").filter(
        (pl.col("day") <= pl.col("left_on").fill_null(pl.col("day"))) | (pl.col("noticed") > pl.col(ENTER))
    )
    absent = _absent_days(known).rename({ENTER: "told", LEAVE: "untold"})
    away = (
        by_then.select("person_id", "day", ENTER)
        .join(absent, on=["person_id", "day"])
        .filter((pl.col("told") <= pl.col(ENTER)) & (pl.col(ENTER) < pl.col("untold")))
        .group_by("person_id", "day")
        .agg(away=pl.col("minutes_per_day").max())
    )
    left = (pl.col("minutes") - pl.min_horizontal("minutes", pl.col("away").fill_null(0))) * pl.col("weekly_minutes") / FULL_WEEK
    sheets = (
        by_then.join(away, on=["person_id", "day"], how="left")
        .with_columns(left=left)
        .group_by(*_SHEET)
        .agg(
            needed=(pl.col("left").sum() / FULL_DAY).round().cast(pl.Int64),
            closed_days=(5 - (pl.col("minutes") > 0).sum().cast(pl.Int64)).clip(lower_bound=0),
            away_days=(pl.col("away").fill_null(0) > 0).sum().cast(pl.Int64),
            month_end=(pl.col("day").dt.month_end() == pl.col("day")).any().cast(pl.Int64),
        )
        .filter(pl.col("needed") > 0)
    )
    until = pl.col("due") + (LOOKED_AT[instant + 1] if instant + 1 < len(LOOKED_AT) else offset + DAY)
    told = _with_entries(known, sheets)
    timesheet_id = pl.col("person_id") + ":" + pl.col("week").cast(pl.String)
    return told.with_columns(
        until.alias(LEAVE), lacking=pl.max_horizontal(pl.col("needed") - pl.col("entered"), 0), timesheet_id=timesheet_id
    )


def _with_entries(known: Known, sheets: pl.LazyFrame) -> pl.LazyFrame:
    """Days with time on record at each sheet's instant, and when as many had come as are needed."""
    days = known.derived(worked_days).frame.select(
        "person_id", week=pl.col("worked_on").dt.truncate("1w"), came=pl.col(ENTER), gone=pl.col(LEAVE)
    )
    nth = pl.col("came").rank("ordinal").over("person_id", "week", ENTER)
    both = sheets.join(days, on=["person_id", "week"], how="left").with_columns(nth=nth)
    here = (pl.col("came") <= pl.col(ENTER)) & (pl.col(ENTER) < pl.col("gone"))
    return both.group_by(*_SHEET, "needed", "closed_days", "away_days", "month_end").agg(
        entered=here.fill_null(value=False).sum().cast(pl.Int64),
        complete_at=pl.col("came").filter(pl.col("nth") == pl.col("needed")).min(),
    )


def _absent_days(known: Known) -> pl.LazyFrame:
    told = known.facts("absence", take=("person_id", "starts_on", "ends_on", "minutes_per_day")).frame
    return (
        told.with_columns(day=pl.date_ranges("starts_on", "ends_on"))
        .explode("day")
        .select("person_id", "day", "minutes_per_day", ENTER, LEAVE)
    )


def _last(known: Known) -> pl.Expr:
    return pl.lit(known.until).dt.epoch("us")
