"""Deciding many lines at once: what is ticked is what is decided, and never more (trap T3 of the design)."""

import re

from playwright.sync_api import Page, expect

from service.auth import Role
from tests.service.pages import firm
from tests.service.pages.house import House, Street, csrf_of


def ticks(page: Page) -> int:
    return page.locator("[name=tick]:checked").count()


def tick_small(page: Page, number: int) -> None:
    """Tick lines from the end of the list, where the money is small."""
    for at in range(1, number + 1):
        page.locator("[name=tick]").nth(-at).check()


def test_ticks_are_gone_after_every_decision(street: Street) -> None:
    page = street.visit(Role.BILLING_REVIEWER, "/billing?sort=-at_stake")
    page.goto("/billing")
    page.keyboard.press("n")
    expect(page.locator(".pages")).to_contain_text("Page 2")
    tick_small(page, 5)
    expect(page.locator("#ticked")).to_contain_text("5 ticked · £")
    page.keyboard.press("e")
    expect(page.locator("#message")).to_be_visible()
    assert ticks(page) == 0
    expect(page.locator(".bulk")).to_be_hidden()
    left = page.locator(".views a[aria-current] b").inner_text()
    page.keyboard.press("j")
    expect(page.locator("#detail article")).to_have_count(1)
    page.keyboard.press("e")
    expect(page.locator("#message")).to_contain_text("Accepted 1 recommendation,")
    assert int(page.locator(".views a[aria-current] b").inner_text()) == int(left) - 1


def test_ticks_do_not_come_back_with_the_history(street: Street) -> None:
    page = street.visit(Role.COLLECTOR)
    page.keyboard.press("Shift+X")
    assert ticks(page) == 50
    expect(page.locator("#ticked")).to_have_text(re.compile("^50 ticked · £"))
    page.click("text=Decided")
    page.go_back()
    page.wait_for_selector(".line")
    assert ticks(page) == 0


def test_the_detail_of_a_line_keeps_the_ticks_and_says_so(street: Street) -> None:
    page = street.visit(Role.COLLECTOR)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    expect(page.locator("#detail article")).to_have_count(1)
    assert ticks(page) == 1
    expect(page.locator("#ticked")).to_contain_text("1 ticked")
    page.click(".bulk [type=reset]")
    expect(page.locator(".bulk")).to_be_hidden()


def test_a_missing_reason_brings_the_ticks_back_with_what_is_wrong(street: Street) -> None:
    page = street.visit(Role.COLLECTOR)
    tick_small(page, 2)
    page.keyboard.press("d")
    page.locator(".bulk button[value=dismiss]").click()
    expect(page.locator(".bulk .wrong")).to_have_text("Choose a reason.")
    assert ticks(page) == 2
    assert page.url.endswith("/collections")
    street.said = [line for line in street.said if "422" not in line]


def test_what_is_worth_a_look_of_its_own_is_left_out_and_named(house: House) -> None:
    house.publish(firm.run("dispute"), firm.drafts(40))
    client = house.client(Role.BILLING_REVIEWER)
    html = client.get("/billing").text
    keys = re.findall(r'name="tick" value="([^"]+)"', html)
    large = {finding.id for finding in firm.drafts(40) if finding.stake_reporting > 5000}
    assert large
    assert len(large) < len(keys) == 40
    sent = {"csrf_token": csrf_of(html), "verdict": "accept", "tick": keys, "place": ""}
    answer = client.post("/billing/decisions", data=sent)
    assert answer.status_code == 200
    assert f"{len(large)} ticked lines were left out" in answer.text
    assert answer.text.count("more than the £5,000 that are decided without a look") == len(large)
    still = re.findall(r'name="tick" value="([^"]+)"', client.get("/billing").text)
    assert set(still) == large


def test_more_than_a_page_of_ticks_decides_nothing(house: House) -> None:
    house.publish(firm.run("dispute"), firm.drafts(60))
    client = house.client(Role.BILLING_REVIEWER)
    sent = {
        "csrf_token": csrf_of(client.get("/billing").text),
        "verdict": "accept",
        "tick": [finding.id for finding in firm.drafts(60)],
    }
    answer = client.post("/billing/decisions", data=sent)
    assert answer.status_code == 409
    assert "At most 50 lines are decided at once." in answer.text
    assert "60 bills to look at" in client.get("/billing").text
