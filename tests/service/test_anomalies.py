"""An anomaly on the worklist: unusual by its rank, beside likelihoods and never one of them."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from starlette.testclient import TestClient

from models.finding import Finding, Reason, ScoringRun
from service.auth import Role
from service.database import writing
from service.publishing import publish
from service.words import UNUSUAL, unusual
from tests.service.pages.house import House

TOLD = "9 h 00 on one entry; this person on this project: 0 h 30 to 4 h 00 in 46 entries."


@pytest.fixture
def anomaly(new_finding: Callable[..., Finding]) -> Finding:
    plain = new_finding("T-1", risk="anomaly", owner_role="billing_reviewer", probability=None, rule_probability=None, due_on=None)
    return replace(
        plain,
        kind="anomaly",
        entity_type="time_entry",
        period="2026-11-20",
        title="Unusual time on Atlas: 9 h 00",
        reasons=(Reason("long_time", TOLD, raises=True, effect=8.1, seen="9 h 00", usual="0 h 30 to 4 h 00"),),
        unusualness=0.0003,
    )


@pytest.fixture
def run(new_run: Callable[..., ScoringRun]) -> ScoringRun:
    return new_run("r1", risk="anomaly")


def test_the_api_gives_a_rank_and_no_likelihood(
    api: TestClient, store: Engine, bearer: Callable[[Role], dict[str, str]], anomaly: Finding, run: ScoringRun
) -> None:
    with writing(store) as session:
        publish(session, run, findings=[anomaly], closures=[], now=run.scored_at)
    [item] = api.get("/v1/recommendations", headers=bearer(Role.BILLING_REVIEWER)).json()["items"]
    assert (item["kind"], item["unusualness"]) == ("anomaly", 0.0003)
    assert item["probability"] is None
    assert item["likelihood"] is None
    assert item["id"] == "anomaly:T-1:2026-11-20"
    assert item["top_reason"] == TOLD


def test_the_pages_call_it_unusual(tmp_path: Path, anomaly: Finding, run: ScoringRun) -> None:
    house = House.build(tmp_path)
    house.publish(run, [anomaly])
    client = house.client(Role.BILLING_REVIEWER)
    listed = client.get("/billing?view=unbilled").text
    assert f"{UNUSUAL}<small>rank: top 0.03 %</small>" in listed
    assert "Expected loss" not in listed
    assert re.search(r"Ranked by\s*<small>expected loss, or amount</small>", listed)
    assert "<small>amount, no expected loss</small>" in listed
    [row] = csv.DictReader(io.StringIO(client.get("/billing/export.csv?view=unbilled").text))
    assert (row["expected_loss"], row["at_stake_reporting"]) == ("", "1000.00")
    page = client.get("/billing/invoices/T-1?record=anomaly%3AT-1%3A2026-11-20").text
    assert "How unusual" in page
    assert TOLD in page
    assert "is a rank, not a likelihood" in page
    assert "Effect in log-odds" not in page
    for text in (listed, page):
        assert "not sure" not in text
        assert "in 10<" not in text


def test_the_line_of_an_anomaly_leads_to_its_own_page(tmp_path: Path, anomaly: Finding, run: ScoringRun) -> None:
    house = House.build(tmp_path)
    house.publish(run, [anomaly])
    assert (
        "/billing/invoices/T-1?record=anomaly%3AT-1%3A2026-11-20" in house.client(Role.BILLING_REVIEWER).get("/billing?view=unbilled").text
    )


def test_it_is_none_of_a_collector_s(tmp_path: Path, anomaly: Finding, run: ScoringRun) -> None:
    house = House.build(tmp_path)
    house.publish(run, [anomaly])
    assert TOLD not in house.client(Role.COLLECTOR).get("/collections").text


@pytest.mark.parametrize(("share", "says"), [(0.01, "rank: top 1 %"), (0.0003, "rank: top 0.03 %"), (1e-12, "rank: top 0.001 %")])
def test_a_rank_is_said_as_one(share: float, says: str) -> None:
    assert unusual(share).about == says


def test_a_share_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="a share lies in"):
        unusual(1.5)
