"""The list of an area at one place: its lines, counts and totals, from the service's own queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy.orm import Session

from service.money import Money
from service.pages.desk import Desk
from service.pages.lines import Line, account_line, record_line
from service.pages.places import MARKS, Place, Tab
from service.pages.wording import Wording, say, say_count
from service.progress import Progress
from service.recommendations import DEFAULT_LIMIT, ViewCount, count_view, count_views, list_recommendations
from service.status import View
from service.worklist import AccountPage, count_marked, list_accounts

TAB_LABELS: Mapping[Tab, str] = {
    Tab.OPEN: "All open",
    Tab.UNBILLED: "On no bill yet",
    Tab.DRAFTS: "Drafts alone",
    Tab.ISSUED: "Older bills",
    Tab.TODAY: "Today's calls",
    Tab.BROKEN: "Broken promises",
    Tab.PROMISED: "Promises due",
    Tab.DISPUTED: "Disputed",
    Tab.NEW: "New late risk",
    Tab.PROJECTS: "Projects",
    Tab.TIMESHEETS: "Timesheets",
    Tab.RECENT: "New this week",
    Tab.SNOOZED: "Snoozed",
    Tab.DECIDED: "Decided",
    Tab.CLOSED: "Closed by the records",
    Tab.REST: "Nothing to gain now",
}


@dataclass(frozen=True)
class TabLink:
    label: str
    url: str
    count: int
    current: bool


@dataclass(frozen=True)
class Column:
    label: str
    kind: str
    """Class of its cells."""
    note: str = ""


@dataclass(frozen=True)
class Listing:
    place: Place
    lines: tuple[Line, ...]
    total: int
    """Lines on all pages."""
    money: tuple[Money, ...]
    """Over all pages, one sum for each reporting currency (normally one)."""
    next_cursor: str | None
    currencies: tuple[str, ...]
    """Of the records on this page, to filter by."""
    tabs: tuple[TabLink, ...]
    without_action: int
    """Accounts that this list leaves out because a contact gains nothing now."""
    below_line: int
    """Number of the first line below today's capacity; 0 when the line is not on this page."""
    progress: tuple[Progress, ...] = ()
    """What is promised of today's list; only where today's list is shown whole."""

    @property
    def next_place(self) -> Place | None:
        return self.place.after(self.next_cursor) if self.next_cursor else None

    def totals(self, wording: Wording) -> str:
        values = {"money": joined(self.money, wording)}
        if self.place.area.lists_accounts(self.place.tab):
            return say_count("%(number)s account, %(money)s owed", "%(number)s accounts, %(money)s owed", number=self.total, values=values)
        one, many = self.place.area.totals(self.place.tab)
        return say_count(one, many, number=self.total, values=values)


def joined(amounts: Iterable[Money], wording: Wording) -> str:
    """Sums of different currencies side by side: never added up."""
    return " · ".join(wording.whole(money) for money in amounts) or "–"


def columns_of(place: Place) -> tuple[Column, ...]:
    accounts = place.area.lists_accounts(place.tab)
    due = say("Overdue") if accounts else say("Due")
    predicted = [Column(say("Predicted pay"), "time span", say("80 %% range"))] if place.area.by_account else []
    return (
        Column(say("Account") if accounts else say(place.area.words.column), "name"),
        Column(say("Owed") if place.area.by_account else say("At stake"), "money"),
        Column(due, "time"),
        *predicted,
        Column(say("Likelihood"), "chance"),
        Column(say(place.area.words.ranked[0]), "money order", say(place.area.words.ranked[1])),
        *([Column(say("Next"), "time next", say("promised"))] if accounts else []),
    )


def make_listing(session: Session, desk: Desk, place: Place) -> Listing:
    """Raises BadCursor for a page link that no longer fits the list."""
    views = count_views(session, desk.sees, now=desk.now, filters=replace(place.filters, risks=(), stages=()))
    if place.area.lists_accounts(place.tab):
        return _accounts(session, desk, place, views)
    return _records(session, desk, place, views)


def _accounts(session: Session, desk: Desk, place: Place, views: Mapping[View, ViewCount]) -> Listing:
    found = list_accounts(
        session,
        desk.sees,
        now=desk.wording.here,
        capacity=desk.capacity,
        filters=place.filters,
        cursor=place.cursor,
        limit=DEFAULT_LIMIT,
        gain=gain_of(place.tab),
    )
    rows = found.items if place.tab is not Tab.TODAY else tuple(row for row in found.items if row.above_line)
    more = found.next_cursor if place.tab is not Tab.TODAY or (rows and rows[-1].rank < found.above_line) else None
    below = next((number for number, row in enumerate(rows, start=1) if not row.above_line), 0)
    is_line_here = below and rows[below - 1].rank == found.above_line + 1 and place.tab is Tab.OPEN
    return Listing(
        place=place,
        lines=tuple(account_line(row, desk.wording) for row in rows),
        total=found.above_line if place.tab is Tab.TODAY else found.accounts,
        money=found.owed if place.tab is not Tab.TODAY else sum_by_currency(row.owed for row in rows),
        next_cursor=more,
        currencies=_currencies(place, (row.top.at_stake.currency for row in rows)),
        tabs=_tabs(session, desk, place, views, found),
        without_action=found.without_action if place.tab is Tab.OPEN else 0,
        below_line=below if is_line_here else 0,
        progress=found.progress if place.tab in {Tab.OPEN, Tab.TODAY} else (),
    )


def _records(session: Session, desk: Desk, place: Place, views: Mapping[View, ViewCount]) -> Listing:
    found = list_recommendations(
        session, desk.sees, now=desk.now, filters=place.filters, sort=place.sort, cursor=place.cursor, limit=DEFAULT_LIMIT
    )
    rows = found.items
    counted = count_view(session, desk.sees, now=desk.now, filters=place.filters) if _is_part(place) else views[place.tab.view]
    lines = tuple(record_line(row, desk.wording, area=place.area, place=number) for number, row in enumerate(rows, start=found.first_place))
    line_at = desk.capacity + 1 - found.first_place
    is_ranked = place.tab is Tab.OPEN and place.sort is None
    return Listing(
        place=place,
        lines=lines,
        total=counted.count,
        money=tuple(Money(amount, currency) for currency, amount in sorted(counted.at_stake.items())),
        next_cursor=found.next_cursor,
        currencies=_currencies(place, (row.at_stake.currency for row in rows)),
        tabs=_tabs(session, desk, place, views, None),
        without_action=0,
        below_line=line_at + 1 if is_ranked and 0 < line_at < len(rows) else 0,
    )


def _tabs(session: Session, desk: Desk, place: Place, views: Mapping[View, ViewCount], found: AccountPage | None) -> tuple[TabLink, ...]:
    counts = {tab: views[tab.view].count for tab in place.area.tabs}
    for part in () if place.area.by_account else filter(_is_part, (replace(place, tab=tab) for tab in place.area.tabs)):
        counts[part.tab] = count_view(session, desk.sees, now=desk.now, filters=part.filters).count
    if place.area.by_account:
        opened = _account_page(session, desk, place, Tab.OPEN, found)
        marked = count_marked(session, desk.sees, now=desk.now, filters=place.filters)
        counts |= {Tab.OPEN: opened.accounts, Tab.TODAY: opened.above_line} | {tab: marked[mark] for tab, mark in MARKS.items()}
    return tuple(TabLink(tab_label(place, tab), place.on(tab).url, counts[tab], tab is place.tab) for tab in place.area.tabs)


def tab_label(place: Place, tab: Tab) -> str:
    return say("Drafts and fresh bills") if "fresh" in place.area.stages_of(tab) else say(TAB_LABELS[tab])


def _is_part(place: Place) -> bool:
    """Whether a view of records shows a part of its list only."""
    return bool(place.tab.risks or place.tab.mark or place.area.stages_of(place.tab))


def _account_page(session: Session, desk: Desk, place: Place, tab: Tab, found: AccountPage | None) -> AccountPage:
    """The counts of an account view: those at hand where it is the view that is shown."""
    if found is not None and (place.tab is tab or {place.tab, tab} == {Tab.TODAY, Tab.OPEN}):
        return found
    filters = replace(place, tab=tab).filters
    return list_accounts(session, desk.sees, now=desk.now, capacity=desk.capacity, filters=filters, limit=1, gain=gain_of(tab))


def gain_of(tab: Tab) -> bool | None:
    """Whether only accounts with, or only those without, something to gain from a contact are asked for."""
    return {Tab.OPEN: True, Tab.TODAY: True, Tab.REST: False}.get(tab)


def sum_by_currency(amounts: Iterable[Money]) -> tuple[Money, ...]:
    sums: dict[str, Decimal] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, Decimal(0)) + money.amount
    return tuple(Money(amount, currency) for currency, amount in sorted(sums.items()))


def _currencies(place: Place, seen: Iterable[str]) -> tuple[str, ...]:
    every = sorted({*place.currencies, *seen})
    return tuple(every) if len(every) > 1 or place.currencies else ()
