"""How far the day has come: what is promised of all that was on today's list, whether it is still open or was decided today."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from service.money import Money
from service.triage import Account, Case, line, merge


@dataclass(frozen=True)
class Progress:
    """Sums in one reporting currency; each record counts once."""

    promised: Money
    """Of it, what an open promise is about."""
    owed: Money
    """On today's list: accounts on which somebody decided today, and those above the line for what is left of the day's capacity."""

    @property
    def percent(self) -> int:
        """Whole per cent, rounded down: 100 means all of it."""
        return int(self.promised.amount * 100 // self.owed.amount) if self.owed.amount else 0


def progress_of(cases: Collection[Case], accounts: Sequence[Account], *, capacity: int, now: datetime) -> tuple[Progress, ...]:
    """One for each reporting currency (normally one), from all cases that are not closed, and the open accounts with something to gain.

    What was decided on the day of `now` counts as well: an account that was worked on does not make room for another.
    """
    began = now.replace(hour=0, minute=0, second=0, microsecond=0)
    worked = merge(case for case in cases if case.decided_at is not None and case.decided_at >= began)
    done = {(case.client_id, case.currency) for case in worked}
    waiting = [account for account in accounts if (account.client_id, account.currency) not in done]
    left = line([account.expected_loss for account in waiting], max(0, capacity - len(done)))
    begun = [account for account in accounts if (account.client_id, account.currency) in done]
    owed: dict[str, Decimal] = defaultdict(Decimal)
    promised: dict[str, Decimal] = defaultdict(Decimal)
    for account in (*begun, *waiting[:left]):
        owed[account.currency] += account.at_stake
        promised[account.currency] += account.promised
    still_open = {case.record for case in cases if case.listed} if worked else set()
    for case in worked:
        if case.record not in still_open:
            owed[case.currency] += case.stake
            promised[case.currency] += case.promised
    return tuple(Progress(Money(promised[currency], currency), Money(owed[currency], currency)) for currency in sorted(owed))
