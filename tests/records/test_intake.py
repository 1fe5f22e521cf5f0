"""Import, import again, correct, mend, retry: what the lake and the report say after each."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from records.intake import LAKE, import_folder, list_quarantine, retry
from records.lake import Lake
from records.refusal import MappingError, NothingToImport, PathMissing
from records.report import ImportReport, TableReport

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
DAY = timedelta(days=1)
INVOICES = "invoice_id,client_id,kind,issued_on,currency,net_amount\n"
Write = Callable[..., Path]


@pytest.fixture
def export(tmp_path: Path) -> Write:
    folder = tmp_path / "export"
    folder.mkdir()

    def write(**files: str) -> Path:
        for name, text in files.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def held(home: Path, table: str, *columns: str) -> list[tuple[object, ...]]:
    return Lake(home / LAKE).read(table).sort("recorded_at").select(columns).collect().rows()


def of(report: ImportReport, table: str) -> TableReport:
    return next(each for file in report.files for each in file.tables if each.table == table)


def test_the_report_balances_money_by_currency(export: Write, home: Path) -> None:
    good = "i1,c1,invoice,2026-01-05,EUR,10.50\ni2,c1,invoice,2026-01-06,USD,0.0001\n"
    bad = "i3,c1,invoice,2026-02-30,EUR,7\ni4,c1,invoice,2026-01-07,EUR,x\n"
    rows = good + bad
    report = of(import_folder(export(invoice=INVOICES + rows), home, now=NOW), "invoice")
    euro, dollar = report.money
    assert (euro.currency, euro.read, euro.accepted, euro.quarantined, euro.unreadable) == (
        "EUR",
        Decimal("17.5"),
        Decimal("10.5"),
        Decimal(7),
        1,
    )
    assert (dollar.currency, dollar.read, dollar.accepted, dollar.unreadable) == ("USD", Decimal("0.0001"), Decimal("0.0001"), 0)
    assert (str(report.first_event), str(report.last_event)) == ("2026-01-05", "2026-01-06")


def test_money_of_a_line_counts_in_the_currency_of_its_invoice(export: Write, home: Path) -> None:
    lines = "line_id,invoice_id,line_no,kind,net_amount\nl1,i1,1,time,4\nl2,i1,2,time,6.5\nl3,i9,1,time,1\n"
    report = of(
        import_folder(export(invoice=INVOICES + "i1,c1,invoice,2026-01-05,CHF,10.5\n", invoice_line=lines), home, now=NOW), "invoice_line"
    )
    assert {total.currency: total.accepted for total in report.money} == {"CHF": Decimal("10.5"), "": Decimal(1)}


def test_a_correction_without_recorded_at_is_known_from_the_import_on(export: Write, home: Path) -> None:
    import_folder(export(invoice=INVOICES + "i1,c1,invoice,2026-01-05,EUR,10\n"), home, now=NOW)
    again = import_folder(export(invoice=INVOICES + "i1,c1,invoice,2026-01-05,EUR,12\n"), home, now=NOW + DAY)
    assert (of(again, "invoice").corrected, of(again, "invoice").rows.accepted) == (1, 1)
    assert held(home, "invoice", "net_amount", "recorded_at") == [
        (Decimal(10), datetime(2026, 1, 6, tzinfo=UTC)),
        (Decimal(12), NOW + DAY),
    ]


def test_a_correction_with_recorded_at_is_a_version_of_its_own(export: Write, home: Path) -> None:
    head = INVOICES.strip() + ",recorded_at\n"
    import_folder(export(invoice=head + "i1,c1,invoice,2026-01-05,EUR,10,2026-01-06T09:00:00Z\n"), home, now=NOW)
    again = import_folder(export(invoice=head + "i1,c1,invoice,2026-01-05,EUR,12,2026-02-01T09:00:00+01:00\n"), home, now=NOW)
    assert (again.rows.accepted, of(again, "invoice").corrected) == (1, 0)
    assert [row[0] for row in held(home, "invoice", "recorded_at")] == [
        datetime(2026, 1, 6, 9, tzinfo=UTC),
        datetime(2026, 2, 1, 8, tzinfo=UTC),
    ]


def test_what_the_lake_contradicts_is_set_aside(export: Write, home: Path) -> None:
    head = INVOICES.strip() + ",recorded_at\n"
    import_folder(export(invoice=head + "i1,c1,invoice,2026-01-05,EUR,10,2026-01-06T09:00:00Z\n"), home, now=NOW)
    again = import_folder(export(invoice=head + "i1,c1,invoice,2026-01-05,EUR,12,2026-01-06T09:00:00Z\n"), home, now=NOW)
    (row,) = again.files[0].quarantined
    assert (row.line, row.faults[0].column, row.faults[0].value) == (2, "invoice_id", "i1")
    assert of(again, "invoice").money[0].quarantined == Decimal(12)
    assert held(home, "invoice", "net_amount") == [(Decimal(10),)]


def test_a_value_that_goes_and_comes_back_is_three_versions(export: Write, home: Path) -> None:
    for days, name in enumerate(["Acme", "Acme Ltd", "Acme"]):
        text = f"client_id,name,currency,onboarded_on\nc1,{name},EUR,2020-01-01\nx{days},other,EUR,2020-01-01\n"
        import_folder(export(client=text), home, now=NOW + days * DAY)
    versions = Lake(home / LAKE).read("client").filter(pl.col("client_id") == "c1").sort("recorded_at").collect()
    assert versions["name"].to_list() == ["Acme", "Acme Ltd", "Acme"]


def test_an_old_export_imported_again_undoes_nothing(export: Write, home: Path) -> None:
    old, new = (
        "client_id,name,currency,onboarded_on\nc1,Acme,EUR,2020-01-01\n",
        "client_id,name,currency,onboarded_on\nc1,Acme Ltd,EUR,2020-01-01\n",
    )
    import_folder(export(client=old), home, now=NOW)
    import_folder(export(client=new), home, now=NOW + DAY)
    again = import_folder(export(client=old), home, now=NOW + 2 * DAY)
    assert (again.rows.duplicate, again.rows.accepted) == (1, 0)
    assert [row[0] for row in held(home, "client", "name")] == ["Acme", "Acme Ltd"]


def test_a_new_source_column_makes_no_new_version(export: Write, home: Path) -> None:
    head = "client_id,name,currency,recorded_at\n"
    import_folder(export(client=head + "c1,Acme,EUR,2026-01-01T00:00:00Z\n"), home, now=NOW)
    again = import_folder(export(client=head.strip() + ",mood\nc1,Acme,EUR,2026-01-01T00:00:00Z,good\n"), home, now=NOW)
    assert (again.rows.duplicate, again.files[0].unknown_columns) == (1, ("mood",))


def test_unknown_columns_are_kept_beside_the_row(export: Write, home: Path) -> None:
    import_folder(export(client="mood,client_id,name,currency,age\ngood,c1,Acme,EUR,\n,c2,Beta,EUR,\n"), home, now=NOW)
    assert sorted(held(home, "client", "client_id", "raw"), key=str) == [("c1", '{"age":null,"mood":"good"}'), ("c2", None)]


def test_a_reference_is_unresolved_until_its_row_arrives(export: Write, home: Path) -> None:
    first = import_folder(export(invoice=INVOICES + "i1,c1,invoice,2026-01-05,EUR,10\ni2,c2,invoice,2026-01-05,EUR,10\n"), home, now=NOW)
    (open_one,) = first.unresolved
    assert (open_one.table, open_one.column, open_one.rows, open_one.examples) == ("invoice", "client_id", 2, ("c1", "c2"))
    assert first.rows.accepted == 2
    second = import_folder(export(client="client_id,name,currency\nc1,Acme,EUR\n"), home, now=NOW)
    assert [(each.rows, each.examples) for each in second.unresolved] == [(1, ("c2",))]
    third = import_folder(export(client="client_id,name,currency\nc1,Acme,EUR\nc2,Beta,EUR\n"), home, now=NOW)
    assert third.unresolved == ()


def test_a_reference_put_right_by_a_later_version_is_resolved(export: Write, home: Path) -> None:
    clients = "client_id,name,currency\nc1,Acme,EUR\n"
    import_folder(export(client=clients, invoice=INVOICES + "i1,c9,invoice,2026-01-05,EUR,10\n"), home, now=NOW)
    report = import_folder(export(invoice=INVOICES + "i1,c1,invoice,2026-01-05,EUR,10\n"), home, now=NOW + DAY)
    assert report.unresolved == ()


def test_a_deletion_needs_only_key_and_time(export: Write, home: Path) -> None:
    import_folder(export(client="client_id,name,currency,recorded_at\nc1,Acme,EUR,2026-01-01T00:00:00Z\n"), home, now=NOW)
    report = import_folder(export(client="client_id,name,currency,recorded_at,deleted\nc1,,,2026-03-01T00:00:00Z,yes\n"), home, now=NOW)
    assert report.rows.accepted == 1
    assert held(home, "client", "deleted") == [(False,), (True,)]


def test_retry_takes_what_was_mended_and_leaves_the_rest(export: Write, home: Path) -> None:
    rows = "i1,c1,invoice,2026-01-05,EUR,10\ni2,c1,invoice,2026-02-30,EUR,10\ni3,c1,invoice,2026-01-06,EUR,ten\n"
    import_folder(export(invoice=INVOICES + rows, client="client_id,name,currency\nc1,Acme,EUR\n", person=""), home, now=NOW)
    entries = list_quarantine(home)
    assert [(entry.path.name, entry.line, entry.table) for entry in entries] == [
        ("invoice.csv", 3, "invoice"),
        ("invoice.csv", 4, "invoice"),
        ("person.csv", 0, "person"),
    ]
    assert entries[0].raw == "i2,c1,invoice,2026-02-30,EUR,10"
    mended = "i0,c1,invoice,2026-01-05,EUR,1\n" + rows.replace("2026-02-30", "2026-02-28")
    export(invoice=INVOICES + mended)
    report = retry(home, NOW + DAY)
    assert [file.file for file in report.files] == ["invoice.csv"]
    assert [file.file for file in report.refused] == ["person.csv"]
    assert (report.rows.accepted, report.rows.duplicate, report.rows.quarantined, report.resolved) == (2, 1, 1, 1)
    assert [(entry.line, entry.id) for entry in list_quarantine(home) if entry.line] == [(5, entries[1].id)]
    assert [entry.resolved_at for entry in list_quarantine(home, resolved=True)].count(NOW + DAY) == 1
    export(invoice=INVOICES + mended.replace("ten", "10"), person="person_id,role,weekly_minutes\n")
    assert retry(home, NOW + 2 * DAY).resolved == 2
    with pytest.raises(NothingToImport, match="quarantine is empty"):
        retry(home, NOW)


def test_retry_of_an_older_export_undoes_nothing(export: Write, home: Path, tmp_path: Path) -> None:
    head = "client_id,name,currency,onboarded_on\n"
    old = export(client=head + "c1,Acme,EUR,2020-01-01\nc2,Beta,€,2020-01-01\n")
    new = tmp_path / "newer"
    new.mkdir()
    (new / "client.csv").write_text(head + "c1,Acme Ltd,EUR,2020-01-01\n", encoding="utf-8")
    import_folder(old, home, now=NOW)
    import_folder(new, home, now=NOW + DAY)
    export(client=head + "c1,Acme,EUR,2020-01-01\nc2,Beta,EUR,2020-01-01\n")
    report = retry(home, NOW + 2 * DAY)
    assert (report.rows.accepted, report.rows.duplicate) == (1, 1)
    names = Lake(home / LAKE).read("client").filter(pl.col("client_id") == "c1").sort("recorded_at").collect()["name"]
    assert names.to_list() == ["Acme", "Acme Ltd"]


def test_retry_reports_a_file_that_has_gone_and_keeps_its_rows(export: Write, home: Path) -> None:
    folder = export(client="client_id,name,currency\nc1,Acme,€\n")
    import_folder(folder, home, now=NOW)
    (folder / "client.csv").unlink()
    report = retry(home, NOW)
    assert "no longer" in report.refused[0].reason
    assert len(list_quarantine(home)) == 1


def test_equal_bad_rows_are_as_many_entries(export: Write, home: Path) -> None:
    folder = export(client="client_id,name,currency\nc1,Acme,€\nc1,Acme,€\n")
    import_folder(folder, home, now=NOW)
    import_folder(folder, home, now=NOW)
    assert len(list_quarantine(home)) == 2


def test_parquet_is_read_as_its_types_say(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "parquet"
    folder.mkdir()
    pl.DataFrame(
        {
            "invoice_id": ["i1", "i2"],
            "client_id": [17, 18],
            "kind": ["invoice", "invoice"],
            "issued_on": [datetime(2026, 1, 5), datetime(2026, 1, 5, 7)],  # noqa: DTZ001
            "sent_at": [datetime(2026, 1, 5, 9, 30, tzinfo=UTC), None],
            "currency": ["EUR", "EUR"],
            "net_amount": [0.1 + 0.2, float("nan")],
            "tags": [["a"], []],
        }
    ).write_parquet(folder / "invoice.parquet")
    report = import_folder(folder, home, now=NOW)
    assert (report.rows.accepted, report.files[0].detected, report.files[0].unknown_columns) == (1, "Parquet", ("tags",))
    assert {fault.column for row in report.files[0].quarantined for fault in row.faults} == {"issued_on", "net_amount"}
    assert report.files[0].quarantined[0].line == 2
    expected = ("17", Decimal("0.3"), datetime(2026, 1, 5, 9, 30, tzinfo=UTC), '{"tags":"[\\"a\\"]"}')
    assert held(home, "invoice", "client_id", "net_amount", "sent_at", "raw") == [expected]


def test_one_file_of_the_import_format_is_enough(export: Write, home: Path) -> None:
    folder = export(client="client_id,name,currency,#row,raw\nc1,Acme,EUR,7,x\n", invoice="")
    report = import_folder(folder / "client.csv", home, now=NOW)
    assert ([file.file for file in report.files], report.refused) == (["client.csv"], ())
    assert held(home, "client", "raw") == [('{"(#row)":"7","raw":"x"}',)]


def test_the_largest_amounts_add_up(export: Write, home: Path) -> None:
    rows = "".join(f"i{number},c1,invoice,2026-01-05,EUR,99999999999999.9999\n" for number in range(200))
    report = of(import_folder(export(invoice=INVOICES + rows), home, now=NOW), "invoice")
    assert report.money[0].accepted == 200 * Decimal("99999999999999.9999")


def test_what_cannot_be_imported_says_so(export: Write, home: Path, tmp_path: Path) -> None:
    with pytest.raises(PathMissing, match="nothing at"):
        import_folder(tmp_path / "nowhere", home, now=NOW)
    with pytest.raises(MappingError, match="Shipped are erp_a, erp_b, highradius_open, ibm_ar"):
        import_folder(export(client=""), home, mapping="nosuch", now=NOW)
    with pytest.raises(NothingToImport, match="No file at"):
        import_folder(export(client=""), home, mapping="ibm_ar", now=NOW)
    with pytest.raises(ValueError, match="time zone"):
        import_folder(export(client=""), home, now=datetime(2026, 1, 1))  # noqa: DTZ001
    assert (PathMissing.exit_code, MappingError.exit_code, NothingToImport.exit_code) == (2, 2, 4)


def test_the_report_is_json(export: Write, home: Path) -> None:
    report = import_folder(export(invoice=INVOICES + "i1,c1,invoice,2026-01-05,EUR,10\ni2,c1,invoice,2026-01-05,EUR,ten\n"), home, now=NOW)
    told = json.loads(json.dumps(report.to_dict()))
    assert told["files"][0]["quarantined_rows"][0]["faults"][0]["column"] == "net_amount"
    assert told["files"][0]["tables"][0]["money"][0]["accepted"] == "10.0000"
    assert report.rejected
