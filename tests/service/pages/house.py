"""The service as it runs for people: on a port of this machine, with a firm's findings, and a browser that watches itself."""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect
from starlette.testclient import TestClient

from models.finding import Closure, Finding, ScoringRun
from service.app import create_app
from service.auth import Role, issue_token
from service.database import upgrade, writing
from service.publishing import PublishReport, publish
from service.settings import Settings
from tests.service.pages.firm import NOW

STARTS_WITHIN_S = 30


@dataclass
class House:
    """The application over a database of its own."""

    app: FastAPI
    now: datetime = NOW

    @classmethod
    def build(cls, home: Path, *, capacity: int = 30) -> "House":
        home.mkdir(parents=True, exist_ok=True)
        house = cls(FastAPI())
        house.app = create_app(Settings(home=home, capacity=capacity), clock=lambda: house.now)
        upgrade(house.app.state.serving.engine)
        return house

    def publish(self, run: ScoringRun, findings: Sequence[Finding], *closures: Closure) -> PublishReport:
        with writing(self.app.state.serving.engine) as session:
            return publish(session, run, findings=findings, closures=closures, now=self.now)

    def token(self, role: Role, name: str = "Ada Okafor") -> str:
        with writing(self.app.state.serving.engine) as session:
            return issue_token(session, name, role=role, now=self.now)

    def client(self, role: Role, name: str = "Ada Okafor") -> TestClient:
        """Signed in, without a browser."""
        client = TestClient(self.app, headers={"Accept": "text/html"})
        form = {"csrf_token": csrf_of(client.get("/sign-in").text), "token": self.token(role, name)}
        assert client.post("/sign-in", data=form, follow_redirects=False).status_code == 303
        return client


def csrf_of(html: str) -> str:
    return html.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


@dataclass
class Street:
    """A house that answers at `url`, and the browsers that look at it."""

    house: House
    url: str
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """Console messages and page errors of all browsers: there must be none."""
    asked: list[str] = field(default_factory=list)
    """Addresses that the browsers asked for."""

    def visit(
        self,
        role: Role,
        path: str = "/",
        *,
        name: str = "Ada Okafor",
        width: int = 1440,
        height: int = 900,
        dark: bool = False,
        scripts: bool = True,
    ) -> Page:
        """A new browser profile, signed in through the form, at `path`."""
        context = self.browser.new_context(
            base_url=self.url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(20_000)
        self.contexts.append(context)
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.said.append(str(error.error)))
        context.on("request", self._seen)
        page = context.new_page()
        page.goto(f"/sign-in?next={path}")
        # The page gives its field the focus at its first picture: whoever types before that is told on the console that it had it already.
        expect(page.locator("#token")).to_be_focused()
        page.fill("#token", self.house.token(role, name))
        page.click("button.main")
        page.wait_for_selector(".bar nav")
        page.wait_for_load_state("load")
        return page

    def close(self) -> None:
        for context in self.contexts:
            context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        self.said.append(f"{message.type}: {message.text}")

    def _seen(self, request: Request) -> None:
        self.asked.append(request.url)


class Server:
    """uvicorn on a free port of 127.0.0.1, in a thread."""

    def __init__(self, app: FastAPI) -> None:
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", access_log=False, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> str:
        self._thread.start()
        until = time.monotonic() + STARTS_WITHIN_S
        while not self._server.started:
            assert self._thread.is_alive(), "the server ended before it started"
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        self._server.should_exit = True
        with suppress(RuntimeError):
            self._thread.join(timeout=10)
