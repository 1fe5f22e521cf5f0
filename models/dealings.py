"""What the records tell of a client that is called: what it promised, what it paid, what it disputed; and whether promises were kept.

A promise is judged by the money that came on what it is about, from the day on which it was made to the day it was for: all of it is kept,
some of it part, none of it broken. Until the records reach the end of that day it is open. Money after the day keeps no promise.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from records.known import instant_of

PromiseState = Literal["open", "kept", "part", "broken"]

ROUNDING: Final = Decimal("0.01")
"""Banks and ledgers round: a promise that is a cent short is kept, as an invoice with a cent owed is settled (records/receivables.py)."""
LAST_JUDGED: Final = 10
"""Promises that a client is remembered by: about a year of them, so that a client can mend its ways."""


@dataclass(frozen=True)
class Allocation:
    """Money of one payment on one invoice."""

    invoice_id: str
    reference: str
    """What people call the invoice."""
    on: date
    """Day on which the firm received it; of the allocation where no payment is known."""
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Promise:
    """What a client said it would pay by a day, and what came of it."""

    id: str
    invoice_id: str
    """Empty for a promise about all that the client owed then."""
    reference: str
    made_on: date
    promised_for_on: date
    amount: Decimal
    currency: str
    paid: Decimal = Decimal(0)
    """What came towards it in time."""
    state: PromiseState = "open"

    @property
    def outstanding(self) -> Decimal:
        return max(Decimal(0), self.amount - self.paid)


@dataclass(frozen=True)
class Dispute:
    """An objection of the client to an invoice."""

    invoice_id: str
    reference: str
    opened_on: date
    reason_code: str
    resolved_on: date | None
    """None while it is open."""
    outcome: str


@dataclass(frozen=True)
class Dealings:
    """One client's, newest first, as known at one instant."""

    promises: tuple[Promise, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    disputes: tuple[Dispute, ...] = ()

    def disputes_now(self, invoice_id: str) -> bool:
        """Whether a dispute on the invoice is open."""
        return any(one.invoice_id == invoice_id and one.resolved_on is None for one in self.disputes)


class Owed(NamedTuple):
    """An open invoice, as far as a promise may be about it."""

    invoice_id: str
    amount: Decimal
    currency: str
    issued_on: date | None
    due_on: date | None


class Standing(NamedTuple):
    """The promise that counts for an invoice: the one made last."""

    promise: Promise
    amount: Decimal
    """The part of it that falls on this invoice, at most what is owed."""


def judged(promise: Promise, allocations: Iterable[Allocation], *, as_of: datetime) -> Promise:
    """The promise with what came of it by the end of the records."""
    towards = (one for one in allocations if one.currency == promise.currency and promise.invoice_id in {"", one.invoice_id})
    paid = sum((one.amount for one in towards if promise.made_on <= one.on <= promise.promised_for_on), Decimal(0))
    return replace(promise, paid=paid, state=_state(promise, paid, as_of))


def _state(promise: Promise, paid: Decimal, as_of: datetime) -> PromiseState:
    if paid >= promise.amount - ROUNDING:
        return "kept"
    if instant_of(promise.promised_for_on) > as_of:
        return "open"
    return "part" if paid > 0 else "broken"


def kept_of(promises: Sequence[Promise]) -> tuple[int, int]:
    """How many of the last promises that came to their day were kept, and of how many. Newest first."""
    last = [one for one in promises if one.state != "open"][:LAST_JUDGED]
    return sum(1 for one in last if one.state == "kept"), len(last)


def standing(promises: Iterable[Promise], invoices: Sequence[Owed]) -> dict[str, Standing]:
    """By invoice, the promise made last that is about it; of those made on one day, the last of the sequence.

    One about all that the client owed is about the invoices issued by then, as a payment would be: the one due first first, until the
    amount is used up.
    """
    found: dict[str, Standing] = {}
    by_due = sorted(invoices, key=lambda one: (one.due_on or date.max, one.invoice_id))
    for promise in sorted(promises, key=lambda one: one.made_on):
        left = promise.outstanding
        for invoice in by_due:
            if invoice.currency != promise.currency or promise.invoice_id not in {"", invoice.invoice_id}:
                continue
            if not promise.invoice_id and (left <= 0 or (invoice.issued_on is not None and invoice.issued_on > promise.made_on)):
                continue
            part = min(invoice.amount, left)
            found[invoice.invoice_id] = Standing(promise, part)
            left -= part
    return found
