"""What may be noted about which client: an account is a client on which a collector's recommendation was ever made."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.dealings import Owed
from models.finding import Role
from service.columns import storable
from service.problems import FieldError, NotFound
from service.selection import joined
from service.status import Status
from service.tables import StoredRecommendation as Stored
from service.tables import StoredScore as Score

LONGEST_NAME: Final = 200
LONGEST_NOTE: Final = 2000
FURTHEST: Final = timedelta(days=180)
"""Half a year, as for a snooze: what is further off is not a plan."""


class OpenInvoice(NamedTuple):
    """A record of the account that is not closed."""

    client_id: str
    run_id: str
    owed: Owed
    reference: str


def check_account(session: Session, sees: Collection[Role], *, client_id: str) -> None:
    """Raises NotFound when there is no such account or this reader may not see it."""
    known = sa.select(Stored.id).where(Stored.client_id == client_id, Stored.owner_role == "collector").limit(1)
    if "collector" not in sees or not storable(client_id) or session.scalar(known) is None:
        raise NotFound("There is no such account, or this role may not see it.")


def open_invoices(session: Session, client_ids: Collection[str]) -> tuple[OpenInvoice, ...]:
    """Records of these clients that are not closed, as scored last, one each; the one due first first."""
    query = joined(
        *(Score.client_id, Score.run_id, Score.entity_id, Score.amount_at_stake, Score.currency, Score.issued_on, Score.due_on),
        Score.reference,
    ).where(
        Score.run_id == Stored.run_id,
        Stored.client_id.in_(client_ids),
        Stored.owner_role == "collector",
        Stored.status != Status.CLOSED,
    )
    found = {
        entity_id: OpenInvoice(client_id, run_id, Owed(entity_id, amount, currency, issued_on, due_on), reference)
        for client_id, run_id, entity_id, amount, currency, issued_on, due_on, reference in session.execute(query)
    }
    return tuple(sorted(found.values(), key=lambda one: (one.owed.due_on or date.max, one.owed.invoice_id)))


def faults_of_text(field: str, text: str, *, longest: int) -> list[FieldError]:
    """What keeps a text from being stored."""
    faults = []
    if len(text) > longest:
        faults.append(FieldError(f"/body/{field}", f"It has at most {longest} characters."))
    if not storable(text):
        faults.append(FieldError(f"/body/{field}", "It holds a character that is not text."))
    return faults


def faults_of_day(field: str, day: date, *, today: date) -> list[FieldError]:
    """A day that is planned lies ahead, and not too far."""
    if today <= day <= today + FURTHEST:
        return []
    return [FieldError(f"/body/{field}", f"It must be today or later, by at most {FURTHEST.days} days.")]
