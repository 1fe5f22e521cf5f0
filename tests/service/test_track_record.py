"""How recommendations of a risk fared: what was decided in a quarter, and what became of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.engine import Engine

from models.finding import Closure, Finding, Role, ScoringRun
from service.auth import Actor
from service.auth import Role as Reader
from service.database import reading, writing
from service.decisions import Choice, decide
from service.publishing import publish
from service.status import DismissReason, Verdict
from service.track_record import LOOKED_BACK, TrackRecord, track_record

ADA = Actor("t1", "Ada", Reader.COLLECTOR)
COLLECTOR: tuple[Role, ...] = ("collector",)
BILLING: tuple[Role, ...] = ("billing_reviewer",)
ACCEPT = Choice(Verdict.ACCEPT)
AGREED = Choice(Verdict.DISMISS, DismissReason.CLIENT_AGREED, "by mail")
SMALL = Choice(Verdict.DISMISS, DismissReason.BELOW_MATERIALITY)


@pytest.fixture
def decided(engine: Engine, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], now: datetime) -> Engine:
    """1 to 3 are accepted and paid late, in time, and not yet; 4 to 6 dismissed, one of them cancelled; 7 is reopened, 8 snoozed, 9 old."""
    findings = [new_finding(str(number), due_on=date(2026, 11, 20)) for number in range(1, 10)]
    choices = [ACCEPT, ACCEPT, ACCEPT, SMALL, AGREED, AGREED, ACCEPT, Choice(Verdict.SNOOZE, until=now + timedelta(days=9)), ACCEPT]
    with writing(engine) as session:
        publish(session, new_run("r1"), findings=findings, closures=[], now=now)
        for finding, choice in zip(findings, choices, strict=True):
            at = now - LOOKED_BACK - timedelta(days=1) if finding.entity_id == "9" else now
            decide(session, ADA, id=finding.id, choice=choice, now=at)
        decide(session, ADA, id=findings[6].id, choice=Choice(Verdict.REOPEN), now=now)
        late = Closure("invoice", "1", "paid", date(2026, 11, 23), "Paid in full on 23 Nov 2026.")
        in_time = replace(late, entity_id="2", on=date(2026, 11, 20))
        cancelled = replace(late, entity_id="6", outcome="cancelled")
        kept = [finding for finding in findings if finding.entity_id not in {"1", "2", "6"}]
        publish(session, new_run("r2", as_of=now), findings=kept, closures=[late, in_time, cancelled], now=now)
    return engine


def test_what_was_decided_and_how_it_came_out(decided: Engine, now: datetime) -> None:
    with reading(decided) as session:
        record = track_record(session, COLLECTOR, risk="collections", now=now)
    dismissed = {DismissReason.CLIENT_AGREED: 2, DismissReason.BELOW_MATERIALITY: 1}
    assert record == TrackRecord(accepted=3, dismissed=dismissed, open=2, late=1, in_time=1, other=1)
    assert (record.decided, record.unknown) == (6, 3)
    assert list(record.dismissed) == [DismissReason.CLIENT_AGREED, DismissReason.BELOW_MATERIALITY]


def test_another_risk_and_another_reader_count_nothing(decided: Engine, now: datetime) -> None:
    with reading(decided) as session:
        found = [
            track_record(session, COLLECTOR, risk="dispute", now=now),
            track_record(session, BILLING, risk="collections", now=now),
        ]
    assert found == [TrackRecord(0, {}, 0, 0, 0, 0)] * 2
