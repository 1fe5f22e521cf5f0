"""What is promised of today's list, however far the day has come."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from service.money import Money
from service.progress import Progress, progress_of
from service.triage import Case, group_by_account

BEGAN = datetime(2026, 11, 24, tzinfo=UTC)


def case(client: str, stake: int, *, promised: int = 0, loss: int | None = None, currency: str = "GBP", number: int = 1) -> Case:
    worth = Decimal(stake if loss is None else loss)
    record = ("invoice", f"{client}-{number}")
    return Case(
        f"{client}-{number}", "r", record, client, client, worth, Decimal(stake), currency, None, listed=True, promised=Decimal(promised)
    )


def decided(one: Case, at: datetime) -> Case:
    return one._replace(listed=False, decided_at=at)


def progress(cases: Sequence[Case], capacity: int = 2) -> list[tuple[int, int, int]]:
    accounts = [account for account in group_by_account(cases) if account.expected_loss > 0]
    found = progress_of(cases, accounts, capacity=capacity, now=BEGAN + timedelta(hours=17))
    return [(int(one.promised.amount), int(one.owed.amount), one.percent) for one in found]


def test_only_the_accounts_above_the_line_count() -> None:
    assert progress([case("a", 300, promised=100), case("b", 100), case("c", 50, promised=50)]) == [(100, 400, 25)]


def test_an_account_that_was_worked_on_today_stays_on_todays_list() -> None:
    cases = [decided(case("a", 300, promised=300), BEGAN + timedelta(hours=9)), case("b", 100), case("c", 50, promised=50)]
    assert progress(cases) == [(300, 400, 75)]
    earlier = [decided(case("a", 300, promised=300), BEGAN - timedelta(hours=9)), *cases[1:]]
    assert progress(earlier) == [(50, 150, 33)]


def test_what_gains_nothing_is_on_nobodys_list() -> None:
    assert progress([case("a", 300, loss=0, promised=300)]) == []
    assert progress([]) == []


def test_a_record_counts_once_and_currencies_are_not_added() -> None:
    twice = case("a", 300, promised=100)
    cases = [twice, replace_id(twice, "again"), case("b", 90, promised=30, currency="EUR")]
    assert progress(cases) == [(30, 90, 33), (100, 300, 33)]


def replace_id(one: Case, id: str) -> Case:
    return one._replace(recommendation_id=id)


def test_a_share_is_rounded_down() -> None:
    almost = Progress(Money(Decimal("99.99"), "GBP"), Money(Decimal(100), "GBP"))
    assert almost.percent == 99
    assert replace(almost, owed=Money(Decimal(0), "GBP")).percent == 0
