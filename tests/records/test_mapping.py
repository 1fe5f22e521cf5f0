"""The forms of a mapping, each on cells that fit and cells that do not, and what a wrong mapping is told."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from records.intake import LAKE, import_folder, list_quarantine, retry
from records.lake import Lake
from records.mapping import load_mapping
from records.refusal import MappingError
from records.report import ImportReport

NOW = datetime(2026, 11, 23, tzinfo=UTC)
INVOICE: dict[str, Any] = {
    "invoice_id": "no",
    "client_id": "who",
    "kind": {"constant": "invoice"},
    "currency": {"constant": "EUR"},
    "net_amount": "amount",
    "issued_on": "day",
}


def _mapping(place: Path, **file: object) -> Path:
    columns = file.pop("columns", {})
    assert isinstance(columns, dict)
    tables = file.pop("tables", [{"table": "invoice", "columns": INVOICE | columns}])
    said = {"name": "test", "title": "A test", "source": "erp", "files": [{"pattern": ["export*.csv"], "tables": tables} | file]}
    (place / "mapping.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    return place / "mapping.yaml"


def _import(place: Path, text: str, mapping: Path, *, encoding: str = "utf-8") -> ImportReport:
    (place / "export.csv").write_text(text, encoding=encoding)
    return import_folder(place / "export.csv", place / "home", mapping=mapping, now=NOW)


def _held(place: Path, table: str, *columns: str) -> list[tuple[object, ...]]:
    return Lake(place / "home" / LAKE).read(table).sort(columns).select(columns).collect().rows()


def _faults(report: ImportReport) -> list[tuple[int, str | None, str | None]]:
    return [(row.line, fault.column, fault.value) for row in report.files[0].quarantined for fault in row.faults]


def test_a_declared_decimal_comma_and_encoding(tmp_path: Path) -> None:
    mapping = _mapping(tmp_path, decimal=",", encoding="cp1252", delimiter=";", dates=["%d.%m.%Y"])
    rows = "i1;Müller;1.234,56;31.01.2026\ni2;Müller;-0,5;1.2.2026\ni3;Müller;12.34;1.2.2026\ni4;Müller;1;30.2.2026\ni5;Müller;7;1.2.2026\n"
    report = _import(tmp_path, "no;who;amount;day\n" + rows, mapping, encoding="cp1252")
    assert _faults(report) == [(4, "amount", "12.34"), (5, "day", "30.2.2026")]
    assert _held(tmp_path, "invoice", "invoice_id", "client_id", "net_amount", "issued_on", "source") == [
        ("i1", "Müller", Decimal("1234.56"), date(2026, 1, 31), "erp"),
        ("i2", "Müller", Decimal("-0.5"), date(2026, 2, 1), "erp"),
        ("i5", "Müller", Decimal(7), date(2026, 2, 1), "erp"),
    ]


def test_ids_templates_maps_and_defaults(tmp_path: Path) -> None:
    mapping = _mapping(
        tmp_path,
        columns={
            "invoice_id": {"from": "no", "drop_decimals": True},
            "number": {"template": "INV-{no}/{who}"},
            "kind": {"from": "art", "map": {"RE": "invoice", "GS": "credit_note"}},
            "currency": {"from": "cur", "map": {"$": "USD"}, "default": "EUR"},
            "net_amount": {"from": "amount", "round": 2},
            "po_ref": {"first_of": ["po", {"from": "order", "default": "none"}]},
        },
        optional=["order"],
    )
    report = _import(
        tmp_path,
        "no,who,art,cur,amount,day,po\n17.0,c1,RE,$,1.005,2026-01-01,P1\n18,c1,GS,,2.5,2026-01-01,\n19,c1,XX,,1,2026-01-01,\n",
        mapping,
    )
    assert _faults(report) == [(4, "art", "XX")]
    assert _held(tmp_path, "invoice", "invoice_id", "number", "kind", "currency", "net_amount", "po_ref") == [
        ("17", "INV-17.0/c1", "invoice", "USD", Decimal("1.01"), "P1"),
        ("18", "INV-18/c1", "credit_note", "EUR", Decimal("2.5"), "none"),
    ]


def test_units_instants_and_choices(tmp_path: Path) -> None:
    entry = {
        "entry_id": "id",
        "person_id": "who",
        "project_id": "what",
        "worked_on": {"date": "week", "plus_days": 2},
        "minutes": {"minutes_from_hours": "hours"},
        "billable": {"when": {"column": "rate", "above": 0}, "then": {"constant": True}, "otherwise": {"constant": False}},
        "bill_rate": {"money_from_cents": "rate"},
        "entered_at": {"instant": "stamp", "format": "%d/%m/%Y %H:%M", "zone": "Europe/Zurich"},
        "submitted_at": {"end_of_day": "week"},
    }
    mapping = _mapping(
        tmp_path, tables=[{"table": "time_entry", "columns": entry, "when": {"not": {"column": "hours", "one_of": ["0", "0.0"]}}}]
    )
    rows = "e1,p1,j1,2026-03-02,7.75,12050,05/03/2026 09:30\ne2,p1,j1,2026-03-02,0.33,0,29/03/2026 02:30\ne3,p1,j1,2026-03-02,0,0,x\n"
    more = "e4,p1,j1,2026-03-02,0.33,0,25/10/2026 02:30\ne5,p1,j1,2026-03-02,much,1,05/03/2026 09:30\n"
    report = _import(tmp_path, "id,who,what,week,hours,rate,stamp\n" + rows + more, mapping)
    assert _faults(report) == [(3, "stamp", "29/03/2026 02:30"), (6, "hours", "much")]
    assert (report.files[0].skipped, report.rows.read) == (1, 4)
    assert _held(tmp_path, "time_entry", "entry_id", "worked_on", "minutes", "billable", "bill_rate", "entered_at", "submitted_at") == [
        ("e1", date(2026, 3, 4), 465, True, Decimal("120.5"), datetime(2026, 3, 5, 8, 30, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)),
        ("e4", date(2026, 3, 4), 20, False, Decimal(0), datetime(2026, 10, 25, 1, 30, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)),
    ]


@pytest.mark.parametrize(
    ("take", "expected"),
    [("first", ("c1", "Old", 10)), ("last", ("c1", "New", 20)), ("most_common", ("c1", "New", 20))],
)
def test_one_client_from_many_invoices(tmp_path: Path, take: str, expected: tuple[object, ...]) -> None:
    client = {"client_id": "who", "name": "label", "currency": {"constant": "EUR"}, "payment_terms_days": {"days_between": ["day", "due"]}}
    group = {"take": take, "order_by": {"date": "day"}}
    tables = [{"table": "client", "columns": client, "group": group}, {"table": "invoice", "columns": INVOICE}]
    mapping = _mapping(tmp_path, tables=tables)
    rows = (
        "i3,c1,1,2026-03-01,2026-03-21,New\ni1,c1,1,2026-01-01,2026-01-11,Old\ni2,c1,1,2026-02-01,2026-02-21,New\ni4,c1,x,2025-01-01,,Bad\n"
    )
    report = _import(tmp_path, "no,who,amount,day,due,label\n" + rows, mapping)
    assert _held(tmp_path, "client", "client_id", "name", "payment_terms_days") == [expected]
    assert [table.rows.read for table in report.files[0].tables] == [1, 4]
    assert [table.rows.quarantined for table in report.files[0].tables] == [0, 1]


def test_a_record_with_one_fault_feeds_no_table(tmp_path: Path) -> None:
    payment = {
        "payment_id": {"template": "PAY-{no}"},
        "client_id": "who",
        "received_on": "paid",
        "amount": "amount",
        "currency": {"constant": "EUR"},
        "status": {"constant": "settled"},
    }
    tables = [
        {"table": "invoice", "columns": INVOICE},
        {"table": "payment", "columns": payment, "when": {"column": "paid", "empty": False}},
    ]
    report = _import(
        tmp_path,
        "no,who,amount,day,paid,mood\ni1,c1,5,2026-01-01,2026-02-30,x\ni2,c1,6,2026-01-01,2026-02-03,y\ni3,c1,7,2026-01-01,,z\n",
        _mapping(tmp_path, tables=tables),
    )
    assert report.files[0].quarantined[0].table == "invoice, payment"
    assert (report.rows.accepted, report.rows.quarantined) == (2, 1)
    assert [(t.table, t.rows.accepted, t.rows.quarantined, t.money[0].quarantined) for t in report.files[0].tables] == [
        ("invoice", 2, 1, Decimal(5)),
        ("payment", 1, 1, Decimal(5)),
    ]
    assert _held(tmp_path, "invoice", "invoice_id", "raw") == [("i2", '{"mood":"y"}'), ("i3", '{"mood":"z"}')]
    assert _held(tmp_path, "payment", "payment_id", "raw") == [("PAY-i2", None)]


def test_a_column_that_the_mapping_reads_is_missing(tmp_path: Path) -> None:
    report = _import(tmp_path, "no,who,day\ni1,c1,2026-01-01\n", _mapping(tmp_path))
    assert "lacks 'amount' (for invoice.net_amount)" in report.refused[0].reason


def test_a_mapping_is_tried_again_with_the_rows_it_could_not_read(tmp_path: Path) -> None:
    kinds = {"RE": "invoice"}
    mapping = _mapping(tmp_path, columns={"kind": {"from": "art", "map": kinds}})
    text = "no,who,amount,day,art\ni1,c1,5,2026-01-01,RE\ni2,c1,6,2026-01-01,GS\n"
    assert _import(tmp_path, text, mapping).rows.quarantined == 1
    _mapping(tmp_path, columns={"kind": {"from": "art", "map": kinds | {"GS": "credit_note"}}})
    report = retry(tmp_path / "home", NOW)
    assert (report.rows.accepted, report.rows.duplicate, report.resolved) == (1, 1, 1)
    assert list_quarantine(tmp_path / "home") == []


def test_a_mapping_that_has_gone_leaves_its_rows_in_quarantine(tmp_path: Path) -> None:
    mapping = _mapping(tmp_path)
    _import(tmp_path, "no,who,amount,day\ni1,c1,x,2026-01-01\n", mapping)
    mapping.unlink()
    assert "no mapping" in retry(tmp_path / "home", NOW).refused[0].reason
    assert len(list_quarantine(tmp_path / "home")) == 1


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"columns": {"colour": "x"}}, "table invoice has no column 'colour'"),
        ({"tables": [{"table": "invoices", "columns": {}}]}, "there is no table 'invoices'"),
        ({"tables": [{"table": "client", "columns": {"client_id": "a"}}]}, "table client needs name, currency"),
        ({"columns": {"due_on": {"dat": "x"}}}, "table invoice, due_on: needs one of the forms from, constant"),
        ({"columns": {"due_on": {"date": "x", "fromat": "%d"}}}, "table invoice, due_on, date, fromat: Extra inputs are not permitted"),
        ({"when": {"column": "x", "equals": "a", "empty": True}}, "when, column: a condition on a column needs exactly one"),
        ({"rest": "payment"}, "rest: the file does not feed the table 'payment'"),
        ({"encoding": 5}, "encoding: Input should be a valid string"),
    ],
)
def test_a_wrong_mapping_is_told_where(tmp_path: Path, wrong: dict[str, Any], told: str) -> None:
    mapping = _mapping(tmp_path, **wrong)
    with pytest.raises(MappingError) as raised:
        load_mapping(mapping)
    assert told in str(raised.value)
    assert "mapping.yaml cannot be used" in str(raised.value)
    assert "export*.csv" in str(raised.value)


def test_a_mapping_that_is_no_yaml(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("files: [", encoding="utf-8")
    with pytest.raises(MappingError, match="is not YAML"):
        load_mapping(tmp_path / "broken.yaml")
