"""Who is asking, and what that role may do: bearer tokens and the frozen table of permissions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from models.finding import Role as OwnerRole


class Role(StrEnum):
    BILLING_REVIEWER = "billing_reviewer"
    DELIVERY_LEAD = "delivery_lead"
    COLLECTOR = "collector"
    MODEL_STEWARD = "model_steward"
    CONTROLLER = "controller"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


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
        raise NotImplementedError

    def may(self, operation: str) -> bool:
        """Whether this role may call the operation (function name of the route)."""
        raise NotImplementedError


def issue_token(session: Session, name: str, *, role: Role, now: datetime) -> str:
    """A new token, shown once: only a digest of it is kept. The caller commits."""
    raise NotImplementedError


def revoke_token(session: Session, token_id: str, *, now: datetime) -> bool:
    """False when there is no such token in force. The caller commits."""
    raise NotImplementedError
