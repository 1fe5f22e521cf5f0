"""Tokens: shown once, kept as digests, out of force at once when revoked."""

from collections.abc import Callable
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from service.auth import Role, authenticate, issue_token, revoke_token
from service.database import reading, writing
from service.tables import StoredToken


@pytest.fixture
def token(engine: Engine, now: datetime) -> str:
    with writing(engine) as session:
        return issue_token(session, " Ama Okafor ", role=Role.COLLECTOR, now=now)


def test_a_token_tells_who_and_in_which_role(engine: Engine, token: str) -> None:
    with reading(engine) as session:
        actor = authenticate(session, token)
    assert actor is not None
    assert (actor.name, actor.role) == ("Ama Okafor", Role.COLLECTOR)
    assert list(actor.sees) == ["collector"]
    assert token.split("_")[1] == actor.token_id


def test_the_database_does_not_hold_the_token(engine: Engine, token: str) -> None:
    secret = token.split("_", 2)[2]
    with reading(engine) as session:
        row = session.execute(sa.select(StoredToken.__table__)).one()
    assert all(secret.encode() not in (value if isinstance(value, bytes) else str(value).encode()) for value in row)


def test_a_revoked_token_is_worth_nothing(engine: Engine, token: str, now: datetime) -> None:
    public = token.split("_")[1]
    with writing(engine) as session:
        assert revoke_token(session, public, now=now)
        assert not revoke_token(session, public, now=now)
        assert not revoke_token(session, "unknown", now=now)
    with reading(engine) as session:
        assert authenticate(session, token) is None


WRONG: dict[str, Callable[[str], str]] = {
    "nothing": lambda _: "",
    "other prefix": lambda token: token.replace("plumbline", "plumblime"),
    "other id": lambda token: token.replace(token.split("_")[1], "0" * 12),
    "other secret": lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
    "cut": lambda token: token[:-1],
    "longer": lambda token: token + "A",
    "much longer": lambda token: token + "A" * 10_000,
    "no secret": lambda token: token.rpartition("_")[0] + "_",
    "an id that is SQL": lambda _: "plumbline_' OR 1=1 --_x",
    "a NUL": lambda _: "plumbline_\0_x",
    "half a surrogate pair": lambda _: "plumbline_a_\ud800",
    "upper case": str.upper,
}


@pytest.mark.parametrize("spoil", WRONG.values(), ids=WRONG)
def test_a_wrong_token_is_refused(engine: Engine, token: str, spoil: Callable[[str], str]) -> None:
    with reading(engine) as session:
        assert authenticate(session, spoil(token)) is None


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\0b"])
def test_a_token_is_somebodys(engine: Engine, now: datetime, name: str) -> None:
    with writing(engine) as session, pytest.raises(ValueError, match="name"):
        issue_token(session, name, role=Role.AUDITOR, now=now)
