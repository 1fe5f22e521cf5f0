"""With scripts switched off in the browser, the whole work can be done."""

import re

from playwright.sync_api import expect

from service.auth import Role
from tests.service.pages.house import Street


def test_list_filters_pages_and_detail_are_links_and_forms(street: Street) -> None:
    page = street.visit(Role.COLLECTOR, scripts=False)
    expect(page.locator(".line")).to_have_count(50)
    page.click("[rel=next]")
    expect(page.locator(".line")).to_have_count(9)
    page.click("[rel=prev]")
    page.fill("#q", "harrow")
    page.click("text=More filters")
    page.fill("#min", "1,000")
    page.click("text=Apply")
    names = page.locator(".line .name a").all_inner_texts()
    assert names
    assert all(name.startswith("Harrow Marine") for name in names)
    assert "min=1%2C000" in page.url
    page.locator(".line .name a").first.click()
    expect(page.locator("#detail .what")).to_have_text(names[0])
    page.click(".chips >> text=Clear")
    expect(page.locator(".line")).to_have_count(50)


def test_deciding_refusing_and_undoing_are_forms(street: Street) -> None:
    page = street.visit(Role.BILLING_REVIEWER, scripts=False)
    name = page.locator(".line .name a").first.inner_text()
    page.locator(".line .name a").first.click()
    page.click("#detail summary:has-text('Dismiss')")
    page.check("#detail [value=client_agreed]")
    page.click("#detail button[value=dismiss]")
    expect(page.locator("#detail .wrong")).to_contain_text("needs a note")
    expect(page.locator("#detail .what")).to_have_text(name)
    assert page.locator("#detail [value=client_agreed]").is_checked()
    page.fill("#one-note", "by letter of 20 Nov")
    page.click("#detail button[value=dismiss]")
    expect(page.locator("#message")).to_contain_text("Dismissed 1 recommendation")
    page.click("#message button")
    expect(page.locator("#message")).to_contain_text("Reopened 1 recommendation")
    expect(page.locator("#detail .history")).to_contain_text("by letter of 20 Nov")
    # The browser itself notes an answer of 422 on the console.
    street.said = [line for line in street.said if "422" not in line]


def test_ticked_lines_are_decided_and_a_day_is_chosen(street: Street) -> None:
    page = street.visit(Role.BILLING_REVIEWER, "/billing", scripts=False)
    page.click("[rel=next]")
    page.locator("[name=tick]").nth(-1).check()
    page.locator("[name=tick]").nth(-2).check()
    expect(page.locator(".bulk")).to_be_visible()
    page.click(".bulk summary:has-text('Snooze')")
    page.check(".bulk [value=date]")
    page.fill("#bulk-until", "2026-12-07")
    page.click(".bulk button[value=snooze]")
    expect(page.locator("#message")).to_contain_text(re.compile("Snoozed|left out"))
    page.click(".views >> text=Snoozed")
    expect(page.locator(".why").first).to_contain_text("until 7 Dec 2026, 09:00 UTC.")


def test_a_detail_page_decides(street: Street) -> None:
    page = street.visit(Role.COLLECTOR, scripts=False)
    page.locator(".line .name a").first.click()
    page.click("#detail a:has-text('Full page')")
    page.click("#detail button[value=accept]")
    expect(page.locator("#message")).to_contain_text("Accepted 2 invoices")
    expect(page.locator(".timeline .decision").first).to_contain_text(re.compile(r"Ada Okafor accepted INV-\d+\."))
    expect(page.locator(".copy")).to_be_hidden()
