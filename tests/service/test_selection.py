"""Marks: what singles recommendations out, in the list of records and in the list of accounts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.engine import Engine

from models.dealings import Dealings, Dispute, Promise, PromiseState
from models.finding import Finding, Role, ScoringRun
from service.auth import Actor
from service.auth import Role as Reader
from service.database import reading, writing
from service.decisions import Choice, decide
from service.publishing import publish
from service.recommendations import list_recommendations
from service.row import Filters
from service.status import Mark, Verdict, View
from service.worklist import count_marked, list_accounts

COLLECTOR: tuple[Role, ...] = ("collector",)
BILLING: tuple[Role, ...] = ("billing_reviewer",)
TODAY = date(2026, 11, 24)


def promised(invoice: str, state: PromiseState, *, by: date) -> Dealings:
    return Dealings(promises=(Promise(f"Q{invoice}", invoice, "", TODAY - timedelta(days=9), by, Decimal(300), "GBP", state=state),))


DISPUTED = Dealings(disputes=(Dispute("5", "INV-5", TODAY, "PRI", None, ""), Dispute("6", "INV-6", TODAY, "PRI", TODAY, "rejected")))


@pytest.fixture
def filled(engine: Engine, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], now: datetime) -> Engine:
    """1 and 2 break their promise, 3 has promised for Friday and 4 for next month, 5 disputes, 6 has done so, 7 is new."""
    told = {
        "1": promised("1", "broken", by=TODAY - timedelta(days=2)),
        "2": promised("2", "part", by=TODAY - timedelta(days=2)),
        "3": promised("3", "open", by=TODAY + timedelta(days=3)),
        "4": promised("4", "open", by=TODAY + timedelta(days=8)),
        "5": DISPUTED,
        "6": DISPUTED,
        "7": Dealings(),
    }
    findings = [new_finding(id, client_id=f"C-{id}", dealings=dealings) for id, dealings in told.items()]
    with writing(engine) as session:
        publish(session, new_run("r1"), findings=findings[:-1], closures=[], now=now - timedelta(days=8))
        publish(session, new_run("r2", as_of=now), findings=findings, closures=[], now=now)
    return engine


@pytest.mark.parametrize(
    ("mark", "expected"),
    [(Mark.BROKEN_PROMISE, ["1", "2"]), (Mark.PROMISE_DUE, ["3"]), (Mark.DISPUTED, ["5"]), (Mark.NEW, ["7"])],
)
def test_a_mark_finds_its_own(filled: Engine, now: datetime, mark: Mark, expected: list[str]) -> None:
    with reading(filled) as session:
        rows = list_recommendations(session, COLLECTOR, now=now, filters=Filters(mark=mark)).items
        accounts = list_accounts(session, COLLECTOR, now=now, capacity=9, filters=Filters(owner_roles=COLLECTOR, mark=mark)).items
        counts = count_marked(session, COLLECTOR, now=now)
    assert sorted(row.entity_id for row in rows) == expected
    assert sorted(row.client_id for row in accounts) == [f"C-{id}" for id in expected]
    assert counts == {Mark.BROKEN_PROMISE: 2, Mark.PROMISE_DUE: 1, Mark.DISPUTED: 1, Mark.NEW: 1}


def test_nothing_is_new_where_nothing_was_scored_before(
    engine: Engine, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], now: datetime
) -> None:
    first, later = [new_finding(id, client_id=f"C-{id}") for id in "12"], now + timedelta(days=1)
    with writing(engine) as session:
        publish(session, new_run("r1"), findings=first, closures=[], now=now)
        assert count_marked(session, COLLECTOR, now=now)[Mark.NEW] == 0
        assert list_recommendations(session, COLLECTOR, now=now, filters=Filters(mark=Mark.NEW)).items == ()
    with writing(engine) as session:
        found = [*first, new_finding("3", client_id="C-3")]
        publish(session, new_run("r2", as_of=later, scored_at=later), findings=found, closures=[], now=later)
        other = replace(new_finding("4", client_id="C-4"), risk="other")
        publish(session, new_run("o1", risk="other"), findings=[other], closures=[], now=later)
    with reading(engine) as session:
        rows = list_recommendations(session, COLLECTOR, now=later, filters=Filters(mark=Mark.NEW)).items
        # Another risk's first night is one too.
        assert [row.entity_id for row in rows] == ["3"]
        assert count_marked(session, COLLECTOR, now=later)[Mark.NEW] == 1


def test_a_broken_promise_stays_in_sight_whatever_was_decided(filled: Engine, now: datetime) -> None:
    ada = Actor("t1", "Ada", Reader.COLLECTOR)
    with writing(filled) as session:
        for id in ("1", "7"):
            decide(session, ada, id=f"collections:{id}:once", choice=Choice(Verdict.ACCEPT), now=now)
    with reading(filled) as session:
        counts = count_marked(session, COLLECTOR, now=now)
        listed = list_recommendations(session, COLLECTOR, now=now, filters=Filters(view=View.DECIDED, mark=Mark.BROKEN_PROMISE)).items
        account = list_accounts(session, COLLECTOR, now=now, capacity=9, filters=Filters(owner_roles=COLLECTOR, mark=Mark.BROKEN_PROMISE))
    assert (counts[Mark.BROKEN_PROMISE], counts[Mark.NEW]) == (2, 0)
    assert [row.entity_id for row in listed] == ["1"]
    assert account.accounts == 2


def test_a_row_says_what_is_promised_of_it(filled: Engine, now: datetime) -> None:
    with reading(filled) as session:
        rows = {row.entity_id: row for row in list_recommendations(session, COLLECTOR, now=now).items}
        accounts = {row.client_id: row for row in list_accounts(session, COLLECTOR, now=now, capacity=9).items}
    three = rows["3"]
    assert three.promised
    assert (three.promise_state, three.promised_for_on, three.promised.plain) == ("open", TODAY + timedelta(days=3), "300.00")
    assert (rows["7"].promise_state, rows["7"].promised, rows["5"].in_dispute, rows["6"].in_dispute) == (None, None, True, False)
    assert accounts["C-3"].promised_for_on == TODAY + timedelta(days=3)
    assert accounts["C-1"].promised_for_on is None


def test_counts_follow_the_filters_and_the_reader(filled: Engine, now: datetime) -> None:
    with reading(filled) as session:
        other = count_marked(session, BILLING, now=now)
        nobody = count_marked(session, COLLECTOR, now=now, filters=Filters(owner_roles=COLLECTOR, search="nobody"))
    assert not any(other.values())
    assert not any(nobody.values())
