"""Promises that people log count at once, and the records judge them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from models.dealings import Allocation, Dealings, Promise
from models.finding import Closure, Finding, ScoringRun
from service.auth import Actor, Role
from service.database import reading, writing
from service.money import Money
from service.problems import Invalid, NotFound
from service.promise_standing import JUDGED_FOR
from service.promises import LoggedPromise, promises_of
from service.promising import PromiseGiven, log_promise
from service.publishing import publish
from service.tables import StoredPromise, StoredRecommendation

ADA = Actor("t1", "Ada Okafor", Role.COLLECTOR)
TODAY = date(2026, 11, 24)
BY = date(2026, 11, 30)
GIVEN = PromiseGiven(Money(Decimal("600.00"), "GBP"), BY, "1", "Payment run on Monday.")
NewRun = Callable[..., ScoringRun]
NewFinding = Callable[..., Finding]


@pytest.fixture
def filled(engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> Engine:
    findings = [new_finding("1"), new_finding("2", stake="400.00", due_on=date(2026, 11, 20))]
    with writing(engine) as session:
        publish(session, new_run("r1"), findings=findings, closures=[], now=now)
    return engine


def log(engine: Engine, now: datetime, given: PromiseGiven = GIVEN, *, actor: Actor = ADA, client_id: str = "C-1") -> LoggedPromise:
    with writing(engine) as session:
        return log_promise(session, actor, client_id=client_id, given=given, now=now, today=TODAY)


def counting(engine: Engine) -> dict[str, tuple[str | None, Decimal | None]]:
    """Invoice -> state and amount of the promise that counts for it."""
    with reading(engine) as session:
        return {one.entity_id: (one.promise_state, one.promised_amount) for one in session.scalars(sa.select(StoredRecommendation))}


def logged(engine: Engine) -> LoggedPromise:
    with reading(engine) as session:
        return promises_of(session, ["C-1"])[0]


def allocation(amount: str, on: date = BY, invoice: str = "1") -> Allocation:
    return Allocation(invoice, f"INV-{invoice}", on, Decimal(amount), "GBP")


def publish_later(engine: Engine, run: ScoringRun, findings: Sequence[Finding], *closures: Closure) -> None:
    with writing(engine) as session:
        publish(session, run, findings=findings, closures=closures, now=run.as_of)


def test_a_promise_counts_at_once_for_its_invoice(filled: Engine, now: datetime) -> None:
    made = log(filled, now)
    assert (made.state, made.reference, made.made_on, made.logged_by) == ("open", "INV-1", TODAY, "Ada Okafor")
    assert logged(filled) == made
    assert counting(filled) == {"1": ("open", Decimal(600)), "2": (None, None)}


def test_a_promise_about_everything_falls_on_what_is_due_first(filled: Engine, now: datetime) -> None:
    log(filled, now, replace(GIVEN, invoice_id="", amount=Money(Decimal("1200.00"), "GBP")))
    assert counting(filled) == {"1": ("open", Decimal(1000)), "2": ("open", Decimal(200))}


@pytest.mark.parametrize("change", [sa.update(StoredPromise).values(note="other"), sa.delete(StoredPromise)])
def test_a_promise_can_neither_be_changed_nor_deleted(filled: Engine, now: datetime, change: sa.Executable) -> None:
    log(filled, now)
    with pytest.raises(DBAPIError, match="append-only"), writing(filled) as session:
        session.execute(change)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (replace(GIVEN, promised_for_on=TODAY - timedelta(days=1)), "promised_for_on"),
        (replace(GIVEN, promised_for_on=TODAY + timedelta(days=181)), "promised_for_on"),
        (replace(GIVEN, amount=Money(Decimal(0), "GBP")), "amount/amount"),
        (replace(GIVEN, amount=Money(Decimal("1.005"), "GBP")), "amount/amount"),
        (replace(GIVEN, amount=Money(Decimal("1e15"), "GBP")), "amount/amount"),
        (replace(GIVEN, amount=Money(Decimal("NaN"), "GBP")), "amount/amount"),
        (replace(GIVEN, amount=Money(Decimal(100), "USD")), "amount/currency"),
        (replace(GIVEN, invoice_id="9"), "invoice_id"),
        (replace(GIVEN, note="\0"), "note"),
    ],
)
def test_what_is_wrong_is_said_field_by_field(filled: Engine, now: datetime, given: PromiseGiven, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        log(filled, now, given)
    assert [error.pointer for error in refused.value.errors] == [f"/body/{field}"]


def test_an_account_that_one_may_not_see_is_not_there(filled: Engine, now: datetime) -> None:
    with pytest.raises(NotFound):
        log(filled, now, client_id="C-9")
    with pytest.raises(NotFound):
        log(filled, now, actor=replace(ADA, role=Role.BILLING_REVIEWER))


@pytest.mark.parametrize(
    ("came", "days", "state", "left"),
    [
        ((), 1, "open", "600"),
        ((), 7, "broken", "600"),
        ((allocation("250"),), 7, "part", "350"),
        ((allocation("600"),), 7, "kept", "0"),
        ((allocation("600", on=BY + timedelta(days=1)),), 9, "broken", "600"),
    ],
)
def test_the_records_judge_it(
    filled: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime, came: tuple[Allocation, ...], days: int, state: str, left: str
) -> None:
    log(filled, now)
    as_of = now.replace(hour=0) + timedelta(days=days)
    publish_later(filled, new_run("r2", as_of=as_of), [new_finding("1", dealings=Dealings(allocations=came))])
    assert logged(filled).state == state
    assert counting(filled)["1"] == (state, Decimal(left))


def test_a_run_of_another_queue_judges_nothing(filled: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> None:
    log(filled, now)
    draft = new_finding("D", risk="dispute", owner_role="billing_reviewer")
    publish_later(filled, new_run("d1", risk="dispute", as_of=now + timedelta(days=30)), [draft])
    assert (logged(filled).state, counting(filled)["1"][0]) == ("open", "open")


def test_it_is_kept_by_the_payment_that_closes_the_account(filled: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> None:
    log(filled, now, replace(GIVEN, invoice_id="", amount=Money(Decimal("1400.00"), "GBP")))
    paid = [Closure("invoice", one, "paid", BY, "Paid in full on 30 Nov 2026.") for one in ("1", "2")]
    other = new_finding("3", client_id="C-3")
    publish_later(filled, new_run("r2", as_of=now + timedelta(days=9)), [other], *paid)
    assert (logged(filled).state, logged(filled).paid.plain) == ("kept", "1400.00")


def test_what_came_of_it_stands_after_a_while(filled: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> None:
    log(filled, now)
    kept = new_finding("1", dealings=Dealings(allocations=(allocation("600"),)))
    publish_later(filled, new_run("r2", as_of=now + timedelta(days=9)), [kept])
    publish_later(filled, new_run("r3", as_of=now + JUDGED_FOR + timedelta(days=9)), [new_finding("1")])
    assert logged(filled).state == "kept"


def test_the_promise_made_last_counts_whoever_recorded_it(filled: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> None:
    recorded = Promise("Q1", "1", "INV-1", date(2026, 11, 10), date(2026, 11, 20), Decimal(1000), "GBP", Decimal(0), "broken")
    findings = [new_finding("1", dealings=Dealings(promises=(recorded,))), new_finding("2", dealings=Dealings(promises=(recorded,)))]
    publish_later(filled, new_run("r2", as_of=now + timedelta(hours=1)), findings)
    assert counting(filled) == {"1": ("broken", Decimal(1000)), "2": (None, None)}
    log(filled, now)
    assert counting(filled)["1"] == ("open", Decimal(600))
