"""Controls beside the truth of a small simulated firm: all is found and nothing besides, and what is missed, or said idly, is told."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from benchmarks.control_matching import EXPRESSES, judged, matched
from benchmarks.controls import BEGINS, ENDS, FAR, Wide, main, page, timed
from records.intake import LAKE, import_folder
from records.known import Known
from records.lake import Lake
from simulation.firm import simulate


@dataclass(frozen=True)
class Made:
    folder: Path
    lake: Lake
    known: Known
    faults: pl.DataFrame


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Shared, so only read."""
    folder, home = (tmp_path_factory.mktemp(name) for name in ("firm", "home"))
    simulate(folder, people=30, months=14, seed=43)
    import_folder(folder, home, now=datetime(2030, 1, 1, tzinfo=UTC))
    lake = Lake(home / LAKE)
    return Made(folder, lake, Known(lake, until=FAR), pl.read_parquet(folder / "truth" / "fault.parquet"))


def test_every_error_that_changed_something_is_found_and_nothing_is_said_for_nothing(made: Made) -> None:
    kinds, controls = judged(made.known, made.faults)
    assert kinds["error"].to_list() == list(EXPRESSES)
    assert kinds.filter(pl.col("found") != pl.col("injected") - pl.col("changed nothing")).is_empty(), kinds
    assert controls.filter(pl.col("unexplained") > 0).is_empty(), controls
    assert controls["its error"].sum() > 20


def test_an_error_that_nobody_found_is_missed(made: Made) -> None:
    faulty = made.faults["line_id"].drop_nulls().implode()
    clean = made.known.versions("invoice_line").frame.filter(~pl.col("line_id").is_in(faulty) & (pl.col("kind") == "time")).collect()
    planted = made.faults.head(1).with_columns(
        pl.lit(clean["invoice_id"][0]).alias("invoice_id"), pl.lit(clean["line_id"][0]).alias("line_id"), pl.lit("vague_text").alias("kind")
    )
    before, after = (
        _of(judged(made.known, faults)[0], "error", "vague_text") for faults in (made.faults, pl.concat([made.faults, planted]))
    )
    assert (after["injected"], after["found"]) == (before["injected"] + 1, before["found"])
    assert after["recall"] < before["recall"] == 1


def test_a_finding_that_nothing_explains_is_told(made: Made) -> None:
    rest = made.faults.filter(pl.col("kind") != "vague_text")
    told = _of(judged(made.known, rest)[1], "control", "vague_line")
    assert told["found"] > 0
    assert told["unexplained"] == told["found"]
    assert told["precision"] == 0


def test_a_finding_of_two_that_are_alike_speaks_of_both() -> None:
    errors = pl.DataFrame({"error": [0, 1, 2], "line_id": ["l", None, "m"], "invoice_id": ["i", "j", "k"]})
    said = pl.DataFrame(
        {
            "row": [0, 1, 2],
            "line_id": ["l-D", None, None],
            "invoice_id": ["i", "j2", "k"],
            "rests_on_table": ["invoice_line", "invoice", "contract"],
            "rests_on_id": ["l", "j", "k"],
        }
    )
    assert sorted(matched(errors, said).rows()) == [(0, 0), (1, 1)]
    assert sorted(matched(errors, said, whole_bill=True).rows()) == [(0, 0), (1, 1), (2, 2)]


def test_the_page_has_every_kind_and_every_control_that_found_something(made: Made, tmp_path: Path) -> None:
    kinds, controls = judged(made.known, made.faults)
    said = page({"one": (kinds, controls), "two": (kinds, controls)}, "")
    for name in [*kinds["error"], *controls["control"]]:
        assert f"`{name}`" in said
    file = tmp_path / "page.md"
    file.write_text(f"before\n{BEGINS}\nwhat stood\n{ENDS}\nafter\n", encoding="utf-8")
    main([str(made.folder), "--page", str(file)])
    text = file.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "what stood" not in text
    assert "`stale_rate`" in text


def test_a_page_without_a_place_for_the_tables_is_left_alone(made: Made, tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("nothing", encoding="utf-8")
    with pytest.raises(SystemExit, match="has no place"):
        main([str(made.folder), "--page", str(file)])
    assert file.read_text(encoding="utf-8") == "nothing"


def test_records_laid_side_by_side_hold_so_many_lines_of_time_and_bills(made: Made) -> None:
    once = sum(made.lake.read(table).select(pl.len()).collect().item() for table in ("time_entry", "invoice_line"))
    lake = Wide(made.lake, lines=once + 1)
    assert timed(lake).startswith(f"{2 * once:,} lines")
    wide, narrow = (Known(one, until=FAR) for one in (lake, made.lake))
    twice, single = (one.versions("invoice_line").frame.select("line_id").unique().collect().height for one in (wide, narrow))
    assert twice == 2 * single


def _of(table: pl.DataFrame, column: str, name: str) -> dict[str, float]:
    [row] = table.filter(pl.col(column) == name).to_dicts()
    return row
