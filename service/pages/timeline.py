"""What happened with an account, newest first: contacts, promises, payments, disputes and decisions, each from where it is kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from models.dealings import Allocation, Dispute, Promise, PromiseState
from service.contacts import Contact
from service.explanation import Event
from service.money import Money
from service.pages.wording import Wording, say
from service.promises import LoggedPromise
from service.status import Verdict
from service.worklist import AccountDetail

SHOWN_AT_FIRST: Final = 8
"""Half a screen of the pane."""
MOST_SHOWN: Final = 60

STATES: Final[dict[PromiseState, str]] = {
    "open": "open",
    "kept": "kept",
    "part": "kept in part: %(paid)s came in time",
    "broken": "broken: nothing came in time",
}
"""What came of a promise."""
EVENT_TEXTS: Final = {
    Verdict.ACCEPT: "%(who)s accepted %(what)s.",
    Verdict.DISMISS: "%(who)s dismissed %(what)s: %(phrase)s.",
    Verdict.SNOOZE: "%(who)s snoozed %(what)s until %(until)s.",
    Verdict.REOPEN: "%(who)s reopened %(what)s.",
    Verdict.CLOSE: "The records closed %(what)s.",
    Verdict.WAKE: "The snooze of %(what)s ended.",
    Verdict.FIND_AGAIN: "A scoring found %(what)s again.",
}
"""One sentence for each thing that can have happened to a recommendation."""


@dataclass(frozen=True)
class Happening:
    at: datetime
    kind: str
    """decision, contact, promise, payment or dispute: also its class."""
    label: str
    text: str
    note: str = ""
    is_day: bool = False
    """Whether only the day is known."""


def decided(event: Event, wording: Wording, *, what: str = "") -> Happening:
    """`what` names the record where it is one of several."""
    values = {
        "what": what or say("it"),
        "who": event.actor,
        "phrase": event.reason.phrase if event.reason else "–",
        "until": wording.instant(event.snoozed_until) if event.snoozed_until else "–",
    }
    return Happening(event.decided_at, "decision", say("Decision"), say(EVENT_TEXTS[event.verdict], values), event.note)


def timeline_of(account: AccountDetail, wording: Wording) -> tuple[Happening, ...]:
    """At most the newest MOST_SHOWN."""
    found = sorted(_happenings(account, wording), key=lambda one: one.at, reverse=True)
    return tuple(found[:MOST_SHOWN])


def _happenings(account: AccountDetail, wording: Wording) -> Iterator[Happening]:
    references = {row.id: row.reference for row in (*account.rows, *account.closed)}
    yield from (decided(event, wording, what=references.get(event.recommendation_id, "")) for event in account.events)
    yield from (_contact(one, wording) for one in account.contacts)
    yield from (_logged(one, wording) for one in account.promises)
    yield from (_recorded(one, wording) for one in account.dealings.promises)
    yield from (_payment(one, wording) for one in account.dealings.allocations)
    for dispute in account.dealings.disputes:
        yield from _dispute(dispute, wording)


def _contact(contact: Contact, wording: Wording) -> Happening:
    values = {
        "who": contact.logged_by,
        "channel": say(contact.channel.phrase),
        "outcome": say(contact.outcome.phrase),
        "person": contact.spoke_to,
        "day": wording.day(contact.next_step_on) if contact.next_step_on else "",
    }
    said = say("%(channel)s, %(person)s: %(outcome)s.", values) if contact.spoke_to else say("%(channel)s: %(outcome)s.", values)
    step = say("Next step %(day)s.", values) if contact.next_step_on else ""
    text = " ".join(part for part in (said, step, say("Logged by %(who)s.", values)) if part)
    return Happening(contact.logged_at, "contact", say("Contact"), text, contact.note)


def _logged(logged: LoggedPromise, wording: Wording) -> Happening:
    text = f"{_promised(logged.promise, wording)} {say('Logged by %(who)s.', {'who': logged.logged_by})}"
    return Happening(logged.logged_at, "promise", say("Promise"), text, logged.note)


def _recorded(promise: Promise, wording: Wording) -> Happening:
    return _on(promise.made_on, wording, "promise", say("Promise"), _promised(promise, wording))


def _promised(promise: Promise, wording: Wording) -> str:
    values = {
        "money": wording.money(Money(promise.amount, promise.currency)),
        "day": wording.day(promise.promised_for_on),
        "about": promise.reference or say("all that is owed"),
        "state": say(STATES[promise.state], {"paid": wording.money(Money(promise.paid, promise.currency))}),
    }
    return say("%(money)s by %(day)s for %(about)s – %(state)s.", values)


def _payment(allocation: Allocation, wording: Wording) -> Happening:
    values = {"money": wording.money(Money(allocation.amount, allocation.currency)), "reference": allocation.reference}
    return _on(allocation.on, wording, "payment", say("Payment"), say("%(money)s came on %(reference)s.", values))


def _dispute(dispute: Dispute, wording: Wording) -> Iterator[Happening]:
    values = {"reference": dispute.reference, "code": dispute.reason_code, "outcome": dispute.outcome or say("outcome not recorded")}
    opened = say("%(reference)s disputed, reason %(code)s.", values)
    yield _on(dispute.opened_on, wording, "dispute", say("Dispute"), opened)
    if dispute.resolved_on:
        resolved = say("Dispute on %(reference)s resolved: %(outcome)s.", values)
        yield _on(dispute.resolved_on, wording, "dispute", say("Dispute"), resolved)


def _on(day: date, wording: Wording, kind: str, label: str, text: str) -> Happening:
    return Happening(datetime.combine(day, time(), ZoneInfo(wording.time_zone)), kind, label, text, is_day=True)
