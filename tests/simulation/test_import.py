"""The exported firm goes through the real intake into a real lake."""

from datetime import UTC, datetime
from pathlib import Path

from records.intake import import_folder
from simulation.firm import simulate


def test_the_intake_takes_every_row_of_a_clean_firm(tmp_path: Path) -> None:
    simulate(tmp_path / "firm", people=30, months=12, seed=3, dirt=False)
    report = import_folder(tmp_path / "firm", tmp_path / "home", now=datetime(2026, 1, 1, tzinfo=UTC))
    assert report.refused == ()
    assert report.unresolved == ()
    for file in report.files:
        for table in file.tables:
            assert table.rows.quarantined == 0, table.table
            assert table.rows.accepted > 0, table.table
