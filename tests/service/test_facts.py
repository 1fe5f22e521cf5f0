"""What has already happened on the worklist: a fact beside likelihoods, and never one of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from starlette.testclient import TestClient

from models.finding import Finding, Reason, ScoringRun
from service.auth import Role
from service.database import writing
from service.publishing import publish
from service.words import HAPPENED
from tests.service.pages.house import House

TOLD = "It fell due on 5 Nov 2026, and GBP 1,000.00 is still owed."


@pytest.fixture
def fact(new_finding: Callable[..., Finding]) -> Finding:
    plain = new_finding("1", title="19 days overdue: INV-1", probability=None, rule_probability=None)
    reason = Reason("happened", TOLD, raises=True, effect=0.0, seen="19 days", usual="")
    return replace(plain, happened=True, expected_loss=plain.stake_reporting, reasons=(reason,))


@pytest.mark.parametrize("withheld", ["", "Its calibration failed."])
def test_the_api_tells_a_fact_whatever_the_model_is_worth(
    api: TestClient,
    store: Engine,
    bearer: Callable[[Role], dict[str, str]],
    fact: Finding,
    new_finding: Callable[..., Finding],
    new_run: Callable[..., ScoringRun],
    withheld: str,
) -> None:
    run = new_run("r1", withheld=withheld)
    with writing(store) as session:
        publish(session, run, findings=[new_finding("2", probability=0.9), fact], closures=[], now=run.scored_at)
    first, second = api.get("/v1/recommendations", headers=bearer(Role.COLLECTOR)).json()["items"]
    assert (first["title"], first["happened"], first["probability"], first["withheld"]) == ("19 days overdue: INV-1", True, None, "")
    assert first["likelihood"] == {"words": HAPPENED.words, "about": HAPPENED.about}
    assert (first["top_reason"], first["expected_loss"]["amount"]) == (TOLD, "1000.00")
    assert (second["happened"], second["withheld"]) == (False, withheld)
    why = api.get(f"/v1/recommendations/{first['id']}/explanation", headers=bearer(Role.COLLECTOR)).json()
    assert [one["text"] for one in why["reasons"]] == [TOLD]
    assert why["rule_probability"] is None


def test_the_pages_show_a_fact_and_no_likelihood(tmp_path: Path, fact: Finding, new_run: Callable[..., ScoringRun]) -> None:
    house = House.build(tmp_path)
    house.publish(new_run("r1"), [fact])
    client = house.client(Role.COLLECTOR)
    listed = client.get("/collections").text
    assert f"{HAPPENED.words}<small>{HAPPENED.about}</small>" in listed
    page = client.get("/collections/accounts/C-1").text
    assert "19 days overdue: INV-1" in page
    assert '<span class="tag">Fact</span>' in page
    assert "a fact, and no likelihood" in page
    assert "<dt>Likelihood</dt>" not in page
    for text in (listed, page):
        assert " in 10" not in text
        assert "not sure" not in text
    assert "Effect in log-odds" not in page
    assert "The simple rule says" not in page


def test_a_likelihood_that_became_a_fact_keeps_its_history(
    tmp_path: Path, fact: Finding, new_finding: Callable[..., Finding], new_run: Callable[..., ScoringRun]
) -> None:
    house = House.build(tmp_path)
    first = new_run("r0")
    before = replace(first, as_of=first.as_of - timedelta(days=1), scored_at=first.scored_at - timedelta(days=1))
    house.publish(before, [new_finding("1", probability=0.8)])
    house.publish(new_run("r1"), [fact])
    page = house.client(Role.COLLECTOR).get("/collections/accounts/C-1").text
    scores = page[page.index("2 scores") :]
    assert scores.index("has happened · as the records show") < scores.index("likely · about 8 in 10")
