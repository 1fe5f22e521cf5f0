"""`plumbline guidelines`: from a client's document to a control that goes by it, through two persons."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from tests.controls.case import told
from tests.plumbline.command_line import Cli

OLD: Final = "Client: c\nDocument: First edition\nEffective: 2025-01-01\n\n2.1 Time older than 60 days is not accepted.\n2.2 Be kind."
NEW: Final = OLD.replace("First", "Second").replace("60", "30")


@pytest.fixture
def firm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The firm of the cases, with time of 3 March that was entered 40 days later, and a guideline that names no control."""
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "home"))
    told(
        {
            "time_entry": [{"entered_at": "2025-04-12T09:00"}],
            "billing_guideline": [{"rule": "po_required"}],
        }
    ).lake(tmp_path / "home" / "lake")
    (tmp_path / "old.txt").write_text(OLD, "utf-8")
    (tmp_path / "new.txt").write_text(NEW, "utf-8")
    return Cli(tmp_path / "home")


def file(firm: Cli, name: str) -> str:
    return str(firm.home.parent / name)


def token(firm: Cli, name: str, role: str) -> str:
    return str(firm.json("token", "issue", name, "--role", role)["token"])


def test_a_document_is_read_with_examples_and_what_is_left(firm: Cli) -> None:
    found = firm.json("guidelines", "read", file(firm, "new.txt"), "--as-of", "2025-04-20")
    [rule] = found["rules"]
    assert (rule["control"], rule["parameters"], rule["units"]) == ("late_entry", {"days": 30}, {"days": "days"})
    assert rule["clauses"] == [{"clause": "2.1", "line": 5, "text": "Time older than 30 days is not accepted."}]
    assert rule["examples"] == [
        {"says": "entered 30 days after the work", "fires": False, "confirmed": True},
        {"says": "entered 31 days after the work", "fires": True, "confirmed": True},
    ]
    assert found["unread"] == [{"clause": "2.2", "line": 6, "text": "Be kind.", "why": "no phrase reads it"}]
    assert found["obstacles"] == []
    shown = firm("guidelines", "read", file(firm, "new.txt"), "--as-of", "2025-04-20")
    assert "entered 31 days" in shown.stdout
    assert "it can be signed" in shown.stderr


def test_a_fault_is_told_with_its_line_and_an_exit_code(firm: Cli) -> None:
    bad = firm.home.parent / "bad.yaml"
    bad.write_text(
        "client: c\neffective_on: 2025-01-01\nclauses:\n- {clause: '1', text: T., rule: late_entry, parameters: {day: 3}}", "utf-8"
    )
    [fault] = firm.json("guidelines", "read", str(bad), code=4)["faults"]
    assert fault == {"line": 4, "what": "clause 1: late_entry has no parameter 'day'", "mend": "It has: days."}
    assert "late_entry has no parameter 'day'" in firm.json("guidelines", "prepare", str(bad), "--token", "x", code=3)["detail"]
    assert "cannot be opened" in firm.json("guidelines", "read", file(firm, "none.txt"), code=2)["detail"]
    (firm.home.parent / "bare.txt").write_text("1. Hello.", "utf-8")
    assert "does not say whose it is" in firm.json("guidelines", "read", file(firm, "bare.txt"), code=4)["detail"]


def test_a_change_shows_its_rules_and_its_effect_on_open_drafts(firm: Cli) -> None:
    found = firm.json("guidelines", "diff", file(firm, "old.txt"), file(firm, "new.txt"), "--as-of", "2025-04-20")
    assert found["changes"] == [
        {
            "change": "changed",
            "control": "late_entry",
            "about": "",
            "before": "clause 2.1",
            "after": "clause 2.1",
            "parameters": {"days": {"before": 60, "after": 30}},
        }
    ]
    assert found["effect"]["on_open_drafts"] == {
        "appears": {"findings": 1, "money": {"EUR": "800.00"}},
        "clears": {"findings": 0, "money": {}},
    }
    [appears] = found["effect"]["appears"]
    assert (appears["control"], appears["entity_id"], appears["bill"], appears["place"]) == ("late_entry", "t", "i", "open draft")
    assert "days 60 → 30" in firm("guidelines", "diff", file(firm, "old.txt"), file(firm, "new.txt"), "--as-of", "2025-04-20").stdout
    assert "one document or two" in firm.json("guidelines", "diff", *[file(firm, "old.txt")] * 3, code=2)["detail"]


def test_only_what_another_person_signed_counts(firm: Cli) -> None:
    ana, ben = token(firm, "Ana Ortiz", "billing_reviewer"), token(firm, "Ben Okoro", "controller")
    after = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"
    new = file(firm, "new.txt")
    assert "Nobody has prepared this document" in firm.json("guidelines", "sign", new, "--token", ben, code=3)["detail"]
    firm("guidelines", "prepare", new, "--token", ana)
    assert firm.json("check", "late_entry", "--as-of", after)["findings"] == [], "prepared, and not signed"
    assert "another person has to sign it" in firm.json("guidelines", "sign", new, "--token", ana, code=3)["detail"]
    assert "not in force" in firm.json("guidelines", "sign", new, "--token", "plumbline_x_y", code=2)["detail"]
    signed = firm.json("guidelines", "sign", new, "--token", ben)
    assert (signed["step"], signed["by"], signed["client"], signed["rules"]) == ("signed", "Ben Okoro", "c", 1)
    [late] = firm.json("check", "late_entry", "--as-of", after)["findings"]
    assert (late["expected"], late["found"], late["rests_on_table"]) == ("30", "40", "billing_guideline")
    assert late["clause"] == "Second edition, clause 2.1: “Time older than 30 days is not accepted.”"
    assert firm.json("check", "late_entry", "--as-of", "2025-04-20")["findings"] == [], "known from the sign-off on"
    assert late["clause"] in _explained(firm, after)
    assert [(one["step"], one["actor"]) for one in firm.json("guidelines", "log")["steps"]] == [
        ("prepared", "Ana Ortiz"),
        ("signed", "Ben Okoro"),
    ]
    assert "Ben Okoro" in firm("guidelines", "log", "--client", "c").stdout
    [change] = firm.json("guidelines", "diff", file(firm, "old.txt"), "--as-of", after)["changes"]
    assert (change["before"], change["parameters"]) == ("clause 2.1 of the document in force", {"days": {"before": 30, "after": 60}})


def test_what_no_control_reads_in_the_records_is_told(firm: Cli) -> None:
    found = firm.json("guidelines", "check", "--as-of", "2025-04-20")
    assert [(one["guideline_id"], one["what"]) for one in found["not_read"]] == [("gl", "no control is named 'po_required'")]
    assert "po_required" in firm("guidelines", "check", "--as-of", "2025-04-20").stdout
    assert "1 guideline changes no control as it stands" in firm("check", "--as-of", "2025-04-20").stderr


def test_a_document_is_read_where_there_are_no_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "empty"))
    (tmp_path / "a.txt").write_text("1. Time older than 30 days is not accepted.", "utf-8")
    run = Cli(tmp_path / "empty")
    found = run("guidelines", "read", str(tmp_path / "a.txt"), "--client", "c", "--effective-on", "2025-01-01")
    assert "there are no records here" in found.stderr
    assert "write a date" in run.json("guidelines", "read", str(tmp_path / "a.txt"), "--effective-on", "soon", code=2)["detail"]


def _explained(firm: Cli, as_of: str) -> list[str]:
    """The cells of the evidence that a reviewer is shown of time that came too late."""
    firm("check", "late_entry", "--publish", "--as-of", as_of)
    reader = {"Authorization": f"Bearer {token(firm, 'Rui', 'billing_reviewer')}"}
    with TestClient(create_app(Settings(home=firm.home)), base_url="https://testserver") as client:
        [one] = client.get("/v1/recommendations", headers=reader).json()["items"]
        told = client.get(f"/v1/recommendations/{one['id']}/explanation", headers=reader).json()
    return [cell for table in told["evidence"] for row in table["rows"] for cell in row]


def test_where_nothing_is_amiss_words_say_so(firm: Cli) -> None:
    assert "no document has been prepared or signed of client c" in firm("guidelines", "log", "--client", "c").stderr
    assert "no control finds anything as of 2024-01-02 00:00 UTC" in firm("check", "--as-of", "2024-01-01").stderr
    nothing = firm("check", "po_missing", "--as-of", "2024-01-01")
    assert nothing.stdout == ""
    assert "po_missing finds nothing as of 2024-01-02 00:00 UTC" in nothing.stderr
    before = firm("guidelines", "check", "--as-of", "2024-01-01")
    assert before.stdout == ""
    assert "there are no guidelines in the records as of 2024-01-02 00:00 UTC" in before.stderr
    found = firm("guidelines", "check", "--as-of", "2025-04-20")
    assert "not read by any control" in found.stdout
    assert "no two of them contradict each other" in found.stderr
    assert "every guideline" not in found.stderr, "one in the records is not read"


def test_guidelines_that_are_all_read_are_counted(firm: Cli) -> None:
    row = {
        "guideline_id": "read",
        "rule": "late_entry",
        "parameters": '{"days": 60}',
        "effective_on": "2025-01-01",
        "recorded": "2025-01-01",
    }
    told({"billing_guideline": [row]}).lake(firm.home / "other" / "lake")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PLUMBLINE_HOME", str(firm.home / "other"))
        found = firm("guidelines", "check", "--as-of", "2025-04-20")
    assert found.stdout == ""
    assert "every guideline in the records is read by a control: 1 as of 2025-04-21 00:00 UTC" in found.stderr
