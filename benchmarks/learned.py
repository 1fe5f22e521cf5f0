"""A firm from its mechanism and seed to score files: simulated, imported, learned from up to a day, scored after it. All in one process.

Each step leaves a file behind and is left out when it is there, so that a run that was broken off goes on where it stopped.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from benchmarks.ceilings.catalog import CEILINGS
from benchmarks.truths import default_target, judged, read_scores, subject_named
from models.numbers import compute
from models.prior import shipped
from models.risk import Risk
from plumbline.workflow import SCORE_COLUMNS
from records.intake import LAKE, import_folder
from records.known import MONEY_SCALE, Known, instant_of
from records.lake import Lake
from simulation.days import month_starts
from simulation.firm import run
from simulation.plan import Plan
from training.history import history
from training.train import learn

LEARNED_SHARE: Final = 0.7
"""Share of the months that is learned from; over the rest it is scored. Of thirty months nine remain: a season of each kind of month."""
DRAFTED: Final = (5, 8, 11)
"""Days of a month at whose end there are drafts (docs/simulation.md: one to six working days after the month)."""
SATURDAY_NOON: Final = timedelta(days=5, hours=12)
"""From the Monday on which a week begins: two days before its sheets are due."""
BEFORE_SCORING: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""When training is said to happen: it names the version, and two runs should give the same."""


@dataclass(frozen=True)
class Firm:
    """A simulated firm and where its files lie."""

    plan: Plan
    place: Path

    @property
    def name(self) -> str:
        return f"{self.plan.mechanism}-{self.plan.seed}"

    @property
    def tables(self) -> Path:
        return self.place / "firm"

    @property
    def lake(self) -> Lake:
        return Lake(self.place / "home" / LAKE)

    @property
    def learned_until(self) -> date:
        first = int(month_starts(self.plan.start, self.plan.months)[round(LEARNED_SHARE * self.plan.months)])
        return date(1970, 1, 1) + timedelta(days=first - 1)

    @property
    def ends(self) -> datetime:
        """The end of the last day of the records."""
        return instant_of(date(1970, 1, 1) + timedelta(days=self.plan.end - 1))


def made(firm: Firm) -> None:
    """The firm's tables, its truth, and a lake of what it knew."""
    if not (firm.tables / "truth" / "client.parquet").is_file():
        run(firm.tables, firm.plan)
    done = firm.place / "imported"
    if not done.is_file():
        import_folder(firm.tables, firm.place / "home", now=datetime.now(UTC))
        done.touch()


def scored(firm: Firm, risk: Risk) -> Path:
    """The score file of a risk over all its instants, of a model that saw nothing after `learned_until`."""
    output = firm.place / f"scores-{risk.name}.parquet"
    if output.is_file():
        return output
    # As `plumbline train` does: beside the prior that ships.
    bundle = learn(history(firm.lake, risk, until=instant_of(firm.learned_until)), now=BEFORE_SCORING, prior=shipped(risk))
    instants = list(INSTANTS[risk.name](firm))
    found = compute(Known(firm.lake, until=instants[-1]), risk, bundle, instants=instants)
    rows = found.rows.select(
        entity_id=risk.key,
        as_of=pl.from_epoch("as_of", time_unit="us").dt.replace_time_zone("UTC"),
        probability=pl.lit(pl.Series(found.probability[found.decides])),
        amount_at_stake=(pl.col(risk.stake) / MONEY_SCALE).round(2),
        currency="currency",
    )
    return _written(rows, risk, output)


def bounded(firm: Firm, risk: Risk) -> Path:
    """As a score file, what the tables allow to be said of the rows that are judged."""
    output = firm.place / f"ceiling-{risk.name}.parquet"
    if output.is_file():
        return output
    subject = subject_named(risk.name)
    rows = judged(read_scores([scored(firm, risk)]), subject, default_target(subject), folder=firm.tables).rows
    known = Known(firm.lake, until=rows["as_of"].max())  # type: ignore[arg-type]
    told = CEILINGS[risk.name](known, rows.select("entity_id", "as_of"), firm.tables / "truth", firm.plan.mechanism)
    return _written(told, risk, output)


def _written(rows: pl.DataFrame, risk: Risk, output: Path) -> Path:
    """In the form of a score file; what is not among the rows is empty in it."""
    said = {"kind": pl.lit("risk"), "risk": pl.lit(risk.name), "entity_type": pl.lit(risk.entity)}
    told = {**said, "as_of": pl.col("as_of").dt.strftime("%Y-%m-%dT%H:%M:%S+00:00")}
    empty = {name: pl.lit(None, pl.String) for name in SCORE_COLUMNS if name not in rows.columns}
    beside = output.with_suffix(".new")
    rows.select(**{name: {**empty, **told}.get(name, pl.col(name)) for name in SCORE_COLUMNS}).write_parquet(beside)
    beside.replace(output)
    return output


def mondays(firm: Firm) -> Iterator[datetime]:
    """The end of each Monday, when collectors and delivery leads get their lists."""
    day = firm.learned_until + timedelta(days=1)
    day += timedelta(days=-day.weekday() % 7)
    while instant_of(day) <= firm.ends:
        yield instant_of(day)
        day += timedelta(days=7)


def drafting_days(firm: Firm) -> Iterator[datetime]:
    for first in month_starts(firm.plan.start, firm.plan.months)[:-1]:
        month = date(1970, 1, 1) + timedelta(days=int(first))
        yield from (instant_of(month.replace(day=day)) for day in DRAFTED if month > firm.learned_until)


def saturdays(firm: Firm) -> Iterator[datetime]:
    for monday in mondays(firm):
        noon = datetime.combine((monday - timedelta(days=1)).date(), time(), UTC) + SATURDAY_NOON
        if noon <= firm.ends:
            yield noon


def each_second_monday(firm: Firm) -> Iterator[datetime]:
    """What is open or running on one Monday is mostly so on the next: twice as many lists cost twice the time and tell little more."""
    yield from list(mondays(firm))[::2]


INSTANTS: Final = {"collections": each_second_monday, "dispute": drafting_days, "missing_time": saturdays, "margin": each_second_monday}
"""By risk: when it is scored."""
