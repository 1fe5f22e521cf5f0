"""Small firms whose truth is known because it was made up: persons who forget, projects that overrun, and scores of both."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from plumbline.workflow import SCORE_COLUMNS

MONDAY: Final = date(2024, 1, 1)
PERSONS: Final = 30
WEEKS: Final = 40
PROJECTS: Final = 60


def write(folder: Path, tables: Mapping[str, Sequence[Mapping[str, object]]]) -> Path:
    """Each table as CSV, as a system would export it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        text = [{column: "" if value is None else str(value) for column, value in row.items()} for row in rows]
        pl.DataFrame(text).write_csv(folder / f"{name}.csv")
    return folder


def write_truth(folder: Path, name: str, rows: pl.DataFrame) -> None:
    (folder / "truth").mkdir(exist_ok=True)
    rows.write_parquet(folder / "truth" / f"{name}.parquet")


def write_scores(file: Path, risk: str, rows: pl.DataFrame) -> Path:
    """A score file of rows with entity_id, as_of and probability, and if need be amount_at_stake and currency."""
    told = {"kind": "risk", "risk": risk, "amount_at_stake": "100.00", "currency": "EUR", "reasons": "[]"}
    columns = {name: pl.col(name) if name in rows.columns else pl.lit(told.get(name)) for name in SCORE_COLUMNS}
    found = rows.select(**{**columns, "as_of": pl.col("as_of").dt.strftime("%Y-%m-%dT%H:%M:%S+00:00")})
    if file.suffix == ".parquet":
        found.write_parquet(file)
    else:
        found.write_csv(file)
    return file


def forgetful(folder: Path) -> pl.DataFrame:
    """Persons who miss the deadline of a week each with a likelihood of their own. Gives its truth, one row a week and weekend day."""
    draw = np.random.default_rng(5)
    chance = draw.beta(1, 5, PERSONS)
    entries: list[dict[str, object]] = []
    truth: list[dict[str, object]] = []
    for person in range(PERSONS):
        for week in range(WEEKS):
            monday = MONDAY + timedelta(7 * week)
            days_late = 9 if draw.random() < chance[person] else 0
            entries.append(_entry(f"P{person:02}", monday, entered=monday + timedelta(days_late), number=len(entries)))
            truth += [
                {"person_id": f"P{person:02}", "week": monday, "as_of": _noon(monday + timedelta(after)), "p_missing": chance[person]}
                for after in (5, 6)
            ]
    persons = [
        {"person_id": f"P{number:02}", "role": "consultant", "practice": f"T{number % 3}", "weekly_minutes": 2400, "hired_on": MONDAY}
        for number in range(PERSONS)
    ]
    write(folder, {"person": persons, "time_entry": entries})
    found = pl.DataFrame(truth, schema_overrides={"as_of": pl.Datetime("us", "UTC")})
    write_truth(folder, "week", found)
    return found


def _entry(person: str, monday: date, *, entered: date, number: int) -> dict[str, object]:
    noon = f"{entered.isoformat()}T18:00:00Z"
    row = {"entry_id": f"E{number}", "person_id": person, "project_id": "J1", "worked_on": monday, "minutes": 480, "billable": "true"}
    return {**row, "entered_at": noon}


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def overrunning(folder: Path) -> pl.DataFrame:
    """Projects half done by report, some of which have spent more than half of their budget. Gives its truth, at one Monday."""
    draw = np.random.default_rng(6)
    overrun = draw.lognormal(0, 0.2, PROJECTS)
    budgets, reports, entries = [], [], []
    for number in range(PROJECTS):
        project = f"J{number:02}"
        budgets.append(
            {"budget_id": f"B{number}", "project_id": project, "baseline_no": 1, "minutes": 6000, "cost_amount": "10000.00",
             "revenue_amount": "15000.00", "approved_on": MONDAY}
        )  # fmt: skip
        reports.append({"status_id": f"S{number}", "project_id": project, "reported_on": MONDAY + timedelta(30), "percent_complete": 50})
        entry = _entry("P00", MONDAY + timedelta(10), entered=MONDAY + timedelta(10), number=number)
        entries.append({**entry, "project_id": project, "minutes": round(3000 * overrun[number]), "cost_per_hour": "100.00"})
    write(folder, {"project_budget": budgets, "project_status": reports, "time_entry": entries})
    found = pl.DataFrame(
        {
            "project_id": [f"J{number:02}" for number in range(PROJECTS)],
            "as_of_on": [MONDAY + timedelta(42)] * PROJECTS,
            "percent_elapsed": [0.5] * PROJECTS,
            "p_margin_fall": 1 / (1 + np.exp(-8 * (overrun - 1.1))),
        }
    )
    write_truth(folder, "margin", found)
    return found
