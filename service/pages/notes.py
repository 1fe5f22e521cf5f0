"""What the forms of an account ask to be logged, read without trusting them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, Literal
from urllib.parse import parse_qsl

from starlette.datastructures import FormData, QueryParams

from service.contacts import Channel, ContactMade, ContactOutcome
from service.money import Money
from service.pages.places import COLLECTIONS, Place, read_place
from service.pages.wording import say
from service.promising import PromiseGiven

Kind = Literal["contact", "promise"]
FIELDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "contact": ("channel", "outcome", "spoke_to", "note", "next_step_on"),
    "promise": ("amount", "currency", "promised_for_on", "invoice_id", "note"),
}


@dataclass(frozen=True)
class Noted:
    """One form, as it was sent."""

    kind: Kind
    place: Place
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    """Field -> what is wrong with it."""

    def refused(self, errors: Mapping[str, str]) -> "Noted":
        return replace(self, errors=errors)

    def of(self, kind: Kind) -> "Noted | None":
        """Itself, for the template of its kind."""
        return self if kind == self.kind else None


def read_noted(form: FormData, kind: Kind) -> Noted:
    """Raises nothing: what is wrong is found by `contact_of` and `promise_of`, and by the logging itself."""
    values = {name: _text(form, name).strip().replace("\r\n", "\n") for name in FIELDS[kind]}
    return Noted(kind, read_place(COLLECTIONS, QueryParams(parse_qsl(_text(form, "place")))), values)


def contact_of(noted: Noted) -> ContactMade | dict[str, str]:
    """The contact, or what is wrong with which field."""
    errors = {}
    if noted.values["channel"] not in set(Channel):
        errors["channel"] = say("Choose how.")
    if noted.values["outcome"] not in set(ContactOutcome):
        errors["outcome"] = say("Choose what came of it.")
    next_step_on = _day(noted.values["next_step_on"])
    if noted.values["next_step_on"] and next_step_on is None:
        errors["next_step_on"] = say("Choose a day, or leave it empty.")
    if errors:
        return errors
    channel, outcome = Channel(noted.values["channel"]), ContactOutcome(noted.values["outcome"])
    return ContactMade(channel, outcome, noted.values["spoke_to"], noted.values["note"], next_step_on)


def promise_of(noted: Noted) -> PromiseGiven | dict[str, str]:
    """The promise, or what is wrong with which field."""
    errors = {}
    amount = _amount(noted.values["amount"])
    if amount is None:
        errors["amount"] = say("Write an amount, such as 1,250.00.")
    promised_for_on = _day(noted.values["promised_for_on"])
    if promised_for_on is None:
        errors["promised_for_on"] = say("Choose the day.")
    if amount is None or promised_for_on is None:
        return errors
    return PromiseGiven(Money(amount, noted.values["currency"]), promised_for_on, noted.values["invoice_id"], noted.values["note"])


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
