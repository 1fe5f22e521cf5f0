"""Ranking, merging and grouping: no money appears or disappears."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.finding import Finding
from service.triage import Case, expected_loss, group_by_account, line, merge, rank

CASES = st.builds(
    Case,
    recommendation_id=st.uuids().map(str),
    run_id=st.just("r1"),
    record=st.tuples(st.just("invoice"), st.sampled_from("abcdefgh")),
    client_id=st.just(""),
    client_name=st.just("Corvid Foods"),
    expected_loss=st.decimals(0, 1000, places=2),
    stake=st.just(Decimal(0)),
    currency=st.just("GBP"),
    due_on=st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    listed=st.booleans(),
    promised=st.just(Decimal(0)),
    promised_for_on=st.none(),
    decided_at=st.none(),
)


def of_a_firm(case: Case) -> Case:
    """A record has one client and one balance, however many findings are about it."""
    number = ord(case.record[1])
    return case._replace(client_id=f"C-{number % 3}", stake=Decimal(100 * number))


FIRM = st.lists(CASES.map(of_a_firm), max_size=30)


@given(FIRM)
def test_each_record_is_counted_once(cases: list[Case]) -> None:
    accounts = group_by_account(cases)
    listed = {case.record: case.stake for case in cases if case.listed}
    clients = {case.client_id for case in cases if case.listed}
    everything = {case.record: case.stake for case in cases if case.client_id in clients}
    assert sum(account.at_stake for account in accounts) == sum(listed.values())
    assert sum(account.owed for account in accounts) == sum(everything.values())
    assert sum(account.records for account in accounts) == len(listed)


@given(FIRM)
def test_the_case_with_the_largest_loss_speaks_for_its_record(cases: list[Case]) -> None:
    for kept in merge(cases):
        rivals = [case for case in cases if case.record == kept.record and case.listed == kept.listed]
        assert kept.expected_loss == max(case.expected_loss for case in rivals)
        assert kept.listed == any(case.listed for case in cases if case.record == kept.record)


@given(FIRM)
def test_the_order_does_not_depend_on_the_order_of_reading(cases: list[Case]) -> None:
    assert group_by_account(cases) == group_by_account(list(reversed(cases)))


@given(FIRM)
def test_accounts_come_by_expected_loss(cases: list[Case]) -> None:
    losses = [account.expected_loss for account in group_by_account(cases)]
    assert losses == sorted(losses, reverse=True)


@given(st.lists(st.decimals(0, 10, places=2)), st.integers(0, 20))
def test_the_line_is_at_capacity_and_above_what_gains_nothing(losses: list[Decimal], capacity: int) -> None:
    ranked = sorted(losses, reverse=True)
    above = line(ranked, capacity)
    assert above <= capacity
    assert all(loss > 0 for loss in ranked[:above])
    assert above == capacity or all(loss == 0 for loss in ranked[above:])


def test_findings_rank_by_expected_loss_and_then_by_id(new_finding: Callable[..., Finding]) -> None:
    findings = [new_finding("b", stake="10"), new_finding("c", stake="900"), new_finding("a", stake="10")]
    assert [one.finding.entity_id for one in rank(findings, withheld=False)] == ["c", "a", "b"]
    assert [one.rank for one in rank(findings, withheld=False)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("probability", "rule", "loss"),
    [(0.9, 0.1, "50.00"), (0.9, None, "500.00"), (None, 0.3, "500.00"), (0.0, 0.3, "0.00")],
)
def test_a_withheld_likelihood_does_not_rank(
    new_finding: Callable[..., Finding], probability: float | None, rule: float | None, loss: str
) -> None:
    finding = new_finding("1", stake="1000.00", probability=probability, rule_probability=rule)
    assert expected_loss(finding, withheld=True) == Decimal(loss)
