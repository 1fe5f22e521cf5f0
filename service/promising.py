"""Logging a promise: checked, kept for ever, and counted at once. Nothing is sent and nothing is posted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from babel.numbers import get_currency_precision
from sqlalchemy.orm import Session

from service.accounts import LONGEST_NOTE, OpenInvoice, check_account, faults_of_day, faults_of_text, open_invoices
from service.auth import Actor
from service.columns import fits
from service.money import Money
from service.problems import FieldError, Invalid
from service.promise_standing import stand
from service.promises import LoggedPromise, logged
from service.tables import StoredPromise


@dataclass(frozen=True)
class PromiseGiven:
    """What a person says that a client promised."""

    amount: Money
    promised_for_on: date
    invoice_id: str = ""
    """Empty for all that the client owes."""
    note: str = ""


def log_promise(session: Session, actor: Actor, *, client_id: str, given: PromiseGiven, now: datetime, today: date) -> LoggedPromise:
    """Append it and let it count at once; the caller commits. Raises NotFound, and Invalid with one error a field."""
    check_account(session, actor.sees, client_id=client_id)
    invoices = open_invoices(session, [client_id])
    faults = [
        *_faults_of_money(given.amount, invoices),
        *faults_of_day("promised_for_on", given.promised_for_on, today=today),
        *faults_of_text("note", given.note, longest=LONGEST_NOTE),
    ]
    about = next((one for one in invoices if one.owed.invoice_id == given.invoice_id), None)
    if given.invoice_id and about is None:
        faults.append(FieldError("/body/invoice_id", "That invoice of this client is not open here."))
    if faults:
        raise Invalid("The promise is not complete.", errors=tuple(faults))
    stored = StoredPromise(
        client_id=client_id,
        invoice_id=given.invoice_id,
        reference=about.reference if about else "",
        amount=given.amount.amount,
        currency=given.amount.currency,
        made_on=today,
        promised_for_on=given.promised_for_on,
        note=given.note.strip(),
        actor=actor.name,
        token_id=actor.token_id,
        logged_at=now,
    )
    session.add(stored)
    session.flush()
    stand(session, [client_id])
    return logged(stored, None)


def _faults_of_money(money: Money, invoices: Iterable[OpenInvoice]) -> list[FieldError]:
    amount = money.amount
    currencies = sorted({one.owed.currency for one in invoices})
    if money.currency not in currencies:
        told = f"It owes in {', '.join(currencies)}." if currencies else "Nothing of it is open."
        return [FieldError("/body/amount/currency", f"Nothing of this client is open in that currency. {told}")]
    decimals = get_currency_precision(money.currency)
    if not fits(amount) or amount <= 0 or amount != round(amount, decimals):
        return [FieldError("/body/amount/amount", f"It must be more than nothing, with at most {decimals} decimals.")]
    return []
