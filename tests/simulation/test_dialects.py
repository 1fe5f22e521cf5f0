"""A firm that is exported in a dialect and imported through its mapping is the firm that was exported."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from records.intake import import_folder
from records.lake import Lake
from records.tables import TABLES
from simulation.dialects import CANONICAL, DIALECTS, pages_of
from simulation.firm import simulate
from simulation.plan import Plan

FOREIGN = tuple(dialect for dialect in DIALECTS if dialect != CANONICAL)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
WRITTEN_HERE = {"decision"}
"""Written by this service, not exported by another system."""


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lake]:
    found = {}
    for dialect in DIALECTS:
        folder = tmp_path_factory.mktemp(dialect)
        simulate(folder / "firm", people=40, months=8, seed=6, dialect=dialect)
        report = import_folder(folder / "firm", folder, mapping=None if dialect == CANONICAL else dialect, now=NOW)
        assert report.refused == ()
        assert report.unresolved == ()
        assert report.rows.quarantined == 0
        found[dialect] = Lake(folder / "lake")
    return found


@pytest.mark.parametrize("table", sorted(set(TABLES) - WRITTEN_HERE))
@pytest.mark.parametrize("dialect", FOREIGN)
def test_the_records_are_the_same(lakes: dict[str, Lake], dialect: str, table: str) -> None:
    columns = [name for name in TABLES[table].schema if name != "source"]
    order = [*TABLES[table].key, "recorded_at"]
    plain, foreign = (lakes[each].read(table).select(columns).sort(order).collect() for each in (CANONICAL, dialect))
    assert len(plain) > 0
    assert_frame_equal(plain, foreign)


def test_what_the_ledger_overwrote_is_kept_as_raw(lakes: dict[str, Lake]) -> None:
    for lake in lakes.values():
        raw = lake.read("invoice").select(pl.col("raw").str.json_path_match("$.status")).collect().to_series()
        assert set(raw.drop_nulls()) >= {"paid", "open"}


@pytest.mark.parametrize("dialect", FOREIGN)
def test_no_header_is_the_canonical_one(dialect: str) -> None:
    pages = pages_of(dialect)
    assert set(pages) == set(TABLES) - WRITTEN_HERE
    for name, page in pages.items():
        frame = pl.DataFrame(schema=TABLES[name].schema)
        assert set(page.written(frame).columns) != set(TABLES[name].schema)


def test_a_mapping_that_shares_a_file_between_tables_cannot_be_turned_round() -> None:
    with pytest.raises(ValueError, match="one to one"):
        pages_of("ibm_ar")


def test_a_dialect_that_nobody_speaks_is_refused() -> None:
    with pytest.raises(ValueError, match="is no dialect"):
        Plan(people=20, months=2, seed=1, dialect="erp_z")


def test_the_files_are_named_by_the_other_system(tmp_path: Path) -> None:
    simulate(tmp_path, people=10, months=2, seed=1, dialect="erp_a")
    assert (tmp_path / "RECHNUNGEN.csv").is_file()
    assert not (tmp_path / "invoice.csv").exists()
    assert b";" in (tmp_path / "ZEITEN.csv").read_bytes()[:80]
