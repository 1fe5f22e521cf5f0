"""Every operation in every role, called for real; and nothing that could be read as posting."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy.engine import Engine
from starlette.routing import Mount
from starlette.testclient import TestClient

from models.finding import Finding, ScoringRun
from service.auth import Role, issue_token, revoke_token
from service.database import writing
from service.permissions import PERMISSIONS, PUBLIC, SEES
from service.publishing import publish

Bearer = Callable[[Role], dict[str, str]]
READ = {"GET", "HEAD"}
CHANGES = {
    ("POST", "/v1/recommendations/{id:path}/decisions"),
    ("POST", "/v1/accounts/{client_id:path}/contacts"),
    ("POST", "/v1/accounts/{client_id:path}/promises"),
    ("POST", "/collections/decisions"),
    ("POST", "/billing/decisions"),
    ("POST", "/delivery/decisions"),
    ("POST", "/collections/contacts"),
    ("POST", "/collections/promises"),
    ("POST", "/sign-in"),
    ("POST", "/sign-out"),
    ("POST", "/display"),
}
"""Deciding, logging contacts and promises, signing in and out, and how this browser shows the pages: nothing else changes anything."""
ASKS = {("POST", "/v1/drafts:check")}
"""What is asked with a body: it changes nothing (tests/service/test_drafts.py)."""
BODIES: dict[str, dict[str, object]] = {
    "decide_recommendation": {"verdict": "accept"},
    "log_contact": {"channel": "telephone", "outcome": "reached"},
    "log_promise": {"amount": {"amount": "10.00", "currency": "GBP"}, "promised_for_on": "2026-11-30"},
}
"""What is sent to each operation that writes."""
ASKED = {
    "buyer_identifier": "c",
    "invoice_currency_code": "EUR",
    "invoice_total_amount_without_vat": "1",
    "lines": [{"kind": "time", "invoice_line_net_amount": "1"}],
}
POSTING = ("post", "book", "pay", "send", "submit", "approve", "issue", "credit", "write", "journal", "invoice/", "sync", "push", "execute")


def routes(app: FastAPI) -> Iterator[tuple[str, str, str, bool]]:
    """Method, path, operation and whether it is of the API."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, Mount):
            yield "GET", str(context.path), str(context.name), False
            continue
        assert isinstance(context.original_route, APIRoute)
        for method in context.methods or ():
            yield method, str(context.path), str(context.name), str(context.path).startswith("/v1/")


def test_every_route_has_a_declared_permission(app: FastAPI) -> None:
    operations = {operation for _, _, operation, _ in routes(app)}
    assert operations == PERMISSIONS.keys() | PUBLIC, "a route without a line in service/permissions.py, or a line without a route"
    assert not PERMISSIONS.keys() & PUBLIC


def test_only_decisions_notes_and_sign_in_change_anything(app: FastAPI) -> None:
    assert {(method, path) for method, path, _, _ in routes(app) if method not in READ} == CHANGES | ASKS


def test_no_path_and_no_operation_reads_as_posting(app: FastAPI) -> None:
    for _, path, operation, _ in routes(app):
        assert not [word for word in POSTING if word in path.lower() or word in operation.split("_")], (path, operation)


def test_whoever_only_reads_changes_nothing() -> None:
    for operation in (*BODIES, "decide_collections", "decide_billing", "decide_delivery", "note_contact", "note_promise"):
        assert not PERMISSIONS[operation] & {Role.AUDITOR, Role.MODEL_STEWARD, Role.CONTROLLER, Role.ADMINISTRATOR}


def test_an_administrator_sees_no_business_data() -> None:
    assert not SEES[Role.ADMINISTRATOR]
    assert {operation for operation, roles in PERMISSIONS.items() if Role.ADMINISTRATOR in roles} == {"home_page", "take_sign_out"}


@pytest.fixture
def filled(store: Engine, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], now: datetime) -> None:
    """One recommendation in each queue."""
    with writing(store) as session:
        for role in ("collector", "billing_reviewer", "delivery_lead"):
            finding = new_finding("1", risk=f"of_{role}", owner_role=role, client_id=f"C-{role}")
            publish(session, new_run(role, risk=f"of_{role}"), findings=[finding], closures=[], now=now)


def call(api: TestClient, method: str, path: str, headers: dict[str, str], *, queue: str, operation: str) -> int:
    address = path.replace("{id:path}", f"of_{queue}:1:once").replace("{client_id:path}", f"C-{queue}")
    return api.request(method, address, json=ASKED if operation == "check_draft" else BODIES.get(operation), headers=headers).status_code


def is_there(path: str, queue: str, role: Role) -> bool:
    """Whether what the path names is there for the role: an account is a collector's."""
    return queue in SEES[role] and (queue == "collector" or "{client_id:path}" not in path)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("queue", ["collector", "billing_reviewer", "delivery_lead"])
def test_every_operation_in_every_role(app: FastAPI, api: TestClient, bearer: Bearer, role: Role, queue: str) -> None:
    called = 0
    for method, path, operation, of_api in routes(app):
        if not of_api:
            continue
        called += 1
        allowed = role in PERMISSIONS[operation]
        visible = "{" not in path or is_there(path, queue, role)
        # No records have been imported here, so a draft has nothing to be checked against.
        success = 503 if operation == "check_draft" else 201 if method == "POST" else 200
        expected = 403 if not allowed else success if visible else 404
        assert call(api, method, path, bearer(role), queue=queue, operation=operation) == expected, (operation, role)
    assert called == 13


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("role", list(Role))
def test_a_list_holds_what_the_role_may_see_alone(api: TestClient, bearer: Bearer, role: Role) -> None:
    answer = api.get("/v1/recommendations", headers=bearer(role))
    if role is Role.ADMINISTRATOR:
        assert answer.status_code == 403
        assert "takes the role auditor, billing_reviewer, collector, " in answer.json()["detail"]
        assert answer.json()["detail"].endswith("or model_steward; this token has the role administrator.")
    else:
        assert {item["owner_role"] for item in answer.json()["items"]} == SEES[role]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer garbage"},
        {"Authorization": "Bearer plumbline_000000000000_" + "A" * 43},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "garbage"},
    ],
    ids=str,
)
def test_without_a_valid_token_nothing_is_told(app: FastAPI, api: TestClient, headers: dict[str, str]) -> None:
    for method, path, operation, of_api in routes(app):
        if of_api:
            answer = api.request(method, f"{path}?unknown=1", json={"verdict": "accept"}, headers=headers)
            assert (answer.status_code, answer.json()["type"]) == (401, "/problems/not-signed-in"), operation
            assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_revoked_token_is_refused_at_its_next_request(app: FastAPI, api: TestClient, store: Engine, now: datetime) -> None:
    with writing(store) as session:
        token = issue_token(session, "Ama", role=Role.AUDITOR, now=now)
    headers = {"Authorization": f"Bearer {token}"}
    assert api.get("/v1/runs", headers=headers).status_code == 200
    with writing(store) as session:
        revoke_token(session, token.split("_")[1], now=now)
    for method, path, operation, of_api in routes(app):
        if of_api:
            assert api.request(method, path, json={"verdict": "accept"}, headers=headers).status_code == 401, operation


@pytest.mark.parametrize("role", list(Role))
def test_a_cookie_does_not_open_the_api(api: TestClient, bearer: Bearer, role: Role) -> None:
    api.cookies.set("plumbline", bearer(role)["Authorization"].removeprefix("Bearer "))
    assert api.get("/v1/runs").status_code == 401
