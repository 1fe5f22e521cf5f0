"""The list of recommendations: what API, pages and command line all ask for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.finding import Role
from service.columns import fits
from service.cursors import Cursor, decode, fingerprint
from service.problems import BadCursor
from service.row import Filters, RecommendationRow, Sort
from service.selection import COLUMNS, current_run_ids, due, in_view, joined, marked, matching, row_of, scored_in
from service.status import DECIDED, Status, View
from service.tables import StoredRecommendation as Stored
from service.tables import StoredScore as Score

__all__ = [
    "Filters",
    "RecommendationPage",
    "RecommendationRow",
    "Sort",
    "ViewCount",
    "count_view",
    "count_views",
    "list_case",
    "list_recommendations",
]

DEFAULT_LIMIT: Final = 50
LARGEST_LIMIT: Final = 200
"""Rows on a page; a larger wish is cut to this."""

OPEN_ONES: Final = Filters()


@dataclass(frozen=True)
class RecommendationPage:
    items: tuple[RecommendationRow, ...]
    next_cursor: str | None
    """Opaque; None on the last page. Holds the scoring runs, so that a re-score in between neither repeats nor skips."""
    first_place: int
    """Place of the first item in the whole list, from 1: places up to the day's capacity are above the line."""


@dataclass(frozen=True)
class ViewCount:
    count: int = 0
    at_stake: Mapping[str, Decimal] = field(default_factory=dict)
    """Sum at stake per reporting currency; one entry unless the firm changed its reporting currency."""


@dataclass(frozen=True)
class _Order:
    """A sort key that is never null, and how it is written in a cursor."""

    key: sa.ColumnElement[Any]
    descends: bool
    from_text: Any

    def by(self) -> list[sa.ColumnElement[Any]]:
        return [self.key.desc() if self.descends else self.key.asc(), Stored.id.asc()]

    def after(self, cursor: Cursor) -> sa.ColumnElement[bool]:
        try:
            last = self.from_text(cursor.key)
        except (ValueError, InvalidOperation) as error:
            raise BadCursor("The cursor is damaged.") from error
        if (isinstance(last, datetime) and last.tzinfo is None) or (isinstance(last, Decimal) and not fits(last)):
            raise BadCursor("The cursor is damaged.")
        beyond = self.key < last if self.descends else self.key > last
        return sa.or_(beyond, sa.and_(self.key == last, Stored.id > cursor.id))


_NEVER_DUE: Final = date(9999, 12, 31)
"""Where a record without a due date sorts: last."""

_ORDERS: Final[dict[Sort, _Order]] = {
    Sort.EXPECTED_LOSS: _Order(Score.expected_loss.expression, descends=True, from_text=Decimal),
    Sort.AT_STAKE: _Order(Score.stake_reporting.expression, descends=True, from_text=Decimal),
    Sort.DUE_ON: _Order(sa.func.coalesce(Score.due_on, _NEVER_DUE), descends=False, from_text=date.fromisoformat),
    Sort.CLIENT_NAME: _Order(Score.client_name.expression, descends=False, from_text=str),
    Sort.CLOSED_AT: _Order(Stored.closed_at.expression, descends=True, from_text=datetime.fromisoformat),
}


def list_recommendations(
    session: Session,
    sees: Collection[Role],
    *,
    now: datetime,
    filters: Filters = OPEN_ONES,
    sort: Sort | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> RecommendationPage:
    """One page for a reader who sees the rows of `sees`. `sort` None is the view's own order.

    Raises BadCursor when the cursor is damaged or was made for other filters or another order. Sort.CLOSED_AT goes with
    the closed view only; elsewhere it is the default order.
    """
    sort = _fitting(sort, filters.view)
    asked = fingerprint(filters, sort, sorted(sees))
    last = decode(cursor, asked=asked) if cursor else None
    runs = last.runs if last else current_run_ids(session)
    order = _ORDERS[sort]
    own = _conditions(sees, now=now, filters=filters, scored=scored_in(filters.view, runs))
    cases = _cases(own) if filters.one_a_case else None
    query = joined(*COLUMNS, order.key.label("sort_key"), cases.c.together if cases is not None else sa.literal(1).label("together"))
    query = (query if cases is None else _leading(query, cases)).where(*own).order_by(*order.by())
    if last:
        query = query.where(order.after(last))
    size = max(1, min(limit, LARGEST_LIMIT))
    found = session.execute(query.limit(size + 1)).all()
    items = tuple(replace(row_of(row, now=now), further=row.together - 1) for row in found[:size])
    places = last.places if last else 0
    onward = Cursor(asked, runs, _text(found[size - 1].sort_key), found[size - 1].id, places + size) if len(found) > size else None
    return RecommendationPage(items, onward.encode() if onward else None, first_place=places + 1)


def _fitting(sort: Sort | None, view: View) -> Sort:
    if sort is None or (sort == Sort.CLOSED_AT and view != View.CLOSED):
        return Sort.CLOSED_AT if view == View.CLOSED else Sort.EXPECTED_LOSS
    return sort


def _text(key: Decimal | date | datetime | str) -> str:
    return key.isoformat() if isinstance(key, date) else str(key)


def list_case(session: Session, sees: Collection[Role], *, id: str, now: datetime, filters: Filters) -> tuple[RecommendationRow, ...]:
    """The other rows about the bill, or the record, that a recommendation is about: at most LARGEST_LIMIT, largest expected loss first."""
    key = sa.select(Score.case_key).join(Stored, Stored.id == Score.finding_id).where(Stored.id == id, Score.run_id == Stored.run_id)
    own = _conditions(sees, now=now, filters=filters, scored=Score.run_id == Stored.run_id)
    query = joined(*COLUMNS).where(*own, Score.case_key == key.scalar_subquery(), Stored.id != id)
    found = session.execute(query.order_by(*_ORDERS[Sort.EXPECTED_LOSS].by()).limit(LARGEST_LIMIT))
    return tuple(row_of(row, now=now) for row in found)


def _conditions(
    sees: Collection[Role], *, now: datetime, filters: Filters, scored: sa.ColumnElement[bool]
) -> tuple[sa.ColumnElement[bool], ...]:
    """What a row of the list that the filters name must be."""
    own = (in_view(filters.view, now=now), scored, *matching(filters, sees))
    return (*own, marked(filters.mark, now=now)) if filters.mark else own


def _cases(own: Sequence[sa.ColumnElement[bool]]) -> sa.Subquery:
    """Of the rows of a list: the place of each in its case, and how many are of it."""
    case = sa.func.coalesce(Score.case_key, Stored.id)
    place = sa.func.row_number().over(partition_by=case, order_by=_ORDERS[Sort.EXPECTED_LOSS].by()).label("place")
    return joined(Stored.id, Score.run_id, place, sa.func.count().over(partition_by=case).label("together")).where(*own).subquery()


def _leading(query: sa.Select[Any], cases: sa.Subquery) -> sa.Select[Any]:
    return query.join(cases, sa.and_(cases.c.id == Stored.id, cases.c.run_id == Score.run_id)).where(cases.c.place == 1)


def count_view(session: Session, sees: Collection[Role], *, now: datetime, filters: Filters) -> ViewCount:
    """Rows and money of the one list that the filters name, its mark included."""
    own = _conditions(sees, now=now, filters=filters, scored=Score.run_id == Stored.run_id)
    query = joined(Score.reporting_currency, sa.func.count().label("number"), sa.func.sum(Score.stake_reporting).label("stake"))
    query = (_leading(query, _cases(own)) if filters.one_a_case else query).where(*own)
    found = session.execute(query.group_by(Score.reporting_currency)).all()
    return ViewCount(sum(one.number for one in found), {one.reporting_currency: one.stake for one in found})


def count_views(session: Session, sees: Collection[Role], *, now: datetime, filters: Filters = OPEN_ONES) -> dict[View, ViewCount]:
    """Rows and money in each view under the other filters, whatever the mark."""
    view = sa.case(
        (Stored.status == Status.CLOSED, View.CLOSED.value),
        (Stored.status.in_(DECIDED), View.DECIDED.value),
        (sa.or_(Stored.status == Status.OPEN, due(now)), View.OPEN.value),
        else_=View.SNOOZED.value,
    ).label("view")
    query = joined(view, Score.reporting_currency, sa.func.count().label("number"), sa.func.sum(Score.stake_reporting).label("stake"))
    query = query.where(Score.run_id == Stored.run_id, *matching(filters, sees)).group_by(view, Score.reporting_currency)
    counts = {view: ViewCount() for view in View}
    for name, currency, number, stake in session.execute(query):
        so_far = counts[View(name)]
        counts[View(name)] = ViewCount(so_far.count + number, {**so_far.at_stake, currency: stake})
    return counts
