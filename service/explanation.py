"""One recommendation in full: why, on what evidence, and all that happened to it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from models.finding import Evidence, LinePart, Reason, Role
from models.project_course import ProjectCourse
from service.columns import storable
from service.money import Money
from service.row import RecommendationRow
from service.selection import COLUMNS, joined, row_of
from service.status import DismissReason, Verdict
from service.stored_explanation import unpack
from service.tables import StoredDecision, StoredRecommendation, StoredRun, StoredScore


@dataclass(frozen=True)
class Explanation:
    """Evidence first; reasons and numbers are empty when likelihood is withheld."""

    evidence: tuple[Evidence, ...]
    facts: Mapping[str, str]
    clears: str
    """Which record would close it, as a sentence; empty where it was scored before this was kept."""
    caveat: str
    """Why it is provisional, a sentence; empty where it is not, or was scored before this was kept."""
    reasons: tuple[Reason, ...]
    """Strongest first, raising and lowering."""
    rule_probability: float | None
    """What the simple rule says, beside the model; None when certain, withheld or without a rule."""
    predicted_dates: tuple[date, ...]
    """20 equally likely dates of payment, in order, or none."""
    model_version: str
    model_digest: str
    scored_at: datetime
    notices: tuple[str, ...]
    """What a reader must know about the run, such as a currency without a rate."""
    lines: tuple[LinePart, ...]
    """Parts of the likelihood, the likeliest first; empty when withheld, and where no line was judged."""
    course: ProjectCourse | None = None
    """Of a project: its margin and its cost against plan; without a forecast when likelihood is withheld."""


@dataclass(frozen=True)
class ScorePoint:
    """What one scoring run said."""

    run_id: str
    as_of: datetime
    scored_at: datetime
    rank: int
    probability: float | None
    """None when certain, when it had happened, or when that run's likelihoods are withheld."""
    happened: bool
    """What it warned of had happened already."""
    unusualness: float | None
    """Of an anomaly: its rank, as a share."""
    expected_loss: Money
    at_stake: Money
    model_version: str


@dataclass(frozen=True)
class Event:
    """One thing that happened to a recommendation, with what the person saw then."""

    id: int
    recommendation_id: str
    verdict: Verdict
    reason: DismissReason | None
    note: str
    """The person's note, or the sentence with which it closed by itself."""
    actor: str
    """Name; "Plumbline" for what the records and the clock did."""
    decided_at: datetime
    snoozed_until: datetime | None
    run_id: str
    """The scoring run whose figures the person saw, or that closed or reopened it."""
    rank: int | None
    probability: float | None
    """As shown then; both None for what the records and the clock did."""


@dataclass(frozen=True)
class RecommendationDetail:
    row: RecommendationRow
    explanation: Explanation
    scores: tuple[ScorePoint, ...]
    """Newest first."""
    events: tuple[Event, ...]
    """Newest first."""


def find_recommendation(session: Session, sees: Collection[Role], *, id: str, now: datetime) -> RecommendationDetail | None:
    """The recommendation as its last scoring saw it; None when there is none that this reader may see."""
    more = (
        *(StoredScore.explanation, StoredScore.rule_probability, StoredRun.model_version, StoredRun.model_digest),
        *(StoredRun.scored_at, StoredRun.notices),
    )
    found = session.execute(joined(*COLUMNS, *more).where(*_visible(id, sees))).one_or_none()
    if found is None:
        return None
    return RecommendationDetail(
        row=row_of(found, now=now),
        explanation=_explanation(found),
        scores=_scores(session, id),
        events=events_of(session, StoredDecision.recommendation_id == id, limit=LONGEST_HISTORY),
    )


LONGEST_HISTORY = 500
"""Events and scores shown of one recommendation: more than a year of nightly runs."""


def find_row(session: Session, sees: Collection[Role], *, id: str, now: datetime) -> RecommendationRow | None:
    """Its line of the list alone; None when there is none that this reader may see."""
    found = session.execute(joined(*COLUMNS).where(*_visible(id, sees))).one_or_none()
    return row_of(found, now=now) if found else None


def _visible(recommendation_id: str, sees: Collection[Role]) -> tuple[sa.ColumnElement[bool], ...]:
    if not storable(recommendation_id):
        return (sa.false(),)
    return (
        StoredRecommendation.id == recommendation_id,
        StoredScore.run_id == StoredRecommendation.run_id,
        StoredScore.owner_role.in_(sorted(sees)),
    )


def _explanation(found: Row[Any]) -> Explanation:
    stored = unpack(found.explanation)
    # A fact stands whatever the model is worth.
    withheld = bool(found.withheld) and not found.happened
    return Explanation(
        evidence=stored.evidence,
        facts=stored.facts,
        clears=stored.clears,
        caveat=stored.caveat,
        reasons=() if withheld else tuple(sorted(stored.reasons, key=lambda reason: -abs(reason.effect))),
        rule_probability=None if withheld else found.rule_probability,
        predicted_dates=stored.predicted_dates,
        model_version=found.model_version,
        model_digest=found.model_digest,
        scored_at=found.scored_at,
        notices=tuple(found.notices),
        lines=() if withheld else stored.lines,
        course=replace(stored.course, low=None, middle=None, high=None) if stored.course and withheld else stored.course,
    )


def _scores(session: Session, recommendation_id: str) -> tuple[ScorePoint, ...]:
    query = (
        sa.select(StoredScore, StoredRun)
        .join(StoredRun, StoredRun.id == StoredScore.run_id)
        .where(StoredScore.finding_id == recommendation_id)
        .order_by(StoredRun.as_of.desc(), StoredRun.scored_at.desc())
        .limit(LONGEST_HISTORY)
    )
    return tuple(
        ScorePoint(
            run_id=run.id,
            as_of=run.as_of,
            scored_at=run.scored_at,
            rank=score.rank,
            probability=None if run.withheld else score.probability,
            happened=bool(score.happened),
            unusualness=score.unusualness,
            expected_loss=Money(score.expected_loss, score.reporting_currency),
            at_stake=Money(score.amount_at_stake, score.currency),
            model_version=run.model_version,
        )
        for score, run in session.execute(query)
    )


def events_of(session: Session, which: sa.ColumnElement[bool], *, limit: int) -> tuple[Event, ...]:
    """The newest events, newest first."""
    query = sa.select(StoredDecision).where(which).order_by(StoredDecision.id.desc()).limit(limit)
    return tuple(
        Event(
            id=stored.id,
            recommendation_id=stored.recommendation_id,
            verdict=Verdict(stored.verdict),
            reason=DismissReason(stored.reason) if stored.reason else None,
            note=stored.note,
            actor=stored.actor,
            decided_at=stored.decided_at,
            snoozed_until=stored.snoozed_until,
            run_id=stored.run_id,
            rank=stored.rank,
            probability=stored.probability,
        )
        for stored in session.scalars(query)
    )
