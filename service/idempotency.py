"""A request that is sent again gets the answer of the first time (IETF draft-ietf-httpapi-idempotency-key-header-07).

The answer is stored in the transaction of its effect: both are kept, or neither. A request that was refused leaves nothing
behind, so it can be sent again. A twin that arrives while the first is at work waits for it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from service.problems import BadRequest, KeyReused
from service.tables import StoredAnswer

KEPT: Final = timedelta(hours=24)
"""How long a key is remembered: longer than any client that is still trying."""
LONGEST_KEY: Final = 255


@dataclass(frozen=True)
class Answer:
    status: int
    etag: str
    body: bytes
    """JSON."""
    replayed: bool = False


@dataclass(frozen=True)
class Claim:
    """Who sends which request under which key: another person's equal key is another key."""

    principal: str
    route: str
    key: str
    request: bytes
    """What was asked, so that a key used for something else is noticed."""

    @property
    def fingerprint(self) -> bytes:
        return hashlib.sha256(self.request).digest()


def check_key(key: str) -> str:
    """The key without the quotes that the draft puts around it. Raises BadRequest."""
    bare = key[1:-1] if len(key) > 1 and key[0] == key[-1] == '"' else key
    if not bare or len(bare) > LONGEST_KEY or not bare.isascii() or not bare.isprintable():
        raise BadRequest(f"Idempotency-Key must be 1 to {LONGEST_KEY} printable ASCII characters.")
    return bare


def once(session: Session, claim: Claim, *, now: datetime, act: Callable[[], Answer]) -> Answer:
    """What `act` answers, or answered before under the same key. Raises KeyReused (422); the caller commits."""
    own = (StoredAnswer.principal == claim.principal, StoredAnswer.route == claim.route, StoredAnswer.key == claim.key)
    session.execute(sa.delete(StoredAnswer).where(*own, StoredAnswer.expires_at <= now))
    if not _take(session, claim, now):
        return _answered(session, claim)
    answer = act()
    session.execute(sa.update(StoredAnswer).where(*own).values(status=answer.status, etag=answer.etag, body=answer.body))
    return answer


def _take(session: Session, claim: Claim, now: datetime) -> bool:
    """Whether the key is ours to use. On PostgreSQL this waits for a twin that is at work; on SQLite the writer's lock does."""
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    row = {
        "principal": claim.principal,
        "route": claim.route,
        "key": claim.key,
        "fingerprint": claim.fingerprint,
        "status": 0,
        "etag": "",
        "body": b"",
        "created_at": now,
        "expires_at": now + KEPT,
    }
    taken = session.execute(insert(StoredAnswer).values(row).on_conflict_do_nothing().returning(StoredAnswer.key))
    return taken.first() is not None


def _answered(session: Session, claim: Claim) -> Answer:
    stored = session.get_one(StoredAnswer, (claim.principal, claim.route, claim.key), populate_existing=True)
    if stored.fingerprint != claim.fingerprint:
        raise KeyReused("The same Idempotency-Key came with another request before.")
    return replace(Answer(stored.status, stored.etag, stored.body), replayed=True)


def forget_expired(session: Session, *, now: datetime) -> None:
    """Drop the answers that nobody asks for any more."""
    session.execute(sa.delete(StoredAnswer).where(StoredAnswer.expires_at <= now))
