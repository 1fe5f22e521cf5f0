"""Scoring runs as API and pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.cursors import Cursor, decode, fingerprint
from service.problems import BadCursor
from service.tables import StoredRun


@dataclass(frozen=True)
class Run:
    """One scoring of one risk."""

    id: str
    risk: str
    as_of: datetime
    """End of the records it read."""
    scored_at: datetime
    published_at: datetime
    is_current: bool
    """The worklist shows it."""
    findings: int
    model_version: str
    model_digest: str
    lake_versions: Mapping[str, int]
    """Version of each table of records that was read."""
    withheld: str
    """Why its likelihoods are not shown, or empty."""
    notices: tuple[str, ...]


CurrentRun = Run
"""A run of which `is_current` holds."""


@dataclass(frozen=True)
class RunPage:
    items: tuple[Run, ...]
    next_cursor: str | None


def current_runs(session: Session) -> tuple[Run, ...]:
    """The run of each risk that the worklist shows, by risk."""
    return tuple(_run(stored) for stored in session.scalars(sa.select(StoredRun).where(StoredRun.is_current).order_by(StoredRun.risk)))


def list_runs(session: Session, *, limit: int, cursor: str | None = None, risk: str | None = None) -> RunPage:
    """All runs, or those of one risk or control, the last published first. Raises BadCursor."""
    asked = fingerprint("runs", risk)
    query = sa.select(StoredRun).order_by(StoredRun.published_at.desc(), StoredRun.id)
    if risk:
        query = query.where(StoredRun.risk == risk)
    if cursor:
        last = decode(cursor, asked=asked)
        query = query.where(_after(last))
    found = session.scalars(query.limit(limit + 1)).all()
    items = tuple(_run(stored) for stored in found[:limit])
    more = len(found) > limit
    onward = Cursor(asked, (), items[-1].published_at.isoformat(), items[-1].id, 0).encode() if more else None
    return RunPage(items, onward)


def runs_named(session: Session, name: str) -> tuple[Run, ...]:
    """The runs whose id begins so: one where it names a run, none or several where it does not."""
    query = sa.select(StoredRun).where(StoredRun.id.startswith(name, autoescape=True)).order_by(StoredRun.id)
    return tuple(_run(stored) for stored in session.scalars(query))


def _after(last: Cursor) -> sa.ColumnElement[bool]:
    try:
        published_at = datetime.fromisoformat(last.key)
    except ValueError as error:
        raise BadCursor("The cursor is damaged.") from error
    if published_at.tzinfo is None:
        raise BadCursor("The cursor is damaged.")
    earlier = StoredRun.published_at < published_at
    return sa.or_(earlier, sa.and_(StoredRun.published_at == published_at, StoredRun.id > last.id))


def _run(stored: StoredRun) -> Run:
    return Run(
        id=stored.id,
        risk=stored.risk,
        as_of=stored.as_of,
        scored_at=stored.scored_at,
        published_at=stored.published_at,
        is_current=stored.is_current,
        findings=stored.findings,
        model_version=stored.model_version,
        model_digest=stored.model_digest,
        lake_versions=stored.lake_versions,
        withheld=stored.withheld,
        notices=tuple(stored.notices),
    )
