"""A re-score updates figures and keeps decisions; what is settled closes by itself and says so; nothing disappears silently."""

import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.engine import Engine

from models.finding import Closure, Finding, Role, ScoringRun
from service.database import reading, writing
from service.explanation import RecommendationDetail, find_recommendation
from service.publishing import PublishReport, publish
from service.recommendations import Filters, list_recommendations
from service.runs import current_runs
from service.status import Status, Verdict, View
from service.tables import StoredRecommendation

NewRun = Callable[..., ScoringRun]
NewFinding = Callable[..., Finding]
COLLECTOR: tuple[Role, ...] = ("collector",)
PAID = Closure("invoice", "1", "paid", date(2026, 12, 3), "Paid in full on 3 Dec 2026.")


def put(engine: Engine, run: ScoringRun, *findings: Finding, closures: tuple[Closure, ...] = (), now: datetime) -> PublishReport:
    with writing(engine) as session:
        return publish(session, run, findings=findings, closures=closures, now=now)


def read(engine: Engine, id: str, *, now: datetime) -> RecommendationDetail:
    with reading(engine) as session:
        found = find_recommendation(session, COLLECTOR, id=id, now=now)
    assert found is not None
    return found


def ids(engine: Engine, view: View, *, now: datetime) -> list[str]:
    with reading(engine) as session:
        return [row.entity_id for row in list_recommendations(session, COLLECTOR, now=now, filters=Filters(view=view)).items]


def set_aside(engine: Engine, id: str, **columns: object) -> None:
    """The recommendation as a decision leaves it (tests/service/test_decisions.py decides for real)."""
    with writing(engine) as session:
        stored = session.get_one(StoredRecommendation, id)
        for name, value in columns.items():
            setattr(stored, name, value)


def test_a_finding_becomes_a_recommendation_that_tells_all_it_knows(
    engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime
) -> None:
    finding = new_finding("1", probability=0.8)
    report = put(engine, new_run("r1"), finding, now=now)
    assert (report.is_current, report.new) == (True, 1)
    found = read(engine, finding.id, now=now)
    row = found.row
    assert (row.status, row.rank, row.probability, str(row.expected_loss.amount.normalize())) == (Status.OPEN, 1, 0.8, "4E+2")
    assert row.likelihood is not None
    assert row.likelihood.phrase == "likely · about 8 in 10"
    assert row.top_reason == "It paid 8 of its last 10 invoices late."
    assert found.explanation.evidence == finding.evidence
    assert found.explanation.reasons == finding.reasons
    assert found.explanation.predicted_dates == finding.predicted_dates
    assert [point.run_id for point in found.scores] == ["r1"]


def test_publishing_a_run_twice_changes_nothing(engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> None:
    put(engine, new_run("r1"), new_finding("1"), now=now)
    before = read(engine, new_finding("1").id, now=now)
    again = put(engine, new_run("r1"), new_finding("1"), now=now + timedelta(hours=1))
    assert again.already_published
    assert read(engine, new_finding("1").id, now=now) == before


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.DISMISSED])
def test_a_decision_survives_a_re_score(engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime, status: Status) -> None:
    put(engine, new_run("r1"), new_finding("1", probability=0.4), now=now)
    set_aside(engine, new_finding("1").id, status=status, decided_at=now, decided_by="Ama Okafor")
    later = now + timedelta(days=1)
    report = put(engine, new_run("r2", as_of=later, scored_at=later), new_finding("1", probability=0.9), now=later)
    row = read(engine, new_finding("1").id, now=later).row
    assert (row.status, row.decided_by, row.probability, row.run_id) == (status, "Ama Okafor", 0.9, "r2")
    assert (report.updated, report.new) == (1, 0)
    assert ids(engine, View.OPEN, now=later) == []


@pytest.mark.parametrize("status", [Status.OPEN, Status.ACCEPTED, Status.DISMISSED, Status.SNOOZED])
def test_what_is_paid_closes_whatever_was_decided(
    engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime, status: Status
) -> None:
    put(engine, new_run("r1"), new_finding("1"), new_finding("2"), now=now)
    set_aside(engine, new_finding("1").id, status=status, snoozed_until=now + timedelta(days=30))
    later = now + timedelta(days=10)
    report = put(engine, new_run("r2", as_of=later), new_finding("2"), closures=(PAID,), now=later)
    found = read(engine, new_finding("1").id, now=later)
    assert (found.row.status, found.row.outcome, found.row.outcome_on) == (Status.CLOSED, "paid", date(2026, 12, 3))
    assert found.row.closed_sentence == "Paid in full on 3 Dec 2026."
    assert [(event.verdict, event.actor, event.note) for event in found.events] == [
        (Verdict.CLOSE, "Plumbline", "Paid in full on 3 Dec 2026.")
    ]
    assert (report.settled, report.no_longer_found, report.updated) == (1, 0, 1)
    assert ids(engine, View.CLOSED, now=later) == ["1"]


def test_what_is_no_longer_found_closes_and_says_so(engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> None:
    put(engine, new_run("r1"), new_finding("1"), now=now)
    report = put(engine, new_run("r2", as_of=datetime(2026, 12, 1, tzinfo=UTC)), now=now)
    row = read(engine, new_finding("1").id, now=now).row
    assert (row.status, row.outcome) == (Status.CLOSED, None)
    assert row.closed_sentence == "No longer at risk: not found again in the records of 30 Nov 2026."
    assert report.no_longer_found == 1


def test_what_comes_back_has_its_decision_again(engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> None:
    put(engine, new_run("r1"), new_finding("1"), now=now)
    set_aside(engine, new_finding("1").id, status=Status.DISMISSED, decided_by="Ama Okafor")
    put(engine, new_run("r2", as_of=now + timedelta(days=1)), now=now)
    report = put(engine, new_run("r3", as_of=now + timedelta(days=2)), new_finding("1"), now=now)
    found = read(engine, new_finding("1").id, now=now)
    assert (found.row.status, found.row.decided_by, found.row.closed_sentence) == (Status.DISMISSED, "Ama Okafor", "")
    assert [event.verdict for event in found.events] == [Verdict.FIND_AGAIN, Verdict.CLOSE]
    assert report.found_again == 1


def test_a_payment_that_is_taken_back_opens_a_new_case(engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> None:
    put(engine, new_run("r1"), new_finding("1"), now=now)
    set_aside(engine, new_finding("1").id, status=Status.DISMISSED)
    put(engine, new_run("r2", as_of=now + timedelta(days=1)), closures=(PAID,), now=now)
    put(engine, new_run("r3", as_of=now + timedelta(days=2)), new_finding("1"), now=now)
    found = read(engine, new_finding("1").id, now=now)
    assert (found.row.status, found.row.outcome) == (Status.OPEN, None)
    assert found.events[0].note == "Found again: the records no longer show it as paid."


def test_the_outcome_is_added_to_what_had_closed_before(engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> None:
    put(engine, new_run("r1"), new_finding("1"), now=now)
    put(engine, new_run("r2", as_of=now + timedelta(days=1)), now=now)
    put(engine, new_run("r3", as_of=now + timedelta(days=2)), closures=(PAID,), now=now)
    put(engine, new_run("r4", as_of=now + timedelta(days=3)), closures=(PAID,), now=now)
    found = read(engine, new_finding("1").id, now=now)
    assert (found.row.outcome, found.row.closed_sentence) == ("paid", "Paid in full on 3 Dec 2026.")
    assert len(found.events) == 2


def test_a_snooze_ends_when_its_time_has_come(engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> None:
    until = now + timedelta(days=3)
    put(engine, new_run("r1"), new_finding("1"), now=now)
    set_aside(engine, new_finding("1").id, status=Status.SNOOZED, snoozed_until=until)
    put(engine, new_run("r2", as_of=now + timedelta(days=1)), new_finding("1"), now=now + timedelta(days=1))
    just_before = until - timedelta(seconds=1)
    assert (ids(engine, View.SNOOZED, now=just_before), ids(engine, View.OPEN, now=just_before)) == (["1"], [])
    assert (ids(engine, View.SNOOZED, now=until), ids(engine, View.OPEN, now=until)) == ([], ["1"])
    report = put(engine, new_run("r3", as_of=until), new_finding("1"), now=until)
    found = read(engine, new_finding("1").id, now=until)
    assert (report.woken, found.row.status, found.events[0].verdict) == (1, Status.OPEN, Verdict.WAKE)


def test_an_older_run_is_kept_and_does_not_become_current(engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> None:
    put(engine, new_run("new"), new_finding("1", probability=0.9), now=now)
    report = put(engine, new_run("old", as_of=now - timedelta(days=90)), new_finding("1", probability=0.1), new_finding("2"), now=now)
    assert not report.is_current
    found = read(engine, new_finding("1").id, now=now)
    assert (found.row.run_id, found.row.probability) == ("new", 0.9)
    assert [point.run_id for point in found.scores] == ["new", "old"]
    assert ids(engine, View.OPEN, now=now) == ["1"]


def test_of_runs_published_at_once_the_newest_is_current(engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> None:
    together = threading.Barrier(4)

    def run(number: int) -> None:
        together.wait()
        put(engine, new_run(f"r{number}", as_of=now + timedelta(hours=number)), new_finding("1"), now=now)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as session:
        assert [run.id for run in current_runs(session)] == ["r3"]
    assert len(read(engine, new_finding("1").id, now=now).scores) == 4


def test_runs_of_two_risks_stand_side_by_side(engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> None:
    put(engine, new_run("c1"), new_finding("1"), now=now)
    put(engine, new_run("d1", risk="dispute"), new_finding("7", risk="dispute"), now=now)
    put(engine, new_run("c2", as_of=now), new_finding("1"), now=now)
    assert sorted(ids(engine, View.OPEN, now=now)) == ["1", "7"]


def test_withheld_likelihoods_neither_show_nor_rank(engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> None:
    first = new_finding("1", probability=0.9, rule_probability=0.1)
    second = new_finding("2", probability=0.2, rule_probability=0.8)
    put(engine, new_run("r1", withheld="Calibration failed."), first, second, now=now)
    assert ids(engine, View.OPEN, now=now) == ["2", "1"]
    found = read(engine, first.id, now=now)
    assert (found.row.probability, found.row.likelihood, found.row.withheld, found.row.top_reason) == (
        None,
        None,
        "Calibration failed.",
        "",
    )
    assert (found.explanation.reasons, found.explanation.rule_probability, found.scores[0].probability) == ((), None, None)
    assert found.row.expected_loss.plain == "50.00"


def test_a_run_that_contradicts_itself_is_refused(engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> None:
    with pytest.raises(ValueError, match="cannot publish findings of dispute"):
        put(engine, new_run("r1"), new_finding("1", risk="dispute"), now=now)
    with pytest.raises(ValueError, match="two findings of one identity"):
        put(engine, new_run("r1"), new_finding("1"), new_finding("1"), now=now)


def test_every_case_is_counted_once(engine: Engine, new_run: NewRun, new_finding: NewFinding, now: datetime) -> None:
    put(engine, new_run("r1"), *(new_finding(str(number)) for number in range(6)), now=now)
    settled = Closure("invoice", "5", "paid", date(2026, 12, 3), "Paid in full on 3 Dec 2026.")
    rest = [new_finding(str(number)) for number in (0, 1, 2, 9)]
    report = put(engine, new_run("r2", as_of=now), *rest, closures=(settled,), now=now)
    counted = {name: asdict(report)[name] for name in ("findings", "new", "updated", "settled", "no_longer_found")}
    assert counted == {"findings": 4, "new": 1, "updated": 3, "settled": 1, "no_longer_found": 2}


def test_what_a_control_no_longer_finds_was_never_a_likelihood(
    engine: Engine, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], now: datetime
) -> None:
    missing = new_finding("1", risk="po_missing", owner_role="billing_reviewer", probability=None)
    with writing(engine) as session:
        publish(session, new_run("r1", risk="po_missing"), findings=[missing], closures=[], now=now)
        publish(session, new_run("r2", risk="po_missing", as_of=now), findings=[], closures=[], now=now)
        stored = session.get(StoredRecommendation, missing.id)
        assert stored is not None
        assert stored.closed_sentence == "The records of 24 Nov 2026 no longer show it."
