"""Contacts with a client as people log them: records of this service alone. Nothing is sent and nothing is posted."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts import LONGEST_NAME, LONGEST_NOTE, check_account, faults_of_day, faults_of_text
from service.auth import Actor
from service.problems import FieldError, Invalid
from service.tables import StoredContact


class Channel(StrEnum):
    TELEPHONE = "telephone"
    EMAIL = "email"
    LETTER = "letter"
    MEETING = "meeting"

    @property
    def phrase(self) -> str:
        return {Channel.EMAIL: "E-mail"}.get(self, self.capitalize())


class ContactOutcome(StrEnum):
    REACHED = "reached"
    LEFT_MESSAGE = "left_message"
    PROMISED = "promised"
    DISPUTED = "disputed"
    WRONG_PERSON = "wrong_person"

    @property
    def phrase(self) -> str:
        return CONTACT_PHRASES[self]


CONTACT_PHRASES = {
    ContactOutcome.REACHED: "Reached",
    ContactOutcome.LEFT_MESSAGE: "Left a message",
    ContactOutcome.PROMISED: "Promised to pay",
    ContactOutcome.DISPUTED: "Disputes it",
    ContactOutcome.WRONG_PERSON: "Wrong person",
}


@dataclass(frozen=True)
class ContactMade:
    """What a person says about a contact."""

    channel: Channel
    outcome: ContactOutcome
    spoke_to: str = ""
    note: str = ""
    next_step_on: date | None = None


@dataclass(frozen=True)
class Contact:
    """A contact as it was logged; never changed afterwards."""

    id: int
    client_id: str
    channel: Channel
    spoke_to: str
    outcome: ContactOutcome
    note: str
    next_step_on: date | None
    logged_by: str
    logged_at: datetime


def log_contact(session: Session, actor: Actor, *, client_id: str, made: ContactMade, now: datetime, today: date) -> Contact:
    """Append it; the caller commits. `today` is the reader's civil day. Raises NotFound, and Invalid with one error a field."""
    check_account(session, actor.sees, client_id=client_id)
    faults = [
        *faults_of_text("spoke_to", made.spoke_to, longest=LONGEST_NAME),
        *faults_of_text("note", made.note, longest=LONGEST_NOTE),
        *(faults_of_day("next_step_on", made.next_step_on, today=today) if made.next_step_on else ()),
    ]
    if made.outcome is ContactOutcome.DISPUTED and not made.note.strip():
        faults.append(FieldError("/body/note", "Say what the client disputes."))
    if faults:
        raise Invalid("The contact is not complete.", errors=tuple(faults))
    stored = StoredContact(
        client_id=client_id,
        channel=made.channel,
        spoke_to=made.spoke_to.strip(),
        outcome=made.outcome,
        note=made.note.strip(),
        next_step_on=made.next_step_on,
        actor=actor.name,
        token_id=actor.token_id,
        logged_at=now,
    )
    session.add(stored)
    session.flush()
    return _contact(stored)


def contacts_of(session: Session, client_id: str, *, limit: int, before: int | None = None) -> tuple[Contact, ...]:
    """The newest contacts with a client, newest first; with `before` those logged earlier than that id."""
    query = sa.select(StoredContact).where(StoredContact.client_id == client_id)
    if before is not None:
        query = query.where(StoredContact.id < before)
    return tuple(_contact(stored) for stored in session.scalars(query.order_by(StoredContact.id.desc()).limit(limit)))


def next_steps(session: Session, client_ids: Collection[str]) -> dict[str, date]:
    """The day of the next step with each client, as its newest contact left it."""
    newest = sa.select(sa.func.max(StoredContact.id)).where(StoredContact.client_id.in_(client_ids)).group_by(StoredContact.client_id)
    query = sa.select(StoredContact.client_id, StoredContact.next_step_on).where(StoredContact.id.in_(newest))
    return {client_id: day for client_id, day in session.execute(query) if day is not None}


def _contact(stored: StoredContact) -> Contact:
    return Contact(
        id=stored.id,
        client_id=stored.client_id,
        channel=Channel(stored.channel),
        spoke_to=stored.spoke_to,
        outcome=ContactOutcome(stored.outcome),
        note=stored.note,
        next_step_on=stored.next_step_on,
        logged_by=stored.actor,
        logged_at=stored.logged_at,
    )
