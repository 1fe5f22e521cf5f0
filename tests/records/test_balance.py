"""Whatever a file holds: every row and every amount is somewhere, and a second import changes nothing."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from records.intake import LAKE, import_folder, list_quarantine
from records.lake import Lake
from records.lines import FIELDS, LINE, TEXT, split_records

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HEADER = ("invoice_id", "client_id", "kind", "issued_on", "sent_at", "currency", "net_amount", "recorded_at", "colour")
CELLS = {
    "invoice_id": st.sampled_from(["i1", "i2", "i3", "i4", "", "false"]),
    "client_id": st.sampled_from(["c1", "c2", " c1 ", ""]),
    "kind": st.sampled_from(["invoice", "invoice", "credit_note", "Invoice"]),
    "issued_on": st.sampled_from(["2026-01-05", "2026-02-28", "2026-02-30", "5.1.2026", ""]),
    "sent_at": st.sampled_from(["", "2026-01-05T10:00:00Z", "2026-01-05 10:00", "2026-01-05", "noon"]),
    "currency": st.sampled_from(["EUR", "USD", "usd", ""]),
    "net_amount": st.sampled_from(["1", "2.5000", "-3.0001", "1.234,56", "0.00001", "x", ""]),
    "recorded_at": st.sampled_from(["", "", "2026-03-01T00:00:00Z", "2026-03-02", "yesterday"]),
    "colour": st.sampled_from(["", "red", "two\nlines", 'a "quoted" word', "é"]),
}
ROWS = st.lists(st.tuples(*(CELLS[name] for name in HEADER)), max_size=12)
DAMAGE = st.lists(st.sampled_from(["short", 'an "open quote', ",,,,,,,,,,", "\0", "", ",".join(HEADER)]), max_size=3)


def _text(rows: list[tuple[str, ...]], damage: list[str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows)
    return out.getvalue() + "".join(f"{line}\n" for line in damage)


@settings(max_examples=25, deadline=None)
@given(rows=ROWS, damage=DAMAGE)
def test_any_file_balances_and_comes_in_once(rows: list[tuple[str, ...]], damage: list[str]) -> None:
    with TemporaryDirectory() as place:
        folder, home = Path(place) / "export", Path(place) / "home"
        folder.mkdir()
        (folder / "invoice.csv").write_text(_text(rows, damage), encoding="utf-8")
        report = import_folder(folder, home, now=NOW)
        (file,) = report.files
        (table,) = file.tables
        assert file.rows.read == file.rows.accepted + file.rows.duplicate + file.rows.quarantined
        assert table.rows.read == len([row for row in rows if row != HEADER])
        assert len(file.quarantined) == file.rows.quarantined == len(list_quarantine(home))
        stored = Lake(home / LAKE).read("invoice").collect()
        assert stored.height == file.rows.accepted
        assert sum(total.accepted for total in table.money) == (stored["net_amount"].sum() or Decimal(0))
        for total in table.money:
            assert total.read == total.accepted + total.duplicate + total.quarantined
        again = import_folder(folder, home, now=NOW + timedelta(days=9))
        assert again.lake_versions == report.lake_versions
        assert (again.rows.accepted, again.rows.quarantined) == (0, file.rows.quarantined)
        assert len(list_quarantine(home)) == file.rows.quarantined


@settings(max_examples=25, deadline=None)
@given(first=ROWS, second=ROWS)
def test_two_exports_in_any_order_leave_a_lake_that_takes_both_again(first: list[tuple[str, ...]], second: list[tuple[str, ...]]) -> None:
    with TemporaryDirectory() as place:
        home = Path(place) / "home"
        folders = [Path(place) / name for name in ("first", "second")]
        for folder, rows in zip(folders, (first, second), strict=True):
            folder.mkdir()
            (folder / "invoice.csv").write_text(_text(rows, []), encoding="utf-8")
        for days, folder in enumerate(folders):
            import_folder(folder, home, now=NOW + timedelta(days=days))
        before = Lake(home / LAKE).versions()
        for days, folder in enumerate(folders, start=2):
            report = import_folder(folder, home, now=NOW + timedelta(days=days))
            assert report.rows.accepted == 0
        assert Lake(home / LAKE).versions() == before


FIELD = st.text(st.sampled_from('ab ",\n;\té'), max_size=6)


@settings(deadline=None)
@given(st.lists(st.lists(FIELD, min_size=2, max_size=4), min_size=1, max_size=8))
def test_records_are_found_as_the_csv_module_finds_them(rows: list[list[str]]) -> None:
    texts = [_record(row) for row in rows]
    whole = "".join(texts)
    found = split_records(whole, ",")
    parsed = [next(csv.reader([text])) for text in found[TEXT]]
    assert parsed == [row for row, text in zip(rows, texts, strict=True) if text.strip(" \t,\n")]
    assert found[FIELDS].to_list() == [len(row) for row in parsed]
    lines = whole.split("\n")
    assert all(text.split("\n")[0] == lines[line - 1] for line, text in found.select(LINE, TEXT).iter_rows())


def _record(row: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(row)
    return out.getvalue()
