"""Which recommendations a reader gets: views, filters and the reader's own scope, as conditions of one query."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session, aliased

from models.finding import Role
from service.columns import round_up, storable
from service.money import Money
from service.row import Filters, RecommendationRow
from service.status import DECIDED, DismissReason, Mark, Status, View
from service.tables import StoredRecommendation as Stored
from service.tables import StoredRun as Run
from service.tables import StoredScore as Score
from service.words import CERTAIN, HAPPENED, Likelihood, likelihood

Condition = sa.ColumnElement[bool]

MARK_SPAN: Final = timedelta(days=7)
"""A week: promises are called about before their day, and what is new was found since this day last week."""
STALE = 0
"""Version of a row whose figures a later run has replaced: If-Match with it is refused, as the person saw old figures."""


def current_run_ids(session: Session) -> tuple[str, ...]:
    """Id of the run of each risk that the worklist shows."""
    return tuple(session.scalars(sa.select(Run.id).where(Run.is_current).order_by(Run.id)))


def due(now: datetime) -> Condition:
    """A snooze whose time has come."""
    return sa.and_(Stored.status == Status.SNOOZED, Stored.snoozed_until <= now)


def in_view(view: View, *, now: datetime) -> Condition:
    match view:
        case View.OPEN:
            return sa.or_(Stored.status == Status.OPEN, due(now))
        case View.SNOOZED:
            return sa.and_(Stored.status == Status.SNOOZED, Stored.snoozed_until > now)
        case View.DECIDED:
            return Stored.status.in_(DECIDED)
        case View.CLOSED:
            return Stored.status == Status.CLOSED


def marked(mark: Mark, *, now: datetime) -> Condition:
    """What the mark stands for; of promises and disputes whatever was decided since, as long as the record is not closed."""
    match mark:
        case Mark.BROKEN_PROMISE:
            return Stored.promise_state.in_(("broken", "part"))
        case Mark.PROMISE_DUE:
            return sa.and_(Stored.promise_state == "open", Stored.promised_for_on <= now.date() + MARK_SPAN)
        case Mark.DISPUTED:
            return Score.in_dispute.is_(other=True)
        case Mark.NEW:
            found = sa.tuple_(Stored.risk, Stored.first_found_at)
            return sa.and_(Stored.first_found_at > now - MARK_SPAN, found.not_in(_first_scorings()), in_view(View.OPEN, now=now))


def _first_scorings() -> sa.Select[str, datetime]:
    """Of each risk, when it was scored first: what that found had never been looked for before, so nothing of it is new."""
    any_run = aliased(Run)
    return sa.select(any_run.risk, sa.func.min(any_run.published_at)).group_by(any_run.risk)


def scored_in(view: View, runs: Sequence[str]) -> Condition:
    """Closed ones show the run that saw them last; all others the pinned runs."""
    return Score.run_id == Stored.run_id if view == View.CLOSED else Score.run_id.in_(runs)


def matching(filters: Filters, sees: Collection[Role]) -> list[Condition]:
    """All filters but view and mark, and the reader's scope: a row of another owner role is never selected."""
    if not all(map(storable, (*filters.risks, filters.client_id or "", *filters.currencies, filters.search))):
        # Nothing can match what cannot be stored; the database would refuse the question itself.
        return [sa.false()]
    conditions: list[Condition] = [Score.owner_role.in_(sorted(sees))]
    if filters.owner_roles:
        conditions.append(Score.owner_role.in_(sorted(filters.owner_roles)))
    if filters.stages:
        conditions.append(sa.func.coalesce(Score.stage, "unbilled").in_(sorted(filters.stages)))
    if filters.risks:
        conditions.append(Score.risk.in_(sorted(filters.risks)))
    if filters.client_id is not None:
        conditions.append(Score.client_id == filters.client_id)
    if filters.currencies:
        conditions.append(Score.currency.in_(sorted(filters.currencies)))
    if filters.min_at_risk is not None:
        least = round_up(filters.min_at_risk)
        conditions.append(sa.false() if least is None else Score.stake_reporting >= least)
    conditions += [Score.search_text.contains(word, autoescape=True) for word in filters.search.casefold().split()]
    return conditions


COLUMNS: tuple[Any, ...] = (
    *(Score.run_id, Score.rank, Score.kind, Score.risk, Score.title, Score.entity_type, Score.entity_id, Score.owner_role),
    *(Score.client_id, Score.client_name, Score.reference, Score.due_on, Score.amount_at_stake, Score.currency),
    *(Score.stake_reporting, Score.reporting_currency, Score.expected_loss, Score.probability, Score.unusualness),
    *(Score.predicted_on, Score.predicted_low_on, Score.predicted_high_on, Score.top_reason, Score.suggestion, Score.provisional),
    *(Run.as_of, Run.withheld, Stored.id, Stored.run_id.label("current_run_id"), Stored.version, Stored.status, Stored.snoozed_until),
    *(Stored.dismiss_reason, Stored.decided_at, Stored.decided_by, Stored.closed_at, Stored.closed_sentence, Stored.outcome),
    *(Stored.outcome_on, Stored.first_found_at, Score.in_dispute, Stored.promise_state, Stored.promised_for_on, Stored.promised_amount),
    *(Score.stage, Score.case_key, Score.happened),
)


def joined(*columns: sa.SQLColumnExpression[Any]) -> sa.Select[Any]:
    """Recommendations with their scores and runs; the caller adds which score (`scored_in`)."""
    return sa.select(*columns).join_from(Score, Stored, Stored.id == Score.finding_id).join(Run, Run.id == Score.run_id)


def row_of(found: Row[Any], *, now: datetime) -> RecommendationRow:
    """A line of the list from COLUMNS."""
    withheld = "" if found.happened else found.withheld
    shown = None if withheld else found.probability
    snoozing = found.status == Status.SNOOZED and found.snoozed_until > now
    woken = found.status == Status.SNOOZED and not snoozing
    return RecommendationRow(
        id=found.id,
        version=found.version if found.run_id == found.current_run_id else STALE,
        run_id=found.run_id,
        rank=found.rank,
        kind=found.kind,
        risk=found.risk,
        title=found.title,
        entity_type=found.entity_type,
        entity_id=found.entity_id,
        owner_role=found.owner_role,
        client_id=found.client_id,
        client_name=found.client_name,
        reference=found.reference,
        due_on=found.due_on,
        at_stake=Money(found.amount_at_stake, found.currency),
        at_stake_reporting=Money(found.stake_reporting, found.reporting_currency),
        expected_loss=Money(found.expected_loss, found.reporting_currency),
        probability=shown,
        likelihood=_said(found.kind, shown, happened=bool(found.happened)),
        unusualness=found.unusualness,
        withheld=withheld,
        predicted_on=found.predicted_on,
        predicted_low_on=found.predicted_low_on,
        predicted_high_on=found.predicted_high_on,
        top_reason="" if withheld else found.top_reason,
        suggestion=found.suggestion,
        provisional=found.provisional,
        as_of=found.as_of,
        first_found_at=found.first_found_at,
        in_dispute=found.in_dispute,
        promise_state=found.promise_state,
        promised_for_on=found.promised_for_on,
        promised=None if found.promised_amount is None else Money(found.promised_amount, found.currency),
        status=Status.OPEN if woken else Status(found.status),
        snoozed_until=found.snoozed_until if snoozing else None,
        dismiss_reason=DismissReason(found.dismiss_reason) if found.dismiss_reason else None,
        decided_at=found.decided_at,
        decided_by=found.decided_by,
        closed_at=found.closed_at,
        closed_sentence=found.closed_sentence,
        outcome=found.outcome,
        outcome_on=found.outcome_on,
        stage=found.stage or "unbilled",
        draft_id=_draft(found.stage, found.case_key),
        happened=bool(found.happened),
    )


def _said(kind: str, probability: float | None, *, happened: bool) -> Likelihood | None:
    if kind == "control":
        return CERTAIN
    if happened:
        return HAPPENED
    return None if probability is None else likelihood(probability)


def _draft(stage: str | None, case_key: str | None) -> str:
    table, _, bill_id = (case_key or "").partition(":")
    return bill_id if stage == "draft" and table == "invoice" else ""
