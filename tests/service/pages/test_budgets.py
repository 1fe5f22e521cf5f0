"""What a page may cost: bytes, requests, elements and processor time, never wall time (ux.md 4.2, trap T17)."""

import gzip

from playwright.sync_api import Page, Request, expect

from service.auth import Role
from service.pages.render import STATIC
from tests.service.pages.house import House, Street

PAGE_BYTES = 60_000
REQUESTS = 8
PARTIAL_BYTES_GZIPPED = 8_000
ELEMENTS = 1_500
MAIN_THREAD_CPU_S = 0.25
SCRIPT_BYTES_GZIPPED = 3_000
PROJECT = "/delivery?selected=margin%3AP-103%3Aonce"
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


def weight_of(request: Request) -> int:
    """Bytes of the answer as they crossed the wire."""
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


def test_the_worklist_is_light(street: Street) -> None:
    page = street.visit(Role.COLLECTOR)
    context = page.context.browser.new_context(base_url=street.url, storage_state=page.context.storage_state())  # type: ignore[union-attr]
    street.contexts.append(context)
    cold = context.new_page()
    asked: list[int] = []
    cold.on("requestfinished", lambda request: asked.append(weight_of(request)))
    counter = context.new_cdp_session(cold)
    counter.send("Performance.enable", {"timeDomain": "threadTicks"})
    cold.goto("/collections")
    expect(cold.locator(".line")).to_have_count(50)
    cold.wait_for_load_state("networkidle")
    metrics = {one["name"]: one["value"] for one in counter.send("Performance.getMetrics")["metrics"]}
    elements = cold.evaluate("document.querySelectorAll('*').length")
    assert sum(asked) <= PAGE_BYTES
    assert len(asked) <= REQUESTS
    assert elements <= ELEMENTS
    assert metrics["TaskDuration"] <= MAIN_THREAD_CPU_S


def test_fragments_are_small(full_house: House) -> None:
    client = full_house.client(Role.AUDITOR)
    for target, path in (
        ("div#work", "/collections"),
        ("div#work", "/billing"),
        ("div#work", "/delivery"),
        ("section#detail", "/collections?selected=C0003"),
        ("section#detail", PROJECT),
    ):
        answer = client.get(path, headers={**FRAGMENT, "HX-Target": target})
        assert "<html" not in answer.text
        packed = len(gzip.compress(answer.content, 6))
        assert packed <= PARTIAL_BYTES_GZIPPED


def test_our_own_script_is_small() -> None:
    assert len(gzip.compress((STATIC / "plumbline.js").read_bytes(), 6)) <= SCRIPT_BYTES_GZIPPED


def test_a_page_of_a_list_asks_for_nothing_twice(street: Street) -> None:
    page: Page = street.visit(Role.COLLECTOR)
    street.asked.clear()
    page.keyboard.press("j")
    expect(page.locator("#detail article")).to_have_count(1)
    assert len([address for address in street.asked if "/static/" not in address]) == 1
