"""The cash forecast over the wire."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field

from models import cash
from service.api.wire import MoneyField, Wire
from service.cash import PublishedForecast
from service.money import Money


class CashRange(Wire):
    """What comes in lies between the two with this probability."""

    share: Annotated[float, Field(description="From 0 to 1.", examples=[0.8])]
    low: Annotated[MoneyField, Field(description="Lower end.")]
    high: Annotated[MoneyField, Field(description="Upper end.")]


class CashWeek(Wire):
    """Seven days."""

    begins_on: Annotated[date, Field(description="Its first day.", examples=["2026-11-24"])]
    ends_on: Annotated[date, Field(description="Its last day.", examples=["2026-11-30"])]
    expected: Annotated[MoneyField, Field(description="What is expected to come in.")]
    ranges: Annotated[list[CashRange], Field(description="50, 80 and 95 % ranges.")]


class CashForecast(Wire):
    """What is open in one currency, and when it is expected. Invoices still to be issued are not in it."""

    currency: Annotated[str, Field(description="ISO 4217 code.", examples=["GBP"])]
    owed: Annotated[MoneyField, Field(description="All that is open.")]
    weeks: Annotated[list[CashWeek], Field(description="One after another, from the day after the scoring.")]
    later: Annotated[MoneyField, Field(description="Expected after the last week, or never.")]
    undated: Annotated[MoneyField, Field(description="Owed without a predicted date; in no week.")]

    @classmethod
    def of(cls, told: cash.CashForecast) -> Self:
        weeks = [
            CashWeek(
                begins_on=week.begins,
                ends_on=week.ends,
                expected=Money(week.expected, told.currency),
                ranges=[
                    CashRange(share=one.share, low=Money(one.low, told.currency), high=Money(one.high, told.currency))
                    for one in week.ranges
                ],
            )
            for week in told.weeks
        ]
        owed, later, undated = (Money(amount, told.currency) for amount in (told.owed, told.later, told.undated))
        return cls(currency=told.currency, owed=owed, weeks=weeks, later=later, undated=undated)


class CashForecastList(Wire):
    """One forecast a currency, the most owed first."""

    as_of: Annotated[
        datetime | None,
        Field(description="End of the records it is made of; null before the first scoring.", examples=["2026-11-24T00:00:00Z"]),
    ]
    items: list[CashForecast]

    @classmethod
    def of(cls, found: PublishedForecast) -> Self:
        return cls(as_of=found.as_of, items=[CashForecast.of(one) for one in found.forecasts])
