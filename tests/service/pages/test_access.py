"""axe-core finds nothing, in any state, light or dark; what it cannot judge is on a list."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from service.auth import Role
from tests.service.pages import firm
from tests.service.pages.house import House, Street

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RUN = """async () => {
  const found = await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]});
  const said = (node) => node.any.concat(node.all).map((check) => check.message).join("; ");
  const name = (one) => one.nodes.map((node) => [one.id, node.target.join(" "), said(node)]);
  return {violations: found.violations.flatMap(name), incomplete: found.incomplete.flatMap(name), passes: found.passes.length};
}"""
CANNOT_JUDGE = ("color-contrast",)
"""Rules whose answer may be "incomplete": text in a picture, and what a sticky bar or an open sheet lies over. Colours are tested by
test_colours.py."""


def findings(page: Page) -> dict[str, Any]:
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate(RUN)
    return found


def check(page: Page) -> None:
    found = findings(page)
    assert found["violations"] == []
    assert [one for one in found["incomplete"] if one[0] not in CANNOT_JUDGE] == []
    assert found["passes"] > 20


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_worklist_and_detail(street: Street, dark: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    page = street.visit(Role.COLLECTOR, dark=dark)
    check(page)
    page.keyboard.press("j")
    expect(page.locator("#detail article")).to_have_count(1)
    check(page)
    page.keyboard.press("d")
    check(page)
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    check(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    check(page)
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    check(page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_of_one_account_and_one_invoice(street: Street, dark: bool) -> None:  # noqa: FBT001 (as above)
    page = street.visit(Role.AUDITOR, "/collections/accounts/C0001", dark=dark)
    page.click("text=Show as table")
    check(page)
    page.goto("/billing/invoices/DR-5003")
    check(page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_delivery(street: Street, dark: bool) -> None:  # noqa: FBT001 (as above)
    page = street.visit(Role.DELIVERY_LEAD, dark=dark)
    check(page)
    page.keyboard.press("j")
    expect(page.locator("#detail article")).to_have_count(1)
    check(page)
    page.goto("/delivery/projects/P-103")
    page.click("text=Show as table")
    check(page)
    page.goto("/delivery/timesheets/W003:2026-11-16")
    check(page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_after_a_decision_with_a_mistake_and_with_nothing(street: Street, dark: bool) -> None:  # noqa: FBT001 (as above)
    page = street.visit(Role.BILLING_REVIEWER, dark=dark)
    page.keyboard.press("j")
    expect(page.locator("#detail article")).to_have_count(1)
    page.keyboard.press("d")
    page.click("#detail button[value=dismiss]")
    expect(page.locator(".wrong")).to_be_visible()
    check(page)
    page.goto("/billing")
    page.keyboard.press("j")
    expect(page.locator("#detail article")).to_have_count(1)
    page.keyboard.press("e")
    expect(page.locator("#message")).to_be_visible()
    check(page)
    page.goto("/billing?q=nobody")
    check(page)
    page.goto("/billing?selected=nothing")
    check(page)
    page.goto("/no-such-page")
    check(page)
    street.said = [line for line in street.said if "422" not in line and "404" not in line]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_empty_withheld_and_late(house: House, open_street: Callable[[House], Street], dark: bool) -> None:  # noqa: FBT001 (as above)
    street = open_street(house)
    page = street.visit(Role.COLLECTOR, dark=dark)
    check(page)
    late = firm.run("collections", as_of=firm.AS_OF.replace(day=20), withheld="Too few outcomes.", notices=("One currency has no rate.",))
    house.publish(late, firm.collections(3))
    page.goto("/collections")
    expect(page.locator(".banner.stale, .banner.withheld, .banner.notice")).to_have_count(3)
    page.keyboard.press("j")
    expect(page.locator("#detail article")).to_have_count(1)
    check(page)
    page.goto("/sign-in")
    check(page)


def test_nothing_is_left_open_when_no_bar_lies_over_the_text(street: Street) -> None:
    """A sticky bar makes axe say "incomplete" for what it may cover (trap T7): in a window as tall as the page it covers nothing."""
    page = street.visit(Role.COLLECTOR, height=5200)
    page.keyboard.press("j")
    expect(page.locator("#detail article")).to_have_count(1)
    found = findings(page)
    assert found["violations"] == []
    assert [one for one in found["incomplete"] if "svg" not in one[1] and "text" not in one[1]] == []
