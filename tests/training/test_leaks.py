"""Leaks, looked for in every risk of the catalog: what is recorded later, what is served, labels without meaning, and a coin.

The rules are those of tests/features/test_leaks.py, here on two hundred rows of a firm, through the splits and fits of the real training.
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pytest

from features.frame import build
from features.windows import AS_OF
from models.catalog import RISKS
from models.risk import Risk, Target, Use
from models.spine import BEGAN, aged, at_instants
from records.known import Known, micros
from records.lake import Lake
from records.tables import TABLES
from tests.features.eventful import bits, differences, features_of
from tests.training.firm import UNTIL, Home
from training.backtest import scored
from training.history import History, history
from training.labels import LABEL
from training.metrics import auc, redrawn

ROWS: Final = 200
"""Spine rows that are looked at for each risk."""
SPLIT: Final = 0.65
"""Share of the entities with an outcome that trains: the least that gives each risk enough of them in this firm."""
SURE: Final = (0.0005, 0.9995)
"""Ends of the interval in which a coin must lie: wide, so that of the tests of this file one in hundreds fails by chance alone."""

every_risk = pytest.mark.parametrize("risk", RISKS, ids=lambda risk: risk.name)


def sampled(spine: pl.DataFrame) -> pl.DataFrame:
    """Whole instants, those with the most rows first, until there are ROWS rows: the fewer instants, the fewer nights to rebuild."""
    sizes = spine[AS_OF].value_counts().sort("count", AS_OF, descending=[True, False])
    enough = int(np.searchsorted(sizes["count"].cum_sum().to_numpy(), ROWS)) + 1
    return spine.filter(pl.col(AS_OF).is_in(sizes[AS_OF].head(enough).to_list()))


@every_risk
def test_two_hundred_training_rows_are_what_was_served_on_their_day(risk: Risk, trained: Home) -> None:
    known = Known(trained.lake, until=UNTIL)
    spine = sampled(aged(known, risk))
    assert spine.height >= ROWS
    learned = bits(build(known, spine, features_of(risk)), risk)
    for at in spine[AS_OF].unique():
        day = pl.Series([at]).cast(pl.Datetime("us", "UTC")).item()
        night = Known(trained.lake, until=day)
        served = bits(build(night, at_instants(night, risk, [day]), features_of(risk)), risk)
        rows = {row: found for row, found in learned.items() if row[1] == at}
        assert not differences({row: served[row] for row in rows.keys() & served.keys()}, rows)


def rewritten(lake: Lake, place: Path, *, after: datetime, keep: bool) -> Lake:
    """The lake with what was recorded after an instant left out, or kept with the values of its columns shuffled among those rows."""
    made = Lake(place)
    draw = np.random.default_rng(9)
    for table in lake.versions():
        rows = lake.read(table).collect()
        before, later = (rows.filter(when) for when in (pl.col("recorded_at") <= after, pl.col("recorded_at") > after))
        values = [column.name for column in TABLES[table].columns if column.name not in TABLES[table].key]
        mixed = [later[name].gather(draw.permutation(later.height)) for name in values if name in later.columns]
        for part in (before, *([later.with_columns(mixed)] if keep else [])):
            if part.height:
                made.append(table, part)
    return made


@every_risk
def test_two_hundred_rows_are_the_same_whatever_is_recorded_after_them(risk: Risk, trained: Home, tmp_path: Path) -> None:
    spine = aged(Known(trained.lake, until=UNTIL), risk)
    cut = spine[AS_OF].sort()[int(0.6 * spine.height)]
    after = pl.Series([cut]).cast(pl.Datetime("us", "UTC")).item()
    rows = sampled(spine.filter(pl.col(AS_OF) <= cut))
    assert rows.height >= ROWS
    wanted = bits(build(Known(trained.lake, until=UNTIL), rows, features_of(risk)), risk)
    for name, keep in (("left-out", False), ("shuffled", True)):
        lake = rewritten(trained.lake, tmp_path / name, after=after, keep=keep)
        known = Known(lake, until=UNTIL)
        assert not differences(bits(build(known, rows, features_of(risk)), risk), wanted), name
        again = aged(known, risk).filter(pl.col(AS_OF) <= cut)
        assert again.equals(spine.filter(pl.col(AS_OF) <= cut)), f"{name}: other rows"


@dataclass(frozen=True)
class Relabelled(History):
    """A history whose entities have other outcomes than theirs; when each was decided stays."""

    outcomes: pl.DataFrame = field(default_factory=pl.DataFrame)
    """Columns of the risk's key, and `label`."""

    def labelled(self, target: Target, *, at: datetime) -> pl.DataFrame:
        found = super().labelled(target, at=at)
        other = found.select(self.risk.key).join(self.outcomes, on=self.risk.key, how="left", maintain_order="left")[LABEL]
        return found.with_columns(pl.when(pl.col(LABEL).is_not_null()).then(other).cast(pl.Int8).alias(LABEL))


def relabelled(past: History, target: Target, outcomes: str) -> Relabelled:
    """`outcomes`: those of the entities `permuted` among them, or a `coin` for each."""
    draw = np.random.default_rng(4)
    seen = past.labelled(target, at=UNTIL).drop_nulls(LABEL).group_by(past.risk.key).agg(pl.col(LABEL).max()).sort(past.risk.key)
    drawn = draw.permutation(seen[LABEL].to_numpy()) if outcomes == "permuted" else draw.integers(0, 2, seen.height, dtype=np.int8)
    return Relabelled(past.risk, past.lake, past.known, past.frame, seen.with_columns(pl.Series(LABEL, drawn)))


def foreseen(past: History, target: Target) -> tuple[float, float]:
    """The interval of the AUC ahead, of a model of the real training. Fails when there was too little for a model."""
    decided = past.labelled(target, at=UNTIL).drop_nulls(LABEL)
    began = decided.group_by(past.risk.key).agg(pl.col(BEGAN).first())[BEGAN].sort()
    start = pl.Series([began[int(SPLIT * began.len())]]).cast(pl.Datetime("us", "UTC")).item()
    # Not purged, or so small a firm would have too few outcomes to learn from. What means nothing means nothing whenever it is known.
    fold = scored(past, target, start=start, end=UNTIL, purged=False)
    assert fold.modelled
    clusters = fold.rows[past.risk.cluster].rank("dense").cast(pl.Int64).to_numpy()
    drawn = [auc(fold.labels, fold.model, weights) for weights in redrawn(clusters, draws=500)]
    low, high = np.nanquantile(drawn, SURE)
    return float(low), float(high)


@every_risk
@pytest.mark.parametrize("outcomes", ["permuted", "coin"])
def test_outcomes_without_meaning_are_not_foreseen(risk: Risk, outcomes: str, trained: Home) -> None:
    target = risk.targets[0]
    low, high = foreseen(relabelled(history(trained.lake, risk, until=UNTIL), target, outcomes), target)
    assert low <= 0.5 <= high
    assert high - low < 0.5, "an interval as wide as this tells nothing"


@every_risk
def test_a_feature_that_knows_the_outcome_is_seen_by_these_tests(risk: Risk, trained: Home) -> None:
    """What a leak looks like to the test above: a coin that one of the features has seen."""
    target = risk.targets[0]
    past = history(trained.lake, risk, until=UNTIL)
    tossed = relabelled(past, target, "coin")
    used = next(use.feature.name for use in risk.uses if takes_part(use, target))
    told = past.frame.join(tossed.outcomes, on=risk.key, how="left", maintain_order="left")[LABEL].cast(pl.Float64)
    leaky = Relabelled(risk, past.lake, past.known, past.frame.with_columns(told.alias(used)), tossed.outcomes)
    assert foreseen(leaky, target)[0] > 0.5


def takes_part(use: Use, target: Target) -> bool:
    """Whether more of a feature may raise the likelihood, and it is not the rule, from which a fit starts."""
    return use.direction >= 0 and use.feature is not target.rule


def test_every_risk_is_decided_within_the_records(trained: Home) -> None:
    """Without decided outcomes in the firm the tests above would look at nothing."""
    for risk in RISKS:
        past = history(trained.lake, risk, until=UNTIL)
        decided = past.labelled(risk.targets[0], at=UNTIL).drop_nulls(LABEL)
        assert decided.height >= ROWS, risk.name
        assert decided[AS_OF].max() < micros(UNTIL)  # type: ignore[operator]
