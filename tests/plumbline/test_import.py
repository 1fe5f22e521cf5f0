"""What a person reads of an import and of the quarantine: two sentences of each fault, and where a row's knowledge time is from."""

from pathlib import Path

import pytest

from tests.plumbline.command_line import Cli

FILES = {
    "client.csv": "client_id,name,currency\nC1,One,EUR\nC2,Two,eur\n",
    "invoice.csv": (
        "invoice_id,client_id,kind,drafted_at,issued_on,due_on,currency,net_amount\n"
        "I1,C1,invoice,,2026-10-01,2026-10-31,EUR,100.00\n"
        "I2,C1,invoice,2026-10-02T08:00:00Z,,,EUR,100.00\n"
    ),
    "invoice_line.csv": "line_id,invoice_id,line_no,kind,net_amount\nL1,I1,1,time,100.00\nL2,I9,1,time,5.00\n",
    "person.csv": 'person_id,role,weekly_minutes\nP1,consultant,2400\nP2,consultant,"37,5"\n',
    "cost_rate.csv": (
        "cost_rate_id,person_id,currency,cost_per_hour,effective_on,recorded_at\nR1,P9,EUR,60,2026-01-01,2026-01-05T08:00:00Z\n"
    ),
    "milestone.csv": "milestone_id\nM1\n",
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "home"))
    (tmp_path / "in").mkdir()
    for name, text in FILES.items():
        (tmp_path / "in" / name).write_text(text, encoding="utf-8")
    return Cli(tmp_path)


def cells(told: str, title: str) -> dict[str, list[str]]:
    """The rows of a table by their first cell, below its head."""
    _, _, rest = told.partition(title)
    rows = rest.splitlines()[2:]
    return {row.split("  ")[0].strip(): [cell.strip() for cell in row.split("  ") if cell.strip()][1:] for row in rows if row.strip()}


def test_each_table_says_where_it_is_known_from(run: Cli, tmp_path: Path) -> None:
    told = run("import", str(tmp_path / "in"), code=4)
    known = {table: row[0] for table, row in cells(told.stdout, "Into the records").items()}
    assert known["client"] == "first invoice"
    assert known["invoice"] == "drafted_at (1), issued_on (1)"
    assert known["invoice_line"] == "this import (1), with invoice (1)"
    assert known["person"] == "this import"
    assert known["cost_rate"] == "recorded_at"
    assert "stands in for a missing `recorded_at`" in told.stderr
    assert "person: 1 row known from this import on alone: not seen as of an earlier day" in told.stderr


def test_a_second_import_says_that_nothing_new_is_known(run: Cli, tmp_path: Path) -> None:
    run("import", str(tmp_path / "in"), code=4)
    told = run("import", str(tmp_path / "in"), code=4)
    assert {row[0] for row in cells(told.stdout, "Into the records").values()} == {"as before"}
    assert "known from" not in told.stderr


def test_records_that_say_when_they_were_known_need_no_word_of_it(run: Cli, tmp_path: Path) -> None:
    told = run("import", str(tmp_path / "in" / "cost_rate.csv"))
    assert "recorded_at" in told.stdout
    assert "known from" not in told.stderr


def test_rows_and_files_that_were_set_aside_are_counted_apart(run: Cli, tmp_path: Path) -> None:
    told = run("import", str(tmp_path / "in"), code=4)
    assert "2 rows and 1 file set aside: see `plumbline quarantine`" in told.stderr
    assert "refused: milestone.csv: table milestone needs the columns" in told.stderr
    assert "unresolved: 1 row of invoice_line in invoice_id: no such invoice is on record: I9" in told.stderr
    listed = run("quarantine").stdout
    assert listed.startswith("2 rows and 1 file in quarantine")
    words = " ".join(listed.split())
    assert "is not a currency code. Write the three capital letters of ISO 4217, such as EUR." in words
    rows = cells(listed, "in quarantine")
    assert rows["milestone.csv"][0] == "all"
    assert rows["person.csv"][:3] == ["3", "weekly_minutes", "37,5"]


def test_what_was_settled_is_listed_as_such(run: Cli, tmp_path: Path) -> None:
    run("import", str(tmp_path / "in"), code=4)
    file = tmp_path / "in" / "client.csv"
    file.write_text(FILES["client.csv"].replace("eur", "EUR"), encoding="utf-8")
    run("import", str(file))
    listed = run("quarantine", "--resolved").stdout
    assert cells(listed, "settled ones with them")["client.csv"][-1].startswith("settled 20")
    assert cells(listed, "settled ones with them")["person.csv"][-1] == "open"
    assert "client.csv" not in run("quarantine").stdout
