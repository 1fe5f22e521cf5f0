"""What missing time's machinery is worth on the log of one person: which week will have gaps, and how long will a task take?

The records lie beside the checkout, in ../shared/data/renzo (17,764 tasks of 2009 to 2019, each with a day, and most with an estimate and
what it took, in spans of 25 minutes). They name no calendar, no deadline and no day of entry, so they are written as canonical files first:
a person owed WEEK_DAYS days a week, and each entry known when its day was over. So nothing comes late here, and missing time as it is asked
of a firm (what will still come before the deadline?) cannot be replayed. What can: on Monday noon, whether the week that begins will have
gaps. docs/real_data.md tells what came of it.
Run it from the checkout: .venv/bin/python -m benchmarks.time_log

Intervals are 95 %, over quarters of a year drawn again: there is one person, and weeks near each other hang together.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features import time_capture
from features.timesheets import FULL_DAY, HOUR, timesheets
from models.risk import Missing, Risk, Target, Use
from models.timesheet_book import TimesheetBook
from records.intake import LAKE, import_folder
from records.known import DAY, ENTER, LEAVE, Facts, Known, day_end
from records.lake import Lake
from records.report import ImportReport
from training.backtest import rolling, scored
from training.history import History, history
from training.labels import LABEL
from training.metrics import compared, evaluate, mean_interval

Floats = NDArray[np.float64]

DATA: Final = Path(__file__).resolve().parents[2] / "shared" / "data" / "renzo" / "renzo-pomodoro.csv.gz"
PERSON: Final = "renzo"
SPAN_MINUTES: Final = 25
"""A pomodoro."""
WEEK_DAYS: Final = 4
"""Days with time that a usual week has at least: 72 % of the weeks of the log do. At five, a week with a public holiday would be a gap."""
DAMPING_MINUTES: Final = 100 * SPAN_MINUTES
"""Estimated minutes at which the person's own ratio counts for half: some two weeks of the log."""
RECENT: Final = "own share, the recent weeks weighing more"
BEFORE: Final = 91
"""Days of a running ratio that forgets."""
OUTER_ESTIMATE: Final = 100.0
"""Spans: the log holds a few estimates of thousands, which are slips of the hand."""
_SATURDAY: Final = 6
"""ISO."""
SHOWN: Final = ("auc", "brier", "log_loss")


def tasks(path: Path) -> pl.DataFrame:
    """The log: day, task (number of its text), done, estimate and actual in spans, null where not given.

    A task that was listed again on its day with the same figures, as done and as not done, is one.
    """
    log = pl.read_csv(path, null_values="NA", infer_schema_length=None, try_parse_dates=True)
    told = log.select("estimate", "actual", day="date", task="description", done="DONE")
    kept = told.sort("day", "task", "estimate", "actual", "done", descending=[*[False] * 4, True])
    return kept.unique(["day", "task", "estimate", "actual"], keep="first", maintain_order=True)


def write_canonical(path: Path, folder: Path) -> None:
    """The log as canonical files: one person, a project, a calendar of Monday to Friday, and an entry for every task that took time."""
    log = tasks(path)
    text = pl.col("day").cast(pl.String)
    entries = log.filter(pl.col("actual") > 0).select(
        entry_id=pl.format("RENZO-{}", pl.int_range(pl.len())),
        person_id=pl.lit(PERSON),
        project_id=pl.lit(PERSON),
        worked_on=text,
        minutes=(pl.col("actual") * SPAN_MINUTES).round().cast(pl.Int64),
        billable=pl.lit("true"),
        entered_at=text + "T23:59:59Z",
    )
    listed: list[date] = log["day"].to_list()
    begun = min(listed).isoformat()
    every = pl.DataFrame({"day": pl.date_range(min(listed), max(listed), eager=True)})
    days = every.filter(pl.col("day").dt.weekday() < _SATURDAY).select(
        calendar_id=pl.lit(PERSON),
        day=pl.col("day").cast(pl.String),
        working=pl.lit("true"),
        minutes=pl.lit(FULL_DAY),
        recorded_at=pl.lit(f"{begun}T00:00:00Z"),
    )
    made = {
        "person": {
            "person_id": PERSON,
            "role": PERSON,
            "practice": PERSON,
            "office": PERSON,
            "weekly_minutes": str(WEEK_DAYS * FULL_DAY),
            "hired_on": begun,
        },
        "client": {"client_id": PERSON, "name": PERSON, "currency": "XXX", "onboarded_on": begun},
        "project": {"project_id": PERSON, "client_id": PERSON, "billing_method": "none", "currency": "XXX", "starts_on": begun},
    }
    for table, row in made.items():
        pl.DataFrame(row).write_csv(folder / f"{table}.csv")
    entries.write_csv(folder / "time_entry.csv")
    days.write_csv(folder / "calendar_day.csv")


def coming_weeks(known: Known) -> Facts:
    """Each week from its Monday noon, when the deadline of the last one has passed, to its own."""
    held = known.derived(timesheets).frame.unique(["timesheet_id"]).select("timesheet_id", "person_id", "practice", "week", "due")
    span = {ENTER: day_end("week") - DAY + 12 * HOUR, LEAVE: pl.col("due")}
    told = held.with_columns(currency=pl.lit("XXX"), stake=pl.lit(0), quarter=pl.col("week").dt.truncate("1q"), **span)
    return Facts("coming", told.sort("week"))


GAPS: Final = Risk(
    name="gaps",
    says="A week will have gaps",
    entity="timesheet",
    cluster="quarter",
    at_risk=coming_weeks,
    ages_days=(0,),
    burn_in_days=91,
    history=time_capture.person_sheets,
    targets=(Target("missing", f"with time on fewer than {WEEK_DAYS} days", Missing(), time_capture.person_missing_recent_rate, RECENT),),
    uses=(
        Use(time_capture.person_missing_rate, 1),
        Use(time_capture.person_missing_recent_rate, 1),
        Use(time_capture.person_days_since_entry, 1),
        Use(time_capture.person_load_21d),
        Use(time_capture.person_sheets),
    ),
    predicts_payment=False,
    stake="stake",
    book=TimesheetBook,
    title="{reference} may be {outcome}",
    owner_role="delivery_lead",
    clears="It closes by itself once the week is over.",
    actions=(("", "Look at the week."),),
)


def imported(home: Path, data: Path = DATA) -> tuple[ImportReport, Lake]:
    """The log, written as canonical files below `home` and read through the intake."""
    exports = home / "exports"
    exports.mkdir()
    write_canonical(data, exports)
    return import_folder(exports, home, now=datetime.now(UTC)), Lake(home / LAKE)


def gaps(lake: Lake) -> History:
    until = lake.last_recorded()
    if until is None:
        raise SystemExit(f"{DATA} gave no rows")
    return history(lake, GAPS, until=until)


def gap_lines(past: History) -> Iterator[list[str]]:
    """Model, two rules and no forecast at all, on the weeks of the rolling folds."""
    folds = [scored(past, GAPS.decided_by, start=start, end=end, purged=True) for start, end in rolling(past)]
    rows = pl.concat([fold.rows for fold in folds])
    labels, quarters = rows[LABEL].cast(pl.Float64).to_numpy(), rows["quarter"].rank("dense").cast(pl.Int64).to_numpy()
    model = np.concatenate([fold.model for fold in folds])
    own, lately = (rows[name].to_numpy() for name in ("person_missing_rate", "person_missing_recent_rate"))
    who = "model" if all(fold.modelled for fold in folds) else "model (the rule where outcomes are few)"
    for name, chance in ((who, model), (f"rule: {RECENT}", lately), ("own share so far", own)):
        found: dict[str, Any] = evaluate(labels, chance, quarters)
        beside: dict[str, Any] = compared(labels, model, chance, quarters)
        less = [""] * 2 if name == who else [_with(beside[of]["difference"], beside[of]["interval"], sign="+") for of in ("auc", "brier")]
        yield [name, *(_with(found[of], found["intervals"][of]) for of in SHOWN), *less]
    yield [f"{len(labels)} weeks, {int(labels.sum())} with gaps"]


@dataclass(frozen=True)
class Ratios:
    """Error of each forecast of a week's finished tasks: of a task, and of the week's sum; in spans, with the intervals."""

    tasks: int
    weeks: int
    of_task: dict[str, tuple[float, list[float] | None]]
    of_week: dict[str, tuple[float, list[float] | None]]
    less_rule: dict[str, tuple[float, list[float] | None]]
    """Error of a week less that of the plain running ratio, on the same weeks."""


def ratios(log: pl.DataFrame) -> Ratios:
    """Week by week: the estimate, times the person's ratio so far, that ratio damped as the margin's index is, and the ratio of 91 days."""
    usable = log.filter((pl.col("done") == 1) & pl.col("estimate").is_between(0, OUTER_ESTIMATE, closed="right") & (pl.col("actual") > 0))
    told = usable.with_columns(week=pl.col("day").dt.truncate("1w"))
    sums = told.group_by("week").agg(pl.col("estimate", "actual").sum()).sort("week")
    before = sums.with_columns(
        was=pl.col("actual").cum_sum().shift(1),
        said=pl.col("estimate").cum_sum().shift(1),
        was_lately=pl.col("actual").rolling_sum_by("week", f"{BEFORE}d", closed="left"),
        said_lately=pl.col("estimate").rolling_sum_by("week", f"{BEFORE}d", closed="left"),
    ).filter(pl.col("said_lately") > 0)
    weight = pl.col("said_lately") / (pl.col("said_lately") + DAMPING_MINUTES / SPAN_MINUTES)
    lately = pl.col("was_lately") / pl.col("said_lately")
    known = before.select("week", plan=1.0, running=pl.col("was") / pl.col("said"), lately=lately, damped=lately**weight)
    rows = told.join(known, on="week").sort("week")
    names = {"plan (estimate)": "plan", "rule: own ratio so far": "running", "own ratio of 91 days": "lately", "the same, damped": "damped"}
    single = rows.with_columns((pl.col("estimate") * pl.col(name) - pl.col("actual")).abs().alias(name) for name in names.values())
    whole = rows.group_by("week", maintain_order=True).agg(
        (pl.col("estimate") * pl.col(name) - pl.col("actual")).sum().abs().alias(name) for name in names.values()
    )
    return Ratios(
        single.height,
        whole.height,
        {says: _mean(single, pl.col(name)) for says, name in names.items()},
        {says: _mean(whole, pl.col(name)) for says, name in names.items()},
        {says: _mean(whole, pl.col(name) - pl.col("running")) for says, name in names.items()},
    )


def _mean(rows: pl.DataFrame, error: pl.Expr) -> tuple[float, list[float] | None]:
    values = rows.select(error.alias("error"))["error"].to_numpy()
    quarters = rows["week"].dt.truncate("1q").rank("dense").cast(pl.Int64).to_numpy()
    return float(values.mean()), mean_interval(values, quarters)


def _with(value: float | None, interval: list[float] | None, *, sign: str = "") -> str:
    if value is None or interval is None:
        return "not defined"
    return f"{value:{sign}.3f} ({interval[0]:{sign}.3f} to {interval[1]:{sign}.3f})"


def table(past: History, found: Ratios) -> str:
    """As Markdown, so that it goes into a page as it is."""
    *rows, [counted] = gap_lines(past)
    head = ["week with gaps", *SHOWN, "model less this: AUC", "Brier"]
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)] + ["", counted, ""]
    lines += ["| how long: error in spans of 25 minutes | of a task | of a week | of a week, less the rule |", "| --- | --- | --- | --- |"]
    for name in found.of_task:
        cells = (_with(*found.of_task[name]), _with(*found.of_week[name]), _with(*found.less_rule[name], sign="+"))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"{found.tasks:,} finished tasks of {found.weeks} weeks"])


def main() -> int:
    if not DATA.is_file():
        print(f"There are no records at {DATA}: put the folder `shared` with data/renzo beside the checkout.", file=sys.stderr)
        return 1
    with TemporaryDirectory() as home:
        _, lake = imported(Path(home))
        print(table(gaps(lake), ratios(tasks(DATA))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
