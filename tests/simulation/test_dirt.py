"""A dirty firm is the clean one with traces on it: each kind is there, touches what it names and nothing else, and all of it loads."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sklearn.metrics import roc_auc_score

from records.intake import import_folder
from records.tables import TABLES
from simulation.dirt import EMPTIED, ENTERED_BY_HAND, NEW_CODES, TYPED, mergers
from simulation.firm import simulate
from simulation.overwritten import COLUMNS
from simulation.plan import Plan

PLAN = Plan(people=110, months=8, seed=7)


@pytest.fixture(scope="module")
def firms(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same firm, clean and dirty."""
    folder = tmp_path_factory.mktemp("firms")
    for dirt in (False, True):
        simulate(folder / str(dirt), people=PLAN.people, months=PLAN.months, seed=PLAN.seed, dirt=dirt)
    return folder / "False", folder / "True"


def read(folder: Path, table: str) -> pl.DataFrame:
    parquet = folder / f"{table}.parquet"
    return pl.read_parquet(parquet) if parquet.exists() else pl.read_csv(folder / f"{table}.csv", infer_schema=False)


def both(firms: tuple[Path, Path], table: str) -> pl.DataFrame:
    """Rows of the clean firm beside the same version in the dirty one (`_right`)."""
    clean, dirty = (read(each, table) for each in firms)
    key = list(TABLES[table].key)
    nth = pl.int_range(pl.len()).over(key).alias("nth")
    dirty = dirty.unique(maintain_order=True).sort("recorded_at", maintain_order=True)
    return clean.sort("recorded_at", maintain_order=True).with_columns(nth).join(dirty.with_columns(nth), on=[*key, "nth"])


def test_all_of_it_loads_and_what_came_twice_is_counted(firms: tuple[Path, Path], tmp_path: Path) -> None:
    report = import_folder(firms[1], tmp_path, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert report.refused == ()
    assert report.unresolved == ()
    counts = {table.table: table.rows for file in report.files for table in file.tables}
    assert all(rows.quarantined == 0 for rows in counts.values())
    assert counts["time_entry"].duplicate > 0
    clean = len(read(firms[0], "time_entry"))
    assert counts["time_entry"].accepted == clean


@pytest.mark.parametrize("table", EMPTIED)
def test_fields_are_left_empty_now_and_then(firms: tuple[Path, Path], table: str) -> None:
    rows = both(firms, table)
    for column in EMPTIED[table]:
        filled = rows.filter(pl.col(column).is_not_null())
        share = filled.select(pl.col(f"{column}_right").is_null().mean()).item()
        assert share < 0.06
        if len(filled) > 400:
            assert share > 0


@pytest.mark.parametrize("table", TYPED)
def test_people_mistype(firms: tuple[Path, Path], table: str) -> None:
    column = TYPED[table]
    rows = both(firms, table).drop_nulls([column, f"{column}_right"])
    other = rows.filter(pl.col(column) != pl.col(f"{column}_right"))
    assert len(other) < 0.04 * len(rows)
    assert len(rows) < 400 or len(other) > 0


@pytest.mark.parametrize("table", NEW_CODES)
def test_a_migration_brings_new_codes_for_what_is_recorded_after_it(firms: tuple[Path, Path], table: str) -> None:
    column, codes = NEW_CODES[table]
    rows = read(firms[1], table).select("recorded_at", column).drop_nulls()
    new = pl.col(column).is_in(list(codes.values()))
    assert rows.filter(new)["recorded_at"].min() > rows.filter(~new)["recorded_at"].max()  # type: ignore[operator]
    assert rows.filter(new).height > 0


def test_clock_readings_slip_but_knowledge_does_not(firms: tuple[Path, Path]) -> None:
    rows = both(firms, "time_entry")
    slipped = rows.filter(pl.col("entered_at_right") != pl.col("entered_at"))
    assert 0.002 < len(slipped) / len(rows) < 0.03
    assert (slipped["entered_at_right"] - slipped["entered_at"]).unique().to_list() == [
        slipped["entered_at_right"][0] - slipped["entered_at"][0]
    ]
    assert_frame_equal(rows.select("recorded_at"), rows.select(recorded_at="recorded_at_right"))


@pytest.mark.parametrize("table", sorted(ENTERED_BY_HAND))
def test_what_is_typed_in_is_now_and_then_known_late(firms: tuple[Path, Path], table: str) -> None:
    rows = both(firms, table)
    late = rows.filter(pl.col("recorded_at_right") > pl.col("recorded_at"))
    assert rows.filter(pl.col("recorded_at_right") < pl.col("recorded_at")).is_empty()
    assert len(late) < 0.06 * len(rows) + 2
    assert len(rows) < 300 or len(late) > 0


def test_after_a_merger_the_ledger_writes_one_client(firms: tuple[Path, Path]) -> None:
    [(gone, into, on)] = mergers(PLAN).rows()
    day = pl.lit(on + 1).cast(pl.Date)
    invoices = read(firms[1], "invoice").with_columns(pl.col("recorded_at").str.slice(0, 10).str.to_date())
    later = invoices.filter(pl.col("recorded_at") > day)["client_id"].to_list()
    earlier = invoices.filter(pl.col("recorded_at") < day)["client_id"].to_list()
    assert gone not in later
    assert gone in earlier
    links = read(firms[1], "identity_link").filter(pl.col("table") == "client").select("external_id", "id")
    assert links.rows() == [(gone, into)]
    assert read(firms[1], "client").filter(pl.col("client_id") == gone)["parent_client_id"].drop_nulls().to_list() == [into]


def test_dirt_is_the_rows_own(firms: tuple[Path, Path], tmp_path: Path) -> None:
    simulate(tmp_path, people=PLAN.people, months=PLAN.months, seed=PLAN.seed, until=date(2023, 4, 30))
    whole, part = read(firms[1], "time_entry"), read(tmp_path, "time_entry")
    shown = ["entry_id", "recorded_at", "task", "task_code", "narrative", "entered_at"]
    known = whole.filter(pl.col("recorded_at") <= pl.lit(datetime(2023, 5, 1, tzinfo=UTC)))
    assert_frame_equal(part.select(shown), known.select(shown))


def test_an_overwritten_column_would_tell_the_outcome(firms: tuple[Path, Path]) -> None:
    drafts = read(firms[1], "invoice").filter(pl.col("number").is_null())
    told = pl.read_parquet(firms[1] / "truth" / "invoice.parquet").filter(~pl.col("cancelled"))
    old = drafts.join(told, on="invoice_id").filter(pl.col("due_on_right") < date(2023, 7, 1))
    credited = old.filter(pl.col("credit_note_ref").is_not_null())
    assert len(credited) > 5
    assert credited["disputed"].all()
    assert roc_auc_score(old["late_30"], old["dunning_level"].cast(pl.Int64)) > 0.65
    assert set(read(firms[0], "invoice").columns).isdisjoint(COLUMNS)
