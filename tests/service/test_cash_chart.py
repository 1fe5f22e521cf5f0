"""The chart of expected cash: what is drawn is what the forecast says, and all of it lies in the picture."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from models.cash import CashForecast, CashRange, CashWeek
from service.cash_chart import FOOT, HEIGHT, MOST_LABELS, WIDTH, CashChart

DAY = date(2026, 11, 24)
amounts = st.integers(min_value=0, max_value=10**9).map(lambda cents: Decimal(cents) / 100)


@st.composite
def forecasts(draw: st.DrawFn) -> CashForecast:
    weeks = []
    for number in range(draw(st.integers(min_value=1, max_value=26))):
        first = DAY + timedelta(weeks=number)
        ends = sorted(draw(st.lists(amounts, min_size=7, max_size=7)))
        ranges = tuple(CashRange(share, ends[2 - place], ends[4 + place]) for place, share in enumerate((0.5, 0.8, 0.95)))
        weeks.append(CashWeek(first, first + timedelta(days=6), ends[3], ranges))
    return CashForecast("GBP", Decimal(1), tuple(weeks), Decimal(0), Decimal(0))


@given(forecasts())
def test_every_week_stands_in_the_picture_and_wider_ranges_hold_narrower_ones(forecast: CashForecast) -> None:
    chart = CashChart(forecast)
    assert [mark.begins for mark in chart.marks] == [week.begins for week in forecast.weeks]
    assert [mark.x for mark in chart.marks] == sorted({mark.x for mark in chart.marks})
    for mark in chart.marks:
        wide, middle, narrow = mark.bars
        assert (wide.share, middle.share, narrow.share) == (0.95, 0.8, 0.5)
        assert wide.y <= middle.y <= narrow.y <= mark.y
        for bar in mark.bars:
            assert 0 <= bar.y <= bar.y + bar.height <= HEIGHT - FOOT + 1
            assert chart.left <= mark.x - bar.width / 2 <= mark.x + bar.width / 2 <= WIDTH
    assert 1 <= sum(mark.is_labelled for mark in chart.marks) <= MOST_LABELS


@given(forecasts())
def test_the_scale_holds_round_amounts_from_nought_up(forecast: CashForecast) -> None:
    chart = CashChart(forecast)
    amounts = [amount for amount, _ in chart.ticks]
    assert amounts[0] == 0
    assert 2 <= len(amounts) <= 5
    assert amounts[-1] <= chart.top
    assert all(y == chart.y(amount) for amount, y in chart.ticks)
