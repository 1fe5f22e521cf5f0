"""Promises as people log them: records of this service alone. What came of one is read from the records, never typed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.dealings import Promise, PromiseState
from service.money import Money
from service.tables import StoredPromise, StoredPromiseState


@dataclass(frozen=True)
class LoggedPromise:
    """A promise as it was logged, and what the records show of it so far."""

    id: int
    client_id: str
    invoice_id: str
    reference: str
    amount: Money
    made_on: date
    promised_for_on: date
    state: PromiseState
    paid: Money
    note: str
    logged_by: str
    logged_at: datetime

    @property
    def promise(self) -> Promise:
        amount, currency = self.amount.amount, self.amount.currency
        return Promise(
            *(str(self.id), self.invoice_id, self.reference, self.made_on, self.promised_for_on, amount, currency),
            *(self.paid.amount, self.state),
        )


def promises_of(
    session: Session, client_ids: Collection[str], *, limit: int | None = None, before: int | None = None
) -> tuple[LoggedPromise, ...]:
    """Promises logged of these clients, newest first; with `before` those logged earlier than that id."""
    query = (
        sa.select(StoredPromise, StoredPromiseState)
        .outerjoin(StoredPromiseState, StoredPromiseState.promise_id == StoredPromise.id)
        .where(StoredPromise.client_id.in_(client_ids))
        .order_by(StoredPromise.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(StoredPromise.id < before)
    return tuple(logged(stored, state) for stored, state in session.execute(query))


def logged(stored: StoredPromise, state: StoredPromiseState | None) -> LoggedPromise:
    """A promise from its rows; it is open until a scoring run has judged it."""
    return LoggedPromise(
        id=stored.id,
        client_id=stored.client_id,
        invoice_id=stored.invoice_id,
        reference=stored.reference,
        amount=Money(stored.amount, stored.currency),
        made_on=stored.made_on,
        promised_for_on=stored.promised_for_on,
        state=state.state if state else "open",
        paid=Money(state.paid if state else Decimal(0), stored.currency),
        note=stored.note,
        logged_by=stored.actor,
        logged_at=stored.logged_at,
    )
