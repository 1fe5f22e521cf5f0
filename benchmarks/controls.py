"""Controls beside the truth of a simulated firm, and how fast they go over a million lines.

`python -m benchmarks.controls FIRM` imports the folder that `plumbline simulate` wrote and tells, for each kind of injected error that a
control can express, how many it found, and for each control what it found beside them. With `--lines N` the firm's records are laid side by
side until they hold N invoice lines, and all controls go over them; the reference is a bare scan of the same tables in the same run.
"""

import argparse
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final

import polars as pl

from controls.catalog import CONTROLS, findings
from controls.facts.bills import charged
from records.intake import LAKE, import_folder
from records.known import Known
from records.lake import Lake
from records.tables import TABLES

EXPRESSES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "stale_rate": ("rate_above_card", "rate_of_wrong_date", "rate_below_card"),
        "wrong_grade": ("role_not_as_assigned",),
        "duplicate": ("duplicate_line", "near_duplicate_line"),
        "out_of_period": ("line_outside_period", "period_already_billed"),
        "over_cap": ("cap_exceeded",),
        "missing_po": ("po_missing",),
        "unapproved_expense": ("expense_not_approved",),
        "vague_text": ("vague_line",),
        "wrong_entity": ("legal_entity_mismatch",),
        "milestone_unsigned": ("milestone_before_acceptance",),
        "rounding": ("line_arithmetic",),
        "split": ("split_bill",),
    }
)
"""Kind of injected error -> the controls that say it; `wrong_contact` leaves no trace in the records."""
FAR: Final = datetime(2100, 1, 1, tzinfo=UTC)
NOW: Final = datetime(2030, 1, 1, tzinfo=UTC)


def judged(known: Known, faults: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of each kind of error: how many are in the records, and were ever found. Of each control: what it found, and why.

    An error is found when a control that expresses it speaks of its line, or of its invoice where it sits on the head.
    """
    found = known.derived(findings).frame.select("control", "invoice_id", "line_id", "contract_id").unique().collect()
    drafted = known.derived(charged).frame.select("invoice_id", "contract_id").unique("invoice_id").collect()
    held = faults.unique(["invoice_id", "line_id", "kind"]).join(drafted, on="invoice_id")
    kinds = []
    if unknown := {name for names in EXPRESSES.values() for name in names} - {one.name for one in CONTROLS}:
        raise SystemExit(f"no control is called {', '.join(sorted(unknown))}")
    for kind, controls in EXPRESSES.items():
        said = found.filter(pl.col("control").is_in(controls))
        own = held.filter(pl.col("kind") == kind).with_row_index("error")
        lined = said.filter(pl.col("line_id").is_not_null())
        hit = pl.concat(
            [own.join(lined, on="line_id", how="semi"), own.join(said.filter(pl.col("line_id").is_null()), on="invoice_id", how="semi")]
        )
        kinds.append({"error": kind, "in the records": own.height, "found": hit["error"].n_unique()})
    return pl.DataFrame(kinds), pl.DataFrame([_explained(control.name, found, held) for control in CONTROLS])


def _explained(control: str, found: pl.DataFrame, held: pl.DataFrame) -> dict[str, str | int]:
    """What one control found: by its own kind of error, beside another on the same invoice, or on another invoice of the contract."""
    said = found.filter(pl.col("control") == control).with_row_index("row")
    own = held.filter(pl.col("kind").is_in([kind for kind, names in EXPRESSES.items() if control in names]))
    rest, counted = said, {}
    for name, errors, key in (
        ("of its error", own, "invoice_id"),
        ("of another", held, "invoice_id"),
        ("in its contract", held, "contract_id"),
    ):
        explained = rest.join(errors, on=key, how="semi")
        counted[name] = explained.height
        rest = rest.filter(~pl.col("row").is_in(explained["row"].implode()))
    return {"control": control, "found": said.height, **counted, "unexplained": rest.height}


class Wide(Lake):
    """The records of a lake as often as it takes to make so many invoice lines, under other names each time; in memory."""

    def __init__(self, lake: Lake, *, lines: int) -> None:
        super().__init__(lake.root)
        self.times = -(-lines // lake.read("invoice_line").select(pl.len()).collect().item())
        self.held: dict[str, pl.DataFrame] = {}
        """The tables that were asked for."""

    def read(self, table: str, *, version: int | None = None) -> pl.LazyFrame:
        if table not in self.held:
            declared = TABLES[table]
            named = [column.name for column in declared.columns if column.references] + [name for name in declared.key if name != "day"]
            rows = super().read(table, version=version)
            copies = (
                rows.with_columns((pl.lit(f"{number}-") + pl.col(name)).alias(name) for name in dict.fromkeys(named))
                for number in range(self.times)
            )
            self.held[table] = pl.concat(copies).collect()
        return self.held[table].lazy()


def timed(lake: Wide) -> tuple[float, float, int]:
    """CPU seconds of a bare scan of the tables that controls read, of all controls, and how many lines there are.

    Both begin with the tables in memory. The scan takes one aggregate of each column: what reading every value once costs.
    """
    Known(lake, until=FAR).derived(findings)
    begun = time.process_time()
    for rows in lake.held.values():
        rows.select(pl.all().hash().sum())
    scanned = time.process_time()
    Known(lake, until=FAR).derived(findings)
    return scanned - begun, time.process_time() - scanned, lake.held["invoice_line"].height


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("firm", type=Path, help="folder that `plumbline simulate` wrote")
    arguments.add_argument("--lines", type=int, default=0, help="also go over so many invoice lines")
    asked = arguments.parse_args()
    with TemporaryDirectory() as home, pl.Config(tbl_rows=-1, fmt_str_lengths=40, tbl_hide_column_data_types=True):
        import_folder(asked.firm, Path(home), now=NOW)
        lake = Lake(Path(home) / LAKE)
        for table in judged(Known(lake, until=FAR), pl.read_parquet(asked.firm / "truth" / "fault.parquet")):
            print(table)
        if asked.lines:
            scan, spent, lines = timed(Wide(lake, lines=asked.lines))
            print(f"{lines:,} lines: all {len(CONTROLS)} controls {spent:.1f} CPU s, bare scan {scan:.1f} CPU s, ratio {spent / scan:.1f}")


if __name__ == "__main__":
    main()
