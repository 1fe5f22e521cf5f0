"""Same hours on two projects: one piece of work that two clients pay for."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.twins import twins
from controls.facts.wording import folded, read_once, words
from controls.facts.work import work
from records.known import Facts, Known

WORDS: Final = Tolerance("words", 4, "words", "Short notes are the same on many days by chance; four words in a row are copied.")

_SAME: Final = ("person_id", "worked_on", "minutes")


@control(entity="time_entry", severity="warning", family="time", unit="text", rests_on="time_entry", tolerances=(WORDS,))
def same_hours_on_two_projects(known: Known, terms: Terms) -> Facts:
    """The same work of one day is charged to two projects.

    Fires: two entries of one person and day with the same minutes and the same narrative, on two projects.
    Silent: other minutes or another narrative; a narrative of a few words, which many days have; two entries on one project.
    Rests on: the entry that was made first.
    Clears: keep the entry on the project that the work was for, and make the other not billable.
    """
    told = known.derived(work).frame.filter(pl.col("narrative").is_not_null())
    # Reading texts costs more than all else, so only those of a day's equal minutes on several projects are read.
    several = told.select(*_SAME, "project_id").unique().group_by(_SAME).agg(projects=pl.len()).filter(pl.col("projects") > 1)
    few = told.join(several, on=_SAME, how="semi").collect().lazy()
    worded = Facts("worded", read_once(few, "narrative", {"said": words("narrative"), "text": folded("narrative")}))
    both = twins(worded, worded, alike=(*_SAME, "text"), key="entry_id", since="entered_at", take=("project_id",))
    ruled = terms.on(both.where(pl.col("project_id") != pl.col("earlier_project_id"), name="two_projects"), day="worked_on")
    found = ruled.where(pl.col("said") >= pl.col("words"), name="copied")
    return Facts(found.name, found.frame.with_columns(found="earlier_project_id", difference="value", rests_on_id="earlier_entry_id"))
