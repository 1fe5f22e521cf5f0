"""`plumbline check`: a finding with all that a person needs to act on it."""

import re
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from models.control_trials import kept_trials
from service.app import create_app
from service.settings import Settings
from tests.controls.case import Told, told
from tests.plumbline.command_line import Cli


@pytest.fixture
def firm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The firm of the cases, with a rate above the card and an order that is missing."""
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
    wrong: dict[str, list[Told]] = {
        "invoice_line": [{"unit_price": 110, "net_amount": 880}],
        "contract": [{"po_required": True}],
        "invoice": [{"net_amount": 880}],
    }
    told(wrong).lake(tmp_path / "lake")
    return Cli(tmp_path)


def test_a_finding_tells_what_was_expected_what_it_rests_on_and_what_clears_it(firm: Cli) -> None:
    found = {one["control"]: one for one in firm.json("check", "--as-of", "2025-04-02")["findings"]}
    assert set(found) == {"rate_above_card", "po_missing", "gross_arithmetic"}
    rate = found["rate_above_card"]
    assert (rate["entity"], rate["entity_id"], rate["expected"], rate["found"]) == ("invoice_line", "l", "100.00", "110.00")
    assert (rate["difference"], rate["currency"], rate["unit"], rate["severity"]) == ("80.00", "EUR", "rate", "error")
    assert (rate["rests_on_table"], rate["rests_on_id"]) == ("rate_card_line", "v")
    assert rate["clears"].startswith("bill the card's rate")


def test_the_gravest_come_first_and_one_control_can_be_asked_alone(firm: Cli) -> None:
    every = [one["severity"] for one in firm.json("check", "--as-of", "2025-04-02")["findings"]]
    assert every == ["blocker", "error", "error"]
    alone = firm.json("check", "po_missing", "--as-of", "2025-04-02")["findings"]
    assert [one["entity_id"] for one in alone] == ["i"]


def test_before_the_draft_was_made_nothing_is_wrong(firm: Cli) -> None:
    assert firm.json("check", "--as-of", "2025-03-31")["findings"] == []


def test_a_control_that_is_not_there_is_refused_by_name(firm: Cli) -> None:
    assert "there is no control rate_below; there are amendment_not_reflected" in firm.json("check", "rate_below", code=2)["detail"]


def test_what_is_found_is_published_and_leaves_the_worklist_when_it_is_put_right(firm: Cli) -> None:
    firm("check", "--publish", "--as-of", "2025-04-02")
    with TestClient(create_app(Settings(home=firm.home)), base_url="https://testserver") as client:
        token = firm.json("token", "issue", "Ana", "--role", "billing_reviewer")["token"]
        reader = {"Authorization": f"Bearer {token}"}
        listed = client.get("/v1/recommendations", headers=reader).json()["items"]
        assert [(one["risk"], one["likelihood"]["words"]) for one in listed] == [
            ("po_missing", "certain"),
            ("gross_arithmetic", "certain"),
            ("rate_above_card", "certain"),
        ]
        told({"contract": [{"po_required": True, "po_ref": "PO-7"}], "invoice": [{"po_ref": "PO-7", "recorded": "2025-04-05"}]}).lake(
            firm.home / "lake"
        )
        firm("check", "po_missing", "--publish", "--as-of", "2025-04-06")
        left = client.get("/v1/recommendations", headers=reader).json()["items"]
        assert [one["risk"] for one in left] == ["gross_arithmetic", "rate_above_card"]


def test_a_tolerance_is_tried_on_history(firm: Cli) -> None:
    found = firm.json("controls", "backtest", "rate_above_card", "--set", "rounding=20", "--as-of", "2025-04-02")
    assert found["tolerances"] == {"rounding": 20}
    assert (found["as_it_is"]["findings"], found["as_tried"]["findings"], found["only_as_it_is"]["findings"]) == (1, 0, 1)
    assert found["as_it_is"]["money"] == {"EUR": "80.00"}
    assert "only as it is" in firm("controls", "backtest", "rate_above_card", "--set", "rounding=20", "--as-of", "2025-04-02").stdout
    wrong = firm.json("controls", "backtest", "rate_above_card", "--set", "rounding", code=2)["detail"]
    assert wrong == "--set rounding: write a tolerance and its value, such as rounding=0.50"
    assert "has no tolerance words" in firm.json("controls", "backtest", "rate_above_card", "--set", "words=2", code=2)["detail"]


def test_the_ledger_tells_what_people_made_of_it_and_a_trial_is_kept(firm: Cli) -> None:
    firm("check", "--publish", "--as-of", "2025-04-02")
    lines = {one["name"]: one for one in firm.json("controls", "ledger")["items"]}
    assert [name for name, one in lines.items() if one["recommendations"]] == ["rate_above_card", "gross_arithmetic", "po_missing"]
    assert lines["po_missing"]["proposal"] is None
    assert "3 of" in firm("controls", "ledger").stdout
    assert firm.json("controls", "backtest", "po_missing", "--as-of", "2025-04-02")["as_it_is"]["findings"] == 1
    [kept] = kept_trials(firm.home)
    assert (kept.control, dict(kept.tolerances), kept.as_is, kept.tried, kept.vanished) == ("po_missing", {}, 1, 1, 0)


@pytest.mark.parametrize(
    ("role", "area", "view", "rows"),
    [
        ("billing_reviewer", "/billing", "open", {"time_entry": [{"approver_id": "w"}]}),
        ("billing_reviewer", "/billing", "open", {"invoice_line": [{"description": "Services"}]}),
        ("billing_reviewer", "/billing", "unbilled", {"expense": [{"receipt": "missing"}]}),
        ("delivery_lead", "/delivery", "open", {"project": [{"billing_method": "retainer"}], "contract": [{"retainer_amount_month": 100}]}),
        ("delivery_lead", "/delivery", "open", {"revenue_schedule": [{"recognized_on": "2025-04-01", "recognized_amount": 5000}]}),
    ],
)
def test_a_finding_has_a_page_whatever_record_it_is_about(
    role: str, area: str, view: str, rows: dict[str, list[Told]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
    told(rows).lake(tmp_path / "lake")
    run = Cli(tmp_path)
    run("check", "--publish", "--as-of", "2025-04-02")
    with TestClient(create_app(Settings(home=tmp_path)), base_url="https://testserver") as client:
        token = run.json("token", "issue", "Ana", "--role", role)["token"]
        [crumb] = re.findall(r'name="csrf_token" value="([^"]*)"', client.get("/sign-in").text)
        client.post("/sign-in", data={"token": token, "csrf_token": crumb, "next": "/"}, headers={"Origin": "https://testserver"})
        listed = f"{area}?view={view}"
        [chosen] = set(re.findall(rf'href="({area}\?[^"]*selected=[^"]*)"', client.get(listed).text))
        [link] = set(re.findall(rf'href="({area}/[^"]*record=[^"]*)"', client.get(unescape(chosen)).text))
        page = client.get(unescape(link))
        [found] = client.get("/v1/recommendations", headers={"Authorization": f"Bearer {token}"}).json()["items"]
        assert page.status_code == 200
        assert found["title"] in unescape(page.text)
