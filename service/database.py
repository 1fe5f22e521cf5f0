"""The service's own database: SQLite in the home folder by default, PostgreSQL by URL. The same tables and rules on both."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.orm import Session

BUSY_TIMEOUT_MS = 5000
"""How long a writer waits for another before the request fails; a publish of 5,000 findings takes some two seconds."""
MIGRATIONS = Path(__file__).parent / "migrations"


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://…` (psycopg 3). Raises ValueError for any other database."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        return _open_sqlite(str(parsed.set(drivername="sqlite+pysqlite")))
    if parsed.get_backend_name() == "postgresql":
        options = f"-c lock_timeout={BUSY_TIMEOUT_MS}"
        parsed = parsed.set(drivername="postgresql+psycopg")
        return sa.create_engine(parsed, pool_pre_ping=True, connect_args={"options": options})
    raise ValueError(f"the database must be SQLite or PostgreSQL, not {parsed.get_backend_name()}")


def _open_sqlite(url: str) -> Engine:
    engine = sa.create_engine(url)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own BEGIN comes late and only before some statements; _begin_sqlite sends it instead.
    connection.isolation_level = None
    # FULL: a decision that was acknowledged survives a loss of power.
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: upgrading a read lock later would fail without waiting.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session over one consistent state; nothing it does is kept."""
    options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with Session(engine.execution_options(**options), autoflush=False) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session that commits at the end of the block, or keeps nothing when the block raises."""
    with Session(engine.execution_options(writes=True)) as session, session.begin():
        yield session


def upgrade(engine: Engine) -> None:
    """Bring the database up to the newest migration; does nothing when it is there."""
    with engine.execution_options(writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            # Two services that start at once must not both migrate.
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('plumbline.migrations'))"))
        config = _alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def at_head(engine: Engine) -> bool:
    """Whether every migration has been applied."""
    with engine.connect() as connection:
        applied = MigrationContext.configure(connection).get_current_heads()
    return set(applied) == set(ScriptDirectory.from_config(_alembic_config()).get_heads())


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
