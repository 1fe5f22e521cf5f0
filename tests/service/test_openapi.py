"""The document that programs read: complete, stable names, nothing from elsewhere on its page."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from service.app import create_app
from service.pages.render import STATIC
from service.permissions import PERMISSIONS
from service.settings import Settings


@pytest.fixture
def plain_app(tmp_path: Path) -> FastAPI:
    return create_app(Settings(home=tmp_path / "home"))


@pytest.fixture
def document(plain_app: FastAPI) -> dict[str, Any]:
    return plain_app.openapi()


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def test_operations_are_named_as_their_functions(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "/"}]
    assert {operation["operationId"] for operation in operations(document)} == {
        "list_recommendations",
        "read_recommendation",
        "explain_recommendation",
        "decide_recommendation",
        "list_contacts",
        "log_contact",
        "list_promises",
        "log_promise",
        "forecast_cash",
        "check_draft",
        "list_controls",
        "list_models",
        "list_runs",
        "healthz",
        "readyz",
    }


def test_every_field_is_described_with_an_example(document: dict[str, Any]) -> None:
    bare = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, own in schema.get("properties", {}).items()
        if not own.get("description") and "$ref" not in own and "items" not in own
    ]
    without_example = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, own in schema.get("properties", {}).items()
        if "examples" not in own and "$ref" not in str(own)
    ]
    assert (bare, without_example) == ([], [])


def test_every_parameter_is_described(document: dict[str, Any]) -> None:
    for operation in operations(document):
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), (operation["operationId"], parameter["name"])


def test_every_operation_says_who_may_call_it_and_how_it_refuses(document: dict[str, Any]) -> None:
    for operation in operations(document):
        roles = PERMISSIONS.get(operation["operationId"])
        assert ("Roles: " in operation["description"]) == (roles is not None)
        assert bool(operation.get("security")) == (roles is not None)
        if roles:
            assert {"401", "403", "413", "422", "500", "503"} <= operation["responses"].keys()
        for status, response in operation["responses"].items():
            assert set(response["content"]) == {"application/problem+json" if status >= "4" else "application/json"}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in set(re.findall(r"'\$ref': '#/components/schemas/(\w+)'", str(document))):
        assert reference in document["components"]["schemas"]


def test_the_page_loads_nothing_from_elsewhere(plain_app: FastAPI) -> None:
    with TestClient(plain_app) as client:
        page = client.get("/docs")
        links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert len(links) == 4
        for link in links:
            answer = client.get(link)
            assert (answer.status_code, link.startswith("/static/")) == (200, True)
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert client.get("/openapi.json").json() == plain_app.openapi()


def test_vendored_files_are_the_ones_that_were_checked() -> None:
    folder = STATIC / "vendor" / "swagger-ui"
    listed = dict(re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", (folder / "VENDOR.md").read_text(), re.MULTILINE))
    assert listed == {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("swagger-ui-bundle.js", "swagger-ui.css")}
