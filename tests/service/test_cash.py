"""The cash forecast over the API: of the scoring that the worklist shows, by client and currency."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.engine import Engine
from starlette.testclient import TestClient

from models.champion import Pointer, point
from models.finding import Finding, ScoringRun
from service.auth import Role
from service.database import writing
from service.publishing import publish

Bearer = Callable[[Role], dict[str, str]]


@pytest.fixture
def headers(
    store: Engine, bearer: Bearer, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], api: TestClient, now: datetime
) -> dict[str, str]:
    """A collector's, with two invoices of C/1 and one of C-2 open, whose dates begin on 1 December."""
    assert api.get("/healthz").status_code == 200
    open_now = [
        new_finding("1", client_id="C/1"),
        new_finding("2", client_id="C/1", stake="3000.00"),
        new_finding("3", client_id="C-2", currency="EUR"),
    ]
    with writing(store) as session:
        publish(session, new_run("r1"), findings=open_now, closures=[], now=now)
    return bearer(Role.COLLECTOR)


def asked(api: TestClient, headers: dict[str, str], **parameters: str | int) -> dict[str, Any]:
    answer = api.get("/v1/cash-forecast", params=parameters, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_week_holds_its_share_of_the_dates(api: TestClient, headers: dict[str, str]) -> None:
    found = asked(api, headers, client_id="C/1", weeks=3)
    (forecast,) = found["items"]
    assert found["as_of"] == "2026-11-24T00:00:00Z"
    assert forecast["owed"] == {"amount": "4000.00", "currency": "GBP"}
    assert [(week["begins_on"], week["ends_on"], week["expected"]["amount"]) for week in forecast["weeks"]] == [
        ("2026-11-24", "2026-11-30", "0.00"),
        ("2026-12-01", "2026-12-07", "1400.00"),
        ("2026-12-08", "2026-12-14", "1400.00"),
    ]
    assert forecast["later"]["amount"] == "1200.00"
    assert [one["share"] for one in forecast["weeks"][1]["ranges"]] == [0.5, 0.8, 0.95]


def test_all_clients_by_currency(api: TestClient, headers: dict[str, str]) -> None:
    found = asked(api, headers)
    assert [(one["currency"], one["owed"]["amount"], len(one["weeks"])) for one in found["items"]] == [
        ("GBP", "4000.00", 13),
        ("EUR", "1000.00", 13),
    ]


@pytest.mark.usefixtures("headers")
def test_only_who_sees_accounts_is_told(api: TestClient, bearer: Bearer) -> None:
    assert asked(api, bearer(Role.AUDITOR))["items"]
    for role in (Role.BILLING_REVIEWER, Role.ADMINISTRATOR):
        assert api.get("/v1/cash-forecast", headers=bearer(role)).status_code == 403


def test_an_unknown_client_is_not_found_and_weeks_have_bounds(api: TestClient, headers: dict[str, str]) -> None:
    assert api.get("/v1/cash-forecast", params={"client_id": "nobody"}, headers=headers).status_code == 404
    for weeks in (0, 53):
        assert api.get("/v1/cash-forecast", params={"weeks": weeks}, headers=headers).status_code in {400, 422}


def test_before_the_first_scoring_there_is_none(api: TestClient, bearer: Bearer) -> None:
    assert asked(api, bearer(Role.COLLECTOR)) == {"as_of": None, "items": []}


def test_the_ranges_are_as_wide_as_the_model_of_the_run_was_seen_to_need(
    api: TestClient, app: FastAPI, headers: dict[str, str], new_run: Callable[..., ScoringRun]
) -> None:
    plain = asked(api, headers, client_id="C/1")
    home: Path = app.state.serving.settings.home
    together = {"client": 0.9, "firm": 0.0, "width": 1.0}
    run = new_run("r1")
    told = ("risk", "version", "folder", "trained_at", "as_of", "withheld", "run_id")
    fields: dict[str, Any] = dict.fromkeys(told, "") | {"features": [], "metrics": {}, "rule": {}}
    pointer = Pointer(**{**fields, "risk": "collections", "digest": run.model_digest, "cash_spread": together})
    point(home / "models", "champion", pointer)
    wide = asked(api, headers, client_id="C/1")
    assert json.dumps(wide) != json.dumps(plain)
    high = [found["items"][0]["weeks"][1]["ranges"][1]["high"]["amount"] for found in (plain, wide)]
    assert float(high[1]) >= float(high[0])
