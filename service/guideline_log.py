"""Who prepared a client's guideline document and who signed it: append-only, and never the same person.

An unsigned document changes no control. What a signature adds to Plumbline's own records is decided in controls/guidelines/standing.py; the
firm's systems are never written to.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from controls.guidelines.document import Reading
from controls.guidelines.standing import Sign
from service.auth import Actor
from service.formats import format_instant
from service.permissions import Role
from service.problems import NotAllowed, NotPossible
from service.tables import StoredGuidelineStep

PREPARE: Final = frozenset({Role.BILLING_REVIEWER, Role.DELIVERY_LEAD, Role.CONTROLLER})
SIGN: Final = frozenset({Role.BILLING_REVIEWER, Role.CONTROLLER})
"""Those who answer for what is billed."""
Step = Literal["prepared", "signed"]


@dataclass(frozen=True)
class GuidelineStep:
    """One line of the log."""

    step: Step
    client_id: str
    digest: str
    file: str
    actor: str
    token_id: str
    taken_at: datetime
    told: tuple[dict[str, Any], ...]
    """The rules with their clauses as they were read then."""


def prepare(session: Session, actor: Actor, *, reading: Reading, file: str, told: list[dict[str, Any]], now: datetime) -> None:
    """Record that a person made a document ready; the caller commits. Raises NotAllowed, and NotPossible when it is there already."""
    _allowed(actor, PREPARE, "prepare a guideline document")
    before = _step(session, reading, "prepared")
    if before is not None:
        raise NotPossible(f"This document was prepared by {before.actor} on {format_instant(before.taken_at)}: another person can sign it.")
    session.add(_stored("prepared", actor, reading, file=file, told=told, now=now))
    session.flush()


def sign(session: Session, actor: Actor, *, reading: Reading, file: str, told: list[dict[str, Any]], now: datetime) -> Sign:
    """Record that a person signed a document that another prepared; the caller adds its rows to the records, then commits.

    Raises NotAllowed, and NotPossible when it was not prepared, was prepared by the same person, or is signed already.
    """
    _allowed(actor, SIGN, "sign a guideline document")
    prepared, before = _step(session, reading, "prepared"), _step(session, reading, "signed")
    if before is not None:
        raise NotPossible(f"This document was signed by {before.actor} on {format_instant(before.taken_at)}.")
    if prepared is None:
        raise NotPossible("Nobody has prepared this document as it stands: a letter more or less makes it another.")
    if prepared.token_id == actor.token_id or _named(prepared.actor) == _named(actor.name):
        raise NotPossible(f"{prepared.actor} prepared this document, so another person has to sign it.")
    session.add(_stored("signed", actor, reading, file=file, told=told, now=now))
    session.flush()
    return Sign(prepared.actor, prepared.taken_at, actor.name, now)


def steps(session: Session, *, client_id: str | None = None) -> tuple[GuidelineStep, ...]:
    """The log, oldest first, of one client or of all."""
    query = sa.select(StoredGuidelineStep).order_by(StoredGuidelineStep.id)
    if client_id is not None:
        query = query.where(StoredGuidelineStep.client_id == client_id)
    return tuple(
        GuidelineStep(
            "signed" if one.step == "signed" else "prepared",
            *(one.client_id, one.digest, one.file, one.actor, one.token_id, one.taken_at),
            tuple(one.told),
        )
        for one in session.scalars(query)
    )


def _allowed(actor: Actor, roles: frozenset[Role], what: str) -> None:
    if actor.role not in roles:
        raise NotAllowed(f"To {what} takes the role {' or '.join(sorted(roles))}; {actor.name} is {actor.role}.")


def _step(session: Session, reading: Reading, step: Step) -> StoredGuidelineStep | None:
    same = (StoredGuidelineStep.digest == reading.digest, StoredGuidelineStep.step == step)
    return session.scalar(sa.select(StoredGuidelineStep).where(*same))


def _named(name: str) -> str:
    # A person may hold two tokens, in two spellings.
    return " ".join(name.casefold().split())


def _stored(step: Step, actor: Actor, reading: Reading, *, file: str, told: list[dict[str, Any]], now: datetime) -> StoredGuidelineStep:
    return StoredGuidelineStep(
        step=step,
        digest=reading.digest,
        client_id=reading.client_id,
        file=file,
        text=reading.text,
        told=told,
        actor=actor.name,
        token_id=actor.token_id,
        taken_at=now,
    )
