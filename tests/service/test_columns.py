"""Money and instants come back from both databases as they went in, to the last digit and microsecond, and sort."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine
from sqlalchemy.exc import StatementError

from service.columns import Instant, MoneyAmount

AMOUNTS = st.decimals(min_value=-(10**14) + 1, max_value=10**14 - 1, places=4)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=-11)), timezone(timedelta(hours=5, minutes=45))])
INSTANTS = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2150, 1, 1), timezones=ZONES)  # noqa: DTZ001  zones follow
KEPT = sa.Table("kept", sa.MetaData(), sa.Column("amount", MoneyAmount()), sa.Column("at", Instant()))
REUSING = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)


@pytest.fixture
def table(engine: Engine) -> Engine:
    KEPT.create(engine)
    return engine


@REUSING
@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=20))
def test_money_is_exact_sorts_and_sums(table: Engine, amounts: list[Decimal]) -> None:
    with table.connect() as connection:
        connection.execute(KEPT.insert(), [{"amount": amount} for amount in amounts])
        assert list(connection.scalars(sa.select(KEPT.c.amount).order_by(KEPT.c.amount))) == sorted(amounts)
        assert connection.scalar(sa.select(sa.func.sum(KEPT.c.amount))) == sum(amounts)
        largest = connection.scalar(sa.select(sa.func.count()).where(KEPT.c.amount >= max(amounts)))
        assert largest == amounts.count(max(amounts))
        connection.rollback()


@pytest.mark.parametrize("amount", ["0.00001", "100000000000000", "NaN", "Infinity"])
def test_money_that_cannot_be_held_is_refused(table: Engine, amount: str) -> None:
    with table.connect() as connection, pytest.raises(StatementError, match="cannot hold"):
        connection.execute(KEPT.insert(), {"amount": Decimal(amount)})


@REUSING
@given(instants=st.lists(INSTANTS, min_size=1, max_size=20))
def test_instants_are_exact_utc_and_sort(table: Engine, instants: list[datetime]) -> None:
    with table.connect() as connection:
        connection.execute(KEPT.insert(), [{"at": instant} for instant in instants])
        found = list(connection.scalars(sa.select(KEPT.c.at).order_by(KEPT.c.at)))
        assert found == sorted(instants)
        assert all(instant.tzinfo is UTC for instant in found if instant)
        connection.rollback()


def test_an_instant_without_a_zone_is_refused(table: Engine) -> None:
    with table.connect() as connection, pytest.raises(StatementError, match="needs a time zone"):
        connection.execute(KEPT.insert(), {"at": datetime(2026, 11, 23)})  # noqa: DTZ001  that is the point
