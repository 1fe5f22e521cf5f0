from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.money import Money, to_minor_unit


@pytest.mark.parametrize(
    ("amount", "currency", "plain"),
    [
        ("1250", "GBP", "1250.00"),
        ("1250.5", "GBP", "1250.50"),
        ("1250.0000", "JPY", "1250"),
        ("0.1250", "KWD", "0.125"),
        ("1E+3", "EUR", "1000.00"),
        ("-0.0001", "GBP", "-0.0001"),
        ("0", "GBP", "0.00"),
    ],
)
def test_the_plain_form_is_exact_and_has_the_decimals_of_its_currency(amount: str, currency: str, plain: str) -> None:
    assert Money(Decimal(amount), currency).plain == plain


@given(st.decimals(-(10**12), 10**12, places=4), st.sampled_from(["GBP", "JPY", "KWD", "EUR"]))
def test_the_plain_form_reads_back_as_the_same_amount(amount: Decimal, currency: str) -> None:
    assert Decimal(Money(amount, currency).plain) == amount


@given(st.decimals(-(10**12), 10**12, places=6))
def test_rounding_moves_by_half_a_penny_at_most(amount: Decimal) -> None:
    assert abs(to_minor_unit(amount, "GBP") - amount) <= Decimal("0.005")
