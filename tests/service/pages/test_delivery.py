"""The delivery lead's pages: projects and timesheets in one list, and nothing by person."""

import re
from html import unescape

import pytest

from controls.catalog import CONTROLS
from models.catalog import RISKS
from service.auth import Role
from service.pages.course_text import CAUSES
from service.pages.places import AREAS, DELIVERY
from tests.service.pages import delivery, firm
from tests.service.pages.house import House

PROJECT = "/delivery/projects/P-103"
SHEET = "/delivery/timesheets/W003:2026-11-16"


def words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def test_every_risk_has_an_area_and_every_record_of_it_a_page() -> None:
    assert {area.owner_role for area in AREAS} == {risk.owner_role for risk in RISKS}
    assert DELIVERY.risks == {"margin", "missing_time"} | {control.name for control in CONTROLS if control.owner_role == "delivery_lead"}
    assert DELIVERY.record_page("margin", "j 1") == "/delivery/projects/j%201"
    assert DELIVERY.record_page("missing_time", "w1:2026-11-16") == "/delivery/timesheets/w1%3A2026-11-16"


def test_views_hold_what_they_say(full_house: House) -> None:
    client = full_house.client(Role.DELIVERY_LEAD)
    for view, number in (("open", 70), ("projects", 40), ("timesheets", 30), ("recent", 70), ("decided", 0)):
        text = words(client.get(f"/delivery?view={view}").text)
        assert f"{number} recommendations" in text
    assert words(client.get("/delivery?view=timesheets").text).count("may be missing at the deadline") >= 30
    assert "may be missing" not in words(client.get("/delivery?view=projects").text)


def test_nothing_is_new_on_a_first_night(house: House) -> None:
    house.publish(firm.run("margin"), delivery.projects(4))
    client = house.client(Role.DELIVERY_LEAD)
    assert "New this week 0" in words(client.get("/delivery").text)
    assert "No line is in this view." in words(client.get("/delivery?view=recent").text)


def test_a_view_keeps_its_part_when_it_is_searched(full_house: House) -> None:
    text = words(full_house.client(Role.DELIVERY_LEAD).get("/delivery?view=timesheets&q=leeds").text)
    assert "15 recommendations" in text
    assert "Projects 0" in text
    assert "Timesheets 15" in text


@pytest.mark.parametrize("query", ["W003", "w003, week", "W003:2026-11-16", "timesheet of W003"])
def test_nothing_is_found_by_person(full_house: House, query: str) -> None:
    client = full_house.client(Role.DELIVERY_LEAD)
    assert "0 recommendations" in words(client.get("/delivery", params={"q": query}).text)
    assert client.get("/delivery/timesheets/W003").status_code == 404
    assert client.get("/delivery/people/W003").status_code == 404


def test_a_project_tells_where_its_margin_goes_and_its_parts_add_up(full_house: House) -> None:
    html = full_house.client(Role.DELIVERY_LEAD).get(PROJECT).text
    table = re.search(r'<table class="data margin".*?</table>', html, flags=re.DOTALL)
    assert table
    figures = re.findall(r'<th scope="row">([^<]+).*?<td class="money"[^>]*>([^<]+)</td>', table[0], flags=re.DOTALL)
    shown = {name: float(value.strip("%").replace("−", "-")) for name, value in figures}
    assert set(shown) == {"Plan", "If it goes on like this", "Forecast at completion", *(name for name, _ in CAUSES.values())}
    moved = sum(shown[name] for name, _ in CAUSES.values())
    assert shown["Plan"] + moved == pytest.approx(shown["If it goes on like this"])
    course = delivery.course(3)
    text = words(html)
    assert f"Expected to end at {course.middle:.0%}, planned were {course.planned:.0%}" in text
    assert f"eight end between {course.low:.0%} and {course.high:.0%}" in text
    assert "Effort −9.0 points, Mix −2.0 points, Scope −1.0 points." in text


def test_the_picture_of_cost_its_description_and_its_table_say_the_same(full_house: House) -> None:
    html = full_house.client(Role.DELIVERY_LEAD).get(PROJECT).text
    burn = delivery.course(3).burn
    [described] = re.findall(r'<desc id="burn-desc">([^<]*)</desc>', html)
    last = f"€{burn.spent[-1][1]:,}"
    assert f"Spent by 23 Nov 2026: {last}." in described
    rows = re.findall(r'<tr><th scope="row">[^<]*</th><td class="money"[^>]*>([^<]*)</td>', html.partition('id="burn-table"')[2])
    assert rows[-1] == last
    assert f"€{burn.at_completion:,}" in described
    assert f"costs €{burn.at_completion - burn.granted:,} more than the budget" in words(html)


def test_a_withheld_likelihood_shows_no_forecast_of_the_margin(house: House) -> None:
    house.publish(firm.run("margin", withheld="Calibration failed."), delivery.projects(4))
    text = words(house.client(Role.DELIVERY_LEAD).get(PROJECT).text)
    assert "Calibration failed." in text
    assert "Forecast at completion" not in text
    assert "If it goes on like this it ends at" in text


def test_a_timesheet_tells_expected_and_entered_hours_leave_and_deadline(full_house: House) -> None:
    text = words(full_house.client(Role.DELIVERY_LEAD).get(SHEET).text)
    for said in ("Expected hours", "away, as registered", "nothing on record", "Deadline today 24 Nov 2026", "as registered by then"):
        assert said in text
    assert "Where the margin goes" not in text


@pytest.mark.parametrize("role", [Role.COLLECTOR, Role.BILLING_REVIEWER, Role.ADMINISTRATOR])
def test_other_queues_do_not_see_it(full_house: House, role: Role) -> None:
    client = full_house.client(role)
    for path in ("/delivery", PROJECT, SHEET, "/delivery/export.csv"):
        assert client.get(path).status_code in {403, 404}


def test_an_auditor_reads_and_does_not_decide(full_house: House) -> None:
    text = words(full_house.client(Role.AUDITOR).get(PROJECT).text)
    assert "Your role may read this, not decide it." in text


def test_how_others_came_out_is_said_in_the_words_of_a_timesheet(house: House) -> None:
    findings = delivery.timesheets(3)
    house.publish(firm.run("missing_time"), findings)
    client = house.client(Role.DELIVERY_LEAD)
    html = client.get("/delivery?view=timesheets").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert token
    form = {"csrf_token": token[1], "verdict": "accept", "record": f"{findings[0].id} ", "place": ""}
    assert client.post("/delivery/decisions", data=form, follow_redirects=False).status_code == 303
    house.publish(firm.run("missing_time", name="2"), findings[1:], firm.entered(findings[0]))
    text = words(client.get("/delivery/timesheets/W001:2026-11-16").text)
    assert "How those came out: 1 completed." in text
