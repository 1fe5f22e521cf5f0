"""The main job from nothing: simulate a firm, import it, train, score, serve."""

import os
import shutil
import time
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from plumbline.commands import people as access
from plumbline.commands import serving
from plumbline.console import home, now, say, show, working

if TYPE_CHECKING:
    from models.finding import Finding

PEOPLE, MONTHS, SEED = 120, 24, 7
TOP = 5


def add(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the pages at the end.")] = True,
    people: Annotated[int, typer.Option(help="Staff of the simulated firm.", min=8)] = PEOPLE,
    months: Annotated[int, typer.Option(help="Months of its history.", min=6)] = MONTHS,
    seed: Annotated[int, typer.Option(help="The same seed gives the same firm.", min=0)] = SEED,
    port: Annotated[int, typer.Option(help="Port to serve on, 127.0.0.1 only.", min=0, max=65535)] = 8765,
) -> None:
    """A simulated firm, imported, trained, scored and served on 127.0.0.1; starts over under PLUMBLINE_HOME/demo each time.

    Example: plumbline demo --no-serve
    """
    started = time.monotonic()
    place = home() / "demo"
    shutil.rmtree(place, ignore_errors=True)
    os.environ["PLUMBLINE_HOME"] = str(place)
    _prepare(place, people=people, months=months, seed=seed)
    _worklists(place)
    say(f"ready after {time.monotonic() - started:.0f} s; for the other commands on this firm: export PLUMBLINE_HOME={place}")
    if serve:
        say("sign in as a collector with   " + access.issued("Demo collector", "collector"))
        say("or as a billing reviewer with " + access.issued("Demo reviewer", "billing_reviewer"))
        say("or as a delivery lead with    " + access.issued("Demo lead", "delivery_lead"))
        serving.serve(port=port)


def _prepare(place: Path, *, people: int, months: int, seed: int) -> None:
    from models.catalog import RISKS
    from models.registry import Registry
    from plumbline.console import instant
    from plumbline.learning import trained, trained_anomalies
    from records.intake import import_folder
    from simulation.anomalies import ENTRY_KINDS, LINE_KINDS
    from simulation.firm import simulate
    from training.backtest import BacktestError

    firm = place / "firm"
    today = now().date()
    with working("simulating a firm"):
        start = _months_before(today, months - 1)
        simulate(firm, people=people, months=months, seed=seed, start=start, until=today, anomalies=(*ENTRY_KINDS, *LINE_KINDS))
    with working("reading its records"):
        report = import_folder(firm, place, mapping=None, now=now())
    say(f"read {report.rows.read:,} rows: {report.rows.accepted:,} accepted, {report.rows.quarantined:,} set aside")
    until = instant(None)
    for risk in RISKS:
        with working(f"training {risk.name}"):
            try:
                found = trained(place, risk, until=until, now=now())
            except BacktestError as reason:
                say(str(reason))
                continue
        Registry(place).promote(risk.name)
        for target in found.backtest["targets"].values():
            if (overall := target["overall"]) is not None:
                model, rule = overall["model"], overall["rule"]
                said = f"AUC {model['auc']:.3f}, simple rule {rule['auc']:.3f}; Brier {model['brier']:.4f}, {rule['brier']:.4f}"
                say(f"backtest of what is {target['says']}: {said} on {model['n']:,} {risk.entity}s")

    with working("training anomalies"):
        try:
            learned = trained_anomalies(place, until=until, now=now())
        except BacktestError as reason:
            say(str(reason))
        else:
            Registry(place).promote(learned.pointer.risk)


def _months_before(day: date, months: int) -> date:
    """The first of the month that lies so many months before a day."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, 1)


def _likelihood(finding: "Finding") -> str:
    if finding.probability is not None:
        return f"{finding.probability:.0%}"
    return "has happened" if finding.happened else "unusual" if finding.kind == "anomaly" else ""


def _worklists(place: Path) -> None:
    from models.catalog import RISKS
    from plumbline.console import instant
    from plumbline.workflow import scored, scored_anomalies

    with working("scoring"):
        runs = scored(place, RISKS, as_of=instant(None), now=now(), publish=True)
        runs.append(scored_anomalies(place, as_of=instant(None), now=now(), publish=True))
    by_role: dict[str, list[Finding]] = defaultdict(list)
    for run in runs:
        for finding in run.scored.findings:
            by_role[finding.owner_role].append(finding)
    for role, findings in by_role.items():
        rows = [
            (
                finding.reference,
                finding.client_name,
                finding.reasons[0].text if finding.reasons else "",
                f"{finding.currency} {finding.amount_at_stake:,.0f}",
                _likelihood(finding),
                finding.predicted_on.isoformat() if finding.predicted_on else "",
            )
            for finding in findings[:TOP]
        ]
        heading = f"{role.replace('_', ' ').capitalize()}: the first {len(rows)} of {len(findings)}"
        show(heading, ("record", "client or team", "why", "at stake", "likelihood", "expected"), rows, left=3)
