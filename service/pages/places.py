"""Where a reader is: the URL is the state of every list, and this is the only code that reads or writes it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams

from controls.catalog import CONTROLS
from models.bearing import Stage
from models.catalog import RISKS
from models.finding import Role
from service.pages.area_words import BILLS, INVOICES, RECOMMENDATIONS, AreaWords, Counted
from service.row import Filters, Sort
from service.status import Mark, View


class Tab(StrEnum):
    """A named view of an area, as its URL says it."""

    OPEN = "open"
    TODAY = "today"
    BROKEN = "broken"
    PROMISED = "promised"
    DISPUTED = "disputed"
    NEW = "new"
    PROJECTS = "projects"
    TIMESHEETS = "timesheets"
    RECENT = "recent"
    DRAFTS = "drafts"
    UNBILLED = "unbilled"
    ISSUED = "issued"
    SNOOZED = "snoozed"
    DECIDED = "decided"
    CLOSED = "closed"
    REST = "rest"
    """Accounts with nothing to gain from contact now; reached by a link, not a view of the column."""

    @property
    def view(self) -> View:
        """The list of the service in which its rows are."""
        return View(self) if self in {Tab.SNOOZED, Tab.DECIDED, Tab.CLOSED} else View.OPEN

    @property
    def mark(self) -> Mark | None:
        """What singles its rows out."""
        return Mark.NEW if self is Tab.RECENT else MARKS.get(self)

    @property
    def risks(self) -> tuple[str, ...]:
        """The risks that its rows are of; empty for all of the area."""
        return OF_RISK.get(self, ())


DUE_BY: Mapping[str, str] = {"margin": "Planned end", "missing_time": "Deadline"}
"""By risk, what the day of its records is; of a bill it is when the client has to pay, and never a day to decide by."""
OF_RISK: Mapping[Tab, tuple[str, ...]] = {Tab.PROJECTS: ("margin",), Tab.TIMESHEETS: ("missing_time",)}
MARKS: Mapping[Tab, Mark] = {
    Tab.BROKEN: Mark.BROKEN_PROMISE,
    Tab.PROMISED: Mark.PROMISE_DUE,
    Tab.DISPUTED: Mark.DISPUTED,
    Tab.NEW: Mark.NEW,
}


@dataclass(frozen=True)
class Area:
    """One queue: who owns what is in it, and what its lines are."""

    name: str
    path: str
    owner_role: Role
    tabs: tuple[Tab, ...]
    by_account: bool
    """Open work is listed by the account that is called, not by record."""
    key: str
    """`g` and this letter go there."""
    words: AreaWords = INVOICES
    page: str = "invoices"
    """Part of the address of a record's page, by what most records of the area are about."""
    pages: tuple[tuple[str, str], ...] = ()
    """Risk -> that part, of risks about something else."""
    stages: tuple[tuple[Tab, tuple[Stage, ...]], ...] = ()
    """View -> the bills that it is about: with a line for each, so that what is out already does not bury the drafts."""

    @property
    def risks(self) -> frozenset[str]:
        """The risks and controls whose findings come here."""
        controls = {control.name for control in CONTROLS if control.owner_role == self.owner_role}
        return frozenset(controls | {risk.name for risk in RISKS if risk.owner_role == self.owner_role})

    def lists_accounts(self, tab: Tab) -> bool:
        return self.by_account and tab.view is View.OPEN

    def stages_of(self, tab: Tab) -> tuple[Stage, ...]:
        return dict(self.stages).get(tab, ())

    def totals(self, tab: Tab) -> Counted:
        """What the lines of a view are counted as."""
        return dict(self.words.counted).get(self.stages_of(tab), self.words.totals)

    def due_by(self, risk: str) -> str:
        """What the day of a record is."""
        return DUE_BY.get(risk, "Payment due")

    def record_page(self, risk: str, entity_id: str) -> str:
        """Address of the page of one record."""
        return f"{self.path}/{dict(self.pages).get(risk, self.page)}/{quote(entity_id, safe='')}"


COLLECTIONS = Area(
    name="Collections",
    path="/collections",
    owner_role="collector",
    tabs=(Tab.OPEN, Tab.TODAY, *MARKS, Tab.SNOOZED, Tab.DECIDED, Tab.CLOSED),
    by_account=True,
    key="c",
)
BILLING = Area(
    name="Billing",
    path="/billing",
    owner_role="billing_reviewer",
    tabs=(Tab.OPEN, Tab.DRAFTS, Tab.UNBILLED, Tab.ISSUED, Tab.SNOOZED, Tab.DECIDED, Tab.CLOSED),
    by_account=False,
    key="b",
    words=BILLS,
    stages=((Tab.OPEN, ("draft", "fresh")), (Tab.DRAFTS, ("draft",)), (Tab.UNBILLED, ("unbilled",)), (Tab.ISSUED, ("issued",))),
)
DELIVERY = Area(
    name="Delivery",
    path="/delivery",
    owner_role="delivery_lead",
    tabs=(Tab.OPEN, Tab.PROJECTS, Tab.TIMESHEETS, Tab.RECENT, Tab.SNOOZED, Tab.DECIDED, Tab.CLOSED),
    by_account=False,
    key="d",
    words=RECOMMENDATIONS,
    page="projects",
    pages=(("missing_time", "timesheets"),),
)
AREAS = (BILLING, DELIVERY, COLLECTIONS)

SORTS: Mapping[Sort, str] = {
    Sort.AT_STAKE: "Money at stake",
    Sort.DUE_ON: "Due date",
    Sort.CLIENT_NAME: "Client",
}


def sorts_of(area: Area) -> Mapping[Sort, str]:
    """The orders of a list of records; what it ranks by has another name where that is not always a loss."""
    return {Sort.EXPECTED_LOSS: area.words.as_ranked, **SORTS}


@dataclass(frozen=True)
class Place:
    """One state of one area's list. Every link and form of a page is made from it."""

    area: Area
    tab: Tab = Tab.OPEN
    search: str = ""
    currencies: tuple[str, ...] = ()
    min_at_risk: Decimal | None = None
    sort: Sort | None = None
    trail: tuple[str, ...] = ()
    """Cursors of the pages gone through: the last is this page's, and the way back is the rest."""
    selected: str = ""
    """Client or recommendation that is open in the pane."""
    record: str = ""
    """One recommendation of the selected account."""

    @property
    def cursor(self) -> str | None:
        return self.trail[-1] if self.trail else None

    @property
    def page(self) -> int:
        return len(self.trail) + 1

    @property
    def is_filtered(self) -> bool:
        return bool(self.search or self.currencies or self.min_at_risk is not None)

    @property
    def filters(self) -> Filters:
        return Filters(
            view=self.tab.view,
            mark=self.tab.mark,
            risks=self.tab.risks,
            owner_roles=(self.area.owner_role,),
            currencies=self.currencies,
            min_at_risk=self.min_at_risk,
            search=self.search,
            stages=self.area.stages_of(self.tab),
            one_a_case=bool(self.area.stages_of(self.tab)),
        )

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The query string, empty values left out."""
        pairs = [
            ("view", "" if self.tab is Tab.OPEN else self.tab),
            ("q", self.search),
            *(("currency", currency) for currency in self.currencies),
            ("min", "" if self.min_at_risk is None else f"{self.min_at_risk:f}"),
            ("sort", self.sort or ""),
            *(("c", cursor) for cursor in self.trail),
            ("selected", self.selected),
            ("record", self.record),
        ]
        return tuple((name, str(value)) for name, value in pairs if value)

    @property
    def query(self) -> str:
        return urlencode(self.pairs)

    @property
    def url(self) -> str:
        return self.at(self.area.path)

    @property
    def export_url(self) -> str:
        return self.first_page.at(f"{self.area.path}/export.csv")

    @property
    def unselected(self) -> "Place":
        return replace(self, selected="", record="")

    @property
    def first_page(self) -> "Place":
        return replace(self.unselected, trail=())

    @property
    def previous(self) -> "Place":
        return replace(self.unselected, trail=self.trail[:-1])

    @property
    def cleared(self) -> "Place":
        """Without filters."""
        return Place(self.area, self.tab, sort=self.sort)

    def after(self, cursor: str) -> "Place":
        return replace(self.unselected, trail=(*self.trail, cursor))

    def on(self, tab: Tab) -> "Place":
        return replace(self.first_page, tab=tab, sort=None)

    def selecting(self, key: str, record: str = "") -> "Place":
        return replace(self, selected=key, record=record)

    def without_currency(self, currency: str) -> "Place":
        return replace(self.first_page, currencies=tuple(one for one in self.currencies if one != currency))

    def without_search(self) -> "Place":
        return replace(self.first_page, search="")

    def without_minimum(self) -> "Place":
        return replace(self.first_page, min_at_risk=None)

    def at(self, path: str) -> str:
        return f"{path}?{self.query}" if self.pairs else path


def read_place(area: Area, params: QueryParams) -> Place:
    """Lenient: what a link has wrong is left out, so that an old bookmark still opens the list."""
    tab = params.get("view", Tab.OPEN)
    sort = params.get("sort", "")
    return Place(
        area=area,
        tab=Tab(tab) if tab in {*area.tabs, *((Tab.REST,) if area.by_account else ())} else Tab.OPEN,
        search=params.get("q", "").strip()[:100],
        currencies=tuple(dict.fromkeys(currency for currency in params.getlist("currency") if _is_currency(currency))),
        min_at_risk=_amount(params.get("min", "")),
        sort=Sort(sort) if sort in sorts_of(area) else None,
        trail=tuple(params.getlist("c")),
        selected=params.get("selected", ""),
        record=params.get("record", ""),
    )


def _is_currency(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isupper()  # noqa: PLR2004 (ISO 4217: three letters)


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 < amount < Decimal("1e14") else None
