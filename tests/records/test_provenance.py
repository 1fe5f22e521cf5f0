"""Knowledge time of rows whose export gives none, table by table."""

from datetime import UTC, datetime
from pathlib import Path

from records.intake import LAKE, import_folder
from records.lake import Lake

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)


def _imported(tmp_path: Path, **files: str) -> dict[str, dict[str, int]]:
    folder = tmp_path / "export"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    report = import_folder(folder, tmp_path / "home", now=NOW)
    return {table.table: dict(table.recorded_at) for file in report.files for table in file.tables}


def _recorded(tmp_path: Path, table: str) -> dict[str, datetime]:
    rows = Lake(tmp_path / "home" / LAKE).read(table).select(f"{table.removeprefix('invoice_')}_id", "recorded_at").collect()
    return dict(rows.iter_rows())


def test_the_first_filled_column_that_tells_wins(tmp_path: Path) -> None:
    found = _imported(
        tmp_path,
        invoice="""invoice_id,client_id,kind,drafted_at,issued_on,currency,net_amount,recorded_at
i1,c1,invoice,2026-01-03T10:00:00Z,2026-01-05,EUR,1,2026-01-02T00:00:00Z
i2,c1,invoice,2026-01-03T10:00:00Z,2026-01-05,EUR,1,
i3,c1,invoice,,2026-01-05,EUR,1,
i4,c1,invoice,,,EUR,1,
i5,c1,invoice,,2026-01-05,EUR,1,2026-01-02
""",
    )
    assert found == {"invoice": {"recorded_at": 2, "drafted_at": 1, "issued_on": 1, "import": 1}}
    assert _recorded(tmp_path, "invoice") == {
        "i1": datetime(2026, 1, 2, tzinfo=UTC),
        "i2": datetime(2026, 1, 3, 10, tzinfo=UTC),
        "i3": datetime(2026, 1, 6, tzinfo=UTC),
        "i4": NOW,
        "i5": datetime(2026, 1, 3, tzinfo=UTC),
    }


def test_lines_are_known_with_their_invoice_and_clients_with_their_first(tmp_path: Path) -> None:
    found = _imported(
        tmp_path,
        client="client_id,name,currency,onboarded_on\nc1,One,EUR,\nc2,Two,EUR,2020-01-01\nc3,Three,EUR,\n",
        invoice="""invoice_id,client_id,kind,issued_on,currency,net_amount
i1,c1,invoice,2026-01-09,EUR,1
i2,c1,invoice,2026-01-05,EUR,1
i3,c1,invoice,,EUR,1
""",
        invoice_line="line_id,invoice_id,line_no,kind,net_amount\nl1,i1,1,time,1\nl3,i3,1,time,1\nl9,i9,1,time,1\n",
        payment_allocation="allocation_id,payment_id,invoice_id,amount,allocated_on\na1,p1,i3,1,2026-02-01\n",
    )
    assert found["client"] == {"first invoice": 1, "onboarded_on": 1, "import": 1}
    assert found["invoice"] == {"issued_on": 2, "first payment_allocation": 1}
    assert found["invoice_line"] == {"with invoice": 2, "import": 1}
    assert _recorded(tmp_path, "client")["c1"] == datetime(2026, 1, 6, tzinfo=UTC)
    assert _recorded(tmp_path, "invoice")["i3"] == datetime(2026, 2, 2, tzinfo=UTC)
    assert _recorded(tmp_path, "invoice_line") == {
        "l1": datetime(2026, 1, 10, tzinfo=UTC),
        "l3": datetime(2026, 2, 2, tzinfo=UTC),
        "l9": NOW,
    }


def test_a_row_without_any_date_is_not_new_at_every_import(tmp_path: Path) -> None:
    text = "person_id,role,weekly_minutes\np1,consultant,2400\n"
    assert _imported(tmp_path, person=text) == {"person": {"import": 1}}
    later = import_folder(tmp_path / "export", tmp_path / "home", now=datetime(2027, 1, 1, tzinfo=UTC))
    assert (later.rows.accepted, later.rows.duplicate) == (0, 1)


def test_a_calendar_is_known_since_its_year_began(tmp_path: Path) -> None:
    text = "calendar_id,day,working,minutes,recorded_at\nZRH,2026-12-25,no,0,\nZRH,2026-12-24,no,0,2026-11-02T09:00:00Z\n"
    assert _imported(tmp_path, calendar_day=text) == {"calendar_day": {"day": 1, "recorded_at": 1}}
    days = Lake(tmp_path / "home" / LAKE).read("calendar_day").collect().sort("day")["recorded_at"].to_list()
    assert days == [datetime(2026, 11, 2, 9, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)]


def test_a_client_first_met_earlier_is_not_a_new_version(tmp_path: Path) -> None:
    head = "invoice_id,client_id,kind,issued_on,currency,net_amount\n"
    client = "client_id,name,currency\nc1,One,EUR\n"
    _imported(tmp_path, client=client, invoice=head + "i1,c1,invoice,2026-01-05,EUR,1\n")
    _imported(tmp_path, client=client, invoice=head + "i2,c1,invoice,2026-03-05,EUR,1\n")
    assert _recorded(tmp_path, "client") == {"c1": datetime(2026, 1, 6, tzinfo=UTC)}
    assert Lake(tmp_path / "home" / LAKE).read("client").collect().height == 1
