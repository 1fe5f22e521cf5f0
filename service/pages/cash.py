"""The page of the cash forecast, and the words of its charts: what the open invoices are expected to bring, week by week."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from models.cash import CashForecast
from models.weeks_ahead import DEFAULT_WEEKS
from service.cash import cash_forecast
from service.cash_chart import CashChart
from service.database import reading
from service.money import Money
from service.pages.desk import AtDesk, Desk
from service.pages.places import COLLECTIONS, Place
from service.pages.render import page
from service.pages.wording import Wording, say

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@dataclass(frozen=True)
class CashText:
    """What is said of the forecast of one currency."""

    chart: CashChart
    wording: Wording

    @property
    def forecast(self) -> CashForecast:
        return self.chart.forecast

    @property
    def is_undated(self) -> bool:
        """No date of payment is predicted of anything that is open: noughts week by week would be a false statement."""
        return self.forecast.undated == self.forecast.owed

    @property
    def title(self) -> str:
        """The message of the chart."""
        weeks = self.forecast.weeks
        values = {
            "money": self.money(sum((week.expected for week in weeks), Decimal(0))),
            "owed": self.money(self.forecast.owed),
            "day": self.wording.day(weeks[-1].ends),
        }
        return say("%(money)s of %(owed)s open is expected by %(day)s", values)

    @property
    def description(self) -> str:
        """What the picture shows of its first week, and what stands in no week."""
        first = self.forecast.weeks[0]
        wide = next(part for part in first.ranges if part.share == 0.8)  # noqa: PLR2004 (the range that pages tell)
        values = {
            "expected": self.money(first.expected),
            "low": self.money(wide.low),
            "high": self.money(wide.high),
            "later": self.money(self.forecast.later),
            "undated": self.money(self.forecast.undated),
        }
        return say(
            "In the first week %(expected)s is expected; in eight of ten such weeks between %(low)s and %(high)s comes in. "
            "Expected later or never: %(later)s; without a predicted date: %(undated)s.",
            values,
        )

    def money(self, amount: Decimal) -> str:
        return self.wording.whole(Money(amount, self.forecast.currency))

    def week(self, place: int) -> str:
        one = self.forecast.weeks[place]
        return say("%(first)s – %(last)s", {"first": self.wording.short(one.begins), "last": self.wording.short(one.ends)})

    def short(self, amount: Decimal) -> str:
        """Of the scale: its currency stands in the title."""
        return f"{amount / 1000:,.4g}k" if amount >= 1000 else f"{amount:,.4g}"  # noqa: PLR2004 (k is a thousand)


@router.get("/collections/cash")
def cash_page(desk: AtDesk) -> HTMLResponse:
    desk.enter(COLLECTIONS)
    with reading(desk.engine) as session:
        texts, read_at = cash_texts(session, desk)
    values = {"area": COLLECTIONS, "place": Place(COLLECTIONS), "cash": texts, "read_at": read_at}
    return page(desk.request, "cash.html", wording=desk.wording, actor=desk.actor, values=values)


def cash_texts(session: Session, desk: Desk, *, client_ids: Sequence[str] = ()) -> tuple[tuple[CashText, ...], str]:
    """One a currency, the most owed first, and the state of the records that they are of; empty before the first scoring."""
    models = desk.settings.home / "models"
    found = cash_forecast(session, desk.sees, models=models, client_ids=client_ids, weeks=DEFAULT_WEEKS)
    texts = tuple(CashText(CashChart(one), desk.wording) for one in found.forecasts if one.weeks)
    return texts, desk.wording.instant(found.as_of) if found.as_of else ""
