"""A real browser before a real server; without Chromium these tests skip, and under CI they fail."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from service.auth import Role
from tests.service.pages import delivery, firm
from tests.service.pages.house import House, Server, Street

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
"""Chromium as root, and silent: it asks nothing of the net by itself."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    given = os.environ.get("PLUMBLINE_CHROMIUM", "")
    found = given or shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(found).is_file():
        reason = f"no Chromium at {found}: set PLUMBLINE_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}. CI must not skip this")
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An empty house."""
    return House.build(tmp_path / "home")


@pytest.fixture
def full_house(house: House) -> House:
    """64 accounts, of which 5 have nothing to gain, 70 drafts, 40 projects and 30 timesheets: all of them new since yesterday's scoring."""
    house.now = firm.NOW - timedelta(days=1)
    for risk in ("collections", "dispute", "margin", "missing_time"):
        house.publish(firm.run(risk, name="0", as_of=firm.AS_OF - timedelta(days=1)), ())
    house.now = firm.NOW
    house.publish(firm.run("collections"), firm.collections(64, idle=5))
    house.publish(firm.run("dispute"), firm.drafts(70))
    house.publish(firm.run("margin"), delivery.projects(40))
    house.publish(firm.run("missing_time"), delivery.timesheets(30))
    return house


def _open(house: House, browser: Browser) -> Iterator[Street]:
    server = Server(house.app)
    street = Street(house, server.start(), browser)
    yield street
    street.close()
    server.stop()
    assert street.said == [], "a page said something on the console"
    assert [address for address in street.asked if not address.startswith(street.url)] == [], "a page asked another host"


@pytest.fixture
def street(full_house: House, browser: Browser) -> Iterator[Street]:
    """The full house, open to browsers; at the end, none of them may have complained or asked elsewhere."""
    yield from _open(full_house, browser)


@pytest.fixture
def open_street(browser: Browser) -> Iterator[Callable[[House], Street]]:
    """Opens any house in the same way."""
    opened: list[Iterator[Street]] = []

    def start(house: House) -> Street:
        steps = _open(house, browser)
        opened.append(steps)
        return next(steps)

    yield start
    for steps in opened:
        assert next(steps, None) is None


@pytest.fixture
def collector() -> Role:
    return Role.COLLECTOR
