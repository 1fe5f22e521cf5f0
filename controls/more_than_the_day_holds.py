"""More than the day holds: nobody works so long, so some of it is wrong."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.spans import beside, foremost
from controls.facts.totals import running
from controls.facts.work import work
from records.known import Facts, Known

MINUTES: Final = Tolerance(
    "minutes_a_day", 960, "minutes", "Sixteen hours leave eight to sleep; longer days are real once in years and asked about always."
)
_DAY: Final = ("person_id", "worked_on")


@control(entity="time_entry", severity="error", family="time", unit="minutes", rests_on="person", tolerances=(MINUTES,))
def more_than_the_day_holds(known: Known, terms: Terms) -> Facts:
    """One person's entries of a day come to more than a day holds.

    Fires: 10 hours on one project and 7 on another on the same day: the entry that was made last is told.
    Silent: 16 hours in all, whether they are billable or not.
    Rests on: the person, whose entries of the day were added up.
    Clears: correct the minutes, the day or the person of an entry.
    """
    least = min([int(MINUTES.default), *terms.guidelines[MINUTES.name].drop_nulls().to_list()])
    full = _full_days(known, beyond=least)
    told = known.derived(work)
    if full.frame.select(pl.len()).collect().item() == 0:
        return Facts("full_day", told.frame.clear())
    of_day = told.frame.join(full.frame.select(_DAY).unique(), on=_DAY, how="semi").with_columns(
        latest=-pl.col("entered_at"), own=pl.col("minutes")
    )
    last = foremost(Facts("of_day", of_day), by=_DAY, order=("latest", "entry_id"))
    held = beside(_placed(last), _placed(full), on="place", take=("spent",)).where(pl.col("spent").is_not_null(), name="full")
    ruled = terms.on(held, day="worked_on")
    found = ruled.frame.filter(pl.col("spent") > pl.col(MINUTES.name))
    return Facts(
        ruled.name,
        found.with_columns(
            expected=pl.col(MINUTES.name).cast(pl.String),
            found=pl.col("spent").cast(pl.String),
            difference=(pl.col("value") * pl.min_horizontal(pl.col("spent") - pl.col(MINUTES.name), "own") / pl.col("own"))
            .round(0)
            .cast(pl.Int64),
            rests_on_id="person_id",
        ),
    )


def _full_days(known: Known, *, beyond: int) -> Facts:
    """Persons' days with more than so many minutes, billable or not, piece by piece of knowledge time: `spent`."""
    entries = known.facts("time_entry", take=(*_DAY, "minutes")).frame
    # No more than all versions together can have held at one time.
    at_most = entries.group_by(_DAY).agg(pl.col("minutes").sum())
    few = entries.join(at_most.filter(pl.col("minutes") > beyond), on=_DAY, how="semi")
    spent = running(Facts("full_day", few), by=_DAY, of="minutes")
    return Facts(spent.name, spent.frame.rename({"total": "spent"}).drop("count").filter(pl.col("spent") > beyond).collect().lazy())


def _placed(facts: Facts) -> Facts:
    return Facts(
        facts.name, facts.frame.with_columns(place=pl.concat_str("person_id", pl.col("worked_on").cast(pl.String), separator="\n"))
    )
