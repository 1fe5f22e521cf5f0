"""Column types that mean the same on SQLite and on PostgreSQL."""

from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Numeric, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

MONEY_DECIMALS = 4
"""The smallest unit of any currency in use has three decimals; one more for sums of rounded shares."""
MONEY_DIGITS = 18
"""What a 64-bit whole number of SQLite holds of ten-thousandths."""
_SCALE = Decimal(10) ** MONEY_DECIMALS
_LARGEST = Decimal(10) ** (MONEY_DIGITS - MONEY_DECIMALS)
_INSTANT_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def storable(text: str) -> bool:
    """Whether both databases can hold it: PostgreSQL takes no NUL, and half a surrogate pair is no character."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def fits(amount: Decimal) -> bool:
    """Whether both databases can hold it to the last digit."""
    return amount.is_finite() and abs(amount) < _LARGEST and amount == round(amount, MONEY_DECIMALS)


def round_up(amount: Decimal) -> Decimal | None:
    """The least amount from this on that both databases can hold; None when there is none."""
    if not amount.is_finite() or abs(amount) >= _LARGEST:
        return None
    rounded = amount.quantize(1 / _SCALE, rounding=ROUND_CEILING)
    return rounded if fits(rounded) else None


class MoneyAmount(TypeDecorator[Decimal]):
    """Exact decimals: NUMERIC on PostgreSQL, a whole number of ten-thousandths on SQLite, which has no exact decimals.

    Sorts and sums in the database. Raises ValueError for what it cannot hold to the last digit.
    """

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(MONEY_DIGITS, MONEY_DECIMALS))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | int | None:
        if value is None:
            return None
        if not fits(value):
            raise ValueError(f"money of {MONEY_DIGITS} digits, {MONEY_DECIMALS} of them decimals, cannot hold {value}")
        return int(value * _SCALE) if dialect.name == "sqlite" else value

    def process_result_value(self, value: int | Decimal | None, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        return Decimal(value).scaleb(-MONEY_DECIMALS) if dialect.name == "sqlite" else Decimal(value)


class Instant(TypeDecorator[datetime]):
    """UTC-aware instants: TIMESTAMPTZ on PostgreSQL, text of one width (so that it sorts) on SQLite. Refuses naive ones."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String(27) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone: {value}")
        value = value.astimezone(UTC)
        # strftime pads the year of %Y to four digits on no platform alike, so years before 1000 are not written this way.
        return value.strftime(_INSTANT_FORMAT) if dialect.name == "sqlite" else value

    def process_result_value(self, value: str | datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.strptime(value, _INSTANT_FORMAT).replace(tzinfo=UTC)
        return value.astimezone(UTC)
