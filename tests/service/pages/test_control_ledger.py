"""The page of the controls: what people made of each, proposals with their commands, and nothing to press."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from models.control_trials import KeptTrial, keep_trial
from service.auth import Actor, Role
from service.database import writing
from service.decisions import Choice, decide
from service.status import DismissReason, Verdict
from tests.service.pages import firm
from tests.service.pages.house import House, Street
from tests.service.pages.test_access import check

ANA = Actor("t1", "Ana", Role.BILLING_REVIEWER)
WRONG = Choice(Verdict.DISMISS, DismissReason.EVIDENCE_WRONG)


@pytest.fixture
def judged_house(full_house: House) -> House:
    """An order number that was called missing twelve times and never was, and one that waits."""
    run = replace(firm.run("dispute"), id="checked", risk="po_missing")
    told = [replace(one, kind="control", risk="po_missing", probability=None) for one in firm.drafts(13)]
    full_house.publish(run, told)
    with writing(full_house.app.state.serving.engine) as session:
        for number, one in enumerate(told[:12]):
            decide(session, ANA, id=one.id, choice=WRONG, now=full_house.now + timedelta(minutes=2 * number))
    return full_house


def test_it_tells_verdicts_minutes_and_a_proposal_with_its_command(judged_house: House) -> None:
    html = unescape(judged_house.client(Role.CONTROLLER).get("/controls").text)
    assert "Retire it: nothing that it said was right. Of 12 verdicts 0 were right (95 %: 0% to 24%)." in html
    assert '<code>plumbline controls backtest po_missing</code></dd><dd class="quiet">Untried.</dd>' in html
    row = html.split("Po missing<small>", 1)[1].split("</tr>", 1)[0]
    assert re.findall(r'<td class="money"[^>]*>([^<]*)', row) == ["13", "1", "0", "12", "0%", "–", "22"]
    assert "Ana" not in html.split("<main", 1)[1]


def test_a_trial_that_was_run_is_told(judged_house: House) -> None:
    home = judged_house.app.state.serving.settings.home
    keep_trial(home, KeptTrial("po_missing", {}, judged_house.now, judged_house.now, 31, 31, 0, 0, 0))
    html = judged_house.client(Role.BILLING_REVIEWER).get("/controls").text
    assert "Tried 24 Nov 2026, 08:45 UTC: 31 findings through the records." in html


def test_it_has_no_form_of_its_own_and_is_linked_for_those_who_see_controls(judged_house: House) -> None:
    html = judged_house.client(Role.AUDITOR).get("/controls").text
    assert "<form" not in html.split("<main", 1)[1]
    assert 'href="/controls" aria-current="page"' in html
    assert 'href="/controls"' not in judged_house.client(Role.COLLECTOR).get("/collections").text
    refused = judged_house.client(Role.ADMINISTRATOR).get("/controls")
    assert refused.status_code == 403
    assert "This page takes the role auditor, billing reviewer, collector, controller, delivery lead or model steward;" in refused.text
    assert "you are signed in as administrator." in refused.text


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_can_be_read_by_everyone(judged_house: House, street: Street, dark: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    assert street.house is judged_house
    page = street.visit(Role.BILLING_REVIEWER, "/controls", dark=dark, scripts=True, width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.click("summary:has-text('never spoke')")
    check(page)
