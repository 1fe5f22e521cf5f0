"""What a reader must know before trusting a list: late data, notices of the scoring, likelihood withheld; and why a list is empty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.pages.places import Place, Tab
from service.pages.wording import Wording, say
from service.runs import Run
from service.words import NOT_SURE

STALE_AFTER = timedelta(hours=36)
"""Scoring runs nightly on the records of the day that has ended: a state older than a day and a half means a night was missed."""


NAMED = 3
"""Scorings of one state that are named before the rest is counted."""


@dataclass(frozen=True)
class Banner:
    kind: str
    text: str


@dataclass(frozen=True)
class Empty:
    """Why there is nothing to show: four different things that must not look the same."""

    kind: str
    title: str
    text: str
    link: str = ""
    link_text: str = ""


def banners_of(runs: Sequence[Run], now: datetime, *, wording: Wording) -> tuple[Banner, ...]:
    stale: dict[datetime, list[Run]] = {}
    for run in runs:
        if is_stale(run, now):
            stale.setdefault(run.as_of, []).append(run)
    late = [Banner("stale", _late(own, wording)) for own in stale.values()]
    withheld = [
        Banner("withheld", say("%(not_sure)s. %(why)s", {"not_sure": NOT_SURE, "why": run.withheld})) for run in runs if run.withheld
    ]
    notices = [Banner("notice", notice) for run in runs for notice in run.notices]
    # Several scorings may say the same, and one line of it is enough.
    return tuple(dict.fromkeys((*late, *withheld, *notices)))


def empty_state(runs: Sequence[Run], place: Place, *, now: datetime, wording: Wording) -> Empty:
    if not runs:
        return Empty(
            "unset",
            say("Not set up yet"),
            say(
                "Nothing has been scored. An administrator imports the records, trains a model and scores them; the list appears by itself."
            ),
        )
    if place.is_filtered:
        return Empty(
            "unmatched",
            say("No match"),
            say("There is work in this list, but nothing that matches all the filters."),
            place.cleared.url,
            say("Clear the filters"),
        )
    late = next((run for run in runs if is_stale(run, now)), None)
    if late and place.tab is Tab.OPEN:
        text = say("Nothing is open, but the records were last read as of %(as_of)s: newer ones may hold work.", _named(late, wording))
        return Empty("late", say("Data late"), text)
    if place.tab is not Tab.OPEN:
        return Empty(
            "none",
            say("Nothing here"),
            say("No line is in this view."),
            place.on(Tab.OPEN).url,
            say("Drafts and fresh bills") if place.area.stages else say("All open"),
        )
    newest = max(runs, key=lambda run: run.scored_at)
    return Empty("clear", say("All clear"), say(place.area.words.clear, _named(newest, wording)))


def _late(runs: Sequence[Run], wording: Wording) -> str:
    """Of all scorings on one state of the records; the controls alone are more than fifty."""
    names = [str(_named(run, wording)["risk"]) for run in runs]
    told = {**_named(runs[0], wording), "risk": ", ".join(names[:NAMED]), "more": len(names) - NAMED}
    if len(names) > NAMED:
        return say("%(risk)s and %(more)s more: scored on the records as of %(as_of)s – likelihoods and dates may be out of date.", told)
    return say("%(risk)s: scored on the records as of %(as_of)s – likelihoods and dates may be out of date.", told)


def is_stale(run: Run, now: datetime) -> bool:
    return now - run.as_of > STALE_AFTER


def _named(run: Run, wording: Wording) -> dict[str, object]:
    return {"risk": run.risk.capitalize().replace("_", " "), "as_of": wording.instant(run.as_of), "scored": wording.instant(run.scored_at)}
