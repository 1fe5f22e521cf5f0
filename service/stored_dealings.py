"""What the records tell of a client, as one JSON value a run: read for one account at a time, never searched."""

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from models.dealings import Dealings
from models.finding import Finding
from service.tables import StoredDealings, StoredRun

_JSON: TypeAdapter[Dealings] = TypeAdapter(Dealings)


def store_dealings(session: Session, run_id: str, findings: Iterable[Finding]) -> None:
    if rows := dealings_rows(run_id, findings):
        session.execute(sa.insert(StoredDealings), rows)


def dealings_rows(run_id: str, findings: Iterable[Finding]) -> list[dict[str, object]]:
    """Once for each client that a collector calls: all its findings carry the same."""
    dealings = {finding.client_id: finding.dealings for finding in findings if finding.owner_role == "collector"}
    return [{"run_id": run_id, "client_id": client_id, "told": _packed(told)} for client_id, told in dealings.items()]


def _packed(dealings: Dealings) -> dict[str, Any]:
    packed: dict[str, Any] = _JSON.dump_python(dealings, mode="json")
    return packed


def last_dealings(session: Session, client_ids: Collection[str]) -> dict[str, tuple[str, Dealings]]:
    """The newest run that read of each client, and what it read; a client that was never scored is left out."""
    place = sa.func.row_number().over(
        partition_by=StoredDealings.client_id, order_by=(StoredRun.as_of.desc(), StoredRun.scored_at.desc(), StoredRun.id)
    )
    ranked = (
        sa.select(StoredDealings.client_id, StoredDealings.run_id, StoredDealings.told, place.label("place"))
        .join(StoredRun, StoredRun.id == StoredDealings.run_id)
        .where(StoredDealings.client_id.in_(client_ids))
        .subquery()
    )
    query = sa.select(ranked.c.client_id, ranked.c.run_id, ranked.c.told).where(ranked.c.place == 1)
    return {client_id: (run_id, _JSON.validate_python(told)) for client_id, run_id, told in session.execute(query)}
