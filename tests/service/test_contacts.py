"""Contacts that people log: append-only, checked, and the newest one leaves the next step."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from models.finding import Finding, ScoringRun
from service.accounts import FURTHEST, LONGEST_NOTE
from service.auth import Actor, Role
from service.contacts import Channel, Contact, ContactMade, ContactOutcome, contacts_of, log_contact, next_steps
from service.database import reading, writing
from service.problems import Invalid, NotFound
from service.publishing import publish
from service.tables import StoredContact

ADA = Actor("t1", "Ada Okafor", Role.COLLECTOR)
TODAY = date(2026, 11, 24)
CALLED = ContactMade(Channel.TELEPHONE, ContactOutcome.REACHED, "A. Mensah", "Will ask her manager.", TODAY + timedelta(days=2))


@pytest.fixture
def filled(engine: Engine, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], now: datetime) -> Engine:
    with writing(engine) as session:
        publish(session, new_run("r1"), findings=[new_finding("1"), new_finding("2", client_id="C-2")], closures=[], now=now)
    return engine


def log(engine: Engine, now: datetime, made: ContactMade, *, client_id: str = "C-1", actor: Actor = ADA) -> Contact:
    with writing(engine) as session:
        return log_contact(session, actor, client_id=client_id, made=made, now=now, today=TODAY)


def test_a_contact_is_kept_as_it_was_logged(filled: Engine, now: datetime) -> None:
    logged = log(filled, now, replace(CALLED, note="  Will ask her manager. "))
    with reading(filled) as session:
        assert contacts_of(session, "C-1", limit=10) == (logged,)
        assert contacts_of(session, "C-2", limit=10) == ()
    assert (logged.spoke_to, logged.note, logged.logged_by, logged.logged_at) == ("A. Mensah", "Will ask her manager.", "Ada Okafor", now)


@pytest.mark.parametrize("change", [sa.update(StoredContact).values(note="other"), sa.delete(StoredContact)])
def test_a_contact_can_neither_be_changed_nor_deleted(filled: Engine, now: datetime, change: sa.Executable) -> None:
    log(filled, now, CALLED)
    with pytest.raises(DBAPIError, match="append-only"), writing(filled) as session:
        session.execute(change)


def test_the_newest_contact_leaves_the_next_step(filled: Engine, now: datetime) -> None:
    log(filled, now, CALLED)
    log(filled, now, replace(CALLED, next_step_on=TODAY))
    log(filled, now, CALLED, client_id="C-2")
    with reading(filled) as session:
        assert next_steps(session, ["C-1", "C-2", "C-3"]) == {"C-1": TODAY, "C-2": TODAY + timedelta(days=2)}
    log(filled, now, replace(CALLED, next_step_on=None))
    with reading(filled) as session:
        assert next_steps(session, ["C-1"]) == {}


def test_contacts_are_read_in_pages(filled: Engine, now: datetime) -> None:
    logged = [log(filled, now, CALLED) for _ in range(3)]
    with reading(filled) as session:
        assert contacts_of(session, "C-1", limit=2) == (logged[2], logged[1])
        assert contacts_of(session, "C-1", limit=2, before=logged[1].id) == (logged[0],)


@pytest.mark.parametrize(
    ("made", "field"),
    [
        (replace(CALLED, next_step_on=TODAY - timedelta(days=1)), "next_step_on"),
        (replace(CALLED, next_step_on=TODAY + FURTHEST + timedelta(days=1)), "next_step_on"),
        (replace(CALLED, note="x" * (LONGEST_NOTE + 1)), "note"),
        (replace(CALLED, note="\0"), "note"),
        (replace(CALLED, outcome=ContactOutcome.DISPUTED, note=" "), "note"),
        (replace(CALLED, spoke_to="x" * 201), "spoke_to"),
    ],
)
def test_what_is_wrong_is_said_field_by_field(filled: Engine, now: datetime, made: ContactMade, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        log(filled, now, made)
    assert [error.pointer for error in refused.value.errors] == [f"/body/{field}"]
    with reading(filled) as session:
        assert contacts_of(session, "C-1", limit=1) == ()


@pytest.mark.parametrize(
    ("client_id", "actor"),
    [("C-9", ADA), ("\0", ADA), ("C-1", replace(ADA, role=Role.BILLING_REVIEWER)), ("C-1", replace(ADA, role=Role.ADMINISTRATOR))],
)
def test_an_account_that_one_may_not_see_is_not_there(filled: Engine, now: datetime, client_id: str, actor: Actor) -> None:
    with pytest.raises(NotFound):
        log(filled, now, CALLED, client_id=client_id, actor=actor)


def test_every_channel_and_outcome_has_words() -> None:
    assert [one.phrase for one in Channel] == ["Telephone", "E-mail", "Letter", "Meeting"]
    assert all(one.phrase for one in ContactOutcome)
