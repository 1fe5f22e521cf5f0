"""What the margin risk's machinery is worth on public projects: will the budget exceed the first one, will it be raised within a year?

The records lie beside the checkout, in ../shared/data/nyc_capital (2,259 reports on 378 New York City projects, 2013 to 2019). They are
read through the intake by benchmarks/nyc_capital.yaml and replayed every quarter of each project with what was known then; see
benchmarks/overruns.py for the question and docs/real_data.md for what came of it.
Run it from the checkout: .venv/bin/python -m benchmarks.projects

`raised` is purged: trained on what was decided before each of the rolling folds. `over` is decided by the end of the register only, so no
cut in time can train it: every fifth project is tested by a model of the others, as splits in the literature do, which is kinder than
life. Intervals are 95 %, over projects drawn again.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.overruns import OVER, OVER_POINTS, OVERRUN, RAISED, SPREAD, Register, budget_over, register
from models.estimators.margin_outlook import MarginOutlook
from models.risk import Target
from models.spine import BEGAN
from records.intake import LAKE, import_folder
from records.lake import Lake
from training.backtest import rolling, scored
from training.fit import fit, matrix, rows_of
from training.labels import LABEL
from training.metrics import compared, evaluate, mean_interval

Floats = NDArray[np.float64]

DATA: Final = Path(__file__).resolve().parents[2] / "shared" / "data" / "nyc_capital"
MAPPING: Final = Path(__file__).with_name("nyc_capital.yaml")
FOLDS: Final = 5
SHOWN: Final = ("auc", "brier", "log_loss")


@dataclass(frozen=True)
class Said:
    """Test rows of one question with what each forecaster said of them."""

    target: Target
    labels: Floats
    projects: NDArray[np.int64]
    chances: dict[str, Floats]

    def cells(self) -> Iterator[list[str]]:
        for who, chance in self.chances.items():
            found: dict[str, Any] = evaluate(self.labels, chance, self.projects)
            row = [self.target.name, who, *(_with(found[name], found["intervals"][name]) for name in SHOWN)]
            if who != "model":
                beside: dict[str, Any] = compared(self.labels, self.chances["model"], chance, self.projects)
                row += [_with(beside[name]["difference"], beside[name]["interval"], signed=True) for name in ("auc", "brier")]
            yield [*row, *[""] * (len(SHOWN) + 4 - len(row))]

    def counted(self) -> str:
        return (
            f"{self.target.name}: {len(self.labels):,} quarters of {len(np.unique(self.projects)):,} projects, "
            f"{int(self.labels.sum()):,} ({self.labels.mean():.0%}) {self.target.says}"
        )


def _with(value: float | None, interval: list[float] | None, *, signed: bool = False) -> str:
    if value is None or interval is None:
        return "not defined"
    sign = "+" if signed else ""
    return f"{value:{sign}.3f} ({interval[0]:{sign}.3f} to {interval[1]:{sign}.3f})"


def said(past: Register, target: Target) -> Said:
    """The question of `target`: what model, rule, the pace so far and the base rate said of rows that the model had not learned from."""
    parts = list(_ahead(past) if target is RAISED else _apart(past))
    rows = pl.concat([part.rows for part in parts])
    pace = (rows["budget_extrapolated"].to_numpy() - OVER_POINTS / 100) / SPREAD
    by_pace = {"pace so far": 1 / (1 + np.exp(-pace))} if target is OVER else {}
    return Said(
        target,
        rows[LABEL].cast(pl.Float64).to_numpy(),
        rows["project_id"].rank("dense").cast(pl.Int64).to_numpy(),
        {
            "model": np.concatenate([part.model for part in parts]),
            f"rule: {target.rule_says}": rows[target.rule.name].to_numpy(),
            **by_pace,
            "base rate": np.concatenate([np.full(part.rows.height, part.share) for part in parts]),
        },
    )


@dataclass(frozen=True)
class _Part:
    """Test rows, what the model said of them, and how often it came true in its training."""

    rows: pl.DataFrame
    model: Floats
    share: float


def _ahead(past: Register) -> Iterator[_Part]:
    """Rolling: each fold by what was decided before it."""
    for start, end in rolling(past):
        found = scored(past, RAISED, start=start, end=end, purged=True)
        labels = past.labelled(RAISED, at=start)[LABEL].drop_nulls()
        yield _Part(found.rows, found.model, _share(labels))


def _apart(past: Register) -> Iterator[_Part]:
    """Every fifth project by the others, whenever they ended."""
    for train, test in apart(past):
        model = fit(rows_of(train, OVERRUN), OVERRUN, OVER.rule)
        said_by = model.probability(matrix(test, OVERRUN.features)) if model is not None else test[OVER.rule.name].to_numpy()
        yield _Part(test, said_by, _share(train[LABEL]))


def apart(past: Register) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """The decided rows in FOLDS parts by project: the others, and those."""
    rows = past.labelled(OVER, at=past.known.until).filter(pl.col(LABEL).is_not_null())
    part = pl.col("project_id").rank("dense") % FOLDS
    for fold in range(FOLDS):
        yield rows.filter(part != fold), rows.filter(part == fold)


def _share(labels: pl.Series) -> float:
    """How often it came true; one half of one case before there is any."""
    return (float(labels.sum()) + 0.5) / (labels.len() + 1.0)


@dataclass(frozen=True)
class Sizes:
    """How far each forecast of the last budget was off, in points of the first one, and how often the 80 % range held it."""

    n: int
    projects: int
    mean: dict[str, tuple[float, list[float] | None]]
    middle: dict[str, float]
    inside: tuple[float, list[float] | None]


def sizes(past: Register) -> Sizes:
    """The margin's forecast at completion (newest budget and a learned correction) beside the plan and two extrapolations."""
    place = OVERRUN.features.index(budget_over)
    tested, lost_by = [], []
    for train, test in apart(past):
        outlook = MarginOutlook.fit(matrix(train, OVERRUN.features), train["lost"].to_numpy(), base=place, began=train[BEGAN].to_numpy())
        tested.append(test)
        lost_by.append(outlook.lost(matrix(test, OVERRUN.features)))
    test, found = pl.concat(tested), np.concatenate(lost_by)
    lost, projects = test["lost"].to_numpy(), test["project_id"].rank("dense").cast(pl.Int64).to_numpy()
    forecasts = {
        "forecast": found[:, 1],
        "plan (first budget)": np.zeros(test.height),
        "newest budget": test["budget_over"].to_numpy(),
        "pace so far": test["budget_extrapolated"].to_numpy(),
    }
    errors = {name: 100 * np.abs(one - lost) for name, one in forecasts.items()}
    inside = ((lost >= found[:, 0]) & (lost <= found[:, 2])).astype(np.float64)
    return Sizes(
        test.height,
        len(np.unique(projects)),
        {name: (float(error.mean()), mean_interval(error, projects)) for name, error in errors.items()},
        {name: float(np.median(error)) for name, error in errors.items()},
        (float(inside.mean()), mean_interval(inside, projects)),
    )


def table(found: list[Said], size: Sizes) -> str:
    """As Markdown, so that it goes into a page as it is."""
    head = ["question", "who", *SHOWN, "model less this: AUC", "Brier"]
    rows = [head, ["---"] * len(head), *(cells for one in found for cells in one.cells())]
    lines = ["| " + " | ".join(row) + " |" for row in rows] + ["", *(one.counted() for one in found), ""]
    lines += ["| last budget, points of the first | mean error | median error |", "| --- | --- | --- |"]
    lines += [f"| {name} | {value:.1f} ({low_high(interval)}) | {size.middle[name]:.1f} |" for name, (value, interval) in size.mean.items()]
    held, interval = size.inside
    return "\n".join(
        [*lines, "", f"{size.n:,} quarters of {size.projects} projects; the 80 % range held {held:.0%} ({low_high(interval, 2)})"]
    )


def low_high(interval: list[float] | None, places: int = 1) -> str:
    return "not defined" if interval is None else f"{interval[0]:.{places}f} to {interval[1]:.{places}f}"


def imported(home: Path, data: Path = DATA) -> Register:
    """The register, read through the intake into a lake below `home`; raises SystemExit for one without rows."""
    import_folder(data, home, mapping=MAPPING, now=datetime.now(UTC))
    lake = Lake(home / LAKE)
    until = lake.last_recorded()
    if until is None:
        raise SystemExit(f"{data} gave no rows")
    return register(lake, until=until)


def main() -> int:
    if not DATA.is_dir():
        print(f"There are no records at {DATA}: put the folder `shared` with data/nyc_capital beside the checkout.", file=sys.stderr)
        return 1
    with TemporaryDirectory() as home:
        past = imported(Path(home))
        print(table([said(past, target) for target in (OVER, RAISED)], sizes(past)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
