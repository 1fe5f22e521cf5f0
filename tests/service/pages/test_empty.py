"""Four reasons for an empty list, which must not look alike; and what must be known before a list is trusted."""

from datetime import timedelta

from service.auth import Role
from service.database import reading
from service.pages.banners import banners_of
from service.pages.wording import Wording
from service.runs import current_runs
from tests.service.pages import firm
from tests.service.pages.firm import CAVEAT
from tests.service.pages.house import House


def test_nothing_was_ever_scored(house: House) -> None:
    html = house.client(Role.COLLECTOR).get("/collections").text
    assert "Not set up yet" in html


def test_all_clear_says_when_it_was_checked(house: House) -> None:
    house.publish(firm.run("collections"), ())
    html = house.client(Role.COLLECTOR).get("/collections").text
    assert "All clear" in html
    assert "Last scored 24 Nov 2026, 06:10 UTC on the records as of 24 Nov 2026, 00:00 UTC." in html


def test_no_match_offers_to_clear_the_filters(full_house: House) -> None:
    html = full_house.client(Role.COLLECTOR).get("/collections?q=nobody&view=snoozed").text
    assert "No match" in html
    assert '<a href="/collections?view=snoozed">Clear the filters</a>' in html


def test_late_data_is_not_all_clear(house: House) -> None:
    house.publish(firm.run("collections"), ())
    house.now = firm.NOW + timedelta(days=2)
    html = house.client(Role.COLLECTOR).get("/collections").text
    assert "Data late" in html
    assert "All clear" not in html
    assert "Collections: scored on the records as of 24 Nov 2026, 00:00 UTC" in html


def test_a_list_on_late_data_says_so_and_can_be_worked(full_house: House) -> None:
    client = full_house.client(Role.COLLECTOR)
    assert "may be out of date" not in client.get("/collections").text
    full_house.now = firm.NOW + timedelta(days=1, hours=4)
    html = client.get("/collections").text
    assert "may be out of date" in html
    assert 'value="accept"' in html


def test_scorings_of_one_state_are_late_in_one_line(house: House) -> None:
    for risk in ("collections", "dispute", "margin", "missing_time", "po_missing"):
        house.publish(firm.run(risk, notices=("GBP has no rate.",)), ())
    late = house.now + timedelta(days=3)
    with reading(house.app.state.serving.engine) as session:
        told = banners_of(current_runs(session), late, wording=Wording("en", "UTC", late))
    assert [one.text for one in told] == [
        (
            "Collections, Dispute, Margin and 2 more: scored on the records as of 24 Nov 2026, 00:00 UTC – "
            "likelihoods and dates may be out of date."
        ),
        "GBP has no rate.",
    ]


def test_withheld_likelihood_is_in_no_word_and_no_number(house: House) -> None:
    house.publish(firm.run("collections", withheld="Calibration failed on the last quarter."), firm.collections(4))
    client = house.client(Role.COLLECTOR)
    for path in ("/collections", "/collections?selected=C0001", "/collections/accounts/C0001", "/collections?view=decided"):
        html = client.get(path).text
        assert " in 10" not in html
        assert "likely ·" not in html
    html = client.get("/collections?selected=C0001").text
    assert "Model not sure – ranked by rule and amount only" in html
    assert "Calibration failed on the last quarter." in html


def test_accounts_with_nothing_to_gain_stand_behind_a_link(full_house: House) -> None:
    client = full_house.client(Role.COLLECTOR)
    last = client.get("/collections").text
    assert "5 accounts need no action now" in last
    rest = client.get("/collections?view=rest").text
    assert rest.count('<tbody class="line') == 5


def test_todays_calls_end_at_the_line(full_house: House) -> None:
    client = full_house.client(Role.COLLECTOR)
    assert client.get("/collections?view=today").text.count('<tbody class="line') == 30
    html = client.get("/collections").text
    before, line, after = html.partition('<tbody class="capacity">')
    assert line
    assert (before.count('<tbody class="line'), after.count('<tbody class="line')) == (30, 20)


def test_a_paid_invoice_closes_by_itself_and_says_so(full_house: House) -> None:
    findings = firm.collections(64, idle=5)
    gone = findings[0]
    full_house.publish(firm.run("collections", name="2"), firm.without(findings, gone), firm.paid(gone))
    client = full_house.client(Role.COLLECTOR)
    assert "Paid in full on 24 Nov 2026." in client.get("/collections?view=closed").text
    account = client.get(f"/collections/accounts/{gone.client_id}").text
    assert f"{gone.reference} · £1,900.50 · Paid in full on 24 Nov 2026." in account


def test_a_provisional_score_is_marked(full_house: House) -> None:
    client = full_house.client(Role.COLLECTOR)
    assert "provisional" in client.get("/collections?q=INV-20017").text
    assert "Provisional: scored by a simple rule" in client.get("/collections/accounts/C0008?record=collections%3AINV-20017%3Aonce").text


def test_what_simulated_firms_taught_is_provisional_and_so_is_its_money(full_house: House) -> None:
    client = full_house.client(Role.COLLECTOR)
    found = client.get("/collections?q=INV-20034").text
    assert found.count("provisional") >= 2
    assert "· provisional</small>" in found, "the expected money is marked too"
    detail = client.get("/collections/accounts/C0017?record=collections%3AINV-20034%3Aonce").text
    assert CAVEAT in detail
    assert "scored by a simple rule" not in detail
    sure = client.get("/collections/accounts/C0016?record=collections%3AINV-20033%3Aonce").text
    assert "rovisional" not in sure
