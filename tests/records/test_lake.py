"""The store: what is new is kept once, what was is readable for ever, and writers may meet."""

import os
import subprocess
import sys
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st

from records.known import Known
from records.lake import Appended, Lake, schema_of
from records.tables import TABLES
from tests.ledger import Ledger, Row, moment
from tests.random_ledgers import ledgers

WRITER = Path(__file__).with_name("append_at_once.py")


def _append(lake: Lake, *rows: Row) -> Appended:
    ledger = Ledger()
    for row in rows:
        ledger.row("client", str(row.pop("recorded", "2024-01-01")), row)
    return lake.append("client", ledger.frames()["client"])


def _names(lake: Lake, version: int | None = None) -> list[str]:
    return lake.read("client", version=version).collect().sort("client_id", "recorded_at")["name"].to_list()


def _outcome(done: Appended) -> tuple[int, int, int]:
    return done.accepted, done.duplicate, done.conflicting.height


def test_what_was_never_written_is_empty(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    assert lake.versions() == {}
    assert lake.last_recorded() is None
    for table in TABLES:
        assert dict(lake.read(table).collect_schema()) == schema_of(table)
    assert _outcome(lake.append("client", pl.DataFrame(schema=schema_of("client")))) == (0, 0, 0)
    assert lake.versions() == {}


def test_a_folder_may_have_a_space_and_other_signs_in_its_name(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "the firm's records, 100 % (new)")
    _append(lake, {"client_id": "c1", "name": "A"})
    assert lake.read("client").collect()["client_id"].to_list() == ["c1"]


def test_the_same_rows_again_are_duplicates_and_change_nothing(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    rows: list[Row] = [{"client_id": "c1", "name": "A"}, {"client_id": "c2", "name": "B"}]
    first = _append(lake, *(dict(row) for row in rows))
    assert _outcome(first) == (2, 0, 0)
    assert first.accepted_positions.to_list() == [0, 1]
    versions = lake.versions()
    assert _outcome(_append(lake, *(dict(row) for row in rows), {"client_id": "c1", "name": "A"})) == (0, 3, 0)
    assert lake.versions() == versions


def test_where_a_row_was_read_and_what_else_stood_beside_it_is_not_its_content(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _append(lake, {"client_id": "c1", "name": "A"})
    again = _append(lake, {"client_id": "c1", "name": "A", "source": "other", "raw": '{"x": 1}'})
    assert _outcome(again) == (0, 1, 0)


def test_a_later_version_is_kept_beside_the_first(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _append(lake, {"client_id": "c1", "name": "A"})
    assert _outcome(_append(lake, {"client_id": "c1", "name": "A", "recorded": "2024-02-01"})) == (1, 0, 0)
    assert _outcome(_append(lake, {"client_id": "c1", "name": "A", "recorded": "2024-03-01", "deleted": True})) == (1, 0, 0)
    assert lake.last_recorded() == moment("2024-03-01")
    assert _names(lake) == ["A", "A", "A"]


def test_other_content_at_the_same_instant_conflicts_and_the_first_stands(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _append(lake, {"client_id": "c1", "name": "A"})
    done = _append(lake, {"client_id": "c2", "name": "B"}, {"client_id": "c1", "name": "Z"}, {"client_id": "c2", "name": "Y"})
    assert _outcome(done) == (1, 0, 2)
    assert done.accepted_positions.to_list() == [0]
    assert done.conflicting.sort("position").select("position", "client_id").rows() == [(1, "c1"), (2, "c2")]
    assert _names(lake) == ["A", "B"]


@settings(max_examples=15, deadline=None)
@given(ledger=ledgers(), cuts=st.lists(st.integers(0, 10), max_size=3))
def test_however_rows_are_split_into_appends_the_lake_holds_the_same(
    ledger: Ledger, cuts: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole, parts = Lake(tmp_path_factory.mktemp("whole")), Lake(tmp_path_factory.mktemp("parts"))
    for table, rows in ledger.frames().items():
        assert whole.append(table, rows).accepted == rows.height
        borders = [0, *sorted(min(cut, rows.height) for cut in cuts), rows.height]
        shuffled = rows.sample(fraction=1.0, shuffle=True, seed=1)
        pieces = [shuffled[begin:end] for begin, end in pairwise(borders)]
        assert sum(parts.append(table, piece).accepted for piece in pieces) == rows.height
        assert parts.append(table, rows).duplicate == rows.height
        order = [*TABLES[table].key, "recorded_at"]
        assert whole.read(table).collect().sort(order).equals(parts.read(table).collect().sort(order))


def test_earlier_states_stay_readable_after_a_compaction(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for name in "DCBA":
        _append(lake, {"client_id": f"c{name}", "name": name})
    before = lake.versions()["client"]
    files = len(DeltaTable(tmp_path / "client").file_uris())
    lake.compact("client")
    assert (files, len(DeltaTable(tmp_path / "client").file_uris())) == (4, 1)
    assert lake.read("client").collect()["name"].to_list() == ["A", "B", "C", "D"]
    assert [len(_names(lake, version)) for version in range(before + 1)] == [0, 1, 2, 3, 4]
    assert _names(lake, before) == _names(lake)
    assert _outcome(_append(lake, {"client_id": "cA", "name": "A"}, {"client_id": "cE", "name": "E"})) == (1, 1, 0)
    lake.compact("invoice")
    assert "invoice" not in lake.versions()


def test_a_score_reads_the_versions_it_was_given(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _append(lake, {"client_id": "c1", "name": "A"})
    versions = lake.versions()
    _append(lake, {"client_id": "c2", "name": "B"})
    lake.compact("client")
    at = moment("2024-06-01")
    assert Known(lake, until=at, versions=versions).at(at, "client").collect()["name"].to_list() == ["A"]
    assert Known(lake, until=at).at(at, "client").collect()["name"].sort().to_list() == ["A", "B"]


def test_states_of_years_ago_stay_readable_however_often_the_store_is_written(tmp_path: Path) -> None:
    """Left to itself the library drops what is older than thirty days whenever it sums up its log."""
    lake = Lake(tmp_path)
    _append(lake, {"client_id": "c0", "name": "N0"})
    begun = lake.versions()["client"]
    DeltaTable(str(tmp_path / "client")).alter.set_table_properties({"delta.checkpointInterval": "3"})
    for number in range(1, 8):
        _age(tmp_path / "client" / "_delta_log")
        _append(lake, {"client_id": f"c{number}", "name": f"N{number}"})
    lake.compact("client")
    assert list((tmp_path / "client" / "_delta_log").glob("*.checkpoint.parquet")), "the log was summed up"
    assert _names(lake, begun) == ["N0"]


def test_a_state_that_cannot_be_read_any_more_is_named(tmp_path: Path) -> None:
    lake, log = Lake(tmp_path), tmp_path / "client" / "_delta_log"
    for number in range(3):
        _append(lake, {"client_id": f"c{number}", "name": f"N{number}"})
    now = lake.versions()
    assert lake.lacks(now) == lake.lacks({"client": 1}) == lake.lacks({}) == []
    assert lake.lacks({"client": now["client"] + 1, "invoice": 0}) == [f"client {now['client'] + 1}", "invoice 0"]
    held = DeltaTable(str(tmp_path / "client"))
    held.create_checkpoint()
    for version in range(now["client"]):
        (log / f"{version:020}.json").unlink()
    assert lake.lacks({"client": 1}) == ["client 1"]
    assert lake.lacks(now) == []
    next((tmp_path / "client").glob("*.parquet")).unlink()
    assert lake.lacks(now) == [f"client {now['client']}"]


def _age(log: Path) -> None:
    for file in log.iterdir():
        os.utime(file, (0, 0))


def test_only_tables_in_many_files_are_compacted(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for number in range(52):
        _append(lake, {"client_id": f"c{number:02}", "name": f"{number}"})
    _append(lake, {"client_id": "c51", "name": "51"})
    lake.append("invoice", Ledger().invoice("i1", "c1", issued="2024-01-01", due=None).frames()["invoice"])
    assert lake.compact_fragmented() == ["client"]
    assert lake.compact_fragmented() == []
    assert len(_names(lake)) == 52


def test_an_instant_keeps_its_microsecond_and_money_its_fourth_place(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    at = datetime.fromisoformat("2024-05-01T10:00:00.000001+00:00")
    ledger = Ledger().row(
        "credit_adjustment", at, {"adjustment_id": "x", "invoice_id": "i", "amount": "0.0001", "adjusted_on": "2024-05-01"}
    )
    lake.append("credit_adjustment", ledger.frames()["credit_adjustment"])
    row = lake.read("credit_adjustment").collect().row(0, named=True)
    assert (row["recorded_at"], str(row["amount"])) == (at, "0.0001")


def _race(root: Path, go: Path, *names_of_each: tuple[str, ...]) -> list[tuple[int, ...]]:
    command = [sys.executable, str(WRITER), str(root), str(go)]
    writers = [subprocess.Popen([*command, *names], stdout=subprocess.PIPE, text=True) for names in names_of_each]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    go.touch()
    return sorted(tuple(int(number) for number in writer.communicate(timeout=60)[0].split()) for writer in writers)


@pytest.mark.parametrize("begun", [False, True], ids=["new table", "table that is there"])
def test_two_processes_append_the_same_rows_at_once(begun: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a case
    lake = Lake(tmp_path / "lake")
    if begun:
        _append(lake, {"client_id": "c0", "name": "A client"})
    found = _race(Path(lake.root), tmp_path / "go", ("c1", "c2"), ("c1", "c2"))
    assert found == [(0, 2, 0), (2, 0, 0)]
    assert lake.read("client").collect()["client_id"].sort().to_list() == [*(["c0"] if begun else []), "c1", "c2"]


def test_two_processes_append_other_rows_at_once(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    found = _race(Path(lake.root), tmp_path / "go", ("c1", "c2"), ("c2", "c3"))
    assert found == [(1, 1, 0), (2, 0, 0)]
    assert lake.read("client").collect()["client_id"].sort().to_list() == ["c1", "c2", "c3"]
