"""Minutes spent: from one decision to the same person's next in a sitting, and never so few that they tell of a moment."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.engine import Engine

from models.finding import Finding, ScoringRun
from service.auth import Actor, Role
from service.database import reading, writing
from service.decisions import Choice, decide
from service.minutes_spent import LEAST_TIMED, SITTING, MinutesSpent, minutes_spent
from service.publishing import publish
from service.status import Verdict

ACCEPT = Choice(Verdict.ACCEPT)
Told = Callable[..., None]


@pytest.fixture
def decided(engine: Engine, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], now: datetime) -> Told:
    def tell(*moments: tuple[str, float]) -> None:
        """One decision of each person so many minutes after the first."""
        told = [new_finding(str(number)) for number in range(len(moments))]
        with writing(engine) as session:
            publish(session, new_run("r1"), findings=told, closures=[], now=now)
            for finding, (person, minutes) in zip(told, moments, strict=True):
                decide(session, Actor(person, person, Role.COLLECTOR), id=finding.id, choice=ACCEPT, now=now + timedelta(minutes=minutes))

    return tell


def spent(engine: Engine) -> MinutesSpent | None:
    with reading(engine) as session:
        return minutes_spent(session).get("collections")


def test_the_first_of_a_sitting_is_not_timed_and_people_do_not_time_each_other(engine: Engine, decided: Told) -> None:
    decided(("ana", 0), ("ben", 1), ("ana", 3), ("ana", 5), ("ana", 60), ("ana", 62), ("ben", 5), ("ben", 6))
    # Ana: 3 and 2, then after a pause 2; Ben: 4 and 1.
    assert spent(engine) == MinutesSpent(12.0, 5)


def test_a_longer_pause_ends_a_sitting(engine: Engine, decided: Told) -> None:
    whole = SITTING / timedelta(minutes=1)
    decided(*(("ana", number * whole) for number in range(LEAST_TIMED + 1)), ("ana", LEAST_TIMED * whole + whole + 0.1))
    assert spent(engine) == MinutesSpent(LEAST_TIMED * whole, LEAST_TIMED)


def test_decisions_of_one_instant_share_its_minutes(engine: Engine, decided: Told) -> None:
    decided(("ana", 0), *((("ana", 8.0),) * LEAST_TIMED))
    assert spent(engine) == MinutesSpent(8.0, LEAST_TIMED)


def test_few_decisions_are_not_told(engine: Engine, decided: Told) -> None:
    decided(*(("ana", float(number)) for number in range(LEAST_TIMED)))
    assert spent(engine) is None
