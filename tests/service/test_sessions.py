"""Browser sessions: a cookie that cannot be made up, forms that cannot be forged, sign-out that holds."""

import re
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy.engine import Engine
from starlette.testclient import TestClient

from service.auth import Role, revoke_token
from service.database import writing
from service.serving import signing_key
from service.sessions import landing

HTML = {"Accept": "text/html"}


def csrf_of(api: TestClient, path: str = "/sign-in") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', api.get(path, headers=HTML).text)
    assert found
    return found[1]


@pytest.fixture
def token(bearer: Callable[[Role], dict[str, str]]) -> str:
    return bearer(Role.COLLECTOR)["Authorization"].removeprefix("Bearer ")


@pytest.fixture
def signed_in(api: TestClient, token: str) -> TestClient:
    answer = api.post("/sign-in", data={"csrf_token": csrf_of(api), "token": token}, follow_redirects=False)
    assert answer.status_code == 303
    return api


def may_enter(api: TestClient) -> bool:
    answer = api.get("/collections", headers=HTML, follow_redirects=False)
    assert answer.status_code in {200, 303}
    return answer.status_code == 200


def test_a_page_sends_a_stranger_to_sign_in_and_back(api: TestClient, token: str) -> None:
    sent = api.get("/collections?sort=due_on", headers=HTML, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=%2Fcollections%3Fsort%3Ddue_on")
    form = {"csrf_token": csrf_of(api), "token": token, "next": "/collections?sort=due_on"}
    back = api.post("/sign-in", data=form, follow_redirects=False)
    assert (back.status_code, back.headers["location"]) == (303, "/collections?sort=due_on")
    assert may_enter(api)


def test_a_fragment_sends_the_whole_page_to_sign_in(api: TestClient) -> None:
    answer = api.get("/collections", headers={**HTML, "HX-Request": "true"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in")


def test_the_cookie_is_for_this_site_and_not_for_scripts(api: TestClient, token: str) -> None:
    answer = api.post("/sign-in", data={"csrf_token": csrf_of(api), "token": token}, follow_redirects=False)
    attributes = {part.strip().partition("=")[0].lower() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert attributes == {"httponly", "max-age", "path", "samesite"}


def test_over_https_the_cookie_is_bound_to_host_and_encryption(app: FastAPI, token: str) -> None:
    with TestClient(app, base_url="https://testserver") as secure:
        answer = secure.post("/sign-in", data={"csrf_token": csrf_of(secure), "token": token}, follow_redirects=False)
    assert answer.headers["set-cookie"].startswith("__Host-plumbline=")
    assert "Secure" in answer.headers["set-cookie"]


def test_sign_in_makes_a_new_session(api: TestClient, token: str) -> None:
    form = {"csrf_token": csrf_of(api), "token": token}
    planted = api.cookies["plumbline"]
    api.post("/sign-in", data=form, follow_redirects=False)
    assert api.cookies["plumbline"] != planted
    api.cookies.clear()
    api.cookies.clear()
    api.cookies.set("plumbline", planted)
    assert not may_enter(api)


@pytest.mark.parametrize("wrong", ["", "x", "plumbline_0_0"])
def test_a_wrong_token_does_not_sign_in(api: TestClient, wrong: str) -> None:
    answer = api.post("/sign-in", data={"csrf_token": csrf_of(api), "token": wrong}, headers=HTML, follow_redirects=False)
    assert answer.status_code == 401
    assert not may_enter(api)


def test_signing_out_holds_for_a_cookie_that_was_kept(signed_in: TestClient) -> None:
    assert may_enter(signed_in)
    kept = signed_in.cookies["plumbline"]
    form = {"csrf_token": csrf_of(signed_in, "/collections")}
    assert signed_in.post("/sign-out", data=form, follow_redirects=False).status_code == 303
    assert not may_enter(signed_in)
    signed_in.cookies.clear()
    signed_in.cookies.clear()
    signed_in.cookies.set("plumbline", kept)
    assert not may_enter(signed_in)


def test_revoking_the_token_ends_its_sessions(signed_in: TestClient, store: Engine, token: str, now: datetime) -> None:
    with writing(store) as session:
        revoke_token(session, token.split("_")[1], now=now)
    assert not may_enter(signed_in)


@pytest.mark.parametrize(
    "spoil",
    [lambda cookie: cookie[:-1], lambda cookie: "A" + cookie[1:], lambda _: "x", lambda _: "é"],
    ids=["cut", "changed", "short", "foreign"],
)
def test_a_cookie_that_was_changed_is_worth_nothing(signed_in: TestClient, spoil: Callable[[str], str]) -> None:
    cookie = signed_in.cookies["plumbline"]
    signed_in.cookies.clear()
    answer = signed_in.get("/collections", headers=[(b"cookie", b"plumbline=" + spoil(cookie).encode())], follow_redirects=False)
    assert answer.status_code == 303


POSTS = ["/sign-in", "/sign-out", "/display", "/collections/decisions", "/billing/decisions"]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("given", [None, "", "x", "é", "of another browser"])
def test_a_forged_form_is_refused(app: FastAPI, signed_in: TestClient, path: str, given: str | None) -> None:
    if given == "of another browser":
        with TestClient(app) as other:
            given = csrf_of(other)
    answer = signed_in.post(path, data={} if given is None else {"csrf_token": given}, follow_redirects=False)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forged-form")


def test_a_script_of_the_page_may_send_the_token_as_a_header(signed_in: TestClient) -> None:
    headers = {"X-CSRF-Token": csrf_of(signed_in, "/collections")}
    assert signed_in.post("/sign-out", headers=headers, follow_redirects=False).status_code == 303


def test_the_token_of_a_form_is_never_the_same_text_twice(signed_in: TestClient) -> None:
    assert csrf_of(signed_in, "/collections") != csrf_of(signed_in, "/collections")


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("/collections?x=1", "/collections?x=1"),
        ("", "/"),
        ("//elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("https://elsewhere.example", "/"),
        ("javascript:void(0)", "/"),
        ("/a\nSet-Cookie: x", "/"),
    ],
)
def test_sign_in_never_leads_elsewhere(address: str, leads_to: str) -> None:
    assert landing(address) == leads_to


def test_the_signing_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    key = signing_key(tmp_path / "home")
    assert (len(key), signing_key(tmp_path / "home")) == (32, key)
    kept = list((tmp_path / "home").iterdir())
    assert [path.name for path in kept] == ["secret"]
    assert stat.S_IMODE(kept[0].stat().st_mode) == 0o600


def test_a_cookie_signed_with_another_key_is_worth_nothing(app: FastAPI, signed_in: TestClient) -> None:
    app.state.serving = replace(app.state.serving, key=b"x" * 32)
    assert not may_enter(signed_in)


def test_a_session_ends_after_its_hours(app: FastAPI, signed_in: TestClient) -> None:
    running = app.state.serving
    app.state.serving = replace(running, settings=replace(running.settings, session_hours=-1))
    assert timedelta(hours=running.settings.session_hours) > timedelta(0)
    assert not may_enter(signed_in)
