"""The values that the templates of list and detail show, made from one state of the database."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from sqlalchemy.orm import Session

from service.burn_chart import BurnChart
from service.explanation import ScorePoint
from service.margin_chart import MarginChart
from service.pages.banners import banners_of, empty_state
from service.pages.cash import cash_texts
from service.pages.course_text import CourseText
from service.pages.desk import Desk
from service.pages.lines import notes_on, record_url
from service.pages.listing import Listing, columns_of, joined, make_listing
from service.pages.log_form import log_form
from service.pages.messages import Message, done_message
from service.pages.pane import Pane, find_pane, message_draft, snooze_choices
from service.pages.places import Place, Tab, sorts_of
from service.pages.plot_text import plot_description, plot_title
from service.pages.timeline import SHOWN_AT_FIRST, decided, timeline_of
from service.pages.track_record_text import track_record_text
from service.pages.verdicts import Asked
from service.pages.wording import Wording, likelihood_text, say, say_count
from service.progress import Progress
from service.runs import current_runs
from service.status import DismissReason, Status, Verdict
from service.track_record import track_record
from service.words import HAPPENED, Likelihood, likelihood, unusual


def list_values(
    session: Session, desk: Desk, place: Place, *, asked: Asked | None = None, message: Message | None = None
) -> dict[str, Any]:
    """Everything of the list page, its pane included."""
    wording = desk.wording
    listing = make_listing(session, desk, place)
    runs = tuple(run for run in current_runs(session) if run.risk in place.area.risks)
    return {
        **_shared(desk, place),
        **_listing_values(listing, wording),
        **pane_values(session, desk, place, asked=asked),
        "banners": banners_of(runs, desk.now, wording=wording),
        "bulk_verdicts": _bulk_verdicts(place.tab),
        "empty": None if listing.lines else empty_state(runs, place, now=desk.now, wording=wording),
        "message": message or done_message(session, desk, place),
        "ticked": asked.ticks if asked else (),
    }


def pane_values(session: Session, desk: Desk, place: Place, *, asked: Asked | None = None, full: bool = False) -> dict[str, Any]:
    """Everything of the detail, in the pane or as a page."""
    pane = find_pane(session, desk.sees, place=place, now=desk.now, capacity=desk.capacity)
    wording = desk.wording
    return {
        **_shared(desk, place),
        "asked": asked,
        "cash": cash_texts(session, desk, client_ids=[pane.account.client_id])[0] if full and pane and pane.account else (),
        "full": full,
        "h1": "h1" if full else "h2",
        "gone": bool(place.selected) and pane is None,
        "order_text": say(
            "The list is ranked by expected loss: the likelihood times the money at stake, as far as acting now can save it. "
            "What is certain or has happened counts in full; so does what is unusual, of which nobody knows how likely an error is. "
            "The line in the list marks what %(capacity)s a day reaches.",
            {"capacity": desk.capacity},
        ),
        "pane": pane,
        "noted": None,
        "track_record": _track_record(session, desk, pane),
        **(_pane_values(pane, wording) if pane else {}),
    }


def _track_record(session: Session, desk: Desk, pane: Pane | None) -> tuple[str, ...]:
    if pane is None or pane.row is None:
        return ()
    return track_record_text(track_record(session, desk.sees, risk=pane.row.risk, now=desk.now))


def _shared(desk: Desk, place: Place) -> dict[str, Any]:
    return {
        "area": place.area,
        "place": place,
        "may_decide": desk.may_decide,
        "may_log": desk.actor.may("note_contact"),
        "reasons": tuple(DismissReason),
        "snoozes": snooze_choices(desk.wording),
        "full": False,
    }


def _listing_values(listing: Listing, wording: Wording) -> dict[str, Any]:
    place = listing.place
    current = next((tab.label for tab in listing.tabs if tab.current), say("Nothing to gain now"))
    currency = listing.money[0].currency if listing.money else ""
    return {
        "below_line": listing.below_line,
        "capacity_note": say("Below this line is more than a day's work"),
        "columns": columns_of(place),
        "currencies": listing.currencies,
        "currency": currency,
        "heading": current,
        "line_count": listing.total,
        "lines": listing.lines,
        "minimum": "" if place.min_at_risk is None else f"{place.min_at_risk:,f} {currency}".strip(),
        "next_place": listing.next_place,
        "progress": tuple(_progress(one, wording) for one in listing.progress),
        "reporting_currency": currency or say("the reporting currency"),
        "rest_note": say_count(
            "%(number)s account needs no action now", "%(number)s accounts need no action now", number=listing.without_action
        )
        if listing.without_action
        else "",
        "sorts": () if place.area.lists_accounts(place.tab) else tuple(sorts_of(place.area).items()),
        "tabs": listing.tabs,
        "totals": listing.totals(wording),
    }


def _progress(progress: Progress, wording: Wording) -> str:
    values = {"promised": wording.whole(progress.promised), "owed": wording.whole(progress.owed), "percent": progress.percent}
    return say("Promised %(promised)s of %(owed)s on today's list (%(percent)s %%)", values)


def _bulk_verdicts(tab: Tab) -> tuple[Verdict, ...]:
    if tab is Tab.DECIDED:
        return (Verdict.REOPEN,)
    if tab is Tab.SNOOZED:
        return (Verdict.ACCEPT, Verdict.DISMISS, Verdict.SNOOZE, Verdict.REOPEN)
    return () if tab is Tab.CLOSED else (Verdict.ACCEPT, Verdict.DISMISS, Verdict.SNOOZE)


def _pane_values(pane: Pane, wording: Wording) -> dict[str, Any]:
    row = pane.row
    account = pane.account
    plot = pane.plot
    url = f"{pane.area.path}/accounts/{quote(account.client_id, safe='')}" if account else ""
    return {
        "account_summary": _account_summary(pane, wording),
        "account_url": url,
        "course": _course(pane, wording),
        "draft": message_draft(account, wording) if account and account.rows else "",
        "history": () if account else tuple(decided(event, wording) for event in pane.events),
        "others_heading": say("Also on this bill") if row and row.stage != "unbilled" else say("Also found about it"),
        "page_url": url or (record_url(pane.area, row) if row else ""),
        "pane_title": account.client_name if account else (row.title if row else ""),
        "plot_description": plot_description(plot, wording) if plot else "",
        "plot_title": plot_title(plot) if plot else "",
        "scope_text": _scope_text(pane, wording),
        "scored_text": _scored_text(pane, wording),
        "other_url": lambda one: record_url(pane.area, one),
        "notes_on": lambda row: notes_on(row, wording),
        "log": log_form(pane.account, wording) if pane.account else None,
        "timeline_first": SHOWN_AT_FIRST,
        "timeline": timeline_of(pane.account, wording) if pane.account else (),
        "scores": _scores(pane.record.scores) if pane.record else (),
        "standing": wording.standing(row) if row and (pane.chosen or row.status is not Status.OPEN) else "",
    }


def _course(pane: Pane, wording: Wording) -> CourseText | None:
    course = pane.explanation.course if pane.explanation else None
    return CourseText(MarginChart(course), BurnChart(course.burn), wording) if course else None


def _account_summary(pane: Pane, wording: Wording) -> str:
    if not pane.account:
        return ""
    records = {(row.entity_type, row.entity_id) for row in pane.account.rows}
    values = {"money": joined(pane.account.owed, wording)}
    return say_count(
        "%(number)s invoice not closed, %(money)s owed",
        "%(number)s invoices not closed, %(money)s owed",
        number=len(records),
        values=values,
    )


def _scope_text(pane: Pane, wording: Wording) -> str:
    """What a verdict given on this page decides."""
    values = {"money": joined(pane.scope_stake, wording), "reference": pane.row.reference if pane.row else ""}
    if len(pane.scope) == 1 or pane.chosen:
        return say("Decides %(reference)s, %(money)s.", values)
    return say_count(
        "Decides %(number)s invoice, %(money)s.", "Decides all %(number)s open invoices, %(money)s.", number=len(pane.scope), values=values
    )


def _scored_text(pane: Pane, wording: Wording) -> str:
    if not pane.record:
        return ""
    explanation = pane.record.explanation
    values = {
        "model": explanation.model_version,
        "scored": wording.instant(explanation.scored_at),
        "as_of": wording.instant(pane.record.row.as_of),
    }
    return say("Model %(model)s, scored %(scored)s on the records as of %(as_of)s.", values)


def _said(point: ScorePoint) -> Likelihood | None:
    if point.unusualness is not None:
        return unusual(point.unusualness)
    if point.happened:
        return HAPPENED
    return None if point.probability is None else likelihood(point.probability)


def _scores(points: Sequence[ScorePoint]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "as_of": point.as_of,
            "rank": point.rank,
            "likelihood": likelihood_text(_said(point)),
            "at_stake": point.at_stake,
            "model_version": point.model_version,
        }
        for point in points
    )
