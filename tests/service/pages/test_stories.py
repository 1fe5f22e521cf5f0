"""One working morning per role, by keyboard, from sign-in to the last undo."""

import re

from playwright.sync_api import Page, expect

from service.auth import Role
from tests.service.pages.house import Street


def first_name(page: Page) -> str:
    return page.locator(".line .name a").first.inner_text()


def current(page: Page) -> str:
    return page.locator(".line .name a[aria-current]").inner_text()


def shown(page: Page) -> str:
    return page.locator("#detail .what").inner_text()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def opened(page: Page, name: str) -> None:
    expect(page.locator("#detail .what")).to_have_text(name)


def test_a_collector_works_the_list_by_keyboard(street: Street) -> None:
    page = street.visit(Role.COLLECTOR)
    expect(page.locator("h1")).to_have_text(re.compile("Collections"))
    first = first_name(page)
    press(page, "j")
    opened(page, first)
    expect(page.locator("#said")).to_contain_text(f"{first}, 2 invoices")
    press(page, "j", "k")
    opened(page, first)
    assert page.evaluate("document.activeElement.textContent") == first

    press(page, "e")
    expect(page.locator("#message")).to_contain_text("Accepted 2 invoices")
    expect(page.locator("#said")).to_contain_text("Accepted 2 invoices")
    expect(page.locator(".line", has_text=first)).to_have_count(0)
    second = current(page)
    assert second != first
    assert page.evaluate("document.activeElement.textContent") == second

    press(page, "z")
    expect(page.locator("#message")).to_contain_text("Reopened 2 invoices")
    opened(page, first)


def test_a_collector_dismisses_with_a_reason_and_snoozes(street: Street) -> None:
    page = street.visit(Role.COLLECTOR)
    press(page, "j")
    opened(page, first_name(page))
    press(page, "d", "ArrowDown", "Tab")
    page.keyboard.type("agreed by telephone, j k e")
    expect(page.locator("#one-note")).to_have_value("agreed by telephone, j k e")
    press(page, "Tab", "Enter")
    expect(page.locator("#message")).to_contain_text("Dismissed 2 invoices")
    press(page, "s", "Enter")
    expect(page.locator("#message")).to_contain_text("Snoozed 2 invoices")
    page.goto("/collections?view=snoozed")
    expect(page.locator(".why").first).to_contain_text("Snoozed by Ada Okafor until 25 Nov 2026, 09:00 UTC.")


def test_enter_opens_the_page_of_the_account_and_a_verdict_there_stays_there(street: Street) -> None:
    page = street.visit(Role.COLLECTOR)
    press(page, "j")
    name = first_name(page)
    opened(page, name)
    press(page, "Enter")
    page.wait_for_url("**/collections/accounts/*")
    expect(page.locator("h1")).to_have_text(name)
    press(page, "e")
    expect(page.locator("#message")).to_contain_text("Accepted 2 invoices")
    assert "/collections/accounts/" in page.url
    expect(page.locator(".timeline .decision")).to_have_count(2)
    press(page, "z")
    expect(page.locator("#message")).to_contain_text("Reopened 2 invoices")
    assert "/collections/accounts/" in page.url


def test_one_invoice_of_an_account_is_decided_by_itself(street: Street) -> None:
    page = street.visit(Role.COLLECTOR)
    press(page, "j")
    name = first_name(page)
    opened(page, name)
    page.locator("#detail .data a").nth(1).click()
    expect(page.locator(".scope")).to_contain_text(re.compile(r"Decides INV-\d+"))
    press(page, "e")
    expect(page.locator("#message")).to_contain_text("Accepted 1 invoice,")
    opened(page, name)
    expect(page.locator(".line", has_text=name).locator("small").first).to_contain_text("1 invoice")


def test_a_billing_reviewer_works_the_drafts_by_keyboard(street: Street) -> None:
    page = street.visit(Role.BILLING_REVIEWER)
    expect(page.locator("h1")).to_have_text(re.compile("Billing"))
    press(page, "j")
    first = first_name(page)
    opened(page, first)
    expect(page.locator("#detail")).to_contain_text("The simple rule says")
    press(page, "e")
    expect(page.locator("#message")).to_contain_text("Accepted 1 recommendation")
    page.goto("/billing?view=decided")
    expect(page.locator(".why")).to_contain_text("Accepted by Ada Okafor")
    press(page, "j")
    opened(page, first)
    press(page, "z")
    expect(page.locator(".empty h2")).to_have_text("Nothing here")


def test_a_delivery_lead_works_projects_and_timesheets_by_keyboard(street: Street) -> None:
    page = street.visit(Role.DELIVERY_LEAD)
    expect(page.locator("h1")).to_have_text(re.compile("Delivery"))
    expect(page.locator(".views a", has_text="Projects")).to_contain_text("40")
    press(page, "j")
    first = first_name(page)
    opened(page, first)
    expect(page.locator("#detail")).to_contain_text("Where the margin goes")
    press(page, "e")
    expect(page.locator("#message")).to_contain_text("Accepted 1 recommendation,")
    press(page, "z")
    expect(page.locator("#message")).to_contain_text("Reopened 1 recommendation,")
    opened(page, first)
    press(page, "Enter")
    page.wait_for_url("**/delivery/projects/*")
    expect(page.locator("h1")).to_have_text(first)
    page.goto("/delivery?view=timesheets")
    press(page, "j")
    sheet = first_name(page)
    opened(page, sheet)
    expect(page.locator("#detail")).to_contain_text("Expected hours")
    press(page, "s", "Enter")
    expect(page.locator("#message")).to_contain_text("Snoozed 1 recommendation,")
    expect(page.locator(".views a", has_text="Timesheets")).to_contain_text("29")
    page.goto("/delivery?view=snoozed")
    expect(page.locator(".line .name a")).to_have_text(sheet)


def test_pages_of_the_list_turn_by_key_and_the_address_is_the_state(street: Street) -> None:
    page = street.visit(Role.COLLECTOR)
    first = first_name(page)
    press(page, "n")
    expect(page.locator(".pages")).to_contain_text("Page 2")
    there = first_name(page)
    assert there != first
    press(page, "j")
    opened(page, there)
    again = street.visit(Role.COLLECTOR, name="Ben Hale")
    again.goto(page.url)
    assert (first_name(again), shown(again)) == (there, there)
    press(page, "p")
    expect(page.locator(".pages")).to_contain_text("Page 1")
    assert first_name(page) == first


def test_back_and_forward_show_what_was_there(street: Street) -> None:
    page = street.visit(Role.COLLECTOR)
    press(page, "j")
    name = first_name(page)
    opened(page, name)
    page.click("text=Decided")
    expect(page.locator(".empty h2")).to_have_text("Nothing here")
    page.go_back()
    opened(page, name)
    assert current(page) == name
    page.go_forward()
    expect(page.locator(".empty h2")).to_have_text("Nothing here")


def test_two_tabs_cannot_decide_the_same_finding_twice(street: Street) -> None:
    mine = street.visit(Role.BILLING_REVIEWER, "/billing")
    press(mine, "j")
    first = first_name(mine)
    opened(mine, first)
    theirs = street.visit(Role.BILLING_REVIEWER, "/billing", name="Ben Hale")
    press(theirs, "j")
    opened(theirs, first)
    press(theirs, "e")
    expect(theirs.locator("#message")).to_contain_text("Accepted 1 recommendation")
    press(mine, "e")
    expect(mine.locator("#message")).to_contain_text("Nothing was saved")
    expect(mine.locator("#message")).to_contain_text("by Ben Hale")
    # The browser itself notes an answer of 409 on the console.
    street.said = [line for line in street.said if "409" not in line]


def test_undo_still_works_after_a_reload(street: Street) -> None:
    page = street.visit(Role.COLLECTOR)
    press(page, "j")
    name = first_name(page)
    opened(page, name)
    press(page, "e")
    expect(page.locator("#message")).to_contain_text("Accepted 2 invoices")
    page.reload()
    press(page, "z")
    expect(page.locator("#message")).to_contain_text("Reopened 2 invoices")
    opened(page, name)
    page.reload()
    page.goto("/collections?view=decided")
    expect(page.locator(".empty h2")).to_have_text("Nothing here")


def test_areas_search_and_the_list_of_keys(street: Street) -> None:
    page = street.visit(Role.AUDITOR, "/collections")
    press(page, "g", "b")
    page.wait_for_url("**/billing")
    press(page, "g", "d")
    page.wait_for_url("**/delivery")
    press(page, "g", "c")
    page.wait_for_url("**/collections")
    press(page, "?")
    expect(page.locator(".keys")).to_be_visible()
    press(page, "Escape")
    expect(page.locator(".keys")).to_be_hidden()
    press(page, "/")
    page.keyboard.type("harrow")
    press(page, "Enter")
    expect(page.locator(".line .name a").first).to_have_text(re.compile("Harrow Marine"))
    press(page, "j")
    expect(page.locator("#detail")).to_contain_text("Your role may read this, not decide it.")
    expect(page.locator("[name=tick]")).to_have_count(0)


def test_single_letter_keys_can_be_switched_off(street: Street) -> None:
    page = street.visit(Role.COLLECTOR)
    page.click("#menu summary")
    page.uncheck("#menu [name=keys]")
    page.click("text=Save display")
    press(page, "j")
    page.wait_for_timeout(300)
    expect(page.locator("#detail article")).to_have_count(0)


def test_signing_out_ends_it(street: Street) -> None:
    page = street.visit(Role.COLLECTOR)
    page.click("#menu summary")
    page.click("text=Sign out")
    page.wait_for_url("**/sign-in")
    page.goto("/collections")
    assert "/sign-in" in page.url
