"""The page of expected cash: chart and table from one object, for the firm and on an account's page."""

import re
from dataclasses import replace
from html import unescape

import pytest

from service.auth import Role
from tests.service.pages.firm import collections, run
from tests.service.pages.house import House, Street
from tests.service.pages.test_access import check


def test_the_firm_s_forecast_shows_a_chart_and_a_table_a_currency(full_house: House) -> None:
    client = full_house.client(Role.COLLECTOR)
    assert 'href="/collections/cash"' in client.get("/collections").text
    html = unescape(client.get("/collections/cash").text)
    figures = html.split('<figure class="plot cash">')[1:]
    assert figures
    for figure in figures:
        assert figure.count("<circle") == figure.count('<tr><th scope="row">') == 13
        assert len(re.findall(r'<rect class="share-(?:50|80|95)"', figure)) == 3 * 13
        [caption] = re.findall(r"<figcaption>(.*?)</figcaption>", figure)
        assert f">{caption}</title>" in figure
        assert "In the first week" in figure


def test_an_account_s_page_shows_its_own(full_house: House) -> None:
    client = full_house.client(Role.COLLECTOR)
    html = client.get("/collections/accounts/C0003").text
    assert html.count('<figure class="plot cash">') == 1
    assert "Expected cash" in html
    assert '<figure class="plot cash">' not in client.get("/collections?selected=C0003").text


def test_before_the_first_scoring_it_says_so_and_it_is_none_of_a_billing_reviewer_s(house: House) -> None:
    assert "nothing has been scored yet" in house.client(Role.COLLECTOR).get("/collections/cash").text
    assert house.client(Role.BILLING_REVIEWER).get("/collections/cash").status_code == 403


def test_without_a_model_of_payment_dates_no_noughts_are_forecast(house: House) -> None:
    undated = [replace(one, predicted_on=None, predicted_low_on=None, predicted_high_on=None, predicted_dates=()) for one in collections(2)]
    house.publish(run("collections"), undated)
    html = house.client(Role.COLLECTOR).get("/collections/cash").text
    assert "no model of payment dates stands" in html
    assert "plumbline train" not in html, "whoever reads a page has no command line"
    assert "is expected by" not in html
    assert '<figure class="plot cash">' not in html


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_can_be_read_by_everyone(street: Street, dark: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    page = street.visit(Role.COLLECTOR, "/collections/cash", dark=dark, width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    check(page)
