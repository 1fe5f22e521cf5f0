from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from service.formats import format_date, format_instant, format_money
from service.money import Money


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [("1250", "GBP", "en_GB", "£1,250.00"), ("-1250.5", "EUR", "de_DE", "-1.250,50\xa0€"), ("1250", "JPY", "en_GB", "JP¥1,250")],
)
def test_money_in_the_readers_locale(amount: str, currency: str, locale: str, text: str) -> None:
    assert format_money(Money(Decimal(amount), currency), locale=locale) == text


def test_money_without_pence() -> None:
    assert format_money(Money(Decimal("61200.49"), "GBP"), whole=True) == "£61,200"


def test_a_date_in_the_readers_locale() -> None:
    assert format_date(date(2026, 12, 3)) == "3 Dec 2026"
    assert format_date(date(2026, 12, 3), locale="de_DE") == "03.12.2026"


def test_an_instant_names_its_time_zone() -> None:
    summer = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert format_instant(summer) == "1 Jul 2026, 23:30 UTC"
    assert format_instant(summer, time_zone="Europe/London") == "2 Jul 2026, 00:30 BST"
