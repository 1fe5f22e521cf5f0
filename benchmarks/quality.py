"""What scores are worth on a simulated firm, against its true probabilities, beside simple rules and the truth itself.

  python -m benchmarks.quality FIRM SCORES [SCORES ...]

FIRM is a folder with a firm's tables and, below it, truth/ (docs/simulation.md). SCORES are files of `plumbline score --output`: several
instants as several files, or one file with several as_of. What the figures mean and what was measured is in docs/quality.md.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import polars as pl

from benchmarks.simple_rules import GROUNDS, in_one_currency, read_records, rules_of
from benchmarks.soft_labels import GAINS, METRICS, Floats, Measured, Rows, Scorer, measure
from benchmarks.truths import QualityError, Subject, default_target, judged, read_scores, subject_named
from records.known import Known
from training.metrics import DRAWS, interval

MODEL: Final = "model"
TRUTH: Final = "omniscient truth"
HEADS: Final = ("AUC", "log loss", "precision", "money", "predicted / true", "soft ECE")
"""By METRICS."""
USAGE: Final = 2
"""Exit code where the arguments or the files they name are at fault."""


@dataclass(frozen=True)
class Table:
    """One risk and target: the model first, the truth last, the rules between."""

    subject: Subject
    target: str
    capacity: float
    measured: Measured
    rows: int
    clusters: int
    instants: int
    worklists: int
    base_rate: float
    currency: str
    without_exchange_rate: tuple[str, ...]
    left_out: dict[str, int]

    @property
    def rules(self) -> tuple[int, ...]:
        return tuple(range(1, len(self.measured.names) - 1))

    def best_rule(self, metric: str) -> int | None:
        return self.measured.best(metric, self.rules)

    def less_rule(self, metric: str) -> tuple[float, Floats] | None:
        rule = self.best_rule(metric)
        return None if rule is None else self.measured.less(metric, 0, rule)

    def share_of_gain(self, metric: str) -> tuple[float, Floats] | None:
        rule = self.best_rule(metric)
        return None if rule is None else self.measured.share_of_gain(metric, model=0, rule=rule, ceiling=len(self.measured.names) - 1)

    def to_dict(self) -> dict[str, Any]:
        found = self.measured
        scorers = {
            name: {
                **{metric: _figure(found.values[place, at], found.drawn[:, place, at]) for at, metric in enumerate(METRICS)},
                "ece_floor": _number(found.floor[place]),
            }
            for place, name in enumerate(found.names)
        }
        best = {metric: self.best_rule(metric) for metric in GAINS}
        return {
            "risk": self.subject.risk,
            "target": self.target,
            "capacity": self.capacity,
            "rows": self.rows,
            "clusters": self.clusters,
            "clustered_by": self.subject.cluster,
            "instants": self.instants,
            "worklists": self.worklists,
            "base_rate": _number(self.base_rate),
            "currency": self.currency,
            "without_exchange_rate": self.without_exchange_rate,
            "left_out": self.left_out,
            "scorers": scorers,
            "best_rule": {metric: None if rule is None else found.names[rule] for metric, rule in best.items()},
            "model_less_best_rule": {metric: _maybe(self.less_rule(metric)) for metric in GAINS},
            "share_of_omniscient_gain": {metric: _maybe(self.share_of_gain(metric)) for metric in GAINS},
        }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)


def _figure(value: float, drawn: Floats) -> dict[str, Any]:
    return {"value": _number(value), "interval": interval(drawn.tolist())}


def _maybe(found: tuple[float, Floats] | None) -> dict[str, Any] | None:
    return None if found is None else _figure(*found)


def table_of(known: Known, folder: Path, scores: pl.DataFrame, subject: Subject, *, target: str, capacity: float, draws: int) -> Table:
    """Raises QualityError when no row is left to judge."""
    found = judged(scores, subject, target, folder=folder)
    staked, currency, missing = in_one_currency(known, found.rows)
    grounds = GROUNDS[subject.risk][0](known, staked, target)
    rows = staked.join(grounds, on=["entity_id", "as_of"], how="inner", maintain_order="left")
    left_out = {**found.left_out, **({subject.absent: staked.height - rows.height} if rows.height < staked.height else {})}
    if rows.is_empty():
        why = "; ".join(f"{count:,} {reason}" for reason, count in left_out.items())
        raise QualityError(
            f"no score of {subject.risk} can be judged: {why}. Give scores of the firm in {folder}, at instants of its truth"
        )
    # The end of a Sunday is the first instant of Monday, and belongs to the week that it ends.
    week = (pl.col("as_of") - timedelta(microseconds=1)).dt.truncate("1w")
    worklist = rows.select(week if subject.once else "as_of").to_series().rank("dense")
    cluster = rows["cluster"].rank("dense").cast(pl.Int64).to_numpy()
    judged_rows = Rows(_floats(rows["truth"]), _floats(rows["stake"]), worklist.cast(pl.Int64).to_numpy(), cluster)
    scorers = [
        Scorer(MODEL, _floats(rows["probability"]), likelihood=True),
        *(
            Scorer(rule.name, _floats(rows.with_columns(rule.score.alias("score"))["score"]), rule.likelihood)
            for rule in rules_of(subject.risk)
        ),
        Scorer(TRUTH, judged_rows.truth, likelihood=True),
    ]
    return Table(
        subject=subject,
        target=target,
        capacity=capacity,
        measured=measure(judged_rows, scorers, capacity=capacity, draws=draws),
        rows=rows.height,
        clusters=len(np.unique(cluster)),
        instants=rows["as_of"].n_unique(),
        worklists=worklist.n_unique(),
        base_rate=float(judged_rows.truth.mean()),
        currency=currency,
        without_exchange_rate=missing,
        left_out=left_out,
    )


def _floats(column: pl.Series) -> Floats:
    return column.cast(pl.Float64).to_numpy()


def as_markdown(table: Table) -> str:
    """As it goes into a page: what was judged, the table, and what was left out."""
    found = table.measured
    head = [f"{table.subject.risk}: {table.target}", *HEADS]
    body = [[name, *(_cell(table, place, at) for at in range(len(METRICS)))] for place, name in enumerate(found.names)]
    body.append(["**model less best rule**", *(_shown(table.less_rule(metric), sign=True) for metric in METRICS)])
    body.append(["**share of the omniscient gain**", *(_shown(table.share_of_gain(metric), sign=False) for metric in METRICS)])
    grid = "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---", *["---:"] * len(HEADS)], *body])
    best = {metric: table.best_rule(metric) for metric in GAINS}
    chosen = "; ".join(f"{HEADS[METRICS.index(metric)]}: {found.names[rule]}" for metric, rule in best.items() if rule is not None)
    money = f"money in {table.currency}" + "".join(f", {one} one for one for want of a rate" for one in table.without_exchange_rate)
    said = (
        f"{table.rows:,} rows of {table.clusters:,} {table.subject.cluster}, {table.instants} instants, {table.worklists} worklists; "
        f"mean true probability {table.base_rate:.4f}; capacity {table.capacity:.0%} of each worklist; {money}. Best rule by {chosen}."
    )
    left_out = [f"- left out: {count:,} {why}" for why, count in table.left_out.items()]
    return "\n".join([grid, "", said, *([""] if left_out else []), *left_out])


def _cell(table: Table, place: int, at: int) -> str:
    found = table.measured
    shown = _shown((float(found.values[place, at]), found.drawn[:, place, at]), sign=False)
    return f"{shown}, floor {found.floor[place]:.3f}" if METRICS[at] == "ece" and shown != "–" else shown


def _shown(found: tuple[float, Floats] | None, *, sign: bool) -> str:
    if found is None or np.isnan(found[0]):
        return "–"
    within = interval(found[1].tolist())
    plus = "+" if sign else ""
    return f"{found[0]:{plus}.3f}" + (f" ({within[0]:{plus}.3f} to {within[1]:{plus}.3f})" if within else "")


def tables(folder: Path, files: list[Path], *, targets: dict[str, str], capacities: dict[str, float], draws: int) -> list[Table]:
    scores = read_scores(files)
    found = scores["risk"].unique(maintain_order=True).to_list()
    with TemporaryDirectory() as home:
        known = read_records(folder, found, home=Path(home), until=scores["as_of"].max())  # type: ignore[arg-type]
        return [
            table_of(
                known,
                folder,
                scores,
                subject,
                target=targets.get(subject.risk, default_target(subject)),
                capacity=capacities.get(subject.risk, subject.capacity),
                draws=draws,
            )
            for subject in map(subject_named, found)
        ]


def _named(texts: list[str], option: str) -> dict[str, str]:
    """RISK=VALUE as given, checked for the risk."""
    found = {}
    for text in texts:
        risk, equals, value = text.partition("=")
        if not equals:
            raise QualityError(f"{option} {text}: write it as {option} RISK=VALUE")
        found[subject_named(risk).risk] = value
    return found


def _targets(texts: list[str]) -> dict[str, str]:
    found = _named(texts, "--target")
    for risk, target in found.items():
        if target not in (known := subject_named(risk).targets):
            raise QualityError(f"--target {risk}={target}: {risk} has the targets {', '.join(known)}")
    return found


def _capacities(texts: list[str]) -> dict[str, float]:
    found = {}
    for risk, text in _named(texts, "--capacity").items():
        try:
            found[risk] = float(text)
        except ValueError as error:
            raise QualityError(f"--capacity {risk}={text}: write a share such as {risk}=0.15") from error
        if not 0 < found[risk] <= 1:
            raise QualityError(f"--capacity {risk}={text}: a share lies above 0 and is at most 1")
    return found


def _arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="quality.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("firm", type=Path, metavar="FIRM", help="folder of a firm, with truth/ below it")
    parser.add_argument("scores", type=Path, nargs="+", metavar="SCORES", help="score files, .csv or .parquet")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--draws", type=int, default=DRAWS, help="how often clusters are drawn again for the intervals (%(default)s)")
    parser.add_argument(
        "--capacity", action="append", default=[], metavar="RISK=SHARE", help="share of a worklist that its owner works through"
    )
    parser.add_argument(
        "--target", action="append", default=[], metavar="RISK=TARGET", help="outcome that the scores are of, if not the last"
    )
    return parser.parse_args(given)


def main(given: list[str]) -> int:
    arguments = _arguments(given)
    try:
        found = tables(
            arguments.firm,
            arguments.scores,
            targets=_targets(arguments.target),
            capacities=_capacities(arguments.capacity),
            draws=arguments.draws,
        )
    except QualityError as error:
        print(f"quality: {error}", file=sys.stderr)
        return USAGE
    if arguments.json:
        print(json.dumps({"schema_version": 1, "draws": arguments.draws, "tables": [table.to_dict() for table in found]}, indent=1))
    else:
        print("\n\n".join(as_markdown(table) for table in found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
