"""Alive is not ready."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine
from starlette.testclient import TestClient

from models.finding import ScoringRun
from service.app import create_app
from service.database import writing
from service.publishing import publish
from service.settings import Settings


@pytest.fixture
def scored(api: TestClient, store: Engine, new_run: Callable[..., ScoringRun], now: datetime) -> TestClient:
    with writing(store) as session:
        publish(session, new_run("r1"), findings=[], closures=[], now=now)
    return api


def refused(client: TestClient) -> str:
    assert client.get("/healthz").json() == {"status": "ok"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["type"]) == (503, "5", "/problems/not-ready")
    return str(answer.json()["detail"])


def test_ready_with_a_database_its_migrations_and_a_scoring(scored: TestClient) -> None:
    assert scored.get("/readyz").json() == {"status": "ok"}


def test_not_ready_before_anything_is_scored(api: TestClient) -> None:
    assert refused(api) == "Nothing has been scored yet."


def test_not_ready_when_the_database_is_behind(scored: TestClient, store: Engine) -> None:
    with writing(store) as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = 'older'"))
    assert "not at the newest migration" in refused(scored)


def test_not_ready_when_the_database_is_away(tmp_path: Path) -> None:
    gone = Settings(home=tmp_path, database_url="postgresql://nobody@127.0.0.1:1/none")
    client = TestClient(create_app(gone), raise_server_exceptions=False)
    assert refused(client) == "The database cannot be reached."
    answer = client.get("/v1/runs", headers={"Authorization": "Bearer plumbline_000000000000_x"})
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-ready")


def test_the_service_brings_its_database_up_to_date_when_it_starts(tmp_path: Path) -> None:
    app: FastAPI = create_app(Settings(home=tmp_path / "new"))
    with TestClient(app) as client:
        assert refused(client) == "Nothing has been scored yet."
