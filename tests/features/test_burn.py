"""A project told by hand: what every signal of its plan, effort and progress says of it.

| project | plan | so far, on 30 April | told |
| --- | --- | --- | --- |
| `j`, fixed price, 1 March to 9 June | 100 hours, cost 6,000, revenue 10,000 | 60 hours, cost 3,900 | 31 March 20 %, 28 April 40 % |
"""

import math
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from features import burn, project_burn
from features.feature import Feature
from features.frame import build
from models.margin import MARGIN
from models.spine import at_instants
from records.known import ENTER, LEAVE, Known, micros
from tests.ledger import Ledger, moment

TODAY = "2025-04-30"
CPI = 0.4 * 6000 / 3900
"""All time was in by the last report."""


def told() -> Ledger:
    ledger = Ledger().client("A").contract("k", "A", cap_amount=20_000)
    ledger.project("j", "A", starts="2025-03-01", ends="2025-06-09", billing_method="fixed", contract_id="k")
    for week in range(6):
        day = date(2025, 3, 6) + timedelta(days=7 * week)
        rates = {"cost_per_hour": None if week == 0 else 65, "bill_rate": 110, "billable": week != 5}
        ledger.time("w", day, entered=moment(f"{day}T18:00"), minutes=600, project_id="j", **rates)
    ledger.status("j", on="2025-03-31", complete=20, remaining=4800, health="green")
    ledger.status("j", on="2025-04-28", complete=40, remaining=4200, health="amber")
    ledger.budget("j", on="2025-04-10", baseline_no=2, minutes=6600)
    ledger.milestone("j", "first", target="2025-03-20", completed="2025-03-24", recorded="2025-03-01")
    ledger.milestone("j", "second", target="2025-04-20", recorded="2025-03-01")
    ledger.row("contract_amendment", "2025-04-01", {"amendment_id": "a", "contract_id": "k", "effective_on": "2025-03-15"})
    ledger.invoice("i", "A", issued="2025-03-31", due="2025-04-30", project_id="j").line("i", None, net=2500, recorded="2025-03-31")
    return ledger.line("i", None, net=300, kind="expense", recorded="2025-03-31", number=2)


FALL = ((1 / CPI) ** 0.4 - 1) * 0.6
SAYS: dict[Feature, float] = {
    project_burn.project_cost_performance: CPI,
    project_burn.project_forecast_fall: FALL,
    project_burn.project_compression_chance: 1 / (1 + math.exp(-(FALL - 0.05) / project_burn.FORECAST_SPREAD)),
    # Forty hours by the first report, of which thirty have a cost of 65; sixty by the second.
    project_burn.project_cost_performance_latest: 0.2 * 6000 / (50 * 65 - 30 * 65),
    project_burn.project_schedule_performance: 0.4 / 0.58,
    project_burn.project_burn: 3900 / 6000,
    project_burn.project_elapsed: 0.6,
    project_burn.project_complete: 0.4,
    project_burn.project_burn_ahead: 0.65 - 0.6,
    project_burn.project_burn_unmatched: 0.65 - 0.4,
    project_burn.project_effort_told: (3600 + 4200) / 6000,
    project_burn.project_remaining_to_plan: 4200 / 3600,
    project_burn.project_told_fall: (1.3 * 65 / 60 - 1) * 0.6,
    project_burn.project_contract_fall: (1.3 * 65 / 60 - 1) * 0.6,
    project_burn.project_remaining_fall: (4200 / 3600 - 1) * 0.6,
    project_burn.project_budget_growth: 1.1,
    project_burn.contract_amendments: 1,
    project_burn.contract_capped: 1,
    project_burn.contract_cap_use: 7800 / 60 * (110 * 5 / 6) / 20_000,
    project_burn.project_uncharged_share: 1 / 6,
    project_burn.project_uncharged_share_56d: 1 / 6,
    project_burn.project_rate_to_plan: 110 * 5 / 6 / 100,
    project_burn.project_cost_to_plan: 65 / 60,
    project_burn.project_value_fall: 3900 / 5500 - 0.6,
    project_burn.project_billed: 0.25,
    project_burn.project_billed_ahead: 0.25 - 0.65,
    project_burn.project_health: 1,
    project_burn.project_days_since_report: 2,
    project_burn.project_overdue_milestones: 1,
    project_burn.project_milestone_slip: 4,
    project_burn.project_fixed_price: 1,
    project_burn.project_by_the_hour: 0,
    project_burn.project_retainer: 0,
    project_burn.project_plan_margin: 0.4,
    project_burn.project_planned_revenue: 10_000,
    project_burn.client_closed_projects: 0,
}


def value(known: Known, feature: Feature, at: str) -> float | None:
    row = at_instants(known, MARGIN, [moment(at)])
    found: float | None = build(known, row, [feature])[feature.name].item()
    return found


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    return told().known(tmp_path_factory.mktemp("burn"))


def test_every_signal_of_the_risk_has_its_worked_value() -> None:
    assert set(SAYS) == set(MARGIN.features)


@pytest.mark.parametrize(("feature", "wanted"), SAYS.items(), ids=lambda one: getattr(one, "name", ""))
def test_a_signal_says(known: Known, feature: Feature, wanted: float) -> None:
    assert value(known, feature, TODAY) == pytest.approx(wanted, rel=1e-9)


def test_before_the_first_report_the_rule_knows_the_plan_alone(known: Known) -> None:
    assert value(known, project_burn.project_forecast_fall, "2025-03-30") == 0
    assert value(known, project_burn.project_cost_performance, "2025-03-30") is None


@pytest.mark.parametrize(("method", "fall"), [("milestone", 0.1), ("retainer", 0.1), ("time", 0.0)])
def test_what_is_said_to_remain_costs_where_the_price_does_not_grow(tmp_path: Path, method: str, fall: float) -> None:
    known = told().correct("project", "j", recorded="2025-04-01", billing_method=method).known(tmp_path)
    assert value(known, project_burn.project_remaining_fall, TODAY) == pytest.approx(fall)
    assert value(known, project_burn.project_by_the_hour, TODAY) == (method == "time")
    assert value(known, project_burn.project_remaining_fall, "2025-03-30") == 0


def test_a_corrected_entry_counts_once(tmp_path: Path) -> None:
    corrected = told().correct("time_entry", "w-2025-03-13", recorded="2025-04-29", minutes=1200)
    known = corrected.known(tmp_path)
    assert value(known, project_burn.project_burn, "2025-04-28") == pytest.approx(3900 / 6000)
    assert value(known, project_burn.project_burn, TODAY) == pytest.approx(4550 / 6000)


def test_time_in_another_currency_is_turned_into_the_projects(tmp_path: Path) -> None:
    ledger = told().rate("EUR", "GBP", "0.5", on="2025-01-01")
    ledger.time("w", date(2025, 4, 29), entered=moment("2025-04-29T18:00"), minutes=600, project_id="j", cost_per_hour=65, currency="GBP")
    # The first entry has no cost and counts with the mean of the other six.
    assert value(ledger.known(tmp_path), project_burn.project_burn, TODAY) == pytest.approx((5 * 650 + 1300) * (70 / 60) / 6000)


def test_a_project_is_at_risk_from_its_first_day_with_a_plan_until_it_is_closed(tmp_path: Path) -> None:
    ledger = told().correct("project", "j", recorded="2025-05-10", closed_on="2025-05-08")
    known = ledger.delete("project_budget", "j-2", recorded="2025-05-01").known(tmp_path)
    spans = known.derived(burn.running).frame.select(pl.col(ENTER).min(), pl.col(LEAVE).max(), pl.col("stake").first()).collect()
    assert spans.row(0) == (micros(moment("2025-03-01")), micros(moment("2025-05-10")), 500 * 10_000)


def test_of_two_reports_of_one_day_one_leads_whatever_the_order(tmp_path: Path) -> None:
    ledger = told().row(
        "project_status",
        "2025-04-29",
        {"status_id": "z", "project_id": "j", "reported_on": "2025-04-28", "percent_complete": 30},
    )
    known = ledger.delete("project_status", "z", recorded="2025-05-02").known(tmp_path)
    assert value(known, project_burn.project_complete, TODAY) == pytest.approx(0.3)
    assert value(known, project_burn.project_complete, "2025-05-02") == pytest.approx(0.4)
