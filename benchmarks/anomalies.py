"""How many of the records that were made odd are among the one in a hundred that is called unusual, beside what else could have been done.

`python -m benchmarks.anomalies FIRM HOME [FIRM HOME ...]`: folders of `plumbline simulate ... --anomaly all`, and the homes they were
imported into. What is usual is learned from the half year before the last; each record of the last half year is judged as known when it was
entered. Lines with a drafting error that a control expresses are left out: the controls find them. A wrong grade is none of these, and
counts as odd.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest

from benchmarks.quality import USAGE
from features.windows import AS_OF
from models.anomaly import Anomaly
from models.anomaly_catalog import ANOMALIES
from models.estimators.worst_tail import WorstTail
from models.unusual import MOST_UNUSUAL, values_of
from records.known import Known
from records.lake import Lake
from training.anomalies import LEARNED_DAYS, past

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

HIDDEN: Final = frozenset({"wrong_person", "several_small"})
"""Kinds that were switched off in every firm that was looked at while this was built."""
EXPRESSED: Final = ("stale_rate", "duplicate", "out_of_period", "rounding", "vague_text", "split")
"""Drafting errors on hourly lines (simulation/faults.py) that a rule finds: rates above the card, lines twice, sums that do not hold."""
CLUSTER: Final = "person_id"
DRAWS: Final = 1000
SEED: Final = 7
RAW: Final = {
    "time_entry": ("minutes", "bill_rate", "weekday", "lag_hours", "text_length", "on_project", "of_person"),
    "invoice_line": ("quantity", "unit_price", "net_amount", "days", "text_length", "on_project", "of_person"),
}


@dataclass(frozen=True)
class Judged:
    """Records of one kind of one firm or several; `scores`: by method, larger is more unusual."""

    kinds: NDArray[np.object_]
    """What was made odd about a record; None for nearly all."""
    clusters: NDArray[np.object_]
    firms: NDArray[np.int64]
    scores: dict[str, Floats]

    @property
    def odd(self) -> Flags:
        return np.array([kind is not None for kind in self.kinds])

    def top(self, method: str) -> Flags:
        """The most unusual of each firm."""
        chosen = np.zeros(len(self.kinds), dtype=np.bool_)
        for number in np.unique(self.firms):
            own = np.flatnonzero(self.firms == number)
            # By chance among equals, not by the order of the file, in which a near duplicate follows its first.
            order = np.lexsort((np.random.default_rng(SEED).random(len(own)), -self.scores[method][own]))
            chosen[own[order[: round(MOST_UNUSUAL * len(own))]]] = True
        return chosen


def judged(firm: Path, home: Path, anomaly: Anomaly, *, number: int) -> Judged:
    """A firm's records of the last half year. `number` tells firms apart."""
    lake = Lake(home / "lake")
    last = lake.last_recorded()
    if last is None:
        raise ValueError(f"{home} holds no records")
    known = Known(lake, until=last)
    before = past(Known(lake, until=last - timedelta(days=LEARNED_DAYS)), anomaly)
    now = past(known, anomaly).sort(anomaly.key)
    now = now.join(_odd(firm, anomaly), on=anomaly.key, how="left", maintain_order="left")
    now = now.filter(~pl.col("odd").is_in(EXPRESSED).fill_null(value=False))
    tail = WorstTail.fit(values_of(anomaly, before), anomaly.residuals)
    return Judged(
        kinds=now["odd"].to_numpy(),
        clusters=np.array([f"{number}:{one}" for one in now[CLUSTER].to_list()], dtype=object),
        firms=np.full(now.height, number),
        scores=_scores(anomaly, tail, before, now),
    )


def _odd(firm: Path, anomaly: Anomaly) -> pl.DataFrame:
    """By key, what was made odd or wrong about a record."""
    truth = pl.read_parquet(firm / "truth" / "anomaly.parquet").filter(pl.col("entity_type") == anomaly.entity)
    odd = truth.select(pl.col("entity_id").alias(anomaly.key), odd="kind")
    if anomaly.entity != "invoice_line":
        return odd
    faults = pl.read_parquet(firm / "truth" / "fault.parquet").filter(pl.col("line_id").is_not_null())
    # An odd line with a drafting error on it, too, is the error's.
    return pl.concat([faults.select("line_id", odd="kind"), odd]).unique("line_id", keep="first", maintain_order=True)


def _scores(anomaly: Anomaly, tail: WorstTail, before: pl.DataFrame, now: pl.DataFrame) -> dict[str, Floats]:
    values, old = values_of(anomaly, now), values_of(anomaly, before)
    shares = tail.log_shares(values)
    scores = {
        "worst tail": -np.log(tail.unusualness(values)),
        "sum of tails (as ECOD)": -shares.sum(axis=1),
        "isolation forest on the residuals": _forest(np.nan_to_num(old), np.nan_to_num(values)),
        "isolation forest on raw columns": _forest(_raw(anomaly, before), _raw(anomaly, now)),
    }
    return scores | {f"rule: {name}": -shares[:, place] for place, name in enumerate(anomaly.residuals)}


def _forest(old: Floats, values: Floats) -> Floats:
    return np.asarray(-IsolationForest(n_estimators=200, random_state=SEED, n_jobs=1).fit(old).score_samples(values), dtype=np.float64)


def _raw(anomaly: Anomaly, rows: pl.DataFrame) -> Floats:
    """What a generic detector is usually given: the columns, and how often each person and project occurs."""
    if anomaly.entity == "time_entry":
        day_end = pl.col("worked_on").cast(pl.Int32).cast(pl.Int64) * 86_400_000_000
        made = {
            "weekday": pl.col("worked_on").dt.weekday(),
            "lag_hours": (pl.col(AS_OF) - day_end) / 3_600_000_000,
            "text_length": pl.col("narrative").fill_null("").str.len_chars(),
        }
    else:
        made = {
            "days": (pl.col("period_end_on") - pl.col("period_start_on")).dt.total_days().fill_null(0),
            "text_length": pl.col("description").fill_null("").str.len_chars(),
        }
    counted = rows.with_columns(**made, on_project=pl.len().over("project_id"), of_person=pl.len().over("person_id"))
    return counted.select(pl.col(one).cast(pl.Float64) for one in RAW[anomaly.entity]).to_numpy()


def pooled(parts: Sequence[Judged]) -> Judged:
    return Judged(
        np.concatenate([one.kinds for one in parts]),
        np.concatenate([one.clusters for one in parts]),
        np.concatenate([one.firms for one in parts]),
        {name: np.concatenate([one.scores[name] for one in parts]) for name in parts[0].scores},
    )


def precision(chosen: Floats, odd: Floats) -> float:
    return float((chosen * odd).sum() / max(chosen.sum(), 1.0))


def recall(chosen: Floats, odd: Floats) -> float:
    return float((chosen * odd).sum() / max(odd.sum(), 1.0))


def interval(
    measure: Callable[[Floats, Floats], float], chosen: Flags, odd: Flags, *, clusters: NDArray[np.object_]
) -> tuple[float, float]:
    """95 % by drawing people again: what one person writes hangs together."""
    names, codes = np.unique(clusters, return_inverse=True)
    sums = [np.bincount(codes, weights=one.astype(np.float64), minlength=len(names)) for one in (chosen & odd, chosen, odd)]
    draw = np.random.default_rng(SEED)
    found = []
    for _ in range(DRAWS):
        times = np.bincount(draw.integers(0, len(names), len(names)), minlength=len(names))
        hits, taken, there = (float((times * one).sum()) for one in sums)
        found.append(hits / max(taken if measure is precision else there, 1.0))
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def table(one: Judged) -> list[str]:
    """Markdown: a row a method, precision and recall at the top."""
    rows = ["| | precision | recall |", "| --- | --- | --- |"]
    rules = [name for name in one.scores if name.startswith("rule: ")]
    best = max(rules, key=lambda name: precision(one.top(name).astype(float), one.odd.astype(float)))
    for name in (*(each for each in one.scores if each not in rules), best):
        top = one.top(name)
        cells = []
        for measure in (precision, recall):
            low, high = interval(measure, top, one.odd, clusters=one.clusters)
            cells.append(f"{measure(top.astype(float), one.odd.astype(float)):.1%} ({low:.1%} to {high:.1%})")
        rows.append(f"| {'best single ' if name == best else ''}{name} | {' | '.join(cells)} |")
    return rows


def by_kind(one: Judged) -> list[str]:
    """Markdown: a row a kind, how many there are and which share of them is at the top."""
    rows = ["| kind | records | found by the worst tail | by the forest on raw columns |", "| --- | --- | --- | --- |"]
    for kind in sorted({kind for kind in one.kinds if kind is not None}, key=lambda kind: (kind in HIDDEN, kind)):
        own = np.array([each == kind for each in one.kinds])
        found = [one.top(name)[own].mean() for name in ("worst tail", "isolation forest on raw columns")]
        rows.append(f"| {kind}{' (hidden while building)' if kind in HIDDEN else ''} | {own.sum()} | {found[0]:.0%} | {found[1]:.0%} |")
    return rows


def main(places: Sequence[str]) -> int:
    if not places or len(places) % 2:
        print(
            "anomalies: name each firm's folder and the home that it was imported into, such as FIRM HOME FIRM HOME",
            file=sys.stderr,
        )
        return USAGE
    pairs = [(Path(places[at]), Path(places[at + 1])) for at in range(0, len(places) - 1, 2)]
    for anomaly in ANOMALIES:
        parts = [judged(firm, home, anomaly, number=number) for number, (firm, home) in enumerate(pairs)]
        every = pooled(parts)
        print(f"\n## {anomaly.entity}: {len(every.kinds):,} records of {len(parts)} firms, {every.odd.mean():.2%} of them odd\n")
        print("\n".join([*table(every), "", *by_kind(every), ""]))
        for (firm, _), part in zip(pairs, parts, strict=True):
            top = part.top("worst tail").astype(float)
            odd = part.odd.astype(float)
            print(f"- {firm.name}: {len(odd):,} records, precision {precision(top, odd):.1%}, recall {recall(top, odd):.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
