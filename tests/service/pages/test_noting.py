"""Logging contacts and promises: by keyboard, without scripts, with mistakes; and what it changes in timeline, list and views."""

import re

import pytest
from playwright.sync_api import Page, expect

from service.auth import Role
from tests.service.pages.house import House, Street, csrf_of
from tests.service.pages.test_access import check


def opened(street: Street, *, role: Role = Role.COLLECTOR) -> tuple[Page, str]:
    page = street.visit(role, "/collections")
    name = page.locator(".line .name a").first.inner_text()
    page.keyboard.press("j")
    expect(page.locator("#detail .what")).to_have_text(name)
    return page, name


def test_a_contact_is_logged_by_keyboard(street: Street) -> None:
    page, name = opened(street)
    page.keyboard.press("c")
    expect(page.locator("#contact-channel")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("A. Mensah, j k e c")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("Will ask her manager.")
    page.keyboard.press("Tab")
    page.keyboard.type("11272026")
    page.keyboard.press("Enter")
    expect(page.locator("#message")).to_contain_text("The contact is logged here. Nothing was sent.")
    expect(page.locator("#said")).to_contain_text("The contact is logged here.")
    expect(page.locator("#detail .what")).to_have_text(name)
    first = page.locator(".timeline li").first
    expect(first).to_contain_text("Telephone, A. Mensah, j k e c: Reached. Next step 27 Nov 2026. Logged by Ada Okafor.")
    expect(first.locator("q")).to_have_text("Will ask her manager.")
    expect(page.locator(".line.chosen .next")).to_have_text("27 Nov")
    assert page.evaluate("document.activeElement.textContent") == name


def test_a_promise_is_logged_by_keyboard_and_counts_at_once(street: Street) -> None:
    page, name = opened(street)
    promised = page.locator(".progress").inner_text()
    page.keyboard.press("m")
    expect(page.locator("#promise-amount")).to_be_focused()
    expect(page.locator("#log-m")).to_contain_text(re.compile(r"This client kept \d of its last \d promises\."))
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("11302026")
    page.keyboard.press("Enter")
    expect(page.locator("#message")).to_contain_text("The promise is logged here.")
    expect(page.locator(".timeline li").first).to_contain_text(
        re.compile(r"by 30 Nov 2026 for all that is owed – open\. Logged by Ada Okafor\.")
    )
    expect(page.locator("#detail .data small", has_text="promised by 30 Nov").first).to_be_visible()
    assert page.locator(".progress").inner_text() != promised
    page.click(".views >> text=Promises due")
    expect(page.locator(".line", has_text=name).locator(".why")).to_contain_text("promised by 30 Nov")


def test_a_mistake_is_said_where_it_is_and_nothing_is_lost(street: Street) -> None:
    page, name = opened(street)
    page.keyboard.press("c")
    page.fill("#contact-spoke_to", "A. Mensah")
    page.check("#log-c [value=disputed]")
    page.click("#log-c button.main")
    expect(page.locator("#contact-note-wrong")).to_have_text("Say what the client disputes.")
    expect(page.locator("#contact-note")).to_be_focused()
    expect(page.locator("#contact-spoke_to")).to_have_value("A. Mensah")
    assert page.locator("#log-c [value=disputed]").is_checked()
    check(page)
    page.fill("#contact-note", "The rate of line 3.")
    page.click("#log-c button.main")
    expect(page.locator("#message")).to_contain_text("The contact is logged here.")
    expect(page.locator("#detail .what")).to_have_text(name)
    street.said = [line for line in street.said if "422" not in line]


def test_escape_closes_the_form_and_a_verdict_still_works(street: Street) -> None:
    page, _ = opened(street)
    page.keyboard.press("m")
    expect(page.locator("#log-m")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#log-m")).to_be_hidden()
    page.keyboard.press("e")
    expect(page.locator("#message")).to_contain_text("Accepted 2 invoices")


def test_without_scripts_the_page_of_the_account_logs_both(street: Street) -> None:
    page = street.visit(Role.COLLECTOR, scripts=False)
    page.goto("/collections/accounts/C0003")
    page.click("#detail summary:has-text('Promise…')")
    page.fill("#promise-amount", "a lot")
    page.click("#log-m button.main")
    expect(page.locator("#promise-amount-wrong")).to_be_visible()
    expect(page.locator("#promise-promised_for_on-wrong")).to_have_text("Choose the day.")
    page.fill("#promise-amount", "1,250.00")
    page.select_option("#promise-currency", "GBP")
    page.fill("#promise-promised_for_on", "2026-12-03")
    page.select_option("#promise-invoice_id", "INV-20006")
    page.click("#log-m button.main")
    expect(page.locator("#message")).to_contain_text("The promise is logged here.")
    assert "/collections/accounts/C0003" in page.url
    expect(page.locator(".timeline li").first).to_contain_text("£1,250.00 by 3 Dec 2026 for INV-20006 – open.")
    page.click("#detail summary:has-text('Log contact…')")
    page.click("#log-c button.main")
    expect(page.locator("#contact-outcome-wrong")).to_have_text("Choose what came of it.")
    page.check("#log-c [value=left_message]")
    page.select_option("#contact-channel", "email")
    page.click("#log-c button.main")
    expect(page.locator(".timeline li").first).to_contain_text("E-mail: Left a message. Logged by Ada Okafor.")
    street.said = [line for line in street.said if "422" not in line]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_forms_are_accessible(street: Street, dark: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    page = street.visit(Role.COLLECTOR, "/collections/accounts/C0003", dark=dark)
    for key in ("c", "m"):
        page.keyboard.press(key)
        expect(page.locator(f"#log-{key}")).to_be_visible()
        check(page)
        page.keyboard.press("Escape")


def test_the_forms_fit_a_phone(street: Street) -> None:
    page = street.visit(Role.COLLECTOR, "/collections/accounts/C0003", width=320, height=640)
    for label in ("Log contact…", "Promise…"):
        page.click(f"#detail summary:has-text('{label}')")
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


@pytest.mark.parametrize(
    ("view", "heading", "note"),
    [
        ("broken", "Broken promises", re.compile("promise of 21 Nov broken", re.IGNORECASE)),
        ("promised", "Promises due", re.compile("promised by 29 Nov")),
        ("disputed", "Disputed", re.compile("in dispute", re.IGNORECASE)),
        ("new", "New late risk", re.compile("The client paid")),
    ],
)
def test_each_view_shows_what_it_counts(street: Street, view: str, heading: str, note: re.Pattern[str]) -> None:
    page = street.visit(Role.AUDITOR, f"/collections?view={view}")
    current = page.locator(".views [aria-current]")
    expect(current).to_contain_text(heading)
    count = int(current.locator("b").inner_text())
    assert count > 0
    expect(page.locator(".line")).to_have_count(min(count, 50))
    expect(page.locator(".line .why").first).to_contain_text(note)
    check(page)


def test_whoever_only_reads_sees_the_timeline_and_no_form(full_house: House) -> None:
    client = full_house.client(Role.AUDITOR)
    html = client.get("/collections/accounts/C0003").text
    assert "Timeline" in html
    assert 'id="log-c"' not in html
    form = {"csrf_token": csrf_of(html), "place": "selected=C0003", "channel": "telephone", "outcome": "reached"}
    assert client.post("/collections/contacts", data=form).status_code == 403


def test_a_form_without_its_token_and_an_unknown_account_are_refused(full_house: House) -> None:
    client = full_house.client(Role.COLLECTOR)
    form = {"place": "selected=C0003", "channel": "telephone", "outcome": "reached"}
    assert client.post("/collections/contacts", data=form).status_code == 403
    token = csrf_of(client.get("/collections").text)
    answer = client.post("/collections/contacts", data={**form, "csrf_token": token, "place": "selected=nobody"})
    assert answer.status_code == 404
    for address in ("contacts", "promises", "decisions"):
        assert client.get(f"/collections/{address}", follow_redirects=False).headers["location"] == "/collections"


def test_the_detail_says_what_clears_it_and_how_others_fared(full_house: House) -> None:
    client = full_house.client(Role.COLLECTOR)
    html = client.get("/collections/accounts/C0003").text
    assert "It closes by itself once the records show GBP" in html
    assert "Nothing like this was decided in the last 90 days. 128 are open." in html
    token = csrf_of(html)
    client.post("/collections/decisions", data={"csrf_token": token, "verdict": "accept", "record": "collections:INV-20006:once"})
    dismissed = {"csrf_token": token, "verdict": "dismiss", "reason": "below_materiality", "record": "collections:INV-20007:once"}
    client.post("/collections/decisions", data=dismissed)
    after = client.get("/collections/accounts/C0001").text
    assert "2 like this were decided in the last 90 days: 1 accepted, 1 dismissed (Below materiality: 1). 126 are open." in after
    assert "How those came out: 2 not known yet." in after
