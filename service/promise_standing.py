"""Which promise counts for which recommendation: those of the records and those logged here, judged by the money that came.

A scoring run judges every logged promise anew, until JUDGED_FOR after its day; then what came of it stands. A promise that is logged
counts at once, as the one made last.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.dealings import Allocation, Dealings, Standing, judged, standing
from models.finding import Finding, ScoringRun
from service.accounts import OpenInvoice, open_invoices
from service.promises import LoggedPromise, promises_of
from service.selection import joined
from service.stored_dealings import last_dealings
from service.tables import StoredPromise, StoredPromiseState
from service.tables import StoredRecommendation as Stored
from service.tables import StoredScore as Score

JUDGED_FOR: Final = timedelta(days=90)
"""Banks and ledgers correct what they booked within weeks. With the furthest promise it is less than the year of payments read."""
CLIENTS_A_QUERY: Final = 500


def judge_promises(session: Session, run: ScoringRun, findings: Iterable[Finding]) -> None:
    """After a run that became current: what came of the logged promises, and which promise counts for each recommendation."""
    if not session.scalar(sa.select(sa.exists().where(Stored.risk == run.risk, Stored.owner_role == "collector"))):
        # A run of another queue reads nothing of payments.
        return
    recent = (run.as_of - JUDGED_FOR).date()
    logged = list(session.scalars(sa.select(StoredPromise.client_id).where(StoredPromise.promised_for_on >= recent).distinct()))
    clients = sorted({*logged, *(finding.client_id for finding in findings)})
    for start in range(0, len(clients), CLIENTS_A_QUERY):
        some = clients[start : start + CLIENTS_A_QUERY]
        _judge(session, run, [one for one in promises_of(session, some) if one.promised_for_on >= recent])
        stand(session, some)


def _judge(session: Session, run: ScoringRun, promises: Sequence[LoggedPromise]) -> None:
    clients = {one.client_id for one in promises}
    dealings = last_dealings(session, clients)
    closed = _closed_since(session, clients, {client_id: run_id for client_id, (run_id, _) in dealings.items()})
    for one in promises:
        seen = dealings[one.client_id][1].allocations if one.client_id in dealings else ()
        found = judged(one.promise, (*seen, *closed[one.client_id]), as_of=run.as_of)
        session.merge(StoredPromiseState(promise_id=one.id, state=found.state, paid=found.paid, as_of=run.as_of))
    session.flush()


def _closed_since(session: Session, clients: Collection[str], last_runs: Mapping[str, str]) -> defaultdict[str, list[Allocation]]:
    """Money on invoices that were paid since a run last read of their client: a client that owes nothing is scored no more."""
    query = joined(*(Stored.client_id, Stored.run_id, Score.entity_id, Score.reference, Stored.outcome_on, Score.amount_at_stake)).where(
        Score.run_id == Stored.run_id, Stored.client_id.in_(clients), Stored.outcome == "paid", Stored.owner_role == "collector"
    )
    found: defaultdict[str, list[Allocation]] = defaultdict(list)
    for client_id, run_id, entity_id, reference, paid_on, amount, currency in session.execute(query.add_columns(Score.currency)):
        if last_runs.get(client_id) == run_id:
            found[client_id].append(Allocation(entity_id, reference, paid_on, amount, currency))
    return found


def stand(session: Session, client_ids: Sequence[str]) -> None:
    """Write on every recommendation of these clients that is not closed which promise counts for it. The caller commits."""
    session.flush()
    dealings = last_dealings(session, client_ids)
    invoices = defaultdict[str, list[OpenInvoice]](list)
    for invoice in open_invoices(session, client_ids):
        invoices[invoice.client_id].append(invoice)
    logged = defaultdict[str, list[LoggedPromise]](list)
    for promise in promises_of(session, client_ids):
        logged[promise.client_id].append(promise)
    found: dict[str, Standing] = {}
    for client_id, own in invoices.items():
        told = dealings[client_id][1] if client_id in dealings else Dealings()
        # Oldest first; of one day, what was logged here after what the records had read by then.
        promises = (*reversed(told.promises), *(one.promise for one in reversed(logged[client_id])))
        found |= standing(promises, [one.owed for one in own])
    _write(session, client_ids, found)


def _write(session: Session, client_ids: Sequence[str], found: Mapping[str, Standing]) -> None:
    query = sa.select(Stored).where(Stored.client_id.in_(client_ids), Stored.owner_role == "collector", Stored.status != "closed")
    for stored in session.scalars(query):
        counts = found.get(stored.entity_id)
        stored.promise_state = counts.promise.state if counts else None
        stored.promised_for_on = counts.promise.promised_for_on if counts else None
        stored.promised_amount = counts.amount if counts else None
    session.flush()
