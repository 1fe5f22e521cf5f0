"""Pooling: a ratio of sums, nothing where there is nothing to gain, and tables that come back from a file as they went."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.judging import CEILING, MODEL, TRUTH, Table
from benchmarks.pooled import GOALS, FirmTable, as_json, keep, kept, lifted, pooled, pooled_page
from benchmarks.soft_labels import METRICS, Measured
from benchmarks.truths import subject_named
from models.catalog import RISKS

NAMES = (MODEL, "amount only", "client's own rate", CEILING, TRUTH)
DRAWS = 40


def table(*, rule: float, model: float, ceiling: float, spread: float = 0.0) -> Table:
    """A table whose every metric is these numbers, the truth 0.1 above the ceiling."""
    values = np.tile(np.array([model, rule - 0.1, rule, ceiling, ceiling + 0.1])[:, None], (1, len(METRICS)))
    values[:, METRICS.index("ratio")] = 1.0
    values[:, METRICS.index("log_loss")] = 1 - values[:, 0]
    drawn = values[None] + np.random.default_rng(1).normal(0, spread, (DRAWS, *values.shape))
    measured = Measured(NAMES, values, drawn, np.zeros(len(NAMES)))
    return Table(
        subject=subject_named("collections"), target="late_30", capacity=0.15, measured=measured, rows=10, clusters=5, instants=2,
        worklists=2, base_rate=0.2, currency="EUR", without_exchange_rate=("CHF",), left_out={"nothing": 3},
    )  # fmt: skip


def firms(*tables: Table) -> list[FirmTable]:
    return [FirmTable("additive", seed, one) for seed, one in enumerate(tables)]


def test_a_pooled_share_is_a_ratio_of_sums() -> None:
    found = pooled(firms(table(rule=0.5, model=0.6, ceiling=0.9), table(rule=0.5, model=0.55, ceiling=0.6)), "precision")
    assert found.value == pytest.approx(0.15 / 0.5)
    assert found.within == pytest.approx([0.25, 0.5]), "either firm twice"


def test_an_interval_is_over_firms_and_over_clusters_within_them() -> None:
    calm = pooled(firms(table(rule=0.5, model=0.6, ceiling=0.9, spread=0.02)), "auc")
    assert calm.within is not None
    assert calm.within[0] < 0.25 < calm.within[1]
    wider = pooled(firms(*(table(rule=0.5, model=model, ceiling=0.9, spread=0.02) for model in (0.5, 0.7))), "auc")
    assert wider.within is not None
    assert wider.within[1] - wider.within[0] > calm.within[1] - calm.within[0]


def test_where_the_ceiling_gains_nothing_there_is_no_share() -> None:
    nothing = firms(table(rule=0.5, model=0.5, ceiling=0.5))
    assert np.isnan(pooled(nothing, "precision").value)
    assert np.isnan(nothing[0].share("precision"))
    assert "| all | 1 | – | – | – | – | – | 1.00 to 1.00 |" in pooled_page(nothing)
    [_, over_all] = as_json(nothing)
    assert json.loads(json.dumps(over_all, allow_nan=False))["share_of_reachable_gain"]["precision"] == {"value": None, "within": None}


def test_without_a_ceiling_there_is_no_share() -> None:
    one = table(rule=0.5, model=0.6, ceiling=0.9)
    names = tuple(name if name != CEILING else "another rule" for name in NAMES)
    assert np.isnan(pooled(firms(replace(one, measured=replace(one.measured, names=names))), "precision").value)


def test_the_page_names_the_worst_firm_and_a_ceiling_that_is_none() -> None:
    page = pooled_page(
        firms(table(rule=0.5, model=0.7, ceiling=0.9), table(rule=0.5, model=0.95, ceiling=0.9), table(rule=0.5, model=0.45, ceiling=0.9))
    )
    assert "-0.12 (additive 2)" in page
    assert "Goals for G in precision: gate 0.72, target 0.82, worst firm 0.65." in page
    assert "| model has less log loss |" in page
    assert page.count("| holds |") == 2
    assert "0.500 / 0.700 / 0.900 / 1.000" in page


def test_what_is_not_scored_counts_as_never_having_the_outcome() -> None:
    """Half of all are scored, of which a fifth have the outcome: a tenth of all. Capacity is 15 % of all, 30 % of what is scored."""
    half = replace(table(rule=0.5, model=0.6, ceiling=0.9), capacity=0.3)
    found = lifted(firms(half, half))
    assert found.value == pytest.approx(6)
    assert found.within == pytest.approx([6, 6])
    said = "Precision within 15% of all, scored or not, over the share of all that have the outcome: 6.00 (6.00 to 6.00)."
    assert said in pooled_page(firms(half, half))
    assert "scored or not" not in pooled_page(firms(table(rule=0.5, model=0.6, ceiling=0.9)))


def test_a_table_comes_back_as_it_went(tmp_path: Path) -> None:
    one = table(rule=0.5, model=0.6, ceiling=0.9, spread=0.1)
    keep(one, tmp_path / "judged.npz")
    again = kept(tmp_path / "judged.npz")
    assert again.to_dict() == one.to_dict()
    np.testing.assert_array_equal(again.measured.drawn, one.measured.drawn)


def test_every_risk_has_a_goal() -> None:
    assert set(GOALS) == {risk.name for risk in RISKS}
