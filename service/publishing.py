"""From a scoring run to recommendations: a re-score updates figures and keeps decisions; what is settled closes by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from controls.catalog import CONTROLS
from models.finding import Closure, Finding, ScoringRun
from service.formats import format_date
from service.promise_standing import judge_promises
from service.scores import store_run, store_scores
from service.status import Status, Verdict
from service.tables import StoredDecision, StoredRecommendation, StoredRun
from service.triage import Ranked, rank

CERTAIN = frozenset(control.name for control in CONTROLS)
"""What they no longer find has been put right, or the records say otherwise; it never was a likelihood."""
SYSTEM = "Plumbline"
"""The actor of what the records and the clock did."""
IDS_A_QUERY = 500
"""SQLite takes some thousand parameters at once, PostgreSQL 65,535."""


@dataclass
class PublishReport:
    """What a scoring run changed. Every recommendation of its risk that was not closed is counted once."""

    run_id: str
    is_current: bool
    """False for a run older than the current one: its scores are kept, the worklist stays."""
    already_published: bool = False
    """The same run was published before; nothing changed."""
    findings: int = 0
    new: int = 0
    updated: int = 0
    """Found again while not closed, its decision and status kept."""
    found_again: int = 0
    """Had been closed before."""
    woken: int = 0
    """Of the updated: snoozes whose time had come."""
    settled: int = 0
    """Closed because the records show what became of them."""
    no_longer_found: int = 0


def publish(session: Session, run: ScoringRun, *, findings: Sequence[Finding], closures: Sequence[Closure], now: datetime) -> PublishReport:
    """Store a run and bring the recommendations of its risk in line with it, in the caller's transaction.

    Publishing a run twice changes nothing. Raises ValueError for findings of another risk, or two of one identity.
    """
    _check(run, findings)
    _lock(session, run.risk)
    stored = session.get(StoredRun, run.id)
    if stored:
        return PublishReport(run.id, stored.is_current, already_published=True, findings=stored.findings)
    report = PublishReport(run.id, _takes_over(session, run), findings=len(findings))
    ranked = rank(findings, withheld=bool(run.withheld))
    store_run(session, run, is_current=report.is_current, findings=len(findings), now=now)
    store_scores(session, run, ranked=ranked)
    if report.is_current:
        _Reconciliation(session, run, report, now).bring_in_line(ranked, closures)
        judge_promises(session, run, findings)
    return report


def _check(run: ScoringRun, findings: Sequence[Finding]) -> None:
    strangers = {finding.risk for finding in findings} - {run.risk}
    if strangers:
        raise ValueError(f"a run of {run.risk} cannot publish findings of {', '.join(sorted(strangers))}")
    if len({finding.id for finding in findings}) < len(findings):
        raise ValueError(f"run {run.id} holds two findings of one identity")


def _lock(session: Session, risk: str) -> None:
    # Two runs of one risk take turns, so that exactly one of them ends as the current. On SQLite a writer is alone anyway.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"plumbline.publish.{risk}", 0))))


def _takes_over(session: Session, run: ScoringRun) -> bool:
    """Whether the run is the newest of its risk; if so, the one before steps down."""
    current = session.scalar(sa.select(StoredRun).where(StoredRun.risk == run.risk, StoredRun.is_current))
    if current is None:
        return True
    if (run.as_of, run.scored_at) < (current.as_of, current.scored_at):
        return False
    current.is_current = False
    session.flush()
    return True


@dataclass
class _Reconciliation:
    """One run's way through the recommendations of its risk."""

    session: Session
    run: ScoringRun
    report: PublishReport
    now: datetime
    events: list[dict[str, object]] = field(default_factory=list)

    def bring_in_line(self, ranked: Sequence[Ranked], closures: Sequence[Closure]) -> None:
        settled = {(closure.entity_type, closure.entity_id): closure for closure in closures}
        known = self._known(ranked, settled)
        for one in ranked:
            stored = known.get(one.finding.id)
            if stored is not None:
                self._update(stored, one, settled=(stored.entity_type, stored.entity_id) in settled)
            elif (one.finding.entity_type, one.finding.entity_id) not in settled:
                self._begin(one)
        found = {one.finding.id for one in ranked}
        for stored in known.values():
            closure = settled.get((stored.entity_type, stored.entity_id))
            if closure:
                self._settle(stored, closure)
            elif stored.id not in found and stored.status != Status.CLOSED:
                self._lose(stored)
        self.session.flush()
        if self.events:
            self.session.execute(sa.insert(StoredDecision), self.events)

    def _known(self, ranked: Sequence[Ranked], settled: Mapping[tuple[str, str], Closure]) -> dict[str, StoredRecommendation]:
        """Those of the risk that are not closed, those found now, and closed ones of which the outcome is now known."""
        of_risk = sa.select(StoredRecommendation).where(StoredRecommendation.risk == self.run.risk)
        known = {one.id: one for one in self.session.scalars(of_risk.where(StoredRecommendation.status != Status.CLOSED))}
        for ids in _chunks([one.finding.id for one in ranked if one.finding.id not in known]):
            known |= {one.id: one for one in self.session.scalars(of_risk.where(StoredRecommendation.id.in_(ids)))}
        unsettled = of_risk.where(StoredRecommendation.status == Status.CLOSED, StoredRecommendation.outcome.is_(None))
        for ids in _chunks([entity_id for _, entity_id in settled]):
            known |= {one.id: one for one in self.session.scalars(unsettled.where(StoredRecommendation.entity_id.in_(ids)))}
        return known

    def _begin(self, ranked: Ranked) -> None:
        finding = ranked.finding
        self.report.new += 1
        self.session.add(
            StoredRecommendation(
                id=finding.id,
                risk=finding.risk,
                entity_type=finding.entity_type,
                entity_id=finding.entity_id,
                owner_role=finding.owner_role,
                client_id=finding.client_id,
                run_id=self.run.id,
                version=1,
                status=Status.OPEN,
                decided_by="",
                first_found_at=self.now,
                closed_sentence="",
            )
        )

    def _update(self, stored: StoredRecommendation, ranked: Ranked, *, settled: bool) -> None:
        stored.run_id = self.run.id
        stored.owner_role = ranked.finding.owner_role
        stored.client_id = ranked.finding.client_id
        stored.version += 1
        if settled:
            return
        if stored.status == Status.CLOSED:
            self._find_again(stored)
        else:
            self.report.updated += 1
        if stored.status == Status.SNOOZED and stored.snoozed_until and stored.snoozed_until <= self.now:
            self.report.woken += 1
            self._record(stored, Verdict.WAKE, note="The time of its snooze has come.")
            stored.status = Status.OPEN
            stored.snoozed_until = None

    def _find_again(self, stored: StoredRecommendation) -> None:
        self.report.found_again += 1
        if stored.outcome is None and stored.status_before_close:
            # Only the likelihood had gone: what the person had decided holds again.
            note, stored.status = "Found again.", stored.status_before_close
        else:
            # The records take back what had settled it, as a returned payment does: the case is a new one.
            note, stored.status = f"Found again: the records no longer show it as {stored.outcome}.", Status.OPEN
            stored.dismiss_reason = stored.snoozed_until = stored.decided_at = None
            stored.decided_by = ""
        self._record(stored, Verdict.FIND_AGAIN, note=note)
        stored.status_before_close = stored.closed_at = stored.outcome = stored.outcome_on = None
        stored.closed_sentence = ""

    def _settle(self, stored: StoredRecommendation, closure: Closure) -> None:
        if stored.status == Status.CLOSED and stored.outcome == closure.outcome and stored.outcome_on == closure.on:
            return
        self.report.settled += 1
        stored.outcome, stored.outcome_on = closure.outcome, closure.on
        self._close(stored, closure.sentence)

    def _lose(self, stored: StoredRecommendation) -> None:
        self.report.no_longer_found += 1
        # as_of is the first instant after the last day that was read.
        last_day = (self.run.as_of - timedelta(microseconds=1)).date()
        if self.run.risk in CERTAIN:
            self._close(stored, f"The records of {format_date(last_day)} no longer show it.")
        else:
            self._close(stored, f"No longer at risk: not found again in the records of {format_date(last_day)}.")

    def _close(self, stored: StoredRecommendation, sentence: str) -> None:
        self._record(stored, Verdict.CLOSE, note=sentence)
        if stored.status != Status.CLOSED:
            stored.status_before_close = stored.status
        stored.status, stored.closed_at, stored.closed_sentence = Status.CLOSED, self.now, sentence
        stored.version += 1

    def _record(self, stored: StoredRecommendation, verdict: Verdict, *, note: str) -> None:
        self.events.append(
            {
                "recommendation_id": stored.id,
                "verdict": verdict,
                "note": note,
                "actor": SYSTEM,
                "decided_at": self.now,
                "run_id": self.run.id,
            }
        )


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + IDS_A_QUERY] for start in range(0, len(ids), IDS_A_QUERY))
