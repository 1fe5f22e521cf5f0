"""The API as a program meets it: lists, decisions, and one shape for every refusal."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from sqlalchemy.engine import Engine
from starlette.testclient import TestClient
from starlette.types import Message

from models.finding import Finding, ScoringRun
from service.auth import Role
from service.database import writing
from service.publishing import publish
from service.tables import Base

Bearer = Callable[[Role], dict[str, str]]
PATH = "/v1/recommendations/collections:INV%2F1:once"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def filled(
    api: TestClient,
    store: Engine,
    bearer: Bearer,
    new_run: Callable[..., ScoringRun],
    new_finding: Callable[..., Finding],
    now: datetime,
) -> TestClient:
    """Three recommendations, asked for by a collector; the second one's key has a slash."""
    findings = [new_finding("3", stake="300.00"), new_finding("INV/1", stake="200.50", currency="EUR"), new_finding("2")]
    with writing(store) as session:
        publish(session, new_run("r1"), findings=findings, closures=[], now=now)
    api.headers.update(bearer(Role.COLLECTOR))
    return api


def test_a_list_is_paged(filled: TestClient) -> None:
    first = filled.get("/v1/recommendations", params={"limit": 2}).json()
    second = filled.get("/v1/recommendations", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [item["entity_id"] for item in (*first["items"], *second["items"])] == ["2", "3", "INV/1"]
    assert second["next_cursor"] is None
    assert len(filled.get("/v1/recommendations?limit=100000").json()["items"]) == 3


def test_money_is_text_with_its_currency(filled: TestClient) -> None:
    item = filled.get("/v1/recommendations", params={"currency": "EUR"}).json()["items"][0]
    assert item["at_stake"] == {"amount": "200.50", "currency": "EUR"}
    assert item["expected_loss"] == {"amount": "50.12", "currency": "GBP"}
    assert item["likelihood"] == {"words": "about as likely as not", "about": "about 5 in 10"}
    assert item["as_of"] == "2026-11-24T00:00:00Z"


def test_one_recommendation_with_all_that_is_known(filled: TestClient) -> None:
    answer = filled.get(PATH)
    assert answer.headers["etag"] == answer.json()["recommendation"]["etag"] == '"1.open"'
    assert answer.json()["explanation"] == filled.get(f"{PATH}/explanation").json()
    assert [reason["raises"] for reason in answer.json()["explanation"]["reasons"]] == [True, False]
    assert [score["run_id"] for score in answer.json()["scores"]] == ["r1"]


def test_what_is_provisional_says_so_in_list_and_explanation(
    filled: TestClient, store: Engine, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], now: datetime
) -> None:
    said = "Provisional: learned from simulated firms, 14 own outcomes so far."
    with writing(store) as session:
        later = new_run("r2", scored_at=now + timedelta(hours=1))
        publish(
            session, later, findings=[replace(new_finding("INV/1"), provisional=True, caveat=said), new_finding("2")], closures=[], now=now
        )
    assert {item["entity_id"]: item["provisional"] for item in filled.get("/v1/recommendations").json()["items"]} == {
        "INV/1": True,
        "2": False,
    }
    assert filled.get(f"{PATH}/explanation").json()["caveat"] == said
    assert filled.get("/v1/recommendations/collections:2:once/explanation").json()["caveat"] == ""


def test_a_decision_and_its_undoing(filled: TestClient) -> None:
    body = {"verdict": "dismiss", "reason": "client_agreed", "note": "By mail."}
    made = filled.post(f"{PATH}/decisions", json=body, headers={"If-Match": '"1.open"'})
    assert (made.status_code, made.json()["status"], made.headers["etag"]) == (201, "dismissed", '"2.dismissed"')
    assert filled.get(PATH).json()["events"][0]["note"] == "By mail."
    assert filled.post(f"{PATH}/decisions", json={"verdict": "reopen"}).json()["status"] == "open"


def test_a_snooze_comes_back(filled: TestClient, moment: list[datetime]) -> None:
    until = (moment[0] + timedelta(days=2)).isoformat()
    assert filled.post(f"{PATH}/decisions", json={"verdict": "snooze", "until": until}).json()["status"] == "snoozed"
    assert len(filled.get("/v1/recommendations?status=snoozed").json()["items"]) == 1
    moment[0] += timedelta(days=2)
    assert len(filled.get("/v1/recommendations?status=open").json()["items"]) == 3


def test_a_decision_sent_again_counts_once(filled: TestClient) -> None:
    again = {"json": {"verdict": "accept"}, "headers": {"Idempotency-Key": "k-1", "If-Match": '"1.open"'}}
    first, second = (filled.post(f"{PATH}/decisions", **again) for _ in range(2))  # type: ignore[arg-type]  # httpx's own words
    assert (first.status_code, first.content, first.headers["etag"]) == (second.status_code, second.content, second.headers["etag"])
    assert ("idempotency-replayed" in first.headers, second.headers["idempotency-replayed"]) == (False, "true")
    assert len(filled.get(PATH).json()["events"]) == 1
    other = filled.post(f"{PATH}/decisions", json={"verdict": "reopen"}, headers={"Idempotency-Key": "k-1"})
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


def test_a_refused_decision_may_be_sent_again_with_its_key(filled: TestClient) -> None:
    key = {"Idempotency-Key": "k-2"}
    assert filled.post(f"{PATH}/decisions", json={"verdict": "dismiss"}, headers=key).status_code == 422
    body = {"verdict": "dismiss", "reason": "already_fixed"}
    assert filled.post(f"{PATH}/decisions", json=body, headers=key).status_code == 201


REFUSED = [
    ("GET", "/v1/recommendations?limt=5", {}, 422, "invalid"),
    ("GET", "/v1/recommendations?limit=0", {}, 422, "invalid"),
    ("GET", "/v1/recommendations?status=lost", {}, 422, "invalid"),
    ("GET", "/v1/recommendations?min_at_risk=NaN", {}, 422, "invalid"),
    ("GET", "/v1/recommendations?min_at_risk=1e30", {}, 422, "invalid"),
    ("GET", "/v1/recommendations?min_at_risk=-1", {}, 422, "invalid"),
    ("GET", "/v1/recommendations?search=a%00b", {}, 422, "invalid"),
    ("GET", f"/v1/recommendations?client_id={'x' * 201}", {}, 422, "invalid"),
    ("GET", "/v1/recommendations?cursor=x", {}, 400, "bad-cursor"),
    ("GET", "/v1/runs?cursor=x", {}, 400, "bad-cursor"),
    ("GET", "/v1/runs?x=1", {}, 422, "invalid"),
    ("GET", "/v1/models?x=1", {}, 422, "invalid"),
    ("GET", "/healthz?x=1", {}, 422, "invalid"),
    ("GET", "/v1/recommendations/none", {}, 404, "not-found"),
    ("GET", "/v1/recommendations/a%00b", {}, 404, "not-found"),
    ("GET", f"/v1/recommendations/{'9' * 20_000}", {}, 404, "not-found"),
    ("GET", f"/v1/recommendations/{2**64}/explanation", {}, 404, "not-found"),
    ("GET", "/v1/none", {}, 404, "not-found"),
    ("GET", "/problems/none", {}, 404, "not-found"),
    ("DELETE", "/v1/recommendations", {}, 405, "method-not-allowed"),
    ("PUT", PATH, {}, 405, "method-not-allowed"),
    ("POST", "/v1/recommendations/none/decisions", {"json": {"verdict": "accept"}}, 404, "not-found"),
    ("POST", f"{PATH}/decisions", {"json": {"verdict": "accept"}, "headers": {"If-Match": '"0.open"'}}, 412, "changed"),
    ("POST", f"{PATH}/decisions", {"json": {"verdict": "reopen"}}, 409, "not-possible"),
    ("POST", f"{PATH}/decisions", {"json": {"verdict": "close"}}, 422, "invalid"),
    ("POST", f"{PATH}/decisions", {"json": {"verdict": "dismiss"}}, 422, "invalid"),
    ("POST", f"{PATH}/decisions", {"json": {"verdict": "accept", "amount": 5}}, 422, "invalid"),
    ("POST", f"{PATH}/decisions", {"json": {"verdict": "snooze", "until": "2026-12-01T09:00:00"}}, 422, "invalid"),
    ("POST", f"{PATH}/decisions", {"json": {"verdict": "snooze", "until": "9999-12-31T23:59:59-12:00"}}, 422, "invalid"),
    ("POST", f"{PATH}/decisions", {"content": rb'{"verdict":"accept","note":"\u0000"}', "headers": JSON}, 422, "invalid"),
    ("POST", f"{PATH}/decisions", {"content": rb'{"verdict":"accept","note":"\ud800"}', "headers": JSON}, 422, "invalid"),
    ("POST", f"{PATH}/decisions", {"json": {"verdict": "accept"}, "headers": {"Idempotency-Key": "x" * 256}}, 400, "bad-request"),
    ("POST", f"{PATH}/decisions", {"content": b"{", "headers": JSON}, 422, "invalid"),
    ("POST", f"{PATH}/decisions", {"content": b"", "headers": JSON}, 422, "invalid"),
    ("POST", f"{PATH}/decisions", {"content": b'{"verdict":"\xff"}', "headers": JSON}, 400, "bad-request"),
    ("POST", f"{PATH}/decisions", {"content": b"[" * 60_000, "headers": JSON}, 400, "bad-request"),
    ("POST", f"{PATH}/decisions", {"content": b"{}" * 600_000, "headers": JSON}, 413, "too-large"),
    ("GET", "/v1/runs", {"content": b"x" * 1_100_000}, 413, "too-large"),
]


@pytest.mark.parametrize(("method", "path", "sent", "status", "slug"), REFUSED, ids=[f"{n}" for n in range(len(REFUSED))])
def test_every_refusal_has_one_shape(filled: TestClient, method: str, path: str, sent: dict[str, object], status: int, slug: str) -> None:
    answer = filled.request(method, path, **sent)  # type: ignore[arg-type]  # httpx's own words
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert (problem["type"], problem["status"]) == (f"/problems/{slug}", status)
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert set(problem) == {"type", "title", "status", "detail", "instance", "request_id", "errors"}
    assert bool(problem["errors"]) == (slug == "invalid")
    explained = filled.get(problem["type"]).json()
    assert (explained["type"], explained["title"]) == (problem["type"], problem["title"])


def test_a_body_in_pieces_is_measured_too(filled: TestClient) -> None:
    def pieces() -> Iterator[bytes]:
        yield from (b" " * 10_000 for _ in range(110))

    answer = filled.post(f"{PATH}/decisions", content=pieces(), headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


def test_a_failure_tells_nothing_of_the_inside(filled: TestClient, store: Engine) -> None:
    with writing(store) as session:
        Base.metadata.drop_all(session.connection())
    answer = filled.get("/v1/recommendations")
    assert answer.status_code in {500, 503}
    assert answer.headers["content-type"] == "application/problem+json"
    assert "no such table" not in answer.text
    assert "access_token" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("path", ["/healthz", "/v1/recommendations", "/sign-in", "/docs", "/none"])
def test_every_answer_carries_the_rules_for_the_browser(filled: TestClient, path: str) -> None:
    headers = filled.get(path).headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")
    assert headers["cache-control"] == "no-store"


def test_runs_are_paged_newest_first(filled: TestClient, store: Engine, new_run: Callable[..., ScoringRun], now: datetime) -> None:
    with writing(store) as session:
        for number in range(2, 5):
            published = now + timedelta(hours=number // 2)
            publish(session, new_run(f"r{number}", risk="dispute"), findings=[], closures=[], now=published)
    first = filled.get("/v1/runs?limit=2").json()
    second = filled.get("/v1/runs", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    runs = [*first["items"], *second["items"]]
    assert [run["id"] for run in runs] == ["r4", "r2", "r3", "r1"]
    assert [run["is_current"] for run in runs] == [True, False, False, True]
    assert runs[3]["lake_versions"] == {"invoice": 4}


def test_models_are_what_training_wrote(app: FastAPI, filled: TestClient) -> None:
    assert filled.get("/v1/models").json() == {"items": []}
    folder: Path = app.state.serving.settings.home / "models"
    pointer = {
        "risk": "collections",
        "version": "3",
        "digest": "9f3c",
        "trained_at": "2026-11-20T05:00:00+00:00",
        "as_of": "2026-11-01T00:00:00+00:00",
        "metrics": {"late": {"auc": 0.88}},
        "rule": {"late": {"auc": 0.87}},
        "features": ["client_late_rate"],
        "withheld": "",
        "run_id": "not shown",
    }
    for risk in ("collections", "dispute", "margin"):
        (folder / risk).mkdir(parents=True)
    kept = {"outcomes": {"late": 14}, "caveats": {"late": "Provisional: learned from simulated firms, 14 own outcomes so far."}}
    (folder / "collections" / "champion.json").write_text(json.dumps(pointer | kept))
    (folder / "dispute" / "challenger.json").write_text(json.dumps(pointer | {"risk": "dispute"}))
    (folder / "margin" / "champion.json").write_text("{")
    items = filled.get("/v1/models").json()["items"]
    assert [(item["risk"], item["standing"]) for item in items] == [("collections", "champion"), ("dispute", "challenger")]
    assert items[0]["metrics"] == {"late": {"auc": 0.88}}
    assert "run_id" not in items[0]
    assert {name: items[0][name] for name in kept} == kept
    assert (items[1]["outcomes"], items[1]["caveats"]) == ({}, {}), "trained before this was kept"


@pytest.mark.parametrize(
    "path",
    [
        b"/v1/recommendations/collections%3AINV%252F1%3Aonce",
        b"/v1/recommendations/collections:INV%2F1:once",
        PATH.replace("%2F", "/").encode(),
    ],
    ids=["encoded twice", "once", "not at all"],
)
def test_a_key_with_a_slash_is_found_however_it_is_encoded(filled: TestClient, app: FastAPI, path: bytes) -> None:
    """As a server decodes it: once. The test client decodes twice."""
    answers: list[Message] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": unquote(path.decode()),
        "raw_path": path,
        "query_string": b"",
        "headers": [(b"authorization", filled.headers["authorization"].encode())],
        "server": ("testserver", 80),
        "scheme": "http",
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        answers.append(message)

    with start_blocking_portal() as portal:
        portal.call(app, scope, receive, send)
    assert answers[0]["status"] == 200
