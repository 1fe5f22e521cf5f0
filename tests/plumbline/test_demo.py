"""The demonstration: on a day with drafts, with a night's scoring and checking, and a word at each step."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from typer.testing import Result

from controls.catalog import CONTROLS
from models.catalog import RISKS
from plumbline.commands.demo import Stage, last_day_of
from service.database import open_engine, reading
from service.pages.banners import is_stale
from service.pages.places import AREAS, BILLING, Place, Tab
from service.recommendations import list_recommendations
from service.runs import current_runs
from tests.plumbline.command_line import Cli

DAYS = st.dates(date(2020, 3, 1), date(2035, 12, 31))


@given(DAYS)
def test_the_day_is_the_last_second_sunday_before_today(today: date) -> None:
    day = last_day_of(today)
    assert today - timedelta(days=36) < day < today
    assert day.isoweekday() == 7
    assert 8 <= day.day <= 14
    assert not any(last_day_of(day + timedelta(days=later)) != day for later in range(1, (today - day).days + 1))


@given(DAYS)
def test_the_clock_goes_on_from_the_monday_after_the_records(today: date) -> None:
    stage = Stage(last_day_of(today))
    first, second = stage.clock(), stage.clock()
    assert stage.as_of == datetime(*(stage.last_day + timedelta(days=1)).timetuple()[:3], tzinfo=UTC)
    assert stage.as_of + timedelta(hours=8) <= first <= second < stage.as_of + timedelta(hours=9)


@pytest.fixture(scope="module")
def demonstrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Result]]:
    home = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PLUMBLINE_HOME", str(home))
        environment.delenv("PLUMBLINE_DATABASE_URL", raising=False)
        yield home, Cli(home)("demo", "--no-serve", "--people", "16", "--months", "6")


@pytest.fixture
def session(demonstrated: tuple[Path, Result]) -> Iterator[Session]:
    home, _ = demonstrated
    engine = open_engine(f"sqlite:///{home / 'demo' / 'service.db'}")
    with reading(engine) as session:
        yield session
    engine.dispose()


@pytest.mark.slow
@pytest.mark.timeout(600)
class TestDemo:
    def test_every_step_is_told_as_it_begins(self, demonstrated: tuple[Path, Result]) -> None:
        told = re.findall(r"^ *(\d+) s  (.+)$", demonstrated[1].stderr, re.MULTILINE)
        assert [what for _, what in told] == [
            *("simulating a firm", "reading its records"),
            *(f"training {risk.name}" for risk in RISKS),
            *("training anomalies", "scoring", f"checking by {len(CONTROLS)} controls"),
        ]
        seconds = [int(number) for number, _ in told]
        assert seconds == sorted(seconds)

    def test_drafts_wait_on_the_billing_list(self, session: Session) -> None:
        stage = Stage(last_day_of(datetime.now(UTC).date()))
        asked = Place(BILLING).on(Tab.DRAFTS).filters
        drafts = list_recommendations(session, {"billing_reviewer"}, now=stage.clock(), filters=asked, limit=200).items
        assert {one.stage for one in drafts} == {"draft"}
        assert {"dispute"} < {one.risk for one in drafts}

    def test_each_list_is_printed_as_its_page_opens(self, session: Session, demonstrated: tuple[Path, Result]) -> None:
        stage, told = Stage(last_day_of(datetime.now(UTC).date())), demonstrated[1].stdout
        for area in AREAS:
            found = list_recommendations(session, {area.owner_role}, now=stage.clock(), filters=Place(area).filters, limit=5).items
            _, _, listed = told.partition(f"{area.owner_role.replace('_', ' ').capitalize()}: the first {len(found)} of ")
            assert len(found) == 5
            assert [f"{one.at_stake.currency} {one.at_stake.amount:,.0f}" for one in found] == re.findall(r"[A-Z]{3} [\d,]+(?=  )", listed)[
                :5
            ]

    def test_all_was_scored_and_checked_the_night_before(self, session: Session) -> None:
        stage = Stage(last_day_of(datetime.now(UTC).date()))
        runs = current_runs(session)
        assert {run.risk for run in runs} >= {*(risk.name for risk in RISKS), *(control.name for control in CONTROLS), "anomaly"}
        assert {run.as_of for run in runs} == {stage.as_of}
        assert not any(is_stale(run, stage.clock()) for run in runs)
