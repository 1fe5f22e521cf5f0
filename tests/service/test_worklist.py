"""The collector's accounts."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy.engine import Engine

from models.finding import Closure, Finding, Role, ScoringRun
from service.database import reading, writing
from service.publishing import publish
from service.row import Filters
from service.status import Status, View
from service.tables import StoredRecommendation
from service.worklist import AccountDetail, AccountPage, find_account, list_accounts

NewRun = Callable[..., ScoringRun]
NewFinding = Callable[..., Finding]
COLLECTOR: tuple[Role, ...] = ("collector",)
BILLING: tuple[Role, ...] = ("billing_reviewer",)


@pytest.fixture
def filled(engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> Engine:
    """Corvid owes 3 invoices (one dismissed), Harrow one large, Dunmore has nothing to gain; Bryn has paid."""
    findings = [
        new_finding("1", stake="1000.00", due_on=date(2026, 11, 5)),
        new_finding("2", stake="400.00", due_on=date(2026, 11, 20)),
        new_finding("3", stake="50.00", due_on=date(2026, 9, 1)),
        new_finding("4", stake="9000.00", due_on=date(2026, 12, 20), client_id="C-2", client_name="Harrow Marine"),
        new_finding("5", stake="700.00", probability=0.0, client_id="C-3", client_name="Dunmore Council"),
        new_finding("6", stake="80.00", client_id="C-4", client_name="Bryn Water"),
    ]
    paid = Closure("invoice", "6", "paid", date(2026, 11, 23), "Paid in full on 23 Nov 2026.")
    with writing(engine) as session:
        publish(session, new_run("c1"), findings=findings, closures=[], now=now)
        publish(session, new_run("c2", as_of=now), findings=findings[:-1], closures=[paid], now=now)
        session.get_one(StoredRecommendation, findings[2].id).status = Status.DISMISSED
    return engine


def accounts(engine: Engine, now: datetime, *, capacity: int = 10, limit: int = 50, cursor: str | None = None) -> AccountPage:
    with reading(engine) as session:
        return list_accounts(session, COLLECTOR, now=now, capacity=capacity, limit=limit, cursor=cursor)


def account(engine: Engine, now: datetime, client_id: str) -> AccountDetail | None:
    with reading(engine) as session:
        return find_account(session, COLLECTOR, client_id=client_id, now=now, capacity=1)


def test_accounts_come_by_what_acting_can_save(filled: Engine, now: datetime) -> None:
    page = accounts(filled, now)
    assert [(row.rank, row.client_name) for row in page.items] == [(1, "Harrow Marine"), (2, "Corvid Foods"), (3, "Dunmore Council")]
    corvid = page.items[1]
    assert (corvid.owed.plain, corvid.at_stake.plain, corvid.expected_loss.plain, corvid.records) == ("1450.00", "1400.00", "350.00", 2)
    assert (corvid.oldest_due_on, corvid.overdue_days) == (date(2026, 11, 5), 19)
    assert (corvid.top.entity_id, corvid.predicted_on, corvid.suggestion) == ("1", date(2026, 12, 9), corvid.top.suggestion)
    assert page.items[0].overdue_days == 0
    assert [money.plain for money in page.owed] == ["11150.00"]


def test_the_line_is_at_capacity_and_what_gains_nothing_is_below(filled: Engine, now: datetime) -> None:
    assert [row.above_line for row in accounts(filled, now, capacity=1).items] == [True, False, False]
    page = accounts(filled, now, capacity=10)
    assert [row.above_line for row in page.items] == [True, True, False]
    assert (page.accounts, page.above_line, page.without_action) == (3, 2, 1)


def test_pages_of_accounts_hold_still_while_others_decide(filled: Engine, new_finding: NewFinding, now: datetime) -> None:
    first = accounts(filled, now, limit=1)
    with writing(filled) as session:
        session.get_one(StoredRecommendation, new_finding("4").id).status = Status.ACCEPTED
    second = accounts(filled, now, limit=5, cursor=first.next_cursor)
    assert [row.client_id for row in (*first.items, *second.items)] == ["C-2", "C-1", "C-3"]


def test_an_account_in_full(filled: Engine, now: datetime) -> None:
    corvid = account(filled, now, "C-1")
    assert corvid is not None
    assert corvid.account is not None
    assert (corvid.account.rank, corvid.account.above_line) == (2, False)
    assert [row.entity_id for row in corvid.rows] == ["1", "2", "3"]
    assert [row.status for row in corvid.rows] == [Status.OPEN, Status.OPEN, Status.DISMISSED]
    assert corvid.top is not None
    assert len(corvid.top.explanation.predicted_dates) == 20
    assert [money.plain for money in corvid.owed] == ["1450.00"]


def test_an_account_that_has_paid_is_still_there(filled: Engine, now: datetime) -> None:
    bryn = account(filled, now, "C-4")
    assert bryn is not None
    assert (bryn.account, bryn.top, bryn.rows, bryn.owed) == (None, None, (), ())
    assert [row.closed_sentence for row in bryn.closed] == ["Paid in full on 23 Nov 2026."]
    assert [event.note for event in bryn.events] == ["Paid in full on 23 Nov 2026."]


def test_an_account_of_another_queue_is_not_there(filled: Engine, now: datetime) -> None:
    with reading(filled) as session:
        assert find_account(session, BILLING, client_id="C-1", now=now, capacity=1) is None
    assert account(filled, now, "C-99") is None


def test_two_findings_on_one_invoice_are_one_debt(engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> None:
    with writing(engine) as session:
        publish(session, new_run("c1"), findings=[new_finding("1", stake="100.00")], closures=[], now=now)
        other = new_finding("1", risk="broken_promise", stake="100.00", probability=0.9)
        publish(session, new_run("p1", risk="broken_promise"), findings=[other], closures=[], now=now)
    row = accounts(engine, now).items[0]
    assert (row.owed.amount, row.expected_loss.plain, row.records, row.top.risk) == (Decimal(100), "45.00", 1, "broken_promise")


def test_filters_narrow_what_is_listed_and_not_what_is_owed(filled: Engine, now: datetime) -> None:
    with reading(filled) as session:
        asked = Filters(owner_roles=COLLECTOR, search="inv-2")
        row = list_accounts(session, COLLECTOR, now=now, capacity=5, filters=asked).items[0]
    assert (row.owed.plain, row.at_stake.plain) == ("1450.00", "400.00")


def test_the_decided_view_groups_too(filled: Engine, now: datetime) -> None:
    with reading(filled) as session:
        asked = Filters(owner_roles=COLLECTOR, view=View.DECIDED)
        page = list_accounts(session, COLLECTOR, now=now, capacity=5, filters=asked)
    assert [row.client_name for row in page.items] == ["Corvid Foods"]
