"""Contacts and promises over the wire: what people log of a client here. Nothing of it is sent or posted anywhere."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BeforeValidator, Field

from models.dealings import PromiseState
from service import contacts, money, promises
from service.accounts import FURTHEST, LONGEST_NAME, LONGEST_NOTE
from service.api.wire import Money, MoneyField, Wire
from service.contacts import Channel, ContactMade, ContactOutcome
from service.promising import PromiseGiven

AHEAD = f"Today or later, by at most {FURTHEST.days} days"


class NewContact(Wire):
    """What a person says about a contact with the client."""

    channel: Annotated[Channel, Field(description="How.", examples=["telephone"])]
    outcome: Annotated[ContactOutcome, Field(description="What came of it; disputed needs a note.", examples=["reached"])]
    spoke_to: Annotated[str, Field(description="Who it was with.", examples=["A. Mensah"], max_length=LONGEST_NAME)] = ""
    note: Annotated[str, Field(description="Free text.", examples=["Will ask for the order number."], max_length=LONGEST_NOTE)] = ""
    next_step_on: Annotated[date | None, Field(description=f"Day of the next step. {AHEAD}.", examples=["2026-11-27"])] = None

    def made(self) -> ContactMade:
        return ContactMade(self.channel, self.outcome, self.spoke_to, self.note, self.next_step_on)


class Contact(Wire):
    """A contact as it was logged. It is never changed."""

    id: Annotated[int, Field(description="Grows with time.", examples=[118])]
    client_id: Annotated[str, Field(description="Key of the client.", examples=["C-104"])]
    channel: Annotated[Channel, Field(description="How.", examples=["telephone"])]
    outcome: Annotated[ContactOutcome, Field(description="What came of it.", examples=["reached"])]
    spoke_to: Annotated[str, Field(description="Who it was with, or empty.", examples=["A. Mensah"])]
    note: Annotated[str, Field(description="Free text, or empty.", examples=["Will ask for the order number."])]
    next_step_on: Annotated[date | None, Field(description="Day of the next step.", examples=["2026-11-27"])]
    logged_by: Annotated[str, Field(description="Name of who logged it.", examples=["Ama Okafor"])]
    logged_at: Annotated[datetime, Field(description="When.", examples=["2026-11-24T09:14:00Z"])]

    @classmethod
    def of(cls, contact: contacts.Contact) -> Self:
        return cls.model_validate(contact)


class ContactList(Wire):
    """One page, the contact logged last first."""

    items: list[Contact]
    next_cursor: Annotated[str | None, Field(description="Send it as `cursor` for the next page; null on the last.", examples=[None])]


class NewPromise(Wire):
    """What the client promised to pay."""

    amount: Annotated[Money, Field(description="How much, in a currency that the client owes in.")]
    promised_for_on: Annotated[date, Field(description=f"By which day. {AHEAD}.", examples=["2026-12-03"])]
    invoice_id: Annotated[
        str | None, Field(description="Key of the invoice that it is about; null for all that is owed.", examples=["INV-20177"])
    ] = None
    note: Annotated[str, Field(description="Free text.", examples=["With the run on Thursday."], max_length=LONGEST_NOTE)] = ""

    def given(self) -> PromiseGiven:
        amount = money.Money(Decimal(self.amount.amount), self.amount.currency)
        return PromiseGiven(amount, self.promised_for_on, self.invoice_id or "", self.note)


class Promise(Wire):
    """A promise as it was logged, and what the records show of it so far."""

    id: Annotated[int, Field(description="Grows with time.", examples=[23])]
    client_id: Annotated[str, Field(description="Key of the client.", examples=["C-104"])]
    invoice_id: Annotated[
        str | None,
        Field(description="Key of the invoice; null for all that was owed.", examples=["INV-20177"]),
        BeforeValidator(lambda id: id or None),
    ]
    amount: Annotated[MoneyField, Field(description="What was promised.")]
    made_on: Annotated[date, Field(description="Day on which it was made.", examples=["2026-11-24"])]
    promised_for_on: Annotated[date, Field(description="By which day.", examples=["2026-12-03"])]
    state: Annotated[
        PromiseState,
        Field(description="open until the records reach that day, then kept, part or broken by what had come.", examples=["open"]),
    ]
    paid: Annotated[MoneyField, Field(description="What came towards it in time, as the records show.")]
    note: Annotated[str, Field(description="Free text, or empty.", examples=["With the run on Thursday."])]
    logged_by: Annotated[str, Field(description="Name of who logged it.", examples=["Ama Okafor"])]
    logged_at: Annotated[datetime, Field(description="When.", examples=["2026-11-24T09:14:00Z"])]

    @classmethod
    def of(cls, promise: promises.LoggedPromise) -> Self:
        return cls.model_validate(promise)


class PromiseList(Wire):
    """One page, the promise logged last first."""

    items: list[Promise]
    next_cursor: Annotated[str | None, Field(description="Send it as `cursor` for the next page; null on the last.", examples=[None])]
