"""How far the day has come: what is promised of all that was on today's list, whether it is still open or was decided today."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from service.money import Money
from service.triage import Case, group_by_account, line, merge


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


def progress_of(cases: Collection[Case], *, capacity: int, day_began: datetime) -> tuple[Progress, ...]:
    """One for each reporting currency (normally one), from all cases that are not closed; those that are open are listed.

    What was decided since the day began counts as well: an account that was worked on does not make room for another.
    """
    merged = merge(cases)
    accounts = [account for account in group_by_account(cases) if account.expected_loss > 0]
    done = {(case.client_id, case.currency) for case in merged if _was_decided(case, day_began)}
    waiting = [account for account in accounts if (account.client_id, account.currency) not in done]
    left = line([account.expected_loss for account in waiting], max(0, capacity - len(done)))
    today = done | {(account.client_id, account.currency) for account in waiting[:left]}
    owed: dict[str, Decimal] = defaultdict(Decimal)
    promised: dict[str, Decimal] = defaultdict(Decimal)
    for case in merged:
        if (case.client_id, case.currency) in today and (case.listed or _was_decided(case, day_began)):
            owed[case.currency] += case.stake
            promised[case.currency] += case.promised
    return tuple(Progress(Money(promised[currency], currency), Money(owed[currency], currency)) for currency in sorted(owed))


def _was_decided(case: Case, since: datetime) -> bool:
    return case.decided_at is not None and case.decided_at >= since
