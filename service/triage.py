"""From findings to a worklist, pure: rank by expected loss, merge what is about one record, group by account, cut to capacity."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from models.finding import Finding
from service.money import to_minor_unit


@dataclass(frozen=True)
class Ranked:
    finding: Finding
    rank: int
    """From 1."""
    expected_loss: Decimal
    """In the reporting currency, to its smallest unit."""


def expected_loss(finding: Finding, *, withheld: bool) -> Decimal:
    """What the finding is ranked by.

    When likelihoods are withheld the model's own must not rank either: the simple rule's takes its place, and without a
    rule the money alone counts.
    """
    loss = finding.expected_loss
    if withheld and finding.probability:
        instead = 1.0 if finding.rule_probability is None else finding.rule_probability
        loss = loss * Decimal(instead) / Decimal(finding.probability)
    return to_minor_unit(loss, finding.reporting_currency)


def rank(findings: Iterable[Finding], *, withheld: bool) -> list[Ranked]:
    """Largest expected loss first; the id decides between equals, so that the order is the same every time."""
    losses = [(expected_loss(finding, withheld=withheld), finding) for finding in findings]
    losses.sort(key=lambda pair: (-pair[0], pair[1].id))
    return [Ranked(finding, place, loss) for place, (loss, finding) in enumerate(losses, start=1)]


class Case(NamedTuple):
    """What grouping needs to know of a recommendation that is not closed. A tuple, as one is made for every line of the list."""

    recommendation_id: str
    run_id: str
    record: tuple[str, str]
    """Entity type and id."""
    client_id: str
    client_name: str
    expected_loss: Decimal
    stake: Decimal
    currency: str
    """Reporting currency of both."""
    due_on: date | None
    listed: bool
    """In the view that is looked at; the others count as owed only."""
    promised: Decimal = Decimal(0)
    """The part of the stake that an open promise is about."""
    promised_for_on: date | None = None
    decided_at: datetime | None = None
    """When a person decided last; None while it is open."""


@dataclass(frozen=True)
class Account:
    """The cases of one client in one reporting currency; sums count each record once."""

    client_id: str
    client_name: str
    currency: str
    owed: Decimal
    at_stake: Decimal
    expected_loss: Decimal
    records: int
    oldest_due_on: date | None
    promised: Decimal
    """The part of `at_stake` that open promises are about."""
    promised_for_on: date | None
    """Next day for which something in the list is promised."""
    top: Case
    """The listed case with the largest expected loss."""


def merge(cases: Iterable[Case]) -> list[Case]:
    """One case a record, the one with the largest expected loss: the money is the same money, however many risks see it.

    A record that any of its cases lists is listed.
    """
    leading: dict[tuple[str, str], Case] = {}
    for case in cases:
        before = leading.get(case.record)
        if before is None or _leads(case) < _leads(before):
            leading[case.record] = case
    return list(leading.values())


def _leads(case: Case) -> tuple[bool, Decimal, str]:
    return not case.listed, -case.expected_loss, case.recommendation_id


def group_by_account(cases: Iterable[Case]) -> list[Account]:
    """Accounts with something listed, largest expected loss first."""
    of_account: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in merge(cases):
        of_account[case.client_id, case.currency].append(case)
    accounts = (_account(own) for own in of_account.values())
    return sorted((account for account in accounts if account), key=lambda one: (-one.expected_loss, one.client_id, one.currency))


def _account(cases: Sequence[Case]) -> Account | None:
    listed = [case for case in cases if case.listed]
    if not listed:
        return None
    top = min(listed, key=_leads)
    return Account(
        client_id=top.client_id,
        client_name=top.client_name,
        currency=top.currency,
        owed=sum((case.stake for case in cases), Decimal(0)),
        at_stake=sum((case.stake for case in listed), Decimal(0)),
        expected_loss=sum((case.expected_loss for case in listed), Decimal(0)),
        records=len(listed),
        oldest_due_on=min((case.due_on for case in listed if case.due_on), default=None),
        promised=sum((case.promised for case in listed), Decimal(0)),
        promised_for_on=min((case.promised_for_on for case in listed if case.promised_for_on and case.promised), default=None),
        top=top,
    )


def line(losses: Collection[Decimal], capacity: int) -> int:
    """How many of a ranked list are above the line: as many as capacity, but none with nothing to gain."""
    return min(capacity, sum(1 for loss in losses if loss > 0))
