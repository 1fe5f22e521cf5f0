"""Who is asking: bearer tokens, each with a name and a role. Only a digest of a token is kept."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from models.finding import Role as OwnerRole
from service.permissions import PERMISSIONS, SEES, Role
from service.tables import StoredToken

__all__ = ["Actor", "Role", "actor_of", "authenticate", "issue_token", "revoke_token"]

PREFIX: Final = "plumbline"
"""Begins every token, so that a leaked one is recognised for what it is."""
LONGEST_TOKEN: Final = 200
_NO_DIGEST: Final = bytes(32)


@dataclass(frozen=True)
class Actor:
    """One who showed a valid token."""

    token_id: str
    """Public id of the token: the principal."""
    name: str
    role: Role

    @property
    def sees(self) -> frozenset[OwnerRole]:
        """Owner roles whose recommendations this role may read."""
        return SEES[self.role]

    def may(self, operation: str) -> bool:
        """Whether this role may call the operation (function name of the route)."""
        return self.role in PERMISSIONS.get(operation, ())


def issue_token(session: Session, name: str, *, role: Role, now: datetime) -> str:
    """A new token, shown once: only a digest of it is kept. The caller commits. Raises ValueError for a name without a letter."""
    if not name.strip() or not name.isprintable():
        raise ValueError("a token needs the name of who will use it")
    public, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    session.add(StoredToken(id=public, digest=_digest(secret), name=name.strip(), role=role, created_at=now))
    return f"{PREFIX}_{public}_{secret}"


def revoke_token(session: Session, token_id: str, *, now: datetime) -> bool:
    """False when there is no such token in force. The caller commits."""
    stored = session.get(StoredToken, token_id)
    if stored is None or stored.revoked_at is not None:
        return False
    stored.revoked_at = now
    return True


def authenticate(session: Session, token: str) -> Actor | None:
    """Whose token this is; None when it is unknown, damaged or revoked."""
    prefix, _, rest = token[:LONGEST_TOKEN].partition("_")
    public, _, secret = rest.partition("_")
    known = prefix == PREFIX and public.isascii() and public.isalnum()
    stored = session.get(StoredToken, public) if known else None
    # An unknown id takes as long as a wrong secret.
    matches = hmac.compare_digest(stored.digest if stored else _NO_DIGEST, _digest(secret))
    return _actor(stored) if stored and matches else None


def actor_of(session: Session, token_id: str) -> Actor | None:
    """The holder of a token as the token stands now; None once it is revoked."""
    return _actor(session.get(StoredToken, token_id))


def _actor(stored: StoredToken | None) -> Actor | None:
    if stored is None or stored.revoked_at is not None:
        return None
    return Actor(stored.id, stored.name, Role(stored.role))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()
