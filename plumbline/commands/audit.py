"""What was, and can be shown again: stored runs, registered models, and a past score worked out anew."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from plumbline.console import AsJson, Failure, emit, home, say, show, working

if TYPE_CHECKING:
    from plumbline.registered import Registered, TargetOf
    from plumbline.rescoring import Rebuilt
    from service.comparison import Difference
    from service.runs import Run

ID: Final = 8
"""Characters of a run's id in a table: `rescore` takes the beginning of one."""
DIGEST: Final = 8
SHOWN: Final = 50
"""Rows of a table; JSON has them all."""
NOT_THE_SAME: Final = 1
"""Exit code."""


def add(app: typer.Typer) -> None:
    app.command()(runs)
    app.command()(models)
    app.command()(rescore)


def runs(
    risk: Annotated[str | None, typer.Argument(metavar="[RISK]", help="One risk or control, or anomalies; all of them by default.")] = None,
    limit: Annotated[int, typer.Option(help="How many, the newest first.", min=1, max=100_000)] = SHOWN,
    as_json: AsJson = False,
) -> None:
    """List the stored scoring runs, the newest first: what was scored, as of when, by which model, and how much was found.

    Example: plumbline runs collections
    """
    from service.database import open_engine, reading, upgrade
    from service.runs import list_runs
    from service.settings import Settings

    engine = open_engine(Settings.from_environment().database)
    upgrade(engine)
    with reading(engine) as session:
        found = list_runs(session, limit=limit, risk=_stored_name(risk))
    engine.dispose()
    if as_json:
        emit({"runs": [vars(run) for run in found.items]})
        return
    head = ("run", "risk", "as of", "model", "scored at", "digest", "found", "shown")
    show(_counted(len(found.items), "stored run") if found.items else "No run is stored", head, [_row(run) for run in found.items], left=6)
    if found.next_cursor:
        say(f"the newest {limit}; for more: --limit")


def _row(run: "Run") -> tuple[str, ...]:
    as_of, scored_at = (f"{one:%Y-%m-%d %H:%M}" for one in (run.as_of, run.scored_at))
    digest = run.model_digest[:DIGEST] or "–"
    return (run.id[:ID], run.risk, as_of, run.model_version, scored_at, digest, f"{run.findings:,}", "yes" if run.is_current else "")


def _stored_name(risk: str | None) -> str | None:
    """What a run of it is stored under. Raises Failure for what is never scored."""
    from controls.catalog import CONTROLS
    from models.anomaly import ANOMALY
    from models.catalog import RISKS
    from plumbline.commands.models import ANOMALIES

    if risk is None:
        return None
    risks = [one.name for one in RISKS]
    if risk in {ANOMALIES, ANOMALY}:
        return ANOMALY
    if risk not in {*risks, *(one.name for one in CONTROLS)}:
        raise Failure(f"no risk or control is called {risk!r}; risks are {', '.join(risks)}; controls are in docs/controls.md", 2, "usage")
    return risk


def models(
    risk: Annotated[str | None, typer.Argument(metavar="[RISK]", help="One risk, or anomalies; all of them by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the registered versions of each risk's model, the newest first: what each learned from, and its worth beside the simple rule.

    Example: plumbline models collections
    """
    from plumbline.registered import NAMES, registered

    name = _stored_name(risk)
    if name is not None and name not in NAMES:
        raise Failure(f"{name} is a control: what is certain has no model; there are {', '.join(NAMES)}", 2, "usage")
    found = registered(home(), NAMES if name is None else (name,))
    if as_json:
        emit({"models": [asdict(one) for one in found]})
        return
    head = ("risk", "version", "standing", "records to", "target", "learned", "tested", "log\nloss", "AUC")
    title = _counted(len(found), "registered version") if found else "No model is registered"
    show(title, head, [row for one in found for row in _version_rows(one)], left=5)
    for one in found:
        if one.refused:
            say(f"{one.risk} {one.version} cannot score: {one.refused}")
    if found:
        say("learned: own records with the outcome; tested: records of the backtest; below each figure that of the simple rule")
    if any("earlier" in one.standing for one in found):
        say("an earlier version scores again after `plumbline promote RISK --version VERSION`")


def _version_rows(one: "Registered") -> list[tuple[str, ...]]:
    standing = "refused" if one.refused and one.standing == ("earlier",) else "\n".join(one.standing)
    # as_of is the first instant after the last day that was read.
    head = (one.risk, one.version, standing, f"{one.as_of - timedelta(microseconds=1):%Y-%m-%d}")
    rows = [_target_row(target) for target in one.targets] or [("", "", "", "", "")]
    return [(*(head if place == 0 else ("",) * len(head)), *row) for place, row in enumerate(rows)]


def _target_row(target: "TargetOf") -> tuple[str, ...]:
    marks = [mark for mark, holds in (("provisional", target.provisional), ("abstains", bool(target.abstains))) if holds]
    name = "\n".join((target.name, *marks))
    learned = "–" if target.outcomes is None else f"{target.outcomes:,}"
    if target.measured is None:
        return name, learned, "–", "–", "–"
    figures = (_beside(target.measured, metric) for metric in ("log_loss", "auc"))
    return name, learned, f"{target.measured['model']['n']:,}", *figures


def _beside(measured: dict[str, Any], metric: str) -> str:
    model, rule = ("–" if (value := measured[who][metric]) is None else f"{value:.3f}" for who in ("model", "rule"))
    return f"{model}\n{rule}"


def rescore(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The id of a stored run, or how it begins: see `plumbline runs`.")],
    lake: Annotated[str | None, typer.Option(metavar="URL", help="Where the records lie; by default below PLUMBLINE_HOME.")] = None,
    as_json: AsJson = False,
) -> None:
    """Work out the scores of a stored run again, from the records as they were and by the model of then, and compare. Stores nothing.

    Example: plumbline rescore 5b1f0c6e
    """
    from plumbline.rescoring import CannotRebuildError, UnknownRunError, rebuilt
    from records.lake import Lake
    from service.database import open_engine, upgrade
    from service.settings import Settings

    engine = open_engine(Settings.from_environment().database)
    upgrade(engine)
    try:
        with working("scoring again"):
            found = rebuilt(home(), engine, run, lake=Lake(lake or home() / "lake"))
    except UnknownRunError as error:
        raise Failure(str(error), 2, "unknown run") from error
    except CannotRebuildError as error:
        raise Failure(str(error), 3, "cannot be rebuilt") from error
    finally:
        engine.dispose()
    if as_json:
        emit({"run": vars(found.run), "same": not found.differences, "differences": [_told(one) for one in found.differences]})
    else:
        _tell(found)
    if found.differences:
        raise typer.Exit(NOT_THE_SAME)


def _told(one: "Difference") -> dict[str, Any]:
    return {**vars(one), "by": one.by}


def _tell(found: "Rebuilt") -> None:
    run, differences = found.run, found.differences
    about = f"{run.risk} as of {run.as_of:%Y-%m-%d %H:%M} UTC, by {run.model_version} {run.model_digest[:DIGEST]}".rstrip()
    if not differences:
        typer.echo(f"run {run.id[:ID]}: {about}: {run.findings:,} rows, same to the last bit")
        return
    rows = len({one.about for one in differences})
    show(
        f"Run {run.id[:ID]}, {about}, is not the same: {_counted(len(differences), 'value')} of {_counted(rows, 'row')}",
        ("about", "value", "stored", "rebuilt", "by"),
        [_difference(one) for one in differences[:SHOWN]],
        left=4,
    )
    if len(differences) > SHOWN:
        counted = Counter(one.column.partition(".")[0].partition("[")[0] for one in differences)
        say(f"the first {SHOWN}; all of them with --json: " + ", ".join(f"{name} {count:,}" for name, count in counted.most_common()))
    if all(one.in_words for one in differences):
        say(
            "order, likelihoods, money and dates are the same to the last bit; what was written beside them is not: the wording has changed"
        )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _difference(one: "Difference") -> Sequence[str]:
    return one.about, one.column, str(one.stored), str(one.rebuilt), "" if one.by is None else f"{one.by:+.3g}"
