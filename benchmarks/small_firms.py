"""What a small or young firm gets: the simple rule, its own outcomes alone, the prior alone, and the prior with its own outcomes.

  python -m benchmarks.small_firms            # some twenty minutes on one core
  python -m benchmarks.small_firms abstain    # which models abstain, on firms in which disputes can and cannot be foretold

Each firm is simulated, imported, learned from as known at the end of so many months, and judged over the next half year against its true
probabilities (soft labels). Intervals are 95 %, over whole firms drawn again. What was measured is in docs/small_firms.md.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.soft_labels import METRICS, Prepared, Rows, Scorer
from benchmarks.truths import INSTANT, judged, subject_named
from features.frame import build
from features.windows import AS_OF
from models.catalog import risk_named
from models.estimators.adapted import Model
from models.prior import shipped
from models.risk import Risk
from models.spine import at_instants
from records.intake import import_folder
from records.known import MONEY_SCALE, Known, instant_of
from records.lake import Lake
from simulation.firm import simulate
from simulation.plan import CLIENTS_PER_PERSON, START
from training.backtest import backtest, prior_of, rolling
from training.fit import fit, matrix, rows_of
from training.history import history
from training.metrics import TOO_FEW

Floats = NDArray[np.float64]

CLIENTS: Final = (20, 50)
MONTHS: Final = (6, 12, 24)
FIRMS: Final = 4
"""Of each size and age, half of them additive and half hurdle."""
FIRST_SEED: Final = 8000
"""Neither a seed that the prior was learned on nor one that is kept for judging."""
AHEAD_MONTHS: Final = 6
RISKS: Final = ("collections", "dispute")
SCORERS: Final = ("simple rule", "own outcomes alone", "prior alone", "prior and own outcomes")
SHOWN: Final = ("auc", "precision", "log_loss", "ratio")
DRAWS: Final = 2000
ABSTAINING: Final = (("additive", RISKS[1:]), ("hurdle", RISKS[1:]), ("chance", RISKS))
"""Mechanism of the firms that may abstain, and on what: in a chance firm only disputes cannot be foretold."""
ABSTAINING_PEOPLE, ABSTAINING_MONTHS = 100, 24
"""Large and old enough for disputes to judge by."""


@dataclass(frozen=True)
class Firm:
    """One simulated firm and its lake."""

    folder: Path
    lake: Lake
    learned: datetime
    """End of what may be learned from."""
    instants: tuple[datetime, ...]


def month(number: int) -> date:
    """First day of a month of the records."""
    years, rest = divmod(START.year * 12 + START.month - 1 + number, 12)
    return date(years, rest + 1, 1)


def firm(place: Path, *, people: int, months: int, seed: int, mechanism: str) -> Firm:
    simulate(place / "firm", people=people, months=months + AHEAD_MONTHS, seed=seed, mechanism=mechanism)
    import_folder(place / "firm", place, mapping=None, now=datetime.now(UTC))
    # In the second week of a month there are drafts; a week later collectors look at what is open.
    days = [month(number) + timedelta(day) for number in range(months, months + AHEAD_MONTHS) for day in (4, 7, 10, 20)]
    return Firm(place / "firm", Lake(place / "lake"), instant_of(month(months) - timedelta(1)), tuple(instant_of(day) for day in days))


def models_of(one: Firm, risk: Risk) -> tuple[dict[str, Model | None], int]:
    """What each scorer scores the deciding target by, None for the simple rule; and how many own outcomes there were."""
    target = risk.decided_by
    past = history(one.lake, risk, until=one.learned)
    rows = rows_of(past.labelled(target, at=one.learned), risk)
    prior = prior_of(shipped(risk), target)
    own = fit(rows, risk, target.rule)
    return dict(zip(SCORERS, (None, own, prior, fit(rows, risk, target.rule, prior=prior)), strict=True)), rows.positives


def measured(one: Firm, risk: Risk, models: dict[str, Model | None]) -> Floats:
    """Scorers x METRICS."""
    subject, target = subject_named(risk.name), risk.decided_by
    known = Known(one.lake, until=one.instants[-1])
    rows = build(known, at_instants(known, risk, one.instants), list(dict.fromkeys([*risk.features, *risk.rules])))
    if subject.once:
        rows = rows.filter(pl.col("stage") == "draft")
    rows = rows.with_row_index("place")
    at = pl.from_epoch(AS_OF, time_unit="us").dt.replace_time_zone("UTC").cast(INSTANT).alias("as_of")
    stake = (pl.col(risk.stake).cast(pl.Float64) / MONEY_SCALE).fill_null(0.0).alias("amount_at_stake")
    place = pl.col("place").cast(pl.Float64).alias("probability")
    scores = rows.select(pl.lit(risk.name).alias("risk"), pl.col(risk.key).alias("entity_id"), at, place, stake, "currency")
    found = judged(scores, subject, target.name, folder=one.folder).rows
    kept = rows[found["probability"].cast(pl.Int64).to_list()]
    week = (pl.col("as_of") - timedelta(microseconds=1)).dt.truncate("1w")
    worklist = found.select(week if subject.once else "as_of").to_series().rank("dense").cast(pl.Int64).to_numpy()
    cluster = kept["client_id"].rank("dense").cast(pl.Int64).to_numpy()
    judged_rows = Rows(found["truth"].to_numpy(), found["amount_at_stake"].to_numpy(), worklist, cluster)
    values, rule = matrix(kept, risk.features), kept[target.rule.name].to_numpy()
    ones = np.ones(kept.height)
    told = [Scorer(name, rule if model is None else model.probability(values), likelihood=True) for name, model in models.items()]
    return np.array([Prepared(judged_rows, scorer, capacity=subject.capacity).at(ones) for scorer in told])


def seeds(clients: int, months: int) -> Iterator[tuple[int, str]]:
    for number in range(FIRMS):
        yield FIRST_SEED + 1000 * months + 10 * clients + number, ("additive", "hurdle")[number % 2]


def table(clients: int, months: int) -> Iterator[str]:
    """The lines of one size and age: for each risk the scorers, with intervals over firms."""
    people = round(clients / CLIENTS_PER_PERSON)
    found: dict[str, list[Floats]] = {name: [] for name in RISKS}
    outcomes: dict[str, list[int]] = {name: [] for name in RISKS}
    for seed, mechanism in seeds(clients, months):
        with TemporaryDirectory() as place:
            one = firm(Path(place), people=people, months=months, seed=seed, mechanism=mechanism)
            for name in RISKS:
                risk = risk_named(name)
                models, positives = models_of(one, risk)
                found[name].append(measured(one, risk, models))
                outcomes[name].append(positives)
    for name in RISKS:
        values = np.array(found[name])
        for place_of, scorer in enumerate(SCORERS):
            cells = [_cell(values[:, place_of, METRICS.index(metric)], ratio=metric == "ratio") for metric in SHOWN]
            counted = f"{min(outcomes[name])}–{max(outcomes[name])}"
            yield f"| {name} | {clients} | {months} | {counted} | {scorer} | {' | '.join(cells)} |"


def _cell(values: Floats, *, ratio: bool) -> str:
    """Mean over firms with its interval; of a ratio the range over firms, as a mean would hide what is off both ways."""
    if ratio:
        return f"{values.mean():.2f} ({values.min():.2f} to {values.max():.2f})"
    drawn = values[np.random.default_rng(7).integers(len(values), size=(DRAWS, len(values)))].mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return f"{values.mean():.3f} ({low:.3f} to {high:.3f})"


def _between(interval: list[float] | None, form: str) -> str:
    return f"{interval[0]:{form}} to {interval[1]:{form}}" if interval else TOO_FEW


def abstaining(mechanism: str, risks: tuple[str, ...]) -> Iterator[str]:
    """Of each risk's deciding target: what its backtest measured, and whether the model abstains."""
    for number in range(FIRMS):
        seed = FIRST_SEED + 500 + number
        with TemporaryDirectory() as place:
            one = firm(Path(place), people=ABSTAINING_PEOPLE, months=ABSTAINING_MONTHS, seed=seed, mechanism=mechanism)
            for name in risks:
                risk = risk_named(name)
                past = history(one.lake, risk, until=one.learned)
                told = backtest(past, rolling(past), prior=shipped(risk))["targets"][risk.decided_by.name]
                model, rule, less = (told["overall"][who] for who in ("model", "rule", "model_less_rule"))
                loss = less["log_loss"]
                ruled = "; ".join(part["says"] for part in told["segments"] if part["ruled"]) or "–"
                cells = (
                    f"{model['positives']} of {model['n']}",
                    f"{model['auc']:.3f} ({_between(model['intervals']['auc'], '.3f')})",
                    f"{rule['auc']:.3f}",
                    f"{loss['difference']:+.4f} ({_between(loss['interval'], '+.4f')})",
                    "abstains" if told["abstains"] else "ranks",
                    ruled,
                )
                yield f"| {mechanism} | {seed} | {name} | {' | '.join(cells)} |"


def main(given: list[str]) -> None:
    if given == ["abstain"]:
        print("| mechanism | seed | risk | with outcome | AUC | the rule's | log loss, less rule | model | segments by rule |")
        print("| --- | ---: | --- | ---: | ---: | ---: | ---: | --- | --- |")
        lines = (line for one in ABSTAINING for line in abstaining(*one))
    else:
        print("| risk | clients | months | own outcomes | scorer | AUC | precision | log loss | predicted / true |")
        print("| --- | ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: |")
        lines = (line for clients in CLIENTS for months in MONTHS for line in table(clients, months))
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
