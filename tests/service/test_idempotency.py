"""A request that is sent again is answered as the first time, and done once."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from sqlalchemy.engine import Engine

from service.database import open_engine, upgrade, writing
from service.idempotency import KEPT, Answer, Claim, check_key, forget_expired, once
from service.problems import BadRequest, KeyReused
from service.tables import StoredAnswer

START = datetime.fromisoformat("2026-11-24T06:00:00+00:00")


def send(engine: Engine, claim: Claim, *, now: datetime, act: Callable[[], Answer]) -> Answer:
    with writing(engine) as session:
        return once(session, claim, now=now, act=act)


def claim(key: str = "k", request: str = "x", principal: str = "p") -> Claim:
    return Claim(principal, "decide_recommendation", key, request.encode())


class Counting:
    """An effect that counts how often it came about."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self) -> Answer:
        self.done += 1
        return Answer(201, f'"{self.done}"', f"{self.done}".encode())


def test_the_second_time_answers_as_the_first(engine: Engine, now: datetime) -> None:
    act = Counting()
    first = send(engine, claim(), now=now, act=act)
    second = send(engine, claim(), now=now + timedelta(hours=23), act=act)
    assert (second.status, second.etag, second.body) == (first.status, first.etag, first.body)
    assert (first.replayed, second.replayed, act.done) == (False, True, 1)


def test_a_key_for_something_else_is_refused(engine: Engine, now: datetime) -> None:
    send(engine, claim(), now=now, act=Counting())
    with pytest.raises(KeyReused):
        send(engine, claim(request="y"), now=now, act=Counting())


def test_an_equal_key_of_somebody_else_is_another_key(engine: Engine, now: datetime) -> None:
    act = Counting()
    send(engine, claim(), now=now, act=act)
    assert not send(engine, claim(principal="q"), now=now, act=act).replayed
    assert act.done == 2


def test_what_failed_leaves_nothing_and_can_be_sent_again(engine: Engine, now: datetime) -> None:
    def fail() -> Answer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        send(engine, claim(), now=now, act=fail)
    assert not send(engine, claim(), now=now, act=Counting()).replayed


def test_keys_are_forgotten_after_a_day(engine: Engine, now: datetime) -> None:
    act = Counting()
    send(engine, claim(), now=now, act=act)
    send(engine, claim("other"), now=now, act=act)
    assert not send(engine, claim(), now=now + KEPT, act=act).replayed
    with writing(engine) as session:
        forget_expired(session, now=now + KEPT)
        assert list(session.scalars(sa.select(StoredAnswer.key))) == ["k"]


def test_of_many_twins_one_acts(engine: Engine, now: datetime) -> None:
    act, answers = Counting(), list[Answer]()
    together = threading.Barrier(8)

    def run() -> None:
        together.wait()
        answers.append(send(engine, claim(), now=now, act=act))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert act.done == 1
    assert [answer.body for answer in answers] == [b"1"] * 8
    assert [answer.replayed for answer in answers].count(False) == 1


@pytest.mark.parametrize(("given", "bare"), [("k-1", "k-1"), ('"k-1"', "k-1"), ("x" * 255, "x" * 255)])
def test_a_key_is_taken_with_and_without_quotes(given: str, bare: str) -> None:
    assert check_key(given) == bare


@pytest.mark.parametrize("given", ["", '""', "x" * 256, "é", "a\tb"])
def test_a_key_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(BadRequest):
        check_key(given)


class Sequences(RuleBasedStateMachine):
    """Any sequence of sends behaves as a dictionary of first answers would."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = open_engine("sqlite://")
        upgrade(self.engine)
        self.act = Counting()
        self.now = START
        self.first: dict[tuple[str, str], tuple[str, bytes, datetime]] = {}

    @rule(key=st.sampled_from("ab"), request=st.sampled_from("xy"), principal=st.sampled_from("pq"))
    def sends(self, key: str, request: str, principal: str) -> None:
        known = self.first.get((principal, key))
        if known and self.now >= known[2]:
            known = None
        done = self.act.done
        try:
            answer = send(self.engine, claim(key, request, principal), now=self.now, act=self.act)
        except KeyReused:
            assert known is not None
            assert known[0] != request
            return
        if known:
            assert (known[0], known[1], self.act.done) == (request, answer.body, done)
        else:
            assert self.act.done == done + 1
            self.first[principal, key] = (request, answer.body, self.now + KEPT)

    @rule(hours=st.integers(1, 30))
    def waits(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    def teardown(self) -> None:
        self.engine.dispose()


TestSequences = Sequences.TestCase
TestSequences.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
