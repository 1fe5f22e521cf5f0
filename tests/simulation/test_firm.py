"""A small firm: its files, its determinism, and that nothing in them was known after `until`."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from records.table import Column
from records.tables import TABLES
from simulation.firm import simulate


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("firm")
    simulate(directory, people=30, months=9, seed=11, dirt=False)
    return directory


def read(directory: Path, table: str) -> pl.DataFrame:
    parquet = directory / f"{table}.parquet"
    if parquet.exists():
        return pl.read_parquet(parquet)
    text = pl.read_csv(directory / f"{table}.csv", infer_schema=False)
    return text.select(_parsed(TABLES[table].by_name[name]) for name in text.columns)


def _parsed(column: Column) -> pl.Expr:
    match column.kind:
        case "instant":
            return pl.col(column.name).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC", time_unit="us")
        case "date":
            return pl.col(column.name).str.to_date()
        case "boolean":
            return pl.col(column.name) == "true"
        case _:
            return pl.col(column.name).cast(column.dtype)


def tables(directory: Path) -> list[str]:
    return sorted({path.stem for path in directory.iterdir() if path.is_file()})


def test_every_required_column_is_filled_and_every_reference_leads_somewhere(firm: Path) -> None:
    for name in tables(firm):
        rows = read(firm, name)
        assert len(rows) > 0, name
        for column in TABLES[name].columns:
            if column.required:
                assert rows[column.name].null_count() == 0, (name, column.name)
            if column.values:
                assert set(rows[column.name].drop_nulls()) <= set(column.values), (name, column.name)
            if column.references in tables(firm):
                known = read(firm, column.references)[TABLES[column.references].key[0]]
                assert set(rows[column.name].drop_nulls()) <= set(known), (name, column.name)


def test_no_key_has_two_versions_of_one_instant(firm: Path) -> None:
    for name in tables(firm):
        rows = read(firm, name)
        assert not rows.select(*TABLES[name].key, "recorded_at").is_duplicated().any(), name


def test_the_same_seed_gives_the_same_firm_and_another_seed_another(firm: Path, tmp_path: Path) -> None:
    simulate(tmp_path / "again", people=30, months=9, seed=11, dirt=False)
    simulate(tmp_path / "other", people=30, months=9, seed=12, dirt=False)
    for name in tables(firm):
        assert_frame_equal(read(firm, name), read(tmp_path / "again", name))
    assert not read(firm, "payment").equals(read(tmp_path / "other", "payment"))


def test_until_cuts_the_same_history_short(firm: Path, tmp_path: Path) -> None:
    simulate(tmp_path, people=30, months=9, seed=11, until=date(2023, 6, 30), dirt=False)
    whole, part = read(firm, "payment"), read(tmp_path, "payment")
    assert_frame_equal(part, whole.filter(pl.col("booked_on") <= date(2023, 6, 30)))
    assert read(tmp_path, "dispute")["resolved_at"].drop_nulls().dt.date().max() <= date(2023, 6, 30)  # type: ignore[operator]


def test_allocations_add_up_to_their_payments(firm: Path) -> None:
    standing = read(firm, "payment_allocation").filter(pl.col("reversed_on").is_null())
    sums = standing.group_by("payment_id").agg(allocated=pl.col("amount").sum())
    both = read(firm, "payment").join(sums, on="payment_id", how="left").with_columns(pl.col("allocated").fill_null(0))
    assert both.filter(pl.col("allocated") > pl.col("amount")).is_empty()


@pytest.mark.parametrize("table", ["time_entry", "expense"])
def test_nobody_approves_their_own_work(firm: Path, table: str) -> None:
    approved = read(firm, table).filter(pl.col("approved_at").is_not_null())
    assert approved["approver_id"].null_count() == 0
    assert approved.filter(pl.col("approver_id") == pl.col("person_id")).is_empty()


def test_an_entry_carries_the_rate_that_the_card_held_when_it_was_made(firm: Path) -> None:
    cards = (
        read(firm, "rate_card_line")
        .rename({"recorded_at": "card_known"})
        .select("contract_id", "role", "bill_rate", "effective_on", "card_known")
    )
    projects = read(firm, "project").select("project_id", "contract_id")
    entries = read(firm, "time_entry").filter(pl.col("bill_rate").is_not_null()).unique("entry_id", keep="first", maintain_order=True)
    known = entries.join(projects, on="project_id").join(cards, on=["contract_id", "role"], suffix="_card")
    known = known.filter((pl.col("card_known") <= pl.col("entered_at")) & (pl.col("effective_on") <= pl.col("worked_on")))
    standing = known.sort("effective_on").unique("entry_id", keep="last")
    assert len(standing) > 1000
    assert standing.filter(pl.col("bill_rate") != pl.col("bill_rate_card")).is_empty()
