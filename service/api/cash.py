"""The cash forecast: expected cash by week of a client, several or all, with ranges."""

from typing import Annotated

from fastapi import APIRouter, Query

from models.weeks_ahead import DEFAULT_WEEKS, MOST_WEEKS
from service.api.cash_wire import CashForecastList
from service.api.described import refusals
from service.api.guard import ApiActor
from service.cash import cash_forecast
from service.database import reading
from service.problems import NotFound
from service.serving import Running

router = APIRouter(prefix="/cash-forecast", tags=["cash"])


@router.get("", responses=refusals(NotFound), summary="Forecast what the open invoices bring, week by week")
def forecast_cash(
    actor: ApiActor,
    running: Running,
    client_id: Annotated[list[str] | None, Query(description="Key of a client; may be given again. Default: all clients.")] = None,
    weeks: Annotated[int, Query(description="Weeks ahead.", ge=1, le=MOST_WEEKS)] = DEFAULT_WEEKS,
) -> CashForecastList:
    """From the dates of the scoring that the worklist shows. Ranges allow for clients that pay all their invoices at once, or none."""
    with reading(running.engine) as session:
        models = running.settings.home / "models"
        return CashForecastList.of(cash_forecast(session, actor.sees, models=models, client_ids=client_id or (), weeks=weeks))
