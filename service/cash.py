"""The cash forecast of what the last published scoring found open: computed here from its dates, never from later records."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.cash import UNKNOWN_SPREAD, CashForecast, CashSpread, OpenItem, forecasts
from models.catalog import risk_named
from models.champion import Standing, pointed
from models.finding import Role
from service.accounts import check_account
from service.stored_explanation import unpack
from service.tables import StoredRun as Run
from service.tables import StoredScore as Score

COLLECTIONS: Final = risk_named("collections")
_STANDINGS: tuple[Standing, Standing] = ("champion", "challenger")


@dataclass(frozen=True)
class PublishedForecast:
    """Of the scoring that the worklist shows; both None and empty before the first."""

    as_of: datetime | None
    forecasts: tuple[CashForecast, ...]


def cash_forecast(session: Session, sees: Collection[Role], *, models: Path, client_ids: Sequence[str], weeks: int) -> PublishedForecast:
    """Of these clients, or of all where none is named. Raises NotFound for a client that is no account or not this reader's to see."""
    for client_id in client_ids:
        check_account(session, sees, client_id=client_id)
    run = session.scalar(sa.select(Run).where(Run.is_current, Run.risk == COLLECTIONS.name))
    if run is None or COLLECTIONS.owner_role not in sees:
        return PublishedForecast(None, ())
    query = sa.select(Score.client_id, Score.currency, Score.amount_at_stake, Score.explanation).where(Score.run_id == run.id)
    if client_ids:
        query = query.where(Score.client_id.in_(client_ids))
    items = [
        OpenItem(client_id, currency, owed, unpack(explanation).predicted_dates)
        for client_id, currency, owed, explanation in session.execute(query)
    ]
    last_day = (run.as_of - timedelta(microseconds=1)).date()
    return PublishedForecast(run.as_of, forecasts(items, as_of=last_day, weeks=weeks, spread=_spread(models, run.model_digest)))


def _spread(models: Path, digest: str) -> CashSpread:
    """Of the model that scored the run, while it stands."""
    for standing in _STANDINGS:
        pointer = pointed(models, COLLECTIONS.name, standing)
        if pointer is not None and pointer.digest == digest and pointer.cash_spread is not None:
            return CashSpread(**pointer.cash_spread)
    return UNKNOWN_SPREAD
