"""Promises against the money that came, and which of them counts for which invoice."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.dealings import LAST_JUDGED, Allocation, Dealings, Dispute, Owed, Promise, judged, kept_of, standing
from tests.ledger import moment

MADE, BY = date(2025, 6, 1), date(2025, 6, 10)
PROMISE = Promise("1", "i1", "INV-1", MADE, BY, Decimal(100), "EUR")
OF_ALL = replace(PROMISE, id="2", invoice_id="", reference="")


def money(amount: str, *, on: date, invoice: str = "i1", currency: str = "EUR") -> Allocation:
    return Allocation(invoice, invoice.upper(), on, Decimal(amount), currency)


def owed(invoice: str, amount: int, *, due: date = BY, issued: date = MADE, currency: str = "EUR") -> Owed:
    return Owed(invoice, Decimal(amount), currency, issued, due)


@pytest.mark.parametrize(
    ("allocations", "as_of", "state", "paid"),
    [
        ([], "2025-06-09", "open", "0"),
        ([], "2025-06-10", "broken", "0"),
        ([money("40", on=MADE)], "2025-06-09", "open", "40"),
        ([money("40", on=MADE)], "2025-06-10", "part", "40"),
        ([money("40", on=MADE), money("60", on=BY)], "2025-06-10", "kept", "100"),
        ([money("99.99", on=BY)], "2025-06-30", "kept", "99.99"),
        ([money("100", on=BY)], "2025-06-05", "kept", "100"),
        ([money("100", on=BY + timedelta(days=1))], "2025-06-30", "broken", "0"),
        ([money("100", on=MADE - timedelta(days=1))], "2025-06-30", "broken", "0"),
        ([money("100", on=BY, invoice="i2")], "2025-06-30", "broken", "0"),
        ([money("100", on=BY, currency="USD")], "2025-06-30", "broken", "0"),
    ],
)
def test_a_promise_is_judged_by_the_money_that_came_in_time(allocations: list[Allocation], as_of: str, state: str, paid: str) -> None:
    found = judged(PROMISE, allocations, as_of=moment(as_of))
    assert (found.state, found.paid) == (state, Decimal(paid))


def test_a_promise_about_everything_is_kept_by_money_on_any_invoice() -> None:
    allocations = [money("40", on=BY), money("60", on=BY, invoice="i2")]
    assert judged(OF_ALL, allocations, as_of=moment("2025-06-10")).state == "kept"


@given(
    amounts=st.lists(st.tuples(st.decimals(0, 500, places=2), st.integers(-5, 20)), max_size=6),
    day=st.integers(0, 30),
    later=st.integers(0, 30),
)
def test_what_has_been_kept_stays_kept_and_what_is_settled_never_opens_again(
    amounts: list[tuple[Decimal, int]], day: int, later: int
) -> None:
    allocations = [Allocation("i1", "", MADE + timedelta(days=days), amount, "EUR") for amount, days in amounts]
    as_of: datetime = moment("2025-06-01") + timedelta(days=day)

    def known_at(instant: datetime) -> list[Allocation]:
        return [one for one in allocations if one.on < instant.date()]

    first = judged(PROMISE, known_at(as_of), as_of=as_of)
    second = judged(PROMISE, known_at(as_of + timedelta(days=later)), as_of=as_of + timedelta(days=later))
    assert second.paid >= first.paid
    if first.state != "open":
        assert second.state == first.state


def test_a_client_is_remembered_by_its_last_promises_that_came_to_their_day() -> None:
    broken, kept = replace(PROMISE, state="broken"), replace(PROMISE, state="kept")
    assert kept_of([]) == (0, 0)
    assert kept_of([PROMISE, kept, broken, replace(PROMISE, state="part")]) == (1, 3)
    assert kept_of([*[kept] * LAST_JUDGED, broken]) == (LAST_JUDGED, LAST_JUDGED)


def test_the_promise_made_last_counts() -> None:
    older = replace(PROMISE, id="0", made_on=MADE - timedelta(days=3), state="broken")
    found = standing([older, PROMISE], [owed("i1", 150), owed("i2", 70)])
    assert {id: (one.promise.id, one.amount) for id, one in found.items()} == {"i1": ("1", Decimal(100))}
    assert standing([PROMISE, older], [owed("i1", 150)]) == standing([older, PROMISE], [owed("i1", 150)])


def test_a_promise_about_everything_falls_on_what_is_due_first() -> None:
    invoices = [
        owed("i3", 90, due=BY + timedelta(days=9)),
        owed("i1", 70),
        owed("i2", 500, due=BY + timedelta(days=1)),
        owed("i4", 10, issued=MADE + timedelta(days=1)),
        owed("i5", 10, currency="USD"),
    ]
    assert {id: one.amount for id, one in standing([OF_ALL], invoices).items()} == {"i1": Decimal(70), "i2": Decimal(30)}


def test_what_was_paid_towards_a_promise_is_promised_no_longer() -> None:
    found = standing([replace(OF_ALL, paid=Decimal(60), state="part")], [owed("i1", 70)])
    assert found["i1"].amount == Decimal(40)
    assert standing([replace(OF_ALL, paid=Decimal(100), state="kept")], [owed("i1", 70)]) == {}


def test_a_dispute_counts_while_it_is_open() -> None:
    opened = Dispute("i1", "INV-1", MADE, "PRI", None, "")
    resolved = replace(opened, invoice_id="i2", resolved_on=BY, outcome="rejected")
    dealings = Dealings(disputes=(opened, resolved))
    assert [dealings.disputes_now(id) for id in ("i1", "i2", "i3")] == [True, False, False]
