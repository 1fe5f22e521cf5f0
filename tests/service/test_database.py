"""One schema on both databases, durable and append-only where it says so."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from models.finding import Finding, ScoringRun
from service.database import MIGRATIONS, at_head, open_engine, reading, upgrade, writing
from service.publishing import publish
from service.status import Verdict
from service.tables import Base, StoredDecision, StoredRun, StoredScore


def test_the_migrations_make_what_the_tables_declare(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    assert at_head(engine)


def test_a_database_of_the_first_release_keeps_its_rows(decided: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with decided.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "2026_11_23_first")
    with decided.connect() as connection:
        assert "in_dispute" not in {column["name"] for column in sa.inspect(connection).get_columns("score")}
    upgrade(decided)
    with reading(decided) as session:
        (score,) = session.scalars(sa.select(StoredScore))
        (event,) = session.scalars(sa.select(StoredDecision))
    assert (score.in_dispute, score.issued_on, event.verdict) == (False, None, Verdict.ACCEPT)


def test_an_empty_database_is_not_at_head(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'new' / 'service.db'}")
    assert not at_head(engine)
    upgrade(engine)
    assert at_head(engine)
    engine.dispose()


def test_sqlite_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'service.db'}")
    with engine.connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys")}
    engine.dispose()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ValueError, match="SQLite or PostgreSQL, not mysql"):
        open_engine("mysql://localhost/plumbline")


@pytest.fixture
def decided(engine: Engine, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], now: datetime) -> Engine:
    finding = new_finding("1")
    with writing(engine) as session:
        publish(session, new_run("r1"), findings=[finding], closures=[], now=now)
        event = {"recommendation_id": finding.id, "verdict": Verdict.ACCEPT, "note": "", "actor": "Ama", "decided_at": now, "run_id": "r1"}
        session.execute(sa.insert(StoredDecision), [event])
    return engine


@pytest.mark.parametrize("change", [sa.update(StoredDecision).values(note="other"), sa.delete(StoredDecision)])
def test_a_decision_can_neither_be_changed_nor_deleted(decided: Engine, change: sa.Executable) -> None:
    with pytest.raises(DBAPIError, match="append-only"), writing(decided) as session:
        session.execute(change)


def test_a_decision_needs_its_recommendation(engine: Engine, now: datetime) -> None:
    event = {"recommendation_id": "none", "verdict": Verdict.ACCEPT, "note": "", "actor": "Ama", "decided_at": now, "run_id": "none"}
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.execute(sa.insert(StoredDecision), [event])


def test_what_raises_keeps_nothing(decided: Engine) -> None:
    def change_and_fail() -> None:
        with writing(decided) as session:
            session.execute(sa.update(StoredRun).values(findings=99))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    with reading(decided) as session:
        assert session.scalar(sa.select(StoredRun.findings)) == 1


def test_a_reader_sees_one_state(decided: Engine) -> None:
    with reading(decided) as reader:
        assert reader.scalar(sa.select(StoredRun.findings)) == 1
        with writing(decided) as session:
            session.execute(sa.update(StoredRun).values(findings=2))
        assert reader.scalar(sa.select(StoredRun.findings)) == 1
