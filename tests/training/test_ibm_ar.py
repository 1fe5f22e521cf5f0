"""Two real sets beside the checkout: what the risks are worth on the one, and what can be said of the other without any outcome."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.collections import COLLECTIONS
from models.dispute import DISPUTE
from models.risk import Risk
from models.scoring import RULE_VERSION, score
from records.intake import LAKE, import_folder
from records.known import ENTER, Known
from records.lake import Lake
from training.backtest import backtest, split_at
from training.history import history

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LEAK_ALARM = 0.92
"""Above this something tells of the outcome: the flag of the disputes, which has no date, or a payment."""


def imported(folder: Path, place: Path, name: str) -> Lake:
    report = import_folder(folder / name, place, mapping=name, now=NOW)
    assert report.refused == ()
    return Lake(place / LAKE)


@pytest.fixture(scope="module")
def ibm_ar(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return imported(shared, tmp_path_factory.mktemp("ibm_ar"), "ibm_ar")


@pytest.fixture(scope="module")
def measured(ibm_ar: Lake) -> dict[str, dict[str, Any]]:
    """As `plumbline backtest RISK --split 0.7`: the oldest 70 % train, the newest 30 % test."""
    until = ibm_ar.last_recorded()
    assert until is not None
    past = {risk.name: history(ibm_ar, risk, until=until) for risk in (COLLECTIONS, DISPUTE)}
    return {name: backtest(one, split_at(one, 0.7), purged=False) for name, one in past.items()}


@pytest.mark.parametrize(("risk", "least_auc", "most_brier"), [("collections", 0.86, 0.130), ("dispute", 0.84, 0.120)])
def test_the_risks_reach_what_was_asked(measured: dict[str, dict[str, Any]], risk: str, least_auc: float, most_brier: float) -> None:
    found = measured[risk]["overall"]
    assert found["modelled"]
    assert least_auc <= found["model"]["auc"] < LEAK_ALARM
    assert found["model"]["brier"] <= most_brier
    assert found["model"]["n"] > 700


@pytest.mark.parametrize("risk", ["collections", "dispute"])
@pytest.mark.parametrize(("metric", "better"), [("auc", 1), ("pr_auc", 1), ("brier", -1), ("log_loss", -1)])
def test_no_model_is_worse_than_its_rule_by_more_than_the_interval(
    measured: dict[str, dict[str, Any]], risk: str, metric: str, better: int
) -> None:
    low, high = measured[risk]["overall"]["model_less_rule"][metric]["interval"]
    assert (high if better > 0 else -low) >= 0


def test_payments_fall_into_their_range_as_often_as_it_says(measured: dict[str, dict[str, Any]]) -> None:
    found = measured["collections"]["payment_date"]
    assert 0.7 <= found["coverage_of_80_percent_range"]["value"] <= 0.9
    errors = found["mean_absolute_error_days"]
    assert errors["median"]["value"] <= errors["due_date"]["value"]


def test_no_dispute_is_seen_before_its_invoice_was_settled(ibm_ar: Lake) -> None:
    """The source's flag has no date: the latest that it can have been is taken."""
    until = ibm_ar.last_recorded()
    assert until is not None
    known = Known(ibm_ar, until=until)
    disputes = known.facts("dispute", take=("invoice_id",)).frame
    paid = known.facts("payment_allocation", take=("invoice_id",)).frame.select("invoice_id", settled=pl.col(ENTER))
    both = disputes.join(paid, on="invoice_id").collect()
    assert both.height == disputes.collect().height > 500
    assert (both[ENTER] >= both["settled"]).all()


@pytest.fixture(scope="module")
def open_items(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return imported(shared, tmp_path_factory.mktemp("highradius_open"), "highradius_open")


@pytest.mark.parametrize("risk", [COLLECTIONS, DISPUTE], ids=lambda risk: risk.name)
def test_open_items_without_any_outcome_are_ranked_by_amount_and_shown_no_likelihood(open_items: Lake, risk: Risk) -> None:
    until = open_items.last_recorded()
    assert until is not None
    found = score(Known(open_items, until=until), risk, None, as_of=until)
    assert found.withheld.endswith("ranked by amount only.")
    assert found.findings
    assert {one.probability for one in found.findings} == {None}
    assert {one.model_version for one in found.findings} == {RULE_VERSION}
    stakes = [one.stake_reporting for one in found.findings]
    assert stakes == sorted(stakes, reverse=True)
    assert {one.currency for one in found.findings} == {"USD", "CAD"}
    assert found.notices == ("No exchange rate into USD is known for CAD: these amounts are ranked one for one.",)
