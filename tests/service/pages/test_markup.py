"""What holds in every template and in every page made from one, without a browser."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from models.finding import Finding
from service.auth import Role
from service.headers import HEADERS
from service.pages.render import TEMPLATES
from service.words import NOT_SURE, likelihood
from tests.service.pages import firm
from tests.service.pages.house import House

SOURCES = {path.name: path.read_text() for path in sorted(TEMPLATES.glob("*.html"))}
WORDS = {likelihood(percent / 100).words for percent in range(101)}
ABOUT = {likelihood(percent / 100).about for percent in range(101)}
PAGES = (
    "/collections",
    "/collections?view=rest",
    "/billing",
    "/delivery",
    "/delivery/projects/P-103",
    "/collections?selected=C0003",
    "/collections/accounts/C0003",
)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_no_template_styles_or_runs_anything_inline(source: str) -> None:
    assert re.findall(r"\s(style|on[a-z]+)\s*=", source) == []
    assert "<style" not in source
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", source))
    assert "| safe" not in source
    assert "javascript:" not in source


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_every_form_that_writes_carries_the_token(source: str) -> None:
    for form in re.findall(r"<form\b.*?</form>|<form\b.*\Z", source, flags=re.DOTALL):
        assert ('method="post"' in form) == ("csrf()" in form)


def test_the_policy_lets_nothing_inline_or_foreign_run() -> None:
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert policy.pop("img-src") == "'self' data:"
    assert policy.pop("default-src") == "'none'"
    assert {name for name in ("script-src", "style-src", "connect-src", "form-action") if policy[name] == "'self'"} == policy.keys() - {
        "frame-ancestors",
        "base-uri",
    }
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"


@pytest.mark.parametrize("path", PAGES)
def test_money_is_never_without_its_currency(full_house: House, path: str) -> None:
    html = full_house.client(Role.AUDITOR).get(path).text
    tables = re.findall(r'<table class="lines">.*?</table>', html, flags=re.DOTALL)
    cells = [cell for table in tables for cell in re.findall(r'<td class="money[^"]*">(.*?)</td>', table, flags=re.DOTALL)]
    cells += re.findall(r"<dt>At stake</dt><dd>(.*?)</dd>", html, flags=re.DOTALL)
    assert cells
    for cell in cells:
        for figure in re.split(r"<[^>]+>", cell):
            assert not re.search(r"\d", figure) or re.search("[£€$]|US", figure), cell


def test_the_picture_its_description_and_its_table_say_the_same(full_house: House) -> None:
    html = unescape(full_house.client(Role.AUDITOR).get("/collections/accounts/C0003").text)
    table = re.findall(r'<tr><th scope="row">([^<]*)</th><td class="money"[^>]*>(\d+)</td><td[^>]*>(late|in time)</td>', html)
    late = sum(int(dots) for _, dots, standing in table if standing == "late")
    total = sum(int(dots) for _, dots, _ in table)
    described = re.search(r'<desc id="plot-desc">([^<]*)</desc>', html)
    assert described
    [picture] = re.findall(r'<figure class="plot">.*?</figure>', html, flags=re.DOTALL)
    assert (total, late) == (picture.count("<circle"), picture.count('<circle class="late"'))
    assert f"{total} equally likely dates of payment, from {table[0][0]} to {table[-1][0]}" in described[1]
    assert f"{total - late} dates are in time, {late} are late" in described[1]


def test_a_withheld_likelihood_shows_no_words_and_no_number(house: House) -> None:
    why = "Too few outcomes are on record."
    house.publish(firm.run("collections", withheld=why), firm.collections(3))
    client = house.client(Role.COLLECTOR)
    for path in ("/collections?selected=C0001", "/collections/accounts/C0001"):
        text = unescape(re.sub(r"<[^>]+>", "|", client.get(path).text))
        assert why in text
        assert NOT_SURE in text
        shown = {part.strip() for part in text.split("|")}
        assert not shown & (WORDS | ABOUT)
        assert not any(f"{words} · " in text for words in WORDS)
    exported = client.get("/collections/export.csv").text
    assert not any(about in exported for about in ABOUT)


def test_a_paid_invoice_is_closed_by_the_records_and_says_so(house: House) -> None:
    findings = firm.collections(3)
    house.publish(firm.run("collections"), findings)
    house.now += timedelta(days=1)
    after = firm.run("collections", name="2", as_of=firm.AS_OF + timedelta(days=1))
    house.publish(after, firm.without(findings, findings[0]), firm.paid(findings[0]))
    client = house.client(Role.COLLECTOR)
    closed = client.get("/collections?view=closed").text
    assert "Paid in full on 24 Nov 2026." in closed
    assert findings[0].reference in closed
    assert 'name="tick"' not in closed
    account = client.get("/collections/accounts/C0000").text
    assert "1 closed by the records" in account
    assert "Paid in full on 24 Nov 2026." in account


def test_an_export_runs_nothing_in_a_spreadsheet(house: House) -> None:
    findings = [renamed(finding, "=HYPERLINK(1)" if place else "@SUM(1)") for place, finding in enumerate(firm.collections(2, each=1))]
    house.publish(firm.run("collections"), findings)
    answer = house.client(Role.COLLECTOR).get("/collections/export.csv")
    assert "'=HYPERLINK(1)" in answer.text
    assert "'@SUM(1)" in answer.text
    assert not re.search(r"(^|,)[\"]?[=@+]", answer.text, flags=re.MULTILINE)
    assert re.search(r'filename="plumbline-collections-open-20261124T0845Z\.csv"', answer.headers["Content-Disposition"])


def renamed(finding: Finding, name: str) -> Finding:
    return replace(finding, client_name=name)
