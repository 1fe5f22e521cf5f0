"""The cash forecast: what is expected adds up, and the ranges know that a client pays its invoices together."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.cash import SHARES, CashForecast, CashSpread, OpenItem, forecasts

TODAY = date(2025, 6, 2)
LOOSE = CashSpread(client=0.0, firm=0.0, width=1.0)
TIGHT = CashSpread(client=1.0, firm=0.0, width=1.0)


def item(owed: int, *days: int, client: str = "A", currency: str = "EUR") -> OpenItem:
    """An invoice with these equally likely days after TODAY."""
    return OpenItem(client, currency, Decimal(owed), tuple(TODAY + timedelta(days=day) for day in sorted(days)))


def only(*items: OpenItem, spread: CashSpread = LOOSE, weeks: int = 4) -> CashForecast:
    (found,) = forecasts(items, as_of=TODAY, weeks=weeks, spread=spread)
    return found


def test_the_example_of_the_module() -> None:
    invoices = (item(1000, *[3] * 10, *[10] * 10), item(500, *[3] * 10, *[10] * 10))
    first = only(*invoices).weeks[0]
    assert (first.begins, first.ends, first.expected) == (date(2025, 6, 3), date(2025, 6, 9), Decimal(750))
    together = only(*invoices, spread=TIGHT).weeks[0]
    assert together.expected == first.expected
    assert [(int(one.low), int(one.high)) for one in together.ranges] == [(0, 1500)] * 3


def test_weeks_begin_the_day_after_and_hold_seven_days() -> None:
    found = only(item(70, 1, 7, 8, 14, 15, 28, 29))
    assert [week.expected for week in found.weeks] == [20, 20, 10, 10]
    assert found.later == 10
    assert [week.begins for week in found.weeks] == [TODAY + timedelta(days=1 + 7 * number) for number in range(4)]


def test_what_has_no_date_is_told_apart_and_each_currency_is_a_forecast() -> None:
    found = forecasts(
        [item(100, 2), item(40), item(900, 2, currency="GBP"), item(900, 2, currency="GBP")], as_of=TODAY, weeks=2, spread=LOOSE
    )
    assert [(one.currency, int(one.owed), int(one.undated), int(one.later)) for one in found] == [("GBP", 1800, 0, 0), ("EUR", 140, 40, 0)]


def test_nothing_open_is_no_forecast() -> None:
    assert forecasts([], as_of=TODAY, weeks=4, spread=LOOSE) == ()


AMOUNTS = st.integers(1, 100_000)
INVOICES = st.lists(
    st.builds(
        lambda owed, days, client: item(owed, *days, client=client),
        AMOUNTS,
        st.lists(st.integers(1, 60), min_size=20, max_size=20),
        st.sampled_from("ABC"),
    ),
    min_size=1,
    max_size=12,
)
SPREADS = st.builds(CashSpread, client=st.floats(0, 0.6), firm=st.floats(0, 0.4), width=st.floats(0.5, 2))


@settings(max_examples=25, deadline=None)
@given(INVOICES, SPREADS)
def test_all_that_is_owed_comes_in_some_week_or_later_and_ranges_lie_within_each_other(
    invoices: list[OpenItem], spread: CashSpread
) -> None:
    found = only(*invoices, spread=spread)
    assert sum(week.expected for week in found.weeks) + found.later == pytest.approx(found.owed, abs=Decimal("0.05"))
    for week in found.weeks:
        lows, highs = [one.low for one in week.ranges], [one.high for one in week.ranges]
        assert [one.share for one in week.ranges] == list(SHARES)
        assert lows == sorted(lows, reverse=True)
        assert highs == sorted(highs)
        assert 0 <= lows[-1] <= highs[-1] <= found.owed


@settings(max_examples=10, deadline=None)
@given(INVOICES, SPREADS, st.randoms(use_true_random=False))
def test_the_order_of_invoices_changes_nothing(invoices: list[OpenItem], spread: CashSpread, order: object) -> None:
    shuffled = list(invoices)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert only(*shuffled, spread=spread) == only(*invoices, spread=spread)


def test_ranges_are_those_of_chance() -> None:
    """A hundred invoices of 1 of a hundred clients, half of whose dates lie in the first week: binomial; of one client, far wider."""
    draw = np.random.default_rng(1).binomial(100, 0.5, 100_000)
    many = only(*(item(1, *[3] * 10, *[10] * 10, client=f"c{number}") for number in range(100))).weeks[0]
    for one in many.ranges:
        low, high = np.quantile(draw, [(1 - one.share) / 2, (1 + one.share) / 2])
        assert float(one.low) == pytest.approx(low, abs=1.01)
        assert float(one.high) == pytest.approx(high, abs=1.01)
    one_client = only(*(item(1, *[3] * 10, *[10] * 10) for _ in range(100)), spread=CashSpread(0.3, 0, 1)).weeks[0]
    assert one_client.ranges[1].high - one_client.ranges[1].low > 3 * (many.ranges[1].high - many.ranges[1].low)
