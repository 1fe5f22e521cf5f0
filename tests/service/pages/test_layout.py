"""Where things stand: on a phone, on paper, and under a thumb."""

import pytest
from playwright.sync_api import Page, expect

from service.auth import Role
from tests.service.pages.house import Street

TARGET_PX = 24
"""WCAG 2.2, success criterion 2.5.8."""
TOO_SMALL = """(least) => [...document.querySelectorAll(
    "a[href], button, summary, input:not([type=hidden]), select, textarea, [name=tick]")]
  .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.closest(".unseen, .skip") && !one.matches(".skip"))
  .map((one) => [one, (one.closest("label") || one).getBoundingClientRect()])
  .filter(([one, box]) => box.height && (box.height < least - 0.5 || box.width < least - 0.5))
  .map(([one, box]) => `${one.outerHTML.slice(0, 90)} is ${Math.round(box.width)} by ${Math.round(box.height)}`)"""


def sideways(page: Page) -> int:
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide


@pytest.mark.parametrize(
    "path",
    [
        *("/collections", "/collections?selected=C0003", "/collections?view=decided", "/collections?q=harrow&min=10"),
        *("/collections/accounts/C0003", "/billing?selected=dispute%3ADR-5001%3Aonce", "/billing/invoices/DR-5001"),
        *("/delivery", "/delivery/projects/P-103", "/delivery/timesheets/W003:2026-11-16"),
    ],
)
def test_nothing_scrolls_sideways_at_320_px(street: Street, path: str) -> None:
    page = street.visit(Role.AUDITOR, width=320, height=640)
    page.goto(path)
    assert sideways(page) == 0
    page.click("#menu summary")
    assert sideways(page) == 0


CUT = """() => [...document.querySelectorAll("table")].filter((one) => one.checkVisibility()).flatMap((one) => {
  const box = (one.closest(".wide") || one.parentElement).getBoundingClientRect();
  const edge = Math.min(box.right, document.documentElement.clientWidth);
  const beyond = [one, ...one.querySelectorAll("tbody :is(td, th)")].filter((part) =>
    part.getBoundingClientRect().right > edge + 1 || (part !== one && part.scrollWidth > part.clientWidth + 1));
  return beyond.slice(0, 1).map((part) => `${part.outerHTML.slice(0, 90)} of ${one.outerHTML.slice(0, 60)}`); })"""
"""Tables of which something lies beyond an edge, to be scrolled to."""


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.COLLECTOR, "/collections"),
        (Role.COLLECTOR, "/collections?selected=C0003"),
        (Role.COLLECTOR, "/collections/accounts/C0003"),
        (Role.COLLECTOR, "/collections/cash"),
        (Role.BILLING_REVIEWER, "/billing/invoices/DR-5001"),
        (Role.DELIVERY_LEAD, "/delivery/projects/P-103"),
        (Role.DELIVERY_LEAD, "/delivery/timesheets/W003:2026-11-16"),
    ],
)
def test_no_table_is_cut_on_a_phone(street: Street, role: Role, path: str, dark: bool) -> None:  # noqa: FBT001
    page = street.visit(role, path, width=360, height=740, dark=dark)
    page.evaluate("document.querySelectorAll('details.more').forEach((one) => { one.open = true })")
    assert page.locator("table").count() > 0
    assert page.evaluate(CUT) == []


def test_a_phone_shows_the_list_or_the_detail(street: Street) -> None:
    page = street.visit(Role.COLLECTOR, width=390, height=844)
    page.locator(".line .name a").first.click()
    expect(page.locator("#detail article")).to_be_visible()
    expect(page.locator(".lines")).to_be_hidden()
    page.click(".close")
    expect(page.locator(".lines")).to_be_visible()
    expect(page.locator("#detail article")).to_have_count(0)


@pytest.mark.parametrize(("width", "columns"), [(1440, 3), (1024, 2), (700, 1)])
def test_list_and_detail_stand_in_as_many_columns_as_fit(street: Street, width: int, columns: int) -> None:
    page = street.visit(Role.COLLECTOR, width=width)
    left = "(one) => Math.round(document.querySelector(one).getBoundingClientRect().left)"
    lefts = [page.evaluate(left, one) for one in (".side", ".list", ".detail")]
    assert len(set(lefts)) == columns


@pytest.mark.parametrize("density", ["comfortable", "compact"])
def test_targets_are_large_enough(street: Street, density: str) -> None:
    page = street.visit(Role.COLLECTOR, "/collections?q=a&min=10")
    if density == "compact":
        page.click("#menu summary")
        page.check("#menu [name=compact]")
        page.click("text=Save display")
        page.wait_for_load_state("load")
    page.keyboard.press("j")
    expect(page.locator("#detail article")).to_have_count(1)
    page.keyboard.press("x")
    for key in ("d", "s", "?"):
        page.keyboard.press(key)
        assert page.evaluate(TOO_SMALL, TARGET_PX) == []
        page.keyboard.press("Escape")
    page.keyboard.press("Enter")


def test_focus_is_never_under_the_bars(street: Street) -> None:
    page = street.visit(Role.COLLECTOR, height=600)
    page.keyboard.press("x")
    for _ in range(14):
        page.keyboard.press("j")
    expect(page.locator("#detail article")).to_have_count(1)
    seen = page.evaluate(
        """() => { const box = document.activeElement.getBoundingClientRect();
        return document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2) === document.activeElement; }"""
    )
    assert seen


def test_paper_holds_the_evidence_and_no_controls(street: Street) -> None:
    page = street.visit(Role.COLLECTOR)
    page.keyboard.press("j")
    expect(page.locator("#detail article")).to_have_count(1)
    page.emulate_media(media="print")
    for gone in (".side", ".tools", "#verdict", "#menu", ".draft", ".lines"):
        expect(page.locator(gone).first).to_be_hidden()
    for kept in (".what", ".plot svg", ".bars", ".history, .detail h2:has-text('History')", "h2:has-text('Evidence')"):
        expect(page.locator(kept).first).to_be_visible()
    page.goto("/collections")
    expect(page.locator(".lines")).to_be_visible()
    expect(page.locator("[name=tick]").first).to_be_hidden()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_a_line_comes_back_marked_when_it_was_not_saved(street: Street) -> None:
    page = street.visit(Role.COLLECTOR)
    page.keyboard.press("j")
    expect(page.locator("#detail article")).to_have_count(1)
    page.context.set_offline(True)
    page.keyboard.press("e")
    expect(page.locator("#saved-not")).to_be_visible()
    expect(page.locator(".line.failed")).to_have_count(1)
    expect(page.locator("#said")).to_have_text("Not saved. The lines are back as they were.")
    page.context.set_offline(False)
    page.keyboard.press("e")
    expect(page.locator("#message")).to_contain_text("Accepted 2 invoices")
    expect(page.locator("#saved-not")).to_be_hidden()
    # Without a net the browser and htmx both say so on the console.
    assert street.said
    assert all("ERR_INTERNET_DISCONNECTED" in line or "htmx:error" in line for line in street.said)
    street.said.clear()
