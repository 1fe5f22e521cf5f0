"""The main job from nothing: simulate a firm, import it, train, score, check, serve."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from plumbline.commands import people as access
from plumbline.commands import serving
from plumbline.console import home, now, on_terminal, say, show, working

if TYPE_CHECKING:
    from service.pages.places import Area
    from service.row import RecommendationRow
    from training.train import Trained

PEOPLE, MONTHS, SEED = 120, 24, 7
TOP = 5
SUNDAY: Final = 7
SECOND_SUNDAY: Final = range(8, 15)
"""Days of a month of which one is its second Sunday. By then the bills of the last month are drafted and few have gone out: a firm bills
within two weeks of the month's end, so that on most other days no draft waits. Monday's timesheets can still be asked for."""
MORNING: Final = clock_time(8, tzinfo=UTC)
"""When somebody sits down before the worklists on the Monday after."""


@dataclass(frozen=True)
class Stage:
    """The day on which the demonstration takes place, and how far it is."""

    last_day: date
    """Of the records."""
    started: float = field(default_factory=time.monotonic)

    @property
    def as_of(self) -> datetime:
        """The end of the last day."""
        return datetime.combine(self.last_day + timedelta(days=1), clock_time(), UTC)

    def clock(self) -> datetime:
        """The instant where the firm is: it goes on from the Monday's morning as the real one does."""
        return datetime.combine(self.as_of.date(), MORNING) + timedelta(seconds=self.elapsed)

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.started

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """A bar on a terminal, and a line with the seconds so far elsewhere."""
        if not on_terminal():
            say(f"{self.elapsed:4.0f} s  {what}")
        with working(what):
            yield


def add(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the pages at the end.")] = True,
    people: Annotated[int, typer.Option(help="Staff of the simulated firm.", min=8)] = PEOPLE,
    months: Annotated[int, typer.Option(help="Months of its history, the last one begun.", min=6)] = MONTHS,
    seed: Annotated[int, typer.Option(help="The same seed gives the same firm.", min=0)] = SEED,
    port: Annotated[int, typer.Option(help="Port to serve on, 127.0.0.1 only.", min=0, max=65535)] = 8765,
) -> None:
    """Try all of it on a simulated firm. Import, train, score, check and serve, on 127.0.0.1; starts over under PLUMBLINE_HOME/demo.

    Example: plumbline demo --no-serve
    """
    stage = Stage(last_day_of(now().date()))
    place = home() / "demo"
    shutil.rmtree(place, ignore_errors=True)
    os.environ["PLUMBLINE_HOME"] = str(place)
    say(f"the day is {stage.as_of:%A, %-d %B %Y}, when last month's drafts wait for review; the firm and its records are simulated")
    _read(place, stage, people=people, months=months, seed=seed)
    _learn(place, stage)
    _publish(place, stage)
    _worklists(stage)
    say(f"ready after {stage.elapsed:.0f} s; for the other commands on this firm: export PLUMBLINE_HOME={place}")
    if serve:
        say("sign in as a collector with   " + access.issued("Demo collector", "collector"))
        say("or as a billing reviewer with " + access.issued("Demo reviewer", "billing_reviewer"))
        say("or as a delivery lead with    " + access.issued("Demo lead", "delivery_lead"))
        serving.served("127.0.0.1", port, clock=stage.clock)


def last_day_of(today: date) -> date:
    """The last second Sunday of a month that lies before a day."""
    day = today - timedelta(days=1)
    while day.isoweekday() != SUNDAY or day.day not in SECOND_SUNDAY:
        day -= timedelta(days=1)
    return day


def _read(place: Path, stage: Stage, *, people: int, months: int, seed: int) -> None:
    from records.intake import import_folder
    from simulation.anomalies import ENTRY_KINDS, LINE_KINDS
    from simulation.firm import simulate

    firm, until = place / "firm", stage.last_day
    with stage.step("simulating a firm"):
        start = _months_before(until, months - 1)
        simulate(firm, people=people, months=months, seed=seed, start=start, until=until, anomalies=(*ENTRY_KINDS, *LINE_KINDS))
    with stage.step("reading its records"):
        report = import_folder(firm, place, mapping=None, now=stage.clock())
    say(f"read {report.rows.read:,} rows: {report.rows.accepted:,} accepted, {report.rows.quarantined:,} set aside")


def _months_before(day: date, months: int) -> date:
    """The first of the month that lies so many months before a day."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, 1)


def _learn(place: Path, stage: Stage) -> None:
    from models.anomaly import ANOMALY
    from models.catalog import RISKS
    from models.registry import Registry
    from plumbline.learning import trained, trained_anomalies
    from training.backtest import BacktestError

    registry = Registry(place)
    for risk in RISKS:
        with stage.step(f"training {risk.name}"):
            try:
                found = trained(place, risk, until=stage.as_of, now=stage.clock())
            except BacktestError as reason:
                say(str(reason))
                continue
        registry.promote(risk.name)
        _say_backtest(found, of=f"{risk.entity}s")
    with stage.step("training anomalies"):
        try:
            trained_anomalies(place, until=stage.as_of, now=stage.clock())
        except BacktestError as reason:
            say(str(reason))
        else:
            registry.promote(ANOMALY)


def _say_backtest(found: "Trained", *, of: str) -> None:
    for target in found.backtest["targets"].values():
        if (overall := target["overall"]) is not None:
            model, rule = overall["model"], overall["rule"]
            said = f"AUC {_figure(model['auc'], 3)}, simple rule {_figure(rule['auc'], 3)}; "
            said += f"Brier {_figure(model['brier'], 4)}, {_figure(rule['brier'], 4)}"
            say(f"backtest of what is {target['says']}: {said} on {model['n']:,} {of}")


def _figure(value: float | None, places: int) -> str:
    """Nothing can be said where all of the rows, or none, had the outcome."""
    return "–" if value is None else f"{value:.{places}f}"


def _publish(place: Path, stage: Stage) -> None:
    """The night: what is scored and what the controls find, on the worklists."""
    from controls.catalog import CONTROLS
    from models.catalog import RISKS
    from plumbline.workflow import checks, scored, scored_anomalies

    with stage.step("scoring"):
        scored(place, RISKS, as_of=stage.as_of, now=stage.clock(), publish=True)
        scored_anomalies(place, as_of=stage.as_of, now=stage.clock(), publish=True)
    with stage.step(f"checking by {len(CONTROLS)} controls"):
        runs = checks(place, CONTROLS, as_of=stage.as_of, now=stage.clock())
    spoke = [len(run.scored.findings) for run in runs if run.scored.findings]
    say(f"{len(spoke)} of {len(CONTROLS)} controls made {sum(spoke):,} findings")


def _worklists(stage: Stage) -> None:
    """The first of each list as its page opens."""
    from service.database import open_engine, reading
    from service.pages.places import AREAS, Place
    from service.recommendations import count_view, list_recommendations
    from service.settings import Settings

    engine = open_engine(Settings.from_environment().database)
    with reading(engine) as session:
        for area in AREAS:
            role, asked = area.owner_role, Place(area).filters
            found = list_recommendations(session, {role}, now=stage.clock(), filters=asked, limit=TOP).items
            many = count_view(session, {role}, now=stage.clock(), filters=asked).count
            _show_list(area, found, many)
    engine.dispose()


def _show_list(area: "Area", found: "tuple[RecommendationRow, ...]", many: int) -> None:
    rows = [
        (
            f"draft {one.reference}" if one.stage == "draft" else one.reference,
            one.client_name,
            one.top_reason or one.title,
            f"{one.at_stake.currency} {one.at_stake.amount:,.0f}",
            one.said.words if one.said else "",
            f"{one.predicted_on}" if one.predicted_on else "",
        )
        for one in found
    ]
    heading = f"{area.owner_role.replace('_', ' ').capitalize()}: the first {len(rows)} of {many:,}"
    show(heading, ("record", "client or team", "why", "at stake", "likelihood", "expected"), rows, left=3)
