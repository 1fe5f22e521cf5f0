"""One currency for ranking."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.currency import Exchange, exchange
from tests.ledger import Ledger, moment

END = "2025-06-30"


def rates(place: Path, told: Ledger, *currencies: str, reporting: str | None = None, as_of: str = END) -> Exchange:
    return exchange(told.known(place, until=END), list(currencies), as_of=moment(as_of), reporting=reporting)


def test_a_direct_rate_is_taken_as_it_is(tmp_path: Path) -> None:
    found = rates(tmp_path, Ledger().rate("USD", "EUR", "0.92", on="2025-06-01"), "EUR", "USD")
    assert (found.reporting, found.missing, found.notice) == ("EUR", (), "")
    assert found.convert(Decimal("100.00"), "USD") == Decimal("92.00")
    assert found.convert(Decimal("100.00"), "EUR") == Decimal("100.00")


def test_an_inverse_rate_is_turned_round(tmp_path: Path) -> None:
    found = rates(tmp_path, Ledger().rate("EUR", "USD", "1.25", on="2025-06-01"), "EUR", "USD")
    assert found.convert(Decimal("100.00"), "USD") == Decimal("80.00")


def test_a_direct_rate_goes_before_an_inverse_one(tmp_path: Path) -> None:
    told = Ledger().rate("EUR", "USD", "1.25", on="2025-06-01").rate("USD", "EUR", "0.9", on="2025-06-01")
    assert rates(tmp_path, told, "EUR", "USD").convert(Decimal(100), "USD") == Decimal("90.00")


@pytest.mark.parametrize(("as_of", "expected"), [("2025-05-31", "70.00"), ("2025-06-09", "80.00"), (END, "90.00")])
def test_the_rate_is_the_last_one_known_at_the_scoring(tmp_path: Path, as_of: str, expected: str) -> None:
    told = Ledger()
    for rate, day in (("0.9", "2025-06-10"), ("0.7", "2025-05-01"), ("0.8", "2025-06-01")):
        told.rate("USD", "EUR", rate, on=day)
    assert rates(tmp_path, told, "EUR", "USD", as_of=as_of).convert(Decimal(100), "USD") == Decimal(expected)


def test_a_currency_without_a_rate_counts_one_for_one_and_the_reader_is_told(tmp_path: Path) -> None:
    found = rates(tmp_path, Ledger().rate("USD", "EUR", "0.9", on="2025-06-01"), "EUR", "USD", "CAD", "AUD")
    assert found.convert(Decimal(100), "CAD") == Decimal("100.00")
    assert found.missing == ("AUD", "CAD")
    assert found.notice == "No exchange rate into EUR is known for AUD, CAD: these amounts are ranked one for one."


def test_the_reporting_currency_is_the_one_given_or_the_most_frequent_or_the_dollar(tmp_path: Path) -> None:
    assert rates(tmp_path, Ledger(), "CHF", "EUR", reporting="GBP").reporting == "GBP"
    assert rates(tmp_path, Ledger(), "CHF", "EUR").reporting == "CHF"
    assert rates(tmp_path, Ledger()).reporting == "USD"


@given(st.decimals("0.01", "1e12", places=2), st.decimals("0.0001", "10000", places=8))
def test_an_amount_is_converted_to_the_cent(amount: Decimal, rate: Decimal) -> None:
    found = Exchange("EUR", {"USD": rate}, ()).convert(amount, "USD")
    assert abs(found - amount * rate) <= Decimal("0.005")
    assert found.as_tuple().exponent == -2
