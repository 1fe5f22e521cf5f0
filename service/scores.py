"""A scoring run and its findings as they are kept: never changed afterwards."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.finding import Finding, ScoringRun
from service.money import to_minor_unit
from service.stored_dealings import store_dealings
from service.stored_explanation import pack
from service.tables import StoredRun, StoredScore
from service.triage import Ranked


def store_run(session: Session, run: ScoringRun, *, is_current: bool, findings: int, now: datetime) -> None:
    described = asdict(run) | {"notices": list(run.notices)}
    session.add(StoredRun(**described, published_at=now, is_current=is_current, findings=findings))
    session.flush()


def store_scores(session: Session, run: ScoringRun, *, ranked: Sequence[Ranked]) -> None:
    if ranked:
        session.execute(sa.insert(StoredScore), [score_row(run.id, one) for one in ranked])
        store_dealings(session, run.id, [one.finding for one in ranked])


def _searchable(finding: Finding) -> str:
    """Words that it is found by. A timesheet is found by its team: what a person's name finds would be a page of that person."""
    if finding.entity_type == "timesheet":
        return finding.client_name
    return f"{finding.client_name}\n{finding.reference}\n{finding.title}\n{finding.entity_id}"


def score_row(run_id: str, ranked: Ranked) -> dict[str, object]:
    """Every column of a score as it is stored."""
    finding = ranked.finding
    raising = [reason for reason in finding.reasons if reason.raises]
    strongest = max(raising, key=lambda reason: reason.effect, default=None)
    return {
        "run_id": run_id,
        "finding_id": finding.id,
        "rank": ranked.rank,
        "expected_loss": ranked.expected_loss,
        "stake_reporting": to_minor_unit(finding.stake_reporting, finding.reporting_currency),
        "reporting_currency": finding.reporting_currency,
        "amount_at_stake": finding.amount_at_stake,
        "currency": finding.currency,
        "kind": finding.kind,
        "risk": finding.risk,
        "entity_type": finding.entity_type,
        "entity_id": finding.entity_id,
        "title": finding.title,
        "owner_role": finding.owner_role,
        "client_id": finding.client_id,
        "client_name": finding.client_name,
        "reference": finding.reference,
        "search_text": _searchable(finding).casefold(),
        "due_on": finding.due_on,
        "issued_on": finding.issued_on,
        "in_dispute": finding.in_dispute,
        "probability": finding.probability,
        "rule_probability": finding.rule_probability,
        "unusualness": finding.unusualness,
        "predicted_on": finding.predicted_on,
        "predicted_low_on": finding.predicted_low_on,
        "predicted_high_on": finding.predicted_high_on,
        "top_reason": strongest.text if strongest else "",
        "suggestion": finding.suggestion,
        "provisional": finding.provisional,
        "case_key": finding.case_key,
        "stage": finding.bearing.stage,
        "happened": finding.happened,
        "explanation": pack(finding),
    }
