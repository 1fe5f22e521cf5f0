"""Models: train, backtest, promote, score."""

import sys
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from plumbline.console import AsJson, AsOf, Failure, emit, home, instant, now, say, show, working

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.risk import Risk
    from plumbline.workflow import Engine
    from records.lake import Lake

RiskName = Annotated[str, typer.Argument(metavar="RISK", help="collections, dispute, margin or missing_time; or anomalies.")]
ANOMALIES = "anomalies"
"""What commands call all that is looked at for what is unusual."""


def add(app: typer.Typer) -> None:
    app.command()(train)
    app.command()(backtest)
    app.command()(promote)
    app.command()(score)


def train(risk: RiskName, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Train a risk on what was decided by a date, backtest it, and register it as challenger.

    Example: plumbline train collections --as-of 2026-06-30
    """
    from plumbline.learning import trained
    from training.backtest import BacktestError

    if risk == ANOMALIES:
        _train_anomalies(as_of, as_json=as_json)
        return
    declared = _risk(risk)
    with working(f"training {risk}"):
        try:
            found = trained(home(), declared, until=instant(as_of), now=now())
        except BacktestError as error:
            raise Failure(str(error), 4, "too little history") from error
    if as_json:
        emit({**vars(found.pointer), "positives": found.positives, "not_better": found.not_better, "backtest": found.backtest})
        return
    say(f"{risk} {found.pointer.version} is the challenger, digest {found.pointer.digest[:12]}; promote it with `plumbline promote {risk}`")
    for note in dict.fromkeys((found.pointer.withheld, *(f"{name}: {caveat}" for name, caveat in found.pointer.caveats.items()))):
        if note:
            say(note)
    for name, not_better in found.not_better.items():
        say(f"{name} {not_better}")
    for said in found.backtest["review"]:
        say(f"review before promoting: {said}")
    _table(found.backtest)


def _train_anomalies(as_of: str | None, *, as_json: bool) -> None:
    from plumbline.learning import trained_anomalies
    from training.backtest import BacktestError

    with working(f"training {ANOMALIES}"):
        try:
            found = trained_anomalies(home(), until=instant(as_of), now=now())
        except BacktestError as error:
            raise Failure(str(error), 4, "too little history") from error
    if as_json:
        emit({**vars(found.pointer), "rows": found.rows})
        return
    learned = " and ".join(f"{count:,} {entity.replace('_', ' ')} rows" for entity, count in found.rows.items())
    say(f"{ANOMALIES} {found.pointer.version} is the challenger, learned from {learned}; promote it with `plumbline promote {ANOMALIES}`")


def backtest(
    risk: RiskName,
    split: Annotated[
        float | None, typer.Option(help="One split by time: this share of the oldest trains, the rest tests.", min=0.05, max=0.95)
    ] = None,
    folds: Annotated[int, typer.Option(help="Test spans of a rolling origin.", min=1, max=24)] = 4,
    purged: Annotated[
        bool | None,
        typer.Option(
            "--purged/--not-purged", help="Train only on outcomes decided before the test began. Default: purged; with --split, not purged."
        ),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """What the model would have said in the past, beside the simple rule, with 95 % intervals.

    Example: plumbline backtest dispute --split 0.7
    """
    from plumbline.learning import backtested
    from training.backtest import BacktestError

    declared = _risk(risk)
    with working(f"backtesting {risk}"):
        try:
            report = backtested(
                home(), declared, until=instant(as_of), split=split, folds=folds, purged=split is None if purged is None else purged
            )
        except BacktestError as error:
            raise Failure(str(error), 4, "too little history") from error
    if as_json:
        emit(report)
    else:
        _table(report)


def promote(
    risk: RiskName,
    version: Annotated[str | None, typer.Option(help="This version in place of the challenger: see `plumbline models`.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make the challenger of a risk its champion, or an earlier version again: from then on it scores.

    Example: plumbline promote collections
    """
    from models.anomaly import ANOMALY
    from models.bundle import RefusedModelError
    from models.registry import NothingToPromoteError
    from plumbline.registered import promoted

    try:
        found = promoted(home(), ANOMALY if risk == ANOMALIES else _risk(risk).name, version=version)
    except NothingToPromoteError as error:
        raise Failure(str(error), 3, "nothing to promote") from error
    except RefusedModelError as error:
        raise Failure(str(error), 3, "model refused") from error
    champion, before = found.champion, found.before
    if as_json:
        told = {"champion": champion.version, "digest": champion.digest, "before": before.version if before else None}
        emit({"risk": risk, **told, "changed": found.changed, "not_better": found.not_better})
        return
    if not found.changed:
        say(f"{risk}: {champion.version} was the champion already; nothing changed")
    else:
        say(f"{risk}: {champion.version} is the champion" + (f", after {before.version}" if before else ""))
    for name, not_better in found.not_better.items():
        say(f"{name} {not_better}")


def score(
    risk: Annotated[str | None, typer.Argument(metavar="[RISK]", help="One risk, or anomalies; all of them by default.")] = None,
    as_of: AsOf = None,
    output: Annotated[Path | None, typer.Option(help="Write the scores to this .csv or .parquet file.")] = None,
    publish: Annotated[bool, typer.Option("--publish/--no-publish", help="Put the result on the worklists.")] = True,
    engine: Annotated[Literal["here", "spark"], typer.Option(help="What works on the records: this process, or Spark.")] = "here",
    master: Annotated[str, typer.Option(metavar="URL", help="Spark's master, such as spark://host:7077.")] = "local[*]",
    lake: Annotated[str | None, typer.Option(metavar="URL", help="Where the records lie; by default below PLUMBLINE_HOME.")] = None,
    as_json: AsJson = False,
) -> None:
    """Score everything at risk at a date, and put it on the worklists.

    Example: plumbline score --as-of 2026-11-23 --output scores.csv
    """
    from models.bundle import RefusedModelError
    from models.catalog import RISKS
    from plumbline.workflow import scored, scored_anomalies, write_scores
    from records.lake import Lake

    if output is not None and output.suffix not in {".csv", ".parquet"}:
        raise Failure(f"--output {output}: name a .csv or a .parquet file", 2, "usage")
    chosen = () if risk == ANOMALIES else (_risk(risk),) if risk else RISKS
    at = instant(as_of)
    with working("scoring"), _engine(engine, master, Lake(lake or home() / "lake"), risks=chosen, as_of=at) as works:
        try:
            runs = scored(home(), chosen, as_of=at, now=now(), publish=publish, engine=works)
            if risk in {None, ANOMALIES}:
                runs.append(scored_anomalies(home(), as_of=at, now=now(), publish=publish))
        except RefusedModelError as error:
            raise Failure(str(error), 3, "model refused") from error
    if output is not None:
        write_scores([finding for run in runs for finding in run.scored.findings], output)
    if as_json:
        emit({"runs": [run.summary() for run in runs], "output": str(output) if output else None})
        return
    for run in runs:
        for notice in (run.scored.withheld, *run.run.notices):
            if notice:
                say(notice)
    show("Scored", ("risk", "as of", "model", "found"), [run.row() for run in runs], left=3)


@contextmanager
def _engine(name: str, master: str, lake: "Lake", *, risks: "Sequence[Risk]", as_of: datetime) -> "Iterator[Engine]":
    """What works on the records of a lake, for as long as it is needed."""
    if name == "here":
        from plumbline.workflow import OneMachine

        yield OneMachine(lake, as_of=as_of)
        return
    try:
        from features.spark import NoSparkError, Records, session
        from models.distributed import OnSpark
    except ModuleNotFoundError as error:
        if error.name not in {"pyspark", "py4j", "pandas"}:
            raise
        how = "pip install 'plumbline-finance[spark]' (docs/spark.md)"
        raise Failure(f"--engine spark: {error.name} is not installed in {sys.prefix}; {how}", 1, "engine missing") from error
    try:
        spark = session(master)
    except NoSparkError as error:
        raise Failure(f"--engine spark: {error}", 5, "engine unavailable") from error
    with Records(spark, lake, until=as_of) as records:
        yield OnSpark(records, risks, as_of=as_of)


def _risk(name: str) -> "Risk":
    from models.catalog import UnknownRiskError, risk_named

    try:
        return risk_named(name)
    except UnknownRiskError as error:
        raise Failure(str(error), 2, "usage") from error


def _table(report: dict[str, Any]) -> None:
    rows = []
    for name, target in report["targets"].items():
        if target["overall"] is None:
            say(f"{name}: {target['reason']}")
            continue
        overall = target["overall"]
        for who in ("model", "rule"):
            said = who if who == "rule" or overall["modelled"] else "rule (too few outcomes for a model)"
            rows.append((name, said, *(_figure(overall[who], metric) for metric in ("auc", "pr_auc", "brier", "log_loss"))))
        rows.append((name, f"n {overall['model']['n']}, with outcome {overall['model']['positives']}", "", "", "", ""))
    show(f"Backtest of {report['risk']}, 95 % intervals over clients", ("target", "by", "AUC", "PR AUC", "Brier", "log loss"), rows, left=2)
    _segments(report)
    if payment := report.get("payment_date"):
        errors = payment["mean_absolute_error_days"]
        covered = payment["coverage_of_80_percent_range"]["value"]
        say(
            f"payment date: error of the median {errors['median']['value']:.2f} days, of the client's own median "
            f"{errors['rule']['value']:.2f}; "
            f"the 80 % range held {covered:.1%} of {payment['n']}"
        )


def _segments(report: dict[str, Any]) -> None:
    """What each band is worth by itself, and where the simple rule ranks in the model's place."""
    for name, target in report["targets"].items():
        rows = [
            (
                part["says"],
                f"{part['n']:,}",
                f"{part['positives']:,}",
                f"{part['model_log_loss']:.3f}",
                f"{part['rule_log_loss']:.3f}",
                _within(part["model_less_rule"], "+.3f"),
                _within(part["predicted_to_observed"], ".2f"),
            )
            for part in target["segments"]
        ]
        if rows:
            head = ("where", "n", "with outcome", "log loss", "the rule's", "less rule", "predicted / seen")
            show(f"{name} by segment, 99 % intervals over clients", head, rows)
        for note in (target["abstains"], *(part["ruled"] for part in target["segments"])):
            if note:
                say(f"{name}: {note}")


def _within(found: dict[str, Any], shape: str) -> str:
    if found["value"] is None:
        return "–"
    low, high = found["interval"]
    return f"{found['value']:{shape}}\n{low:{shape}} to {high:{shape}}"


def _figure(found: dict[str, Any], metric: str) -> str:
    value, interval = found[metric], found["intervals"][metric]
    if value is None:
        return "–"
    return f"{value:.3f}" + (f"\n{interval[0]:.3f}–{interval[1]:.3f}" if interval else "")
