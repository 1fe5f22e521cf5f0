"""Databases to test on: SQLite and PostgreSQL, each test in a fresh one, both at the newest migration."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine, make_url
from starlette.testclient import TestClient

from models.dealings import Dealings
from models.finding import Evidence, Finding, Reason, ScoringRun
from models.finding import Role as OwnerRole
from service.app import create_app
from service.auth import Role, issue_token
from service.database import open_engine, upgrade, writing
from service.settings import Settings

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c listen_addresses="
"""A test's database need not survive a loss of power."""


@dataclass
class Databases:
    """Makes fresh databases, each a copy of one that was migrated once."""

    copy: Callable[[str], str]
    """Name of the new database -> its URL."""
    drop: Callable[[str], None] = lambda _name: None
    """Takes one away again: hundreds that wait for the end of the run are slow to remove at once."""
    names: list[str] = field(default_factory=list)
    opened: list[Engine] = field(default_factory=list)

    def new(self) -> Engine:
        engine = open_engine(self.new_url())
        self.opened.append(engine)
        return engine

    def new_url(self) -> str:
        self.names.append(f"plumbline_test_{os.getpid()}_{next(NUMBERS)}")
        return self.copy(self.names[-1])

    def close(self) -> None:
        for engine in self.opened:
            engine.dispose()
        self.opened.clear()
        for name in self.names:
            self.drop(name)
        self.names.clear()


NUMBERS = count()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a server on which databases may be made: PLUMBLINE_TEST_POSTGRES, or a throw-away cluster of our own."""
    given = os.environ.get("PLUMBLINE_TEST_POSTGRES")
    if given:
        yield given
        drop_databases(given)
        return
    if not BINARIES:
        reason = "no PostgreSQL: set PLUMBLINE_TEST_POSTGRES to a server's URL, or install one"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}: CI must not skip this")
        pytest.skip(reason)
    yield from own_cluster(BINARIES[-1])


def own_cluster(binaries: Path) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="plumbline-postgres-"))
    as_owner: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres")
        as_owner = ["runuser", "-u", "postgres", "--"]
    data, log = folder / "data", folder / "log"

    def run(*command: str | Path) -> None:
        subprocess.run([*as_owner, *map(str, command)], check=True, capture_output=True, cwd=folder)

    run(binaries / "initdb", "-D", data, "-U", "plumbline", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
    run(binaries / "pg_ctl", "-D", data, "-l", log, "-w", "-o", f"{FAST} -k {folder}", "start")
    try:
        yield f"postgresql://plumbline@/postgres?host={folder}"
    finally:
        run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    name = f"plumbline_template_{os.getpid()}"
    make_database(postgres_server, name)
    engine = open_engine(in_database(postgres_server, name))
    upgrade(engine)
    engine.dispose()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        made = Databases(lambda name: f"sqlite:///{shutil.copy(template, tmp_path / name)}")
    else:
        server: str = request.getfixturevalue("postgres_server")
        source: str = request.getfixturevalue("postgres_template")
        made = Databases(lambda name: make_database(server, name, template=source), lambda name: drop_database(server, name))
    yield made
    made.close()


@pytest.fixture
def engine(databases: Databases) -> Engine:
    return databases.new()


def drop_database(server: str, name: str) -> None:
    engine = open_engine(server).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    engine.dispose()


def drop_databases(server: str) -> None:
    """Remove what this process has made on a server that is not ours."""
    engine = open_engine(server).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        made = sa.text("SELECT datname FROM pg_database WHERE datname ~ :pattern")
        for name in connection.scalars(made, {"pattern": f"^plumbline_(test|template)_{os.getpid()}(_|$)"}).all():
            connection.execute(sa.text(f'DROP DATABASE "{name}"'))
    engine.dispose()


def in_database(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def make_database(server: str, name: str, *, template: str = "template0") -> str:
    """A new database of that name, a copy of the template; its URL."""
    engine = open_engine(server).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    engine.dispose()
    return in_database(server, name)


NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
DAY_OVER = datetime(2026, 11, 24, tzinfo=UTC)
NOTHING_TOLD = Dealings()
REASONS = (
    Reason("late_rate", "It paid 8 of its last 10 invoices late.", raises=True, effect=1.2, seen="80 %", usual="35 %"),
    Reason("tenure", "It has been a client for nine years.", raises=False, effect=-0.3, seen="9 years", usual="3 years"),
)


@pytest.fixture
def now() -> datetime:
    """The morning after the day that was read: 24 Nov 2026, 06:00 UTC."""
    return NOW


@pytest.fixture
def new_run() -> Callable[..., ScoringRun]:
    """A scoring run of the collections risk on the records of 23 Nov 2026, but for what is given."""

    def make(
        id: str, *, risk: str = "collections", as_of: datetime = DAY_OVER, scored_at: datetime = NOW, withheld: str = ""
    ) -> ScoringRun:
        return ScoringRun(id, risk, as_of, scored_at, "collections 3", "9f3c", {"invoice": 4}, withheld, ())

    return make


@pytest.fixture
def new_finding() -> Callable[..., Finding]:
    """A finding of the collections risk about invoice `entity_id`, but for what is given.

    Expected loss is probability x stake x one half.
    """

    def make(  # noqa: PLR0913  what tests vary
        entity_id: str,
        *,
        stake: str = "1000.00",
        currency: str = "GBP",
        probability: float | None = 0.5,
        rule_probability: float | None = 0.4,
        risk: str = "collections",
        title: str = "Likely to be paid late",
        owner_role: OwnerRole = "collector",
        client_id: str = "C-1",
        client_name: str = "Corvid Foods",
        reference: str = "",
        due_on: date | None = date(2026, 11, 5),
        dealings: Dealings = NOTHING_TOLD,
    ) -> Finding:
        return Finding(
            kind="risk",
            risk=risk,
            entity_type="invoice",
            entity_id=entity_id,
            period="once",
            title=title,
            as_of=DAY_OVER,
            owner_role=owner_role,
            client_id=client_id,
            client_name=client_name,
            reference=reference or f"INV-{entity_id}",
            due_on=due_on,
            issued_on=date(2026, 10, 6),
            amount_at_stake=Decimal(stake),
            currency=currency,
            stake_reporting=Decimal(stake),
            reporting_currency="GBP",
            probability=probability,
            expected_loss=Decimal(stake) * (Decimal(1) if probability is None else Decimal(str(probability))) / 2,
            predicted_on=date(2026, 12, 9),
            predicted_low_on=date(2026, 12, 3),
            predicted_high_on=date(2027, 1, 2),
            predicted_dates=tuple(date(2026, 12, 1) + timedelta(days=days) for days in range(20)),
            suggestion="Call the client and ask for a date of payment.",
            clears="It closes by itself once the records show it paid.",
            reasons=REASONS,
            evidence=(Evidence("Last invoices", ("invoice", "days late"), (("INV-1", "12"), ("INV-2", "0")), "ERP, read 23 Nov 2026"),),
            rule_probability=rule_probability,
            facts={"Terms": "30 days"},
            dealings=dealings,
            provisional=False,
            model_version="collections 3",
        )

    return make


@pytest.fixture
def moment() -> list[datetime]:
    """The one instant that the service's clock shows; a test may put another in its place."""
    return [NOW]


@pytest.fixture
def app(databases: Databases, moment: list[datetime], tmp_path: Path) -> FastAPI:
    return create_app(Settings(home=tmp_path / "home", database_url=databases.new_url()), clock=lambda: moment[0])


@pytest.fixture
def api(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def store(app: FastAPI) -> Engine:
    """The database behind `api`."""
    engine: Engine = app.state.serving.engine
    return engine


@pytest.fixture
def bearer(store: Engine) -> Callable[[Role], dict[str, str]]:
    """Headers of somebody in a role; the same person each time."""
    headers: dict[Role, dict[str, str]] = {}

    def of(role: Role) -> dict[str, str]:
        if role not in headers:
            with writing(store) as session:
                token = issue_token(session, f"Test {role}", role=role, now=NOW)
            headers[role] = {"Authorization": f"Bearer {token}"}
        return headers[role]

    return of
