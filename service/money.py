"""An amount and its currency, which never travel apart."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from babel.numbers import get_currency_precision


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str
    """ISO 4217 code."""

    @property
    def plain(self) -> str:
        """The exact amount with at least the currency's decimals: "1250.00", "1250" in JPY."""
        least = get_currency_precision(self.currency)
        decimals = max(least, -int(self.amount.normalize().as_tuple().exponent))
        return f"{self.amount:.{decimals}f}"


def to_minor_unit(amount: Decimal, currency: str) -> Decimal:
    """Rounded, half to even, to the smallest unit of the currency."""
    return amount.quantize(Decimal(1).scaleb(-get_currency_precision(currency)), rounding=ROUND_HALF_EVEN)
