"""Contacts and promises of an account over the API: logged once for each key, listed in pages, refused with reasons."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy.engine import Engine
from starlette.testclient import TestClient

from models.finding import Finding, ScoringRun
from service.auth import Role
from service.database import writing
from service.publishing import publish

Bearer = Callable[[Role], dict[str, str]]
CONTACT = {"channel": "telephone", "outcome": "promised", "spoke_to": "A. Mensah", "next_step_on": "2026-11-27"}
PROMISE = {"amount": {"amount": "400.00", "currency": "GBP"}, "promised_for_on": "2026-11-30", "invoice_id": "1"}
BODIES: dict[str, dict[str, Any]] = {"contacts": CONTACT, "promises": PROMISE}


@pytest.fixture
def headers(
    store: Engine, bearer: Bearer, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], api: TestClient, now: datetime
) -> dict[str, str]:
    """A collector's, with one invoice of C/1 open."""
    assert api.get("/healthz").status_code == 200
    with writing(store) as session:
        publish(session, new_run("r1"), findings=[new_finding("1", client_id="C/1")], closures=[], now=now)
    return bearer(Role.COLLECTOR)


def post(api: TestClient, what: str, headers: dict[str, str], body: dict[str, Any] | None = None) -> Response:
    return api.post(f"/v1/accounts/C%2F1/{what}", json=body or BODIES[what], headers=headers)


def test_a_contact_is_logged_and_listed(api: TestClient, headers: dict[str, str], bearer: Bearer) -> None:
    logged = post(api, "contacts", headers)
    assert logged.status_code == 201
    assert logged.json() | {"id": 0} == {
        **CONTACT,
        "id": 0,
        "client_id": "C/1",
        "note": "",
        "logged_by": "Test collector",
        "logged_at": "2026-11-24T06:00:00Z",
    }
    listed = api.get("/v1/accounts/C%2F1/contacts", headers=bearer(Role.AUDITOR)).json()
    assert listed == {"items": [logged.json()], "next_cursor": None}


def test_a_promise_is_logged_and_counts_for_its_recommendation(api: TestClient, headers: dict[str, str], bearer: Bearer) -> None:
    logged = post(api, "promises", headers).json()
    assert (logged["state"], logged["paid"], logged["made_on"]) == ("open", {"amount": "0.00", "currency": "GBP"}, "2026-11-24")
    assert api.get("/v1/accounts/C%2F1/promises", headers=bearer(Role.AUDITOR)).json()["items"] == [logged]
    (found,) = api.get("/v1/recommendations?mark=promise_due", headers=headers).json()["items"]
    assert (found["promise_state"], found["promised_for_on"], found["promised"]["amount"]) == ("open", "2026-11-30", "400.00")
    assert api.get("/v1/recommendations?mark=disputed", headers=headers).json()["items"] == []
    of_all = post(api, "promises", headers, {**PROMISE, "invoice_id": None}).json()
    assert of_all["invoice_id"] is None


@pytest.mark.parametrize("what", ["contacts", "promises"])
def test_a_request_that_is_sent_again_is_logged_once(api: TestClient, headers: dict[str, str], what: str) -> None:
    again = {**headers, "Idempotency-Key": "k1"}
    first, second = post(api, what, again), post(api, what, again)
    assert (first.status_code, second.status_code, second.content) == (201, 201, first.content)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(api.get(f"/v1/accounts/C%2F1/{what}", headers=headers).json()["items"]) == 1
    other = post(api, what, again, {**BODIES[what], "note": "other"})
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


@pytest.mark.parametrize("what", ["contacts", "promises"])
def test_lists_come_in_pages(api: TestClient, headers: dict[str, str], what: str) -> None:
    ids = [post(api, what, headers).json()["id"] for _ in range(3)]
    first = api.get(f"/v1/accounts/C%2F1/{what}?limit=2", headers=headers).json()
    rest = api.get(f"/v1/accounts/C%2F1/{what}", params={"limit": 2, "cursor": first["next_cursor"]}, headers=headers).json()
    assert [one["id"] for one in (*first["items"], *rest["items"])] == ids[::-1]
    assert rest["next_cursor"] is None
    foreign = api.get("/v1/runs", params={"cursor": first["next_cursor"]}, headers=headers)
    assert foreign.json()["type"] == "/problems/bad-cursor"


@pytest.mark.parametrize(
    ("what", "body", "pointer"),
    [
        ("contacts", {**CONTACT, "outcome": "disputed"}, "/body/note"),
        ("contacts", {**CONTACT, "next_step_on": "2026-11-23"}, "/body/next_step_on"),
        ("contacts", {**CONTACT, "channel": "pigeon"}, "/body/channel"),
        ("promises", {**PROMISE, "invoice_id": "2"}, "/body/invoice_id"),
        ("promises", {**PROMISE, "invoice_id": "\0"}, "/body/invoice_id"),
        ("promises", {**PROMISE, "amount": {"amount": "1", "currency": "USD"}}, "/body/amount/currency"),
        ("promises", {**PROMISE, "amount": {"amount": "0", "currency": "GBP"}}, "/body/amount/amount"),
        ("promises", {**PROMISE, "amount": {"amount": "9" * 400, "currency": "GBP"}}, "/body/amount/amount"),
    ],
)
def test_what_is_wrong_is_pointed_at(api: TestClient, headers: dict[str, str], what: str, body: dict[str, Any], pointer: str) -> None:
    refused = post(api, what, headers, body)
    assert (refused.status_code, [error["pointer"] for error in refused.json()["errors"]]) == (422, [pointer])
    assert api.get(f"/v1/accounts/C%2F1/{what}", headers=headers).json()["items"] == []


def test_an_account_that_is_not_there_is_not_found(api: TestClient, headers: dict[str, str]) -> None:
    for address in ("/v1/accounts/C-9/contacts", "/v1/accounts/%00/promises"):
        assert api.get(address, headers=headers).status_code == 404
    assert api.post("/v1/accounts/C-9/contacts", json=CONTACT, headers=headers).status_code == 404


def test_a_damaged_cursor_is_refused(api: TestClient, headers: dict[str, str]) -> None:
    assert api.get("/v1/accounts/C%2F1/contacts?cursor=x", headers=headers).status_code == 400
