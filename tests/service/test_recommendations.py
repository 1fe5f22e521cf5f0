"""The list: filters, scope, and pages that neither repeat nor skip while the firm is scored again."""

import base64
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.engine import Engine

from models.finding import Closure, Finding, Role, ScoringRun
from service.cursors import Cursor
from service.database import reading, writing
from service.problems import BadCursor
from service.publishing import publish
from service.recommendations import Filters, RecommendationPage, RecommendationRow, Sort, count_views, list_recommendations
from service.status import Status, View
from service.tables import StoredRecommendation

NewRun = Callable[..., ScoringRun]
NewFinding = Callable[..., Finding]
OPEN = Filters()
ALL: tuple[Role, ...] = ("collector", "billing_reviewer", "delivery_lead")
BILLING: tuple[Role, ...] = ("billing_reviewer",)
COLLECTIONS: tuple[Role, ...] = ("collector",)


@pytest.fixture
def filled(engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> Engine:
    """Six findings of two risks and three clients; the fifth is dismissed, the sixth closed."""
    findings = [
        new_finding("1", stake="9000.00", due_on=date(2026, 11, 20)),
        new_finding("2", stake="100.00", currency="EUR", due_on=None, client_id="C-2", client_name="Aldgate Rail"),
        new_finding("3", stake="5000.00", due_on=date(2026, 11, 1), client_id="C-3", client_name="Bryn Water", reference="100%_sure"),
        new_finding("4", stake="300.00", due_on=date(2026, 10, 1), client_id="C-2", client_name="Aldgate Rail"),
        new_finding("6", stake="50.00"),
    ]
    dispute = new_finding("5", risk="dispute", stake="700.00", owner_role="billing_reviewer", title="Likely to be disputed")
    with writing(engine) as session:
        publish(session, new_run("c1"), findings=findings, closures=[], now=now)
        publish(session, new_run("d1", risk="dispute"), findings=[dispute], closures=[], now=now)
        paid = Closure("invoice", "6", "paid", date(2026, 11, 23), "Paid in full on 23 Nov 2026.")
        publish(session, new_run("c2", as_of=now), findings=findings[:-1], closures=[paid], now=now)
        session.get_one(StoredRecommendation, dispute.id).status = Status.DISMISSED
    return engine


def page(
    engine: Engine,
    now: datetime,
    *,
    sees: Sequence[Role] = ALL,
    filters: Filters = OPEN,
    sort: Sort | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> RecommendationPage:
    with reading(engine) as session:
        return list_recommendations(session, sees, now=now, filters=filters, sort=sort, cursor=cursor, limit=limit)


def found(engine: Engine, now: datetime, *, sees: Sequence[Role] = ALL, filters: Filters = OPEN) -> list[str]:
    return [row.entity_id for row in page(engine, now, sees=sees, filters=filters).items]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (OPEN, ["1", "3", "4", "2"]),
        (Filters(view=View.DECIDED), ["5"]),
        (Filters(view=View.CLOSED), ["6"]),
        (Filters(view=View.SNOOZED), []),
        (Filters(risks=("dispute",)), []),
        (Filters(risks=("dispute", "collections"), view=View.DECIDED), ["5"]),
        (Filters(owner_roles=BILLING), []),
        (Filters(client_id="C-2"), ["4", "2"]),
        (Filters(currencies=("EUR",)), ["2"]),
        (Filters(min_at_risk=Decimal(300)), ["1", "3", "4"]),
        (Filters(min_at_risk=Decimal("300.01")), ["1", "3"]),
        (Filters(search="aldgate"), ["4", "2"]),
        (Filters(search="RAIL inv-4"), ["4"]),
        (Filters(search="100%_sure"), ["3"]),
        (Filters(search="100_"), []),
        (Filters(search="' OR 1=1 --"), []),
        (Filters(min_at_risk=Decimal("299.99999")), ["1", "3", "4"]),
        (Filters(min_at_risk=Decimal("300.00001")), ["1", "3"]),
        (Filters(min_at_risk=Decimal("1E+400")), []),
        (Filters(min_at_risk=Decimal("NaN")), []),
        (Filters(search="a\0b"), []),
        (Filters(client_id="\ud800"), []),
        (Filters(risks=("\0",)), []),
    ],
)
def test_filters(filled: Engine, now: datetime, filters: Filters, expected: list[str]) -> None:
    assert found(filled, now, filters=filters) == expected


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.AT_STAKE, ["1", "3", "4", "2"]),
        (Sort.DUE_ON, ["4", "3", "1", "2"]),
        (Sort.CLIENT_NAME, ["2", "4", "3", "1"]),
        (Sort.CLOSED_AT, ["1", "3", "4", "2"]),
    ],
)
def test_orders(filled: Engine, now: datetime, sort: Sort, expected: list[str]) -> None:
    assert [row.entity_id for row in page(filled, now, sort=sort).items] == expected


def test_a_reader_sees_its_own_queue_alone(filled: Engine, now: datetime) -> None:
    assert found(filled, now, sees=BILLING) == []
    assert found(filled, now, sees=BILLING, filters=Filters(view=View.DECIDED)) == ["5"]
    assert found(filled, now, sees=COLLECTIONS, filters=Filters(owner_roles=BILLING, view=View.DECIDED)) == []
    assert found(filled, now, sees=()) == []
    with reading(filled) as session:
        seen = count_views(session, BILLING, now=now)
    assert {view: counted.count for view, counted in seen.items()} == {
        View.OPEN: 0,
        View.SNOOZED: 0,
        View.DECIDED: 1,
        View.CLOSED: 0,
    }


def test_views_are_counted_with_their_money(filled: Engine, now: datetime) -> None:
    with reading(filled) as session:
        counted = count_views(session, ALL, now=now)
    assert (counted[View.OPEN].count, counted[View.OPEN].at_stake) == (4, {"GBP": Decimal(14400)})
    assert (counted[View.CLOSED].count, counted[View.CLOSED].at_stake) == (1, {"GBP": Decimal(50)})


def walk(engine: Engine, now: datetime, *, sort: Sort | None, between: Callable[[], None]) -> Iterator[RecommendationRow]:
    """All pages of three; `between` happens after the first."""
    step = page(engine, now, sort=sort, limit=3)
    yield from step.items
    between()
    while step.next_cursor:
        step = page(engine, now, sort=sort, limit=3, cursor=step.next_cursor)
        yield from step.items


@pytest.mark.parametrize("sort", [None, Sort.AT_STAKE, Sort.DUE_ON, Sort.CLIENT_NAME])
def test_a_re_score_between_pages_neither_repeats_nor_skips(
    engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime, sort: Sort | None
) -> None:
    chance = random.Random(7)  # noqa: S311  a fixed order, not a secret
    days = [None, *(date(2026, 11, 1) + timedelta(days=day) for day in range(3))]
    findings = [
        new_finding(str(number), stake=str(chance.choice([10, 20, 30])), due_on=chance.choice(days), client_name=chance.choice("ab"))
        for number in range(23)
    ]
    turned = [replace(finding, expected_loss=1000 - finding.expected_loss, stake_reporting=Decimal(1)) for finding in findings]
    with writing(engine) as session:
        publish(session, new_run("r1"), findings=findings, closures=[], now=now)

    def score_again() -> None:
        with writing(engine) as session:
            publish(session, new_run("r2", as_of=now), findings=[*turned, new_finding("new")], closures=[], now=now)

    rows = list(walk(engine, now, sort=sort, between=score_again))
    assert sorted(row.entity_id for row in rows) == sorted(finding.entity_id for finding in findings)
    assert {row.run_id for row in rows} == {"r1"}
    assert {row.version for row in rows[3:]} == {0}, "figures of a replaced run must not match If-Match"


def test_places_go_on_from_page_to_page(filled: Engine, now: datetime) -> None:
    first = page(filled, now, limit=3)
    second = page(filled, now, limit=3, cursor=first.next_cursor)
    assert (first.first_place, second.first_place, second.next_cursor) == (1, 4, None)


def test_a_cursor_belongs_to_its_filters_its_order_and_its_reader(filled: Engine, now: datetime) -> None:
    cursor = page(filled, now, limit=1).next_cursor
    assert page(filled, now, limit=1, cursor=cursor).items
    with pytest.raises(BadCursor, match="other filters"):
        page(filled, now, cursor=cursor, filters=Filters(risks=("x",)))
    with pytest.raises(BadCursor, match="other filters"):
        page(filled, now, cursor=cursor, sort=Sort.DUE_ON)
    with pytest.raises(BadCursor, match="other filters"):
        page(filled, now, cursor=cursor, sees=COLLECTIONS)


def test_a_damaged_cursor_is_refused(filled: Engine, now: datetime) -> None:
    good = page(filled, now, limit=1).next_cursor
    assert good is not None
    deep = base64.urlsafe_b64encode(b"[" * 6000).decode()
    for bad in (deep, good[:-3], good + "!", "é", "e30", "W10", "A" * 9000, good.replace(good[4], "_", 1)):
        with pytest.raises(BadCursor):
            page(filled, now, cursor=bad)


@pytest.mark.parametrize("key", ["NaN", "Infinity", "1E+400", "0.00001", "x", "2026-11-23T00:00:00", "\0", "\ud800"])
@pytest.mark.parametrize("sort", list(Sort))
def test_a_cursor_with_a_made_up_key_is_refused_or_harmless(filled: Engine, now: datetime, sort: Sort, key: str) -> None:
    filters = Filters(view=View.CLOSED)
    with writing(filled) as session:
        for stored in session.query(StoredRecommendation):
            stored.status, stored.closed_at = Status.CLOSED, now
    good = page(filled, now, filters=filters, sort=sort, limit=1).next_cursor
    assert good is not None
    asked = Cursor(*_fields(good)).asked
    forged = Cursor(asked, (), key, "x", 0).encode()
    try:
        assert page(filled, now, filters=filters, sort=sort, cursor=forged).items is not None
    except BadCursor:
        assert key != "x" or sort is not Sort.CLIENT_NAME


def _fields(cursor: str) -> tuple[str, tuple[str, ...], str, str, int]:
    own, runs, key, id, places = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return own, tuple(runs), key, id, places
