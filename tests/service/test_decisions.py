"""What a person decides is recorded with what the person saw; of two at once, one hears that it has changed."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from models.finding import Finding, ScoringRun
from service.auth import Actor, Role
from service.database import reading, writing
from service.decisions import LONGEST_NOTE, LONGEST_SNOOZE, Choice, decide
from service.explanation import RecommendationDetail, find_recommendation
from service.problems import Changed, Invalid, NotFound, NotPossible, Problem
from service.publishing import publish
from service.row import RecommendationRow
from service.status import PERSONS_VERDICTS, DismissReason, Status, Verdict

AMA = Actor("a1", "Ama Okafor", Role.COLLECTOR)
BEN = Actor("b2", "Ben Lowe", Role.BILLING_REVIEWER)
ID = "collections:1:once"
ACCEPT = Choice(Verdict.ACCEPT)


@pytest.fixture
def found(engine: Engine, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], now: datetime) -> Engine:
    with writing(engine) as session:
        publish(session, new_run("r1"), findings=[new_finding("0", stake="9999.00"), new_finding("1")], closures=[], now=now)
    return engine


def give(engine: Engine, choice: Choice, *, now: datetime, actor: Actor = AMA, if_match: str | None = None) -> RecommendationRow:
    with writing(engine) as session:
        return decide(session, actor, id=ID, choice=choice, now=now, if_match=if_match)


def read(engine: Engine, now: datetime) -> RecommendationDetail:
    with reading(engine) as session:
        detail = find_recommendation(session, AMA.sees, id=ID, now=now)
    assert detail is not None
    return detail


def test_a_decision_is_kept_with_what_the_person_saw(found: Engine, now: datetime) -> None:
    choice = Choice(Verdict.DISMISS, reason=DismissReason.CLIENT_AGREED, note="  By mail on 20 Nov. ")
    row = give(found, choice, now=now)
    assert (row.status, row.dismiss_reason, row.decided_by, row.decided_at) == (Status.DISMISSED, choice.reason, "Ama Okafor", now)
    event = read(found, now).events[0]
    assert (event.verdict, event.reason, event.note, event.actor) == (Verdict.DISMISS, choice.reason, "By mail on 20 Nov.", "Ama Okafor")
    assert (event.run_id, event.rank, event.probability, event.decided_at) == ("r1", 2, 0.5, now)


def test_every_decision_can_be_undone_and_both_stay_on_record(found: Engine, now: datetime) -> None:
    give(found, ACCEPT, now=now)
    row = give(found, Choice(Verdict.REOPEN), now=now + timedelta(minutes=1))
    assert (row.status, row.decided_at, row.decided_by) == (Status.OPEN, None, "")
    assert [event.verdict for event in read(found, now).events] == [Verdict.REOPEN, Verdict.ACCEPT]


def test_a_snooze_ends_by_itself_and_can_then_be_decided(found: Engine, now: datetime) -> None:
    until = now + timedelta(days=2)
    assert give(found, Choice(Verdict.SNOOZE, until=until), now=now).snoozed_until == until
    assert read(found, until).row.status is Status.OPEN
    assert give(found, ACCEPT, now=until).status is Status.ACCEPTED


def test_what_is_decided_says_by_whom_and_when(found: Engine, now: datetime) -> None:
    give(found, ACCEPT, now=now)
    with pytest.raises(NotPossible) as refused:
        give(found, Choice(Verdict.DISMISS, reason=DismissReason.ALREADY_FIXED), now=now)
    assert refused.value.detail == "It was accepted by Ama Okafor on 24 Nov 2026, 06:00 UTC."


def test_what_the_records_closed_stays_closed(found: Engine, new_run: Callable[..., ScoringRun], now: datetime) -> None:
    with writing(found) as session:
        publish(session, new_run("r2", as_of=now), findings=[], closures=[], now=now)
    for verdict in (Verdict.ACCEPT, Verdict.REOPEN):
        with pytest.raises(NotPossible, match=r"It is closed\. No longer at risk"):
            give(found, Choice(verdict), now=now)


@pytest.mark.parametrize(
    ("choice", "pointers"),
    [
        (Choice(Verdict.DISMISS), ["/body/reason"]),
        (Choice(Verdict.ACCEPT, reason=DismissReason.OTHER, note="x"), ["/body/reason"]),
        (Choice(Verdict.DISMISS, reason=DismissReason.CLIENT_AGREED), ["/body/note"]),
        (Choice(Verdict.DISMISS, reason=DismissReason.OTHER, note="  "), ["/body/note"]),
        (Choice(Verdict.DISMISS, reason=DismissReason.ALREADY_FIXED, note="x" * (LONGEST_NOTE + 1)), ["/body/note"]),
        (Choice(Verdict.ACCEPT, note="a\0b"), ["/body/note"]),
        (Choice(Verdict.ACCEPT, note="a\ud800b"), ["/body/note"]),
        (Choice(Verdict.SNOOZE), ["/body/until"]),
        (Choice(Verdict.CLOSE), ["/body/verdict"]),
        (Choice(Verdict.SNOOZE, reason=DismissReason.OTHER), ["/body/reason", "/body/note", "/body/until"]),
    ],
)
def test_an_incomplete_decision_names_each_field(found: Engine, now: datetime, choice: Choice, pointers: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        give(found, choice, now=now)
    assert [error.pointer for error in refused.value.errors] == pointers
    assert read(found, now).events == ()


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=-1), LONGEST_SNOOZE + timedelta(seconds=1)])
def test_a_snooze_ends_in_the_future_and_within_half_a_year(found: Engine, now: datetime, ahead: timedelta) -> None:
    with pytest.raises(Invalid):
        give(found, Choice(Verdict.SNOOZE, until=now + ahead), now=now)


@pytest.mark.parametrize("id", ["", "none", "a\0b", "\ud800", "9" * 100_000], ids=["empty", "unknown", "NUL", "surrogate", "long"])
def test_what_is_not_there_cannot_be_decided(found: Engine, now: datetime, id: str) -> None:
    with writing(found) as session:
        assert find_recommendation(session, AMA.sees, id=id, now=now) is None
        with pytest.raises(NotFound):
            decide(session, AMA, id=id, choice=ACCEPT, now=now)


def test_another_queue_cannot_be_decided(found: Engine, now: datetime) -> None:
    with pytest.raises(NotFound):
        give(found, ACCEPT, now=now, actor=BEN)
    assert read(found, now).events == ()


def test_what_has_changed_since_it_was_read_is_not_decided(found: Engine, now: datetime) -> None:
    seen = read(found, now).row.etag
    assert give(found, ACCEPT, now=now, if_match=f'"0.open", {seen}').etag != seen
    with pytest.raises(Changed, match="accepted by Ama Okafor"):
        give(found, Choice(Verdict.REOPEN), now=now, if_match=seen)
    assert give(found, Choice(Verdict.REOPEN), now=now, if_match="*").status is Status.OPEN


def test_a_re_score_is_a_change(
    found: Engine, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], now: datetime
) -> None:
    seen = read(found, now).row.etag
    with writing(found) as session:
        publish(session, new_run("r2", as_of=now), findings=[new_finding("1", probability=0.1)], closures=[], now=now)
    with pytest.raises(Changed):
        give(found, ACCEPT, now=now, if_match=seen)


def test_of_two_at_once_one_hears_that_it_has_changed(found: Engine, now: datetime) -> None:
    seen = read(found, now).row.etag
    results: list[Status | type[Problem]] = []
    together = threading.Barrier(2)

    def run(choice: Choice) -> None:
        together.wait()
        try:
            results.append(give(found, choice, now=now, if_match=seen).status)
        except Problem as problem:
            results.append(type(problem))

    choices = (ACCEPT, Choice(Verdict.DISMISS, reason=DismissReason.ALREADY_FIXED))
    threads = [threading.Thread(target=run, args=(choice,)) for choice in choices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Changed in results
    assert len({Status.ACCEPTED, Status.DISMISSED}.intersection(results)) == 1
    assert len(read(found, now).events) == 1


CHOICES = st.builds(
    Choice,
    verdict=st.sampled_from(PERSONS_VERDICTS),
    reason=st.none() | st.sampled_from(DismissReason),
    note=st.sampled_from(["", "said so"]),
)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CHOICES, st.booleans()), max_size=8))
def test_status_and_history_always_agree(found: Engine, now: datetime, sent: list[tuple[Choice, bool]]) -> None:
    """Whatever is sent in whatever order: what was refused left no trace, and what was not is the last event."""
    with writing(found) as session:
        before = find_recommendation(session, AMA.sees, id=ID, now=now)
        assert before is not None
        events, status = len(before.events), before.row.status
        for choice, snoozes in sent:
            whole = Choice(choice.verdict, choice.reason, choice.note, now + timedelta(days=1) if snoozes else None)
            try:
                row = decide(session, AMA, id=ID, choice=whole, now=now)
            except (Invalid, NotPossible):
                continue
            assert row.status is status.after(choice.verdict)
            status, events = row.status, events + 1
        after = find_recommendation(session, AMA.sees, id=ID, now=now)
        assert after is not None
        assert (after.row.status, len(after.events)) == (status, events)
        assert all(event.verdict in PERSONS_VERDICTS for event in after.events)
