"""The page of a draft's smallest fix: by the newest records, and nothing on it that could carry a change out."""

from datetime import UTC, datetime
from html import unescape

import pytest
from playwright.sync_api import expect

from service.auth import Role
from tests.controls.case import told
from tests.service.pages import firm
from tests.service.pages.house import House, Street
from tests.service.pages.test_access import check

NOW = datetime(2025, 4, 2, 9, tzinfo=UTC)


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A firm whose one draft bills an hour ten above the card."""
    home = tmp_path_factory.mktemp("drafting") / "home"
    built = House.build(home)
    built.now = NOW
    told({"invoice_line": [{"unit_price": 110, "net_amount": 880}], "invoice": [{"net_amount": 880, "gross_amount": 1032}]}).lake(
        home / "lake"
    )
    return built


def test_it_names_the_line_the_card_and_what_becomes_of_the_amount(house: House) -> None:
    html = unescape(house.client(Role.BILLING_REVIEWER).get("/billing/invoices/i/fix").text)
    assert "rate card line v" in html
    assert "€1,032.00 becomes" in html
    assert "<form" not in html.split("<main", 1)[1]


def test_what_is_no_draft_has_none(house: House) -> None:
    assert house.client(Role.BILLING_REVIEWER).get("/billing/invoices/none/fix").status_code == 404
    assert house.client(Role.COLLECTOR).get("/billing/invoices/i/fix").status_code == 403


def test_a_draft_on_the_worklist_leads_to_it(full_house: House) -> None:
    (one, *_) = firm.drafts(1)
    html = full_house.client(Role.BILLING_REVIEWER).get(f"/billing/invoices/{one.entity_id}").text
    assert f'href="/billing/invoices/{one.entity_id}/fix"' in html


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_can_be_read_by_everyone(house: House, street: Street, dark: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    assert street.house is house
    page = street.visit(Role.BILLING_REVIEWER, "/billing/invoices/i/fix", dark=dark, width=320)
    expect(page.locator("h1")).to_contain_text("Smallest fix of i")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    check(page)
