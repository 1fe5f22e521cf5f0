"""The list as CSV: every line of the current filter, plain numbers with their currency, ISO dates, nothing that runs as a formula."""

import csv
import io
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date

from sqlalchemy.orm import Session

from service.pages.desk import Desk
from service.pages.listing import gain_of
from service.pages.places import Place, Tab
from service.recommendations import LARGEST_LIMIT, RecommendationRow, list_recommendations
from service.worklist import AccountRow, list_accounts

log = logging.getLogger(__name__)

RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection)."""

ACCOUNT_COLUMNS = (
    *("place", "client_id", "client_name", "invoices", "owed", "at_stake", "expected_loss", "currency", "oldest_due_on", "overdue_days"),
    *(
        "predicted_on",
        "predicted_low_on",
        "predicted_high_on",
        "likelihood",
        "about",
        "reason",
        "suggestion",
        "next_step_on",
        "promised_for_on",
        "records_as_of",
    ),
)
RECORD_COLUMNS = (
    *("id", "title", "client_id", "client_name", "reference", "at_stake", "currency", "at_stake_reporting", "expected_loss"),
    *("reporting_currency", "due_on", "predicted_on", "predicted_low_on", "predicted_high_on", "likelihood", "about", "reason"),
    *("suggestion", "status", "snoozed_until", "dismiss_reason", "decided_by", "decided_at", "closed", "records_as_of"),
)


def export_rows(session: Session, desk: Desk, place: Place) -> Iterator[tuple[str, ...]]:
    """Heading, then one row for each line on all pages of the list."""
    if place.area.lists_accounts(place.tab):
        yield ACCOUNT_COLUMNS
        yield from (_account(row) for row in _accounts(session, desk, place))
    else:
        yield RECORD_COLUMNS
        yield from (_record(row) for row in _records(session, desk, place))


def write_csv(rows: Iterable[tuple[str, ...]]) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return file.getvalue()


def guarded(cell: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would calculate it; a plain number stays a number."""
    is_number = re.fullmatch(r"-?\d+(\.\d+)?", cell) is not None
    return f"'{cell}" if cell.startswith(RUNS_AS_FORMULA) and not is_number else cell


def export_name(desk: Desk, place: Place) -> str:
    """The filter and the time in the name; who took it goes into the log."""
    chosen = [place.tab, *place.currencies, place.search, f"from {place.min_at_risk:f}" if place.min_at_risk is not None else ""]
    words = re.sub(r"[^a-z0-9]+", "-", " ".join(str(one) for one in chosen).casefold()).strip("-")
    name = f"plumbline-{place.area.path.strip('/')}-{words}-{desk.now.astimezone(UTC):%Y%m%dT%H%MZ}.csv"
    log.info("export of %s by %s", name, desk.actor.token_id)
    return name


def _accounts(session: Session, desk: Desk, place: Place) -> Iterator[AccountRow]:
    cursor: str | None = None
    while True:
        found = list_accounts(
            session,
            desk.sees,
            now=desk.now,
            capacity=desk.capacity,
            filters=place.filters,
            cursor=cursor,
            limit=LARGEST_LIMIT,
            gain=gain_of(place.tab),
        )
        for row in found.items:
            if place.tab is Tab.TODAY and not row.above_line:
                return
            yield row
        cursor = found.next_cursor
        if cursor is None:
            return


def _records(session: Session, desk: Desk, place: Place) -> Iterator[RecommendationRow]:
    cursor: str | None = None
    while True:
        found = list_recommendations(
            session,
            desk.sees,
            now=desk.now,
            filters=replace(place.filters, one_a_case=False),
            sort=place.sort,
            cursor=cursor,
            limit=LARGEST_LIMIT,
        )
        yield from found.items
        cursor = found.next_cursor
        if cursor is None:
            return


def _account(row: AccountRow) -> tuple[str, ...]:
    top = row.top
    return (
        *(str(row.rank), row.client_id, row.client_name, str(row.records)),
        *(row.owed.plain, row.at_stake.plain, row.expected_loss.plain, row.owed.currency),
        *(_day(row.oldest_due_on), str(row.overdue_days)),
        *(_day(top.predicted_on), _day(top.predicted_low_on), _day(top.predicted_high_on)),
        *(row.likelihood.words if row.likelihood else "", row.likelihood.about if row.likelihood else ""),
        *(row.top_reason, row.suggestion, _day(row.next_step_on), _day(row.promised_for_on), top.as_of.isoformat()),
    )


def _record(row: RecommendationRow) -> tuple[str, ...]:
    return (
        *(row.id, row.title, row.client_id, row.client_name, row.reference),
        *(row.at_stake.plain, row.at_stake.currency, row.at_stake_reporting.plain),
        # An anomaly is ranked by its amount, and no loss is expected of it.
        *("" if row.kind == "anomaly" else row.expected_loss.plain, row.expected_loss.currency),
        *(_day(row.due_on), _day(row.predicted_on), _day(row.predicted_low_on), _day(row.predicted_high_on)),
        *(row.said.words if row.said else "", row.said.about if row.said else ""),
        *(row.top_reason, row.suggestion, row.status, row.snoozed_until.isoformat() if row.snoozed_until else ""),
        *(row.dismiss_reason or "", row.decided_by, row.decided_at.isoformat() if row.decided_at else ""),
        *(row.closed_sentence, row.as_of.isoformat()),
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
