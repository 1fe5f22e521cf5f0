"""Backtests on a small firm: folds, what trains them, and that a coin stays a coin."""

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from features.windows import AS_OF
from models.collections import COLLECTIONS
from models.dispute import DISPUTE
from models.margin import MARGIN
from models.risk import Risk
from records.known import DAY, micros
from records.lake import Lake
from tests.ledger import Ledger, moment
from tests.training.firm import UNTIL, Home, firm
from training.backtest import ENOUGH_PAID, BacktestError, backtest, enough_paid, rolling, scored, split_at
from training.history import History, history
from training.labels import DECIDED_AT, LABEL
from training.outlook import ENOUGH_CLOSED, fit_margin_outlook, outlook_report


@pytest.fixture(scope="module", params=[COLLECTIONS, DISPUTE], ids=lambda risk: risk.name)
def past(request: pytest.FixtureRequest, trained: Home) -> History:
    risk = request.param
    assert isinstance(risk, Risk)
    return history(trained.lake, risk, until=UNTIL)


@pytest.fixture(scope="module")
def chances(tmp_path_factory: pytest.TempPathFactory) -> History:
    """A firm whose invoices are paid late by the toss of a coin."""
    return history(firm(tmp_path_factory.mktemp("chance"), by_coin=True, clients=48), COLLECTIONS, until=UNTIL)


@pytest.mark.parametrize("count", [1, 3, 4, 7])
def test_folds_follow_one_another_without_a_gap_and_cover_the_rest(past: History, count: int) -> None:
    spans = rolling(past, count)
    assert len(spans) == count
    assert all(start < end for start, end in spans)
    assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]
    first = past.frame.filter(pl.col("age_days") == 0)
    tested = [_rows(first, start, end) for start, end in spans]
    everything = sorted(row for fold in tested for row in fold)
    assert everything == sorted(first.filter(pl.col(AS_OF) >= micros(spans[0][0]))["invoice_id"])
    assert len(everything) == len(set(everything)) > first.height / 2
    assert max(map(len, tested)) < 1.5 * min(map(len, tested))


def _rows(first: pl.DataFrame, start: datetime, end: datetime) -> list[str]:
    return first.filter((pl.col(AS_OF) >= micros(start)) & (pl.col(AS_OF) < micros(end)))["invoice_id"].to_list()


def test_one_cut_in_time_leaves_the_newest_to_test(past: History) -> None:
    [(start, end)] = split_at(past, 0.7)
    first = past.frame.filter(pl.col("age_days") == 0)[AS_OF]
    assert (first < micros(start)).mean() == pytest.approx(0.7, abs=0.03)
    assert micros(end) > first.max()  # type: ignore[operator]


def test_no_row_that_was_decided_after_a_fold_begins_trains_it(past: History) -> None:
    for start, _ in rolling(past):
        for target in past.risk.targets:
            trains = past.labelled(target, at=start).filter(pl.col(LABEL).is_not_null())
            assert (trains[DECIDED_AT] <= micros(start)).all()
            assert (trains[AS_OF] < micros(start)).all()


def test_what_is_recorded_after_a_fold_begins_does_not_change_what_trains_it(past: History, tmp_path: Path) -> None:
    """The firm as it was at that instant, on a lake that never saw more, trains on the same rows and labels."""
    (start, _), *_ = rolling(past)
    cut = Lake(tmp_path / "lake")
    for table in past.lake.versions():
        cut.append(table, past.lake.read(table).filter(pl.col("recorded_at") <= start).collect())
    alone = history(cut, past.risk, until=start)
    trained_on = ["invoice_id", AS_OF, *(one.name for one in past.risk.features), LABEL, DECIDED_AT, "dropped"]
    for target in past.risk.targets:
        assert past.labelled(target, at=start).select(trained_on).equals(alone.labelled(target, at=start).select(trained_on))


def test_test_rows_are_the_first_of_each_invoice_and_were_never_trained_on(past: History) -> None:
    target = past.risk.targets[0]
    start, end = rolling(past)[1]
    fold = scored(past, target, start=start, end=end, purged=True)
    assert fold.rows["invoice_id"].is_unique().all()
    assert (fold.rows["age_days"] == 0).all()
    assert fold.rows[AS_OF].is_between(micros(start), micros(end), closed="left").all()
    trains = past.labelled(target, at=start).filter(pl.col(LABEL).is_not_null())
    assert not set(trains["invoice_id"]) & set(fold.rows["invoice_id"])


def test_a_project_is_judged_along_its_way_and_is_on_one_side_only(trained: Home) -> None:
    past, target = history(trained.lake, MARGIN, until=UNTIL), MARGIN.targets[0]
    (start, end), *_ = rolling(past)
    fold = scored(past, target, start=start, end=end, purged=True)
    assert set(fold.rows["age_days"]) >= {0, 14, 28}
    trains = past.labelled(target, at=start).filter(pl.col(LABEL).is_not_null())
    assert trains.height
    assert not set(trains["project_id"]) & set(fold.rows["project_id"])


def test_each_band_of_progress_stands_beside_its_rule(trained: Home) -> None:
    bands = trained.trained["margin"].backtest["targets"]["fell"]["by_progress"]
    assert [band["from"] for band in bands] == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert sum(band["n"] for band in bands) == trained.trained["margin"].backtest["overall"]["model"]["n"]
    assert all(0 <= band[who] <= 1 for band in bands for who in ("model_auc", "rule_auc") if band[who] is not None)


def test_a_margin_at_completion_is_told_with_its_error_and_its_coverage(trained: Home) -> None:
    past = history(trained.lake, MARGIN, until=UNTIL)
    found = outlook_report(past, [(UNTIL - timedelta(days=130), UNTIL)])
    assert found is not None
    assert found["n"] > 50
    assert 0.6 <= found["all"]["coverage_of_80_percent_range"]["value"] <= 0.95
    errors = found["all"]["mean_absolute_error_points"]
    assert errors["median"]["value"] < errors["plan"]["value"]
    assert "margin_outlook" not in trained.trained["dispute"].backtest


def test_too_few_closed_projects_give_no_margin_at_completion(tmp_path: Path) -> None:
    told = Ledger().client("A")
    for number in range(ENOUGH_CLOSED - 1):
        name = f"j{number}"
        told.project(name, "A", starts="2025-01-06", closed="2025-02-10").invoice(name, "A", issued="2025-02-10", due=None, project_id=name)
        told.line(name, None, net=9000, recorded="2025-02-10")
        told.time("w", date(2025, 1, 10), entered=moment("2025-01-10T18:00"), project_id=name, cost_per_hour=60, entry_id=name)
    place = tmp_path / "lake"
    few = history(told.lake(place), MARGIN, until=moment("2025-06-30"))
    assert few.margins(at=few.known.until)["project_id"].n_unique() == ENOUGH_CLOSED - 1
    assert fit_margin_outlook(few, at=few.known.until) is None


def test_not_purged_trains_on_more(past: History) -> None:
    target, (start, _) = past.risk.targets[0], split_at(past, 0.7)[0]
    purged = past.labelled(target, at=start)[LABEL].count()
    kind = past.labelled(target, at=UNTIL).filter(pl.col(AS_OF) < micros(start))[LABEL].count()
    assert purged < kind


def test_planted_habits_are_found(trained: Home) -> None:
    found = trained.trained["collections"].backtest["overall"]
    assert found["model"]["auc"] > 0.8
    assert found["model"]["calibration"]["predicted_to_observed"] == pytest.approx(1, abs=0.15)


def test_a_payment_date_lies_in_its_range_about_as_often_as_it_says(trained: Home) -> None:
    found = trained.trained["collections"].backtest["payment_date"]
    assert 0.7 <= found["coverage_of_80_percent_range"]["value"] <= 0.92
    errors = found["mean_absolute_error_days"]
    assert errors["median"]["value"] < errors["due_date"]["value"]


def test_a_coin_is_not_foreseen(chances: History) -> None:
    """A leak would show here first: nothing that may be known tells of the toss."""
    found = backtest(chances, split_at(chances, 0.6))["targets"]["late"]["overall"]
    low, high = found["model"]["intervals"]["auc"]
    assert found["modelled"]
    assert low <= 0.5 <= high
    assert found["model"]["calibration"]["ece"] < 0.1


def test_too_little_to_test_on_says_so(tmp_path: Path) -> None:
    empty = history(Ledger().lake(tmp_path / "empty"), COLLECTIONS, until=UNTIL)
    with pytest.raises(BacktestError, match="no invoice was ever at risk"):
        rolling(empty)
    with pytest.raises(BacktestError, match="0 invoice rows; a backtest needs two"):
        split_at(empty, 0.7)


def test_an_outcome_that_nobody_could_know_yet_is_not_tested(tmp_path: Path) -> None:
    told = Ledger().client("A")
    for day in range(10, 20):
        told.invoice(f"i{day}", "A", issued=f"2025-03-{day}", due=f"2025-04-{day}")
    past = history(told.lake(tmp_path), COLLECTIONS, until=moment("2025-03-31"))
    found = backtest(past, split_at(past, 0.7))
    assert found["overall"] is None
    assert found["targets"]["late"]["reason"] == "no outcome of the test span is decided yet"
    assert found["payment_date"] is None


def test_enough_paid_counts_invoices_and_not_rows() -> None:
    paid = pl.DataFrame({"invoice_id": [f"{n}" for n in range(ENOUGH_PAID)], "due": [DAY] * ENOUGH_PAID, "days_late": [1] * ENOUGH_PAID})
    assert enough_paid(paid)
    assert not enough_paid(pl.concat([paid[1:], paid[1:]]))
    assert not enough_paid(paid.with_columns(days_late=pl.lit(None, pl.Int64)))
