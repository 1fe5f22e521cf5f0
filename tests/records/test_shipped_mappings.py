"""The shipped mappings on the real exports they were written for."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from records.intake import LAKE, import_folder
from records.known import Known
from records.lake import Lake
from records.mapping import load_mapping, shipped
from records.report import ImportReport

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def _rows(report: ImportReport) -> dict[str, int]:
    return {table.table: table.rows.accepted for file in report.files for table in file.tables}


@pytest.fixture(scope="module")
def ibm(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[ImportReport, Path]:
    home = tmp_path_factory.mktemp("ibm")
    return import_folder(shared / "ibm_ar", home, mapping="ibm_ar", now=NOW), home


def test_every_shipped_mapping_is_sound() -> None:
    assert shipped() == ["erp_a", "erp_b", "highradius_open", "ibm_ar"]
    assert all(load_mapping(name).assumptions for name in shipped())


def test_ibm_ar_comes_in_whole(ibm: tuple[ImportReport, Path], shared: Path) -> None:
    report, home = ibm
    assert _rows(report) == {"client": 100, "invoice": 2466, "payment": 2466, "payment_allocation": 2466, "dispute": 561}
    assert report.unresolved == ()
    invoice = next(table for table in report.files[0].tables if table.table == "invoice")
    assert {total.column: (total.currency, total.accepted) for total in invoice.money} == {
        "net_amount": ("USD", Decimal("147703.18")),
        "gross_amount": ("USD", Decimal("147703.18")),
    }
    again = import_folder(shared / "ibm_ar", home, mapping="ibm_ar", now=NOW)
    assert again.lake_versions == report.lake_versions


def test_ibm_ar_agrees_with_its_file(ibm: tuple[ImportReport, Path], shared: Path) -> None:
    (path,) = (shared / "ibm_ar").glob("*.csv.gz")
    source = pl.read_csv(path, infer_schema=False).sort("invoiceNumber")
    lake = Lake(ibm[1] / LAKE)
    invoice, payment = (lake.read(name).sort(pl.col(key)).collect() for name, key in (("invoice", "invoice_id"), ("payment", "payment_id")))
    day = pl.all().str.to_date("%m/%d/%Y")
    dates = source.select("InvoiceDate", "DueDate", "SettledDate").select(day)
    assert invoice["issued_on"].to_list() == dates["InvoiceDate"].to_list()
    assert (payment["received_on"] - invoice["due_on"]).dt.total_days().clip(lower_bound=0).cast(pl.String).to_list() == source[
        "DaysLate"
    ].to_list()
    disputed = lake.read("dispute").collect()["invoice_id"].sort().to_list()
    assert disputed == source.filter(pl.col("Disputed") == "Yes")["invoiceNumber"].sort().to_list()


def test_no_dispute_of_ibm_ar_is_known_before_its_invoice_is_settled(ibm: tuple[ImportReport, Path]) -> None:
    known = Known(Lake(ibm[1] / LAKE), until=datetime(2014, 2, 1, tzinfo=UTC))
    for month in (datetime(2012, 6, 1, tzinfo=UTC), datetime(2013, 3, 1, tzinfo=UTC), datetime(2013, 12, 1, tzinfo=UTC)):
        settled = known.at(month, "payment_allocation").select("invoice_id").collect()["invoice_id"]
        disputed = known.at(month, "dispute").select("invoice_id").collect()["invoice_id"]
        invoices = known.at(month, "invoice").select("invoice_id").collect()["invoice_id"]
        assert disputed.len() > 0
        assert disputed.is_in(settled.implode()).all()
        assert settled.is_in(invoices.implode()).all()


def test_highradius_comes_in_whole(shared: Path, tmp_path: Path) -> None:
    report = import_folder(shared / "highradius_open", tmp_path, mapping="highradius_open", now=NOW)
    assert _rows(report) == {"client": 664, "invoice": 9700}
    assert report.unresolved == ()
    invoice = report.files[0].tables[1]
    assert {total.currency: total.accepted for total in invoice.money if total.column == "net_amount"} == {
        "CAD": Decimal("44471009.08"),
        "USD": Decimal("275113716.83"),
    }
    held = Lake(tmp_path / LAKE).read("invoice").collect()
    assert held["invoice_id"].str.contains(r"^\d{10}$").all()
    assert held["due_on"].null_count() == 0
    clients = Lake(tmp_path / LAKE).read("client").collect()
    assert clients.filter(pl.col("client_id") == "0200769623")["name"].to_list() == ["WAL-MAR corporation"]


def test_highradius_dates_written_as_numbers(tmp_path: Path) -> None:
    export = Path(__file__).parent / "exports" / "highradius_made_up.csv"
    report = import_folder(export, tmp_path / "home", mapping="highradius_open", now=NOW)
    assert (report.rows.accepted, report.rows.quarantined, report.files[0].unknown_columns) == (1, 1, ("buisness_year",))
    assert report.files[0].quarantined[0].faults[0].column == "document type"
    held = Lake(tmp_path / "home" / LAKE).read("invoice").collect().row(0, named=True)
    assert (held["invoice_id"], held["number"], str(held["due_on"])) == ("1930571429", "1930571429", "2020-03-13")


def test_the_mapping_shown_in_the_documentation_is_sound(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "mappings.md").read_text(encoding="utf-8")
    shown = page.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "our_erp.yaml").write_text(shown, encoding="utf-8")
    assert [feed.table for feed in load_mapping(tmp_path / "our_erp.yaml").files[0].tables] == ["client", "invoice", "payment"]
