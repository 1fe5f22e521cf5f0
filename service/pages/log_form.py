"""What the forms offer that log a contact or a promise of an account."""

from dataclasses import dataclass
from decimal import Decimal

from models.dealings import Promise, kept_of
from service.accounts import FURTHEST
from service.contacts import Channel, ContactOutcome
from service.money import Money
from service.pages.wording import Wording, say
from service.worklist import AccountDetail


@dataclass(frozen=True)
class AboutInvoice:
    """An invoice that a promise may be about."""

    value: str
    label: str


@dataclass(frozen=True)
class LogForm:
    channels: tuple[Channel, ...]
    outcomes: tuple[ContactOutcome, ...]
    invoices: tuple[AboutInvoice, ...]
    """Empty when nothing is open: then there is nothing to promise."""
    currencies: tuple[str, ...]
    """In which the client owes, most first."""
    amount: str
    """All that is owed in the first currency, to begin with."""
    kept: str
    """How far the client keeps its promises; empty before any has come to its day."""
    first_day: str
    last_day: str
    """Days that may be planned, ISO."""


def log_form(account: AccountDetail, wording: Wording) -> LogForm:
    rows = {row.entity_id: row for row in account.rows}
    owed: dict[str, Decimal] = {}
    for row in rows.values():
        owed[row.at_stake.currency] = owed.get(row.at_stake.currency, Decimal(0)) + row.at_stake.amount
    currencies = tuple(sorted(owed, key=lambda currency: -owed[currency]))
    invoices = (
        AboutInvoice(row.entity_id, say("%(reference)s, %(money)s", {"reference": row.reference, "money": wording.money(row.at_stake)}))
        for row in rows.values()
    )
    return LogForm(
        channels=tuple(Channel),
        outcomes=tuple(ContactOutcome),
        invoices=tuple(invoices),
        currencies=currencies,
        amount=Money(owed[currencies[0]], currencies[0]).plain if currencies else "",
        kept=_kept(account),
        first_day=wording.today.isoformat(),
        last_day=(wording.today + FURTHEST).isoformat(),
    )


def _kept(account: AccountDetail) -> str:
    recorded = account.dealings.promises
    # The firm's own system may hold what was logged here as well: what it holds is counted alone.
    promises: tuple[Promise, ...] = recorded or tuple(one.promise for one in account.promises)
    kept, of = kept_of(promises)
    return say("This client kept %(kept)s of its last %(of)s promises.", {"kept": kept, "of": of}) if of else ""
