"""One risk of a firm judged: the model, the simple rules, the ceiling of what the tables allow, and the truth, on the same rows."""

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
from training.metrics import interval

MODEL: Final = "model"
TRUTH: Final = "omniscient truth"
CEILING: Final = "observable ceiling"
CALIBRATED: Final = (0.9, 1.1)
"""Mean predicted over mean true that a ceiling may have: further off it is no posterior of anything."""


@dataclass(frozen=True)
class Table:
    """One risk and target: the model first, the truth last, between them the rules, and the ceiling where one was given."""

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
        return tuple(place for place, name in enumerate(self.measured.names) if name not in {MODEL, CEILING, TRUTH})

    @property
    def ceiling(self) -> int | None:
        """U: the place of what a statistician would say who knows how the firm works and sees its tables alone."""
        return self.measured.names.index(CEILING) if CEILING in self.measured.names else None

    def best_rule(self, metric: str) -> int | None:
        return self.measured.best(metric, self.rules)

    def less_rule(self, metric: str) -> tuple[float, Floats] | None:
        rule = self.best_rule(metric)
        return None if rule is None else self.measured.less(metric, 0, rule)

    def share_of_gain(self, metric: str, ceiling: int) -> tuple[float, Floats] | None:
        rule = self.best_rule(metric)
        return None if rule is None else self.measured.share_of_gain(metric, model=0, rule=rule, ceiling=ceiling)

    def reachable(self, metric: str) -> tuple[float, Floats] | None:
        """G: share of the reachable gain over the best rule."""
        return None if self.ceiling is None else self.share_of_gain(metric, self.ceiling)

    def omniscient(self, metric: str) -> tuple[float, Floats] | None:
        return self.share_of_gain(metric, len(self.measured.names) - 1)

    @property
    def refused(self) -> str:
        """Why the ceiling is none: it must have the least log loss of all but the truth, and be calibrated. Empty when it holds."""
        if self.ceiling is None:
            return ""
        losses = self.measured.values[:-1, METRICS.index("log_loss")]
        better = [name for name, loss in zip(self.measured.names, losses, strict=False) if loss < losses[self.ceiling]]
        ratio = self.measured.values[self.ceiling, METRICS.index("ratio")]
        reasons = [f"{', '.join(better)} has less log loss"] if better else []
        if not CALIBRATED[0] <= ratio <= CALIBRATED[1]:
            reasons.append(f"it says {ratio:.2f} times what is true")
        return "; ".join(reasons)

    @property
    def alarms(self) -> tuple[str, ...]:
        """Metrics in which the model beats the ceiling by more than chance: something is known that no table could have told."""
        if self.ceiling is None:
            return ()
        less = {metric: self.measured.less(metric, 0, self.ceiling)[1] * sign for metric, sign in GAINS.items()}
        return tuple(metric for metric, drawn in less.items() if (found := interval(drawn.tolist())) and found[0] > 0)

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
            "share_of_omniscient_gain": {metric: _maybe(self.omniscient(metric)) for metric in GAINS},
            "share_of_reachable_gain": {metric: _maybe(self.reachable(metric)) for metric in GAINS},
            "ceiling_refused": self.refused,
            "alarms": self.alarms,
        }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)


def _figure(value: float, drawn: Floats) -> dict[str, Any]:
    return {"value": _number(value), "interval": interval(drawn.tolist())}


def _maybe(found: tuple[float, Floats] | None) -> dict[str, Any] | None:
    return None if found is None else _figure(*found)


def table_of(
    known: Known, folder: Path, scores: pl.DataFrame, subject: Subject, *, target: str, capacity: float, draws: int, ceiling: pl.DataFrame
) -> Table:
    """`ceiling`: rows as those of a score file, none of this risk where there is none. Raises QualityError when no row is left to judge."""
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
        *_ceiling(ceiling, rows, subject),
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


def _ceiling(ceiling: pl.DataFrame, rows: pl.DataFrame, subject: Subject) -> list[Scorer]:
    own = ceiling.filter(pl.col("risk") == subject.risk).select("entity_id", "as_of", ceiling="probability")
    if own.is_empty():
        return []
    told = rows.join(own, on=["entity_id", "as_of"], how="left", maintain_order="left")["ceiling"]
    if told.null_count():
        raise QualityError(
            f"the ceiling of {subject.risk} says nothing of {told.null_count():,} of {rows.height:,} judged rows: make it anew"
        )
    return [Scorer(CEILING, _floats(told), likelihood=True)]


def _floats(column: pl.Series) -> Floats:
    return column.cast(pl.Float64).to_numpy()


def tables(
    folder: Path, files: list[Path], *, targets: dict[str, str], capacities: dict[str, float], draws: int, ceilings: list[Path]
) -> list[Table]:
    """A table for each risk of the score files. Raises QualityError."""
    scores = read_scores(files)
    ceiling = read_scores(ceilings) if ceilings else scores.clear()
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
                ceiling=ceiling,
            )
            for subject in map(subject_named, found)
        ]
