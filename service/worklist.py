"""The collector's worklist: recommendations grouped by the account that is called."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.dealings import Dealings
from models.due_days import days_overdue
from models.finding import Role
from service.contacts import Contact, contacts_of, next_steps
from service.cursors import Cursor, decode, fingerprint
from service.explanation import Event, RecommendationDetail, events_of, find_recommendation
from service.money import Money, to_minor_unit
from service.problems import BadCursor
from service.progress import Progress, progress_of
from service.promises import LoggedPromise, promises_of
from service.recommendations import DEFAULT_LIMIT, LARGEST_LIMIT
from service.row import Filters, RecommendationRow
from service.selection import COLUMNS, current_run_ids, in_view, joined, marked, matching, row_of
from service.status import Mark, Status
from service.stored_dealings import last_dealings
from service.tables import StoredDecision
from service.tables import StoredRecommendation as Stored
from service.tables import StoredScore as Score
from service.triage import Account, Case, group_by_account, line, merge
from service.words import Likelihood

COLLECTOR: Final[tuple[Role, ...]] = ("collector",)
COLLECTORS: Final = Filters(owner_roles=COLLECTOR)
NOTHING: Final = Decimal(0)
CLOSED_SHOWN: Final = 20
EVENTS_SHOWN: Final = 50


@dataclass(frozen=True)
class AccountRow:
    """One client with something to act on. Sums are in the reporting currency and count each record once."""

    rank: int
    """Place on the whole list, from 1."""
    above_line: bool
    """Within capacity and something to gain; the others stay visible as the rest."""
    client_id: str
    client_name: str
    owed: Money
    """All its records that are scored and not closed, whatever was decided on them."""
    at_stake: Money
    """Those of them in this view."""
    expected_loss: Money
    records: int
    """How many of them are in this view."""
    oldest_due_on: date | None
    overdue_days: int
    """Of the oldest record in this view; 0 when none is overdue."""
    promised_for_on: date | None
    """Next day for which something in this view is promised."""
    next_step_on: date | None
    """As the contact logged last left it."""
    top: RecommendationRow
    """The record with the largest expected loss: its prediction, reason, suggestion and likelihood stand for the account."""

    @property
    def predicted_on(self) -> date | None:
        return self.top.predicted_on

    @property
    def likelihood(self) -> Likelihood | None:
        return self.top.likelihood

    @property
    def top_reason(self) -> str:
        return self.top.top_reason

    @property
    def suggestion(self) -> str:
        return self.top.suggestion


@dataclass(frozen=True)
class AccountPage:
    items: tuple[AccountRow, ...]
    next_cursor: str | None
    accounts: int
    """On all pages."""
    above_line: int
    """On all pages; `accounts - above_line` are the rest."""
    without_action: int
    """Accounts in this view, whatever `gain` asks for, with nothing to gain from contact now (expected loss 0)."""
    owed: tuple[Money, ...]
    """Sum over all pages, one for each reporting currency (normally one)."""
    progress: tuple[Progress, ...]
    """What is promised of today's list, one for each reporting currency; only with the open list with something to gain, unfiltered."""


@dataclass(frozen=True)
class AccountDetail:
    account: AccountRow | None
    """Its line in the open view; None when nothing is open."""
    client_id: str
    client_name: str
    owed: tuple[Money, ...]
    """Per reporting currency (normally one); empty when all is closed."""
    top: RecommendationDetail | None
    """The open recommendation with the largest expected loss, in full."""
    rows: tuple[RecommendationRow, ...]
    """All that are not closed, largest expected loss first."""
    closed: tuple[RecommendationRow, ...]
    """The 20 closed last, newest first."""
    events: tuple[Event, ...]
    """The 50 newest on this account, newest first."""
    contacts: tuple[Contact, ...]
    promises: tuple[LoggedPromise, ...]
    """The 50 of each logged last, newest first."""
    dealings: Dealings
    """What the records tell of the client, as the last run read them."""


def list_accounts(
    session: Session,
    sees: Collection[Role],
    *,
    now: datetime,
    capacity: int,
    filters: Filters = COLLECTORS,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
    gain: bool | None = None,
) -> AccountPage:
    """Accounts by expected loss. The cursor pins the scoring runs as in `list_recommendations`; raises BadCursor.

    `gain` keeps only the accounts with (True) or without (False) something to gain from contact now. With a mark, its records count
    whatever was decided on them. The day of `now`, in the time zone in which it is given, is today.

    What an account owes counts all its records that are not closed, whatever else is filtered; so the closed view has no accounts.
    """
    asked = fingerprint("accounts", filters, sorted(sees), gain)
    last = decode(cursor, asked=asked) if cursor else None
    runs = last.runs if last else current_run_ids(session)
    cases = _cases(session, sees, filters=filters, runs=runs, now=now)
    every = group_by_account(cases)
    accounts = [account for account in every if gain is None or gain == (account.expected_loss > 0)]
    above = line([account.expected_loss for account in accounts], capacity)
    start = _place_after(accounts, last) if last else 0
    shown = accounts[start : start + max(1, min(limit, LARGEST_LIMIT))]
    more = start + len(shown) < len(accounts)
    return AccountPage(
        items=_lines(session, shown, runs=runs, first_place=start + 1, above=above, now=now),
        next_cursor=_cursor(shown[-1], asked, runs, start + len(shown)) if more else None,
        accounts=len(accounts),
        above_line=above,
        without_action=sum(1 for account in every if account.expected_loss <= 0),
        owed=_sums((account.owed, account.currency) for account in accounts),
        progress=progress_of(cases, accounts, capacity=capacity, now=now) if gain and filters == COLLECTORS else (),
    )


def count_marked(session: Session, sees: Collection[Role], *, now: datetime, filters: Filters = COLLECTORS) -> dict[Mark, int]:
    """Accounts of each marked list under the other filters."""
    account = Score.reporting_currency + ":" + Score.client_id
    counts = [sa.func.count(sa.distinct(sa.case((marked(mark, now=now), account)))).label(mark) for mark in Mark]
    query = joined(*counts).where(Score.run_id.in_(current_run_ids(session)), Stored.status != Status.CLOSED, *matching(filters, sees))
    return dict(zip(Mark, session.execute(query).one(), strict=True))


def find_account(
    session: Session,
    sees: Collection[Role],
    *,
    client_id: str,
    now: datetime,
    capacity: int,
    owner_roles: Collection[Role] = COLLECTOR,
) -> AccountDetail | None:
    """One account; None when this reader may see no recommendation on it."""
    own = matching(Filters(owner_roles=owner_roles, client_id=client_id), sees)
    query = joined(*COLUMNS).where(Score.run_id == Stored.run_id, *own)
    standing = query.where(Stored.status != Status.CLOSED).order_by(Score.expected_loss.desc(), Stored.id)
    ended = query.where(Stored.status == Status.CLOSED).order_by(Stored.closed_at.desc(), Stored.id).limit(CLOSED_SHOWN)
    rows = tuple(row_of(found, now=now) for found in session.execute(standing))
    closed = tuple(row_of(found, now=now) for found in session.execute(ended))
    if not rows and not closed:
        return None
    top = next((row.id for row in rows if row.status == Status.OPEN), None)
    # The account's place is one on the whole list, so the whole list is grouped.
    runs = current_run_ids(session)
    cases = _cases(session, sees, filters=Filters(owner_roles=owner_roles), runs=runs, now=now)
    accounts = group_by_account(cases)
    above = line([account.expected_loss for account in accounts], capacity)
    place = next((place for place, account in enumerate(accounts, start=1) if account.client_id == client_id), None)
    in_line = accounts[place - 1 : place] if place else ()
    ids = joined(Stored.id).where(Score.run_id == Stored.run_id, *own)
    return AccountDetail(
        account=next(iter(_lines(session, in_line, runs=runs, first_place=place or 0, above=above, now=now)), None),
        client_id=client_id,
        client_name=(rows or closed)[0].client_name,
        owed=_sums((case.stake, case.currency) for case in merge(cases) if case.client_id == client_id),
        top=find_recommendation(session, sees, id=top, now=now) if top else None,
        rows=rows,
        closed=closed,
        events=events_of(session, StoredDecision.recommendation_id.in_(ids), limit=EVENTS_SHOWN),
        contacts=contacts_of(session, client_id, limit=EVENTS_SHOWN),
        promises=promises_of(session, [client_id], limit=EVENTS_SHOWN),
        dealings=next((told for _, told in last_dealings(session, [client_id]).values()), Dealings()),
    )


def _cases(session: Session, sees: Collection[Role], *, filters: Filters, runs: Sequence[str], now: datetime) -> list[Case]:
    which = marked(filters.mark, now=now) if filters.mark else in_view(filters.view, now=now)
    listed = sa.and_(which, *matching(filters, sees)).label("listed")
    # A share and not amounts: of most records nothing is promised, and decimals are dear.
    share = sa.case((Stored.promise_state == "open", sa.cast(Stored.promised_amount, sa.Float) / sa.cast(Score.amount_at_stake, sa.Float)))
    query = joined(
        *(Stored.id, Score.run_id, Score.entity_type, Score.entity_id, Score.client_id, Score.client_name, Score.expected_loss),
        *(Score.stake_reporting, Score.reporting_currency, Score.due_on, listed, share, Stored.promised_for_on, Stored.decided_at),
    ).where(Score.run_id.in_(runs), Stored.status != Status.CLOSED, *matching(Filters(owner_roles=filters.owner_roles), sees))
    return [
        Case(
            *(id, run_id, (kind, key), client_id, name, loss, stake, currency, due_on, bool(is_listed)),
            _promised(stake, currency, part) if part else NOTHING,
            *dates,
        )
        for id, run_id, kind, key, client_id, name, loss, stake, currency, due_on, is_listed, part, *dates in session.execute(query)
    ]


def _promised(stake: Decimal, currency: str, share: float) -> Decimal:
    """The part of the stake that an open promise is about."""
    return to_minor_unit(stake * min(Decimal(1), Decimal(repr(share))), currency)


def _lines(
    session: Session, accounts: Sequence[Account], *, runs: Sequence[str], first_place: int, above: int, now: datetime
) -> tuple[AccountRow, ...]:
    ids = [account.top.recommendation_id for account in accounts]
    found = session.execute(joined(*COLUMNS).where(Score.run_id.in_(runs), Stored.id.in_(ids)))
    tops = {row.id: row for row in (row_of(one, now=now) for one in found)}
    steps = next_steps(session, [account.client_id for account in accounts])
    return tuple(
        AccountRow(
            rank=place,
            above_line=place <= above,
            client_id=account.client_id,
            client_name=account.client_name,
            owed=Money(account.owed, account.currency),
            at_stake=Money(account.at_stake, account.currency),
            expected_loss=Money(account.expected_loss, account.currency),
            records=account.records,
            oldest_due_on=account.oldest_due_on,
            overdue_days=max(0, days_overdue(account.oldest_due_on, now.date())) if account.oldest_due_on else 0,
            promised_for_on=account.promised_for_on,
            next_step_on=steps.get(account.client_id),
            top=tops[account.top.recommendation_id],
        )
        for place, account in enumerate(accounts, start=first_place)
    )


def _sums(amounts: Iterable[tuple[Decimal, str]]) -> tuple[Money, ...]:
    sums: dict[str, Decimal] = {}
    for amount, currency in amounts:
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return tuple(Money(amount, currency) for currency, amount in sorted(sums.items()))


def _key(account: Account) -> str:
    return f"{account.currency}:{account.client_id}"


def _cursor(last: Account, asked: str, runs: tuple[str, ...], places: int) -> str:
    return Cursor(asked, runs, str(last.expected_loss), _key(last), places).encode()


def _place_after(accounts: Sequence[Account], last: Cursor) -> int:
    """Index of the first account beyond the last one shown, whatever was decided in between."""
    currency, _, client_id = last.id.partition(":")
    try:
        ended = (-Decimal(last.key), client_id, currency)
    except InvalidOperation as error:
        raise BadCursor("The cursor is damaged.") from error
    return bisect_right(accounts, ended, key=lambda account: (-account.expected_loss, account.client_id, account.currency))
