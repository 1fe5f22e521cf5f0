"""What is judged: the rows of score files, each with the truth of its entity at that instant.

The format of `truth/` is in docs/simulation.md; any folder in that format will do, whoever made the firm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import polars as pl

from models.catalog import RISKS
from plumbline.workflow import SCORE_COLUMNS

WEEKLY: Final = timedelta(days=7)
"""Where the truth is told weekly, one that is seven days old has been followed by another, or the entity has left the risk since."""
DAILY: Final = timedelta(days=1)
"""A timesheet's is told two days and one day before its deadline: a day after the second there is nothing left to foretell."""
INSTANT: Final = pl.Datetime("us", "UTC")
_NAMED: Final = 5
"""So many names an error lists."""


class QualityError(ValueError):
    """What cannot be judged: says what, where and how to mend it."""


@dataclass(frozen=True)
class Subject:
    """A risk that can be judged: where its truth stands, and how much of its worklist the owner can work through."""

    risk: str
    file: str
    """Name in `truth/`, without `.parquet`."""
    key: tuple[str, ...]
    """Columns that make up the entity's id, joined by a colon."""
    instant: str
    """Column that says when the truth holds; a date means its end."""
    targets: Mapping[str, str]
    """Outcome -> column with its probability; the last is what a worklist ranks by."""
    capacity: float
    """Share of a worklist."""
    once: bool
    """Each entity counts once, when first scored, and worklists are those of a week; otherwise each scoring is a worklist."""
    cluster: str
    """What rows hang together by, in words."""
    holds: timedelta
    """For how long a truth holds."""
    absent: str
    """What a scored row is that the grounds of the rules do not have, in words."""


SUBJECTS: Final[tuple[Subject, ...]] = (
    Subject(
        "collections", "receivable", ("invoice_id",), "as_of_on", {"late": "p_late", "late_30": "p_late_30"},
        capacity=0.15, once=False, cluster="clients", holds=WEEKLY, absent="not open by the firm's tables",
    ),
    Subject(
        "dispute", "invoice", ("invoice_id",), "as_of", {"disputed": "p_dispute"},
        capacity=0.10, once=True, cluster="clients", holds=WEEKLY,
        absent="sent already, or no draft of the firm's tables: the truth is told of drafts",
    ),
    Subject(
        "missing_time", "week", ("person_id", "week"), "as_of", {"missing": "p_missing"},
        capacity=0.10, once=False, cluster="persons", holds=DAILY, absent="of nobody in the firm's tables",
    ),
    Subject(
        "margin", "margin", ("project_id",), "as_of_on", {"fell": "p_margin_fall"},
        capacity=0.10, once=False, cluster="projects", holds=WEEKLY, absent="of no project in the firm's tables",
    ),
)  # fmt: skip


def subject_named(name: str) -> Subject:
    for subject in SUBJECTS:
        if subject.risk == name:
            return subject
    raise QualityError(f"no risk {name!r} can be judged; there are {', '.join(one.risk for one in SUBJECTS)}")


def default_target(subject: Subject) -> str:
    """The outcome whose likelihood a score file holds: the last, unless too few outcomes left that one without a model."""
    declared = [risk.decided_by.name for risk in RISKS if risk.name == subject.risk]
    return declared[0] if declared else list(subject.targets)[-1]


@dataclass(frozen=True)
class Judged:
    """Scores with their truth, and how many were left out for want of one."""

    rows: pl.DataFrame
    """Columns risk, entity_id, as_of, probability, amount_at_stake, currency, truth."""
    left_out: dict[str, int]
    """Why -> rows."""


def read_scores(files: Sequence[Path]) -> pl.DataFrame:
    """The risks of score files, one under the other. Raises QualityError."""
    found = pl.concat([_read_scores(file) for file in files]).filter(pl.col("kind") == "risk")
    if found.is_empty():
        raise QualityError(f"{', '.join(map(str, files))}: no row is of a risk; write scores with `plumbline score --output scores.csv`")
    for name in found["risk"].unique(maintain_order=True):
        subject_named(name)
    key = ("risk", "entity_id", "as_of")
    if twice := found.filter(found.select(key).is_duplicated()).head(1).rows(named=True):
        where = f"{twice[0]['risk']} {twice[0]['entity_id']} as of {twice[0]['as_of']:%Y-%m-%dT%H:%MZ}"
        raise QualityError(f"{where} is scored twice in {', '.join(map(str, files))}: give each scoring once")
    return found


def _read_scores(file: Path) -> pl.DataFrame:
    if file.suffix not in {".csv", ".parquet"} or not file.is_file():
        raise QualityError(f"{file} is no score file: name a .csv or .parquet that `plumbline score --output` wrote")
    rows = pl.read_parquet(file) if file.suffix == ".parquet" else pl.read_csv(file, infer_schema=False)
    if missing := [name for name in SCORE_COLUMNS if name not in rows.columns]:
        raise QualityError(f"{file} lacks the columns {', '.join(missing)}: write it anew with `plumbline score --output {file.name}`")
    try:
        return rows.select(
            pl.col("kind", "risk", "entity_id", "currency").cast(pl.String),
            pl.col("as_of").str.to_datetime("%+", time_unit="us", time_zone="UTC"),
            pl.col("probability", "amount_at_stake").cast(pl.Float64),
        )
    except (pl.exceptions.InvalidOperationError, pl.exceptions.ComputeError, pl.exceptions.SchemaError) as error:
        said = str(error).partition("\n")[0]
        raise QualityError(f"{file} cannot be read as scores: {said}; write it anew with `plumbline score --output {file.name}`") from error


def judged(scores: pl.DataFrame, subject: Subject, target: str, *, folder: Path) -> Judged:
    """The scores of one risk, each with the newest truth at or before its instant. `folder`: that of the firm. Raises QualityError."""
    rows = scores.filter(pl.col("risk") == subject.risk)
    left_out: dict[str, int] = {"without a likelihood (nothing was on record yet)": rows["probability"].null_count()}
    rows = rows.drop_nulls("probability").sort("as_of", "entity_id")
    if subject.once:
        first = rows.unique("entity_id", keep="first", maintain_order=True)
        left_out["scored before: each counts once, when first scored"] = rows.height - first.height
        rows = first
    truth = _read_truth(folder, subject, target)
    joined = rows.join_asof(truth.sort("told"), left_on="as_of", right_on="told", by="entity_id", check_sortedness=False)
    fresh = joined.filter(pl.col("as_of") - pl.col("told") < subject.holds).drop("told")
    without = joined["told"].null_count()
    left_out["without any truth (of no such firm, or decided before it was first told)"] = without
    left_out[f"whose newest truth is {subject.holds.days} days old or more (decided by then, or a draft that waits)"] = (
        joined.height - without - fresh.height
    )
    return Judged(fresh, {why: count for why, count in left_out.items() if count})


def _read_truth(folder: Path, subject: Subject, target: str) -> pl.DataFrame:
    """Columns entity_id, told (the instant), truth."""
    if not (folder / "truth").is_dir():
        raise QualityError(f"{folder} has no folder truth/: only a simulated firm can be judged so; make one with `plumbline simulate`")
    file = folder / "truth" / f"{subject.file}.parquet"
    if not file.is_file():
        raise QualityError(f"{file} is missing, which holds the truth of {subject.risk}: simulate the firm anew")
    held = pl.read_parquet(file)
    needed = [*subject.key, subject.instant, subject.targets[target]]
    if missing := [name for name in needed if name not in held.columns]:
        raise QualityError(f"{file} lacks the columns {', '.join(missing)} (docs/simulation.md has the format): simulate the firm anew")
    at = pl.col(subject.instant)
    if held.schema[subject.instant] == pl.Date:
        at = (at + pl.duration(days=1)).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    entity = pl.concat_str([pl.col(name).cast(pl.String) for name in subject.key], separator=":")
    told = held.select(entity.alias("entity_id"), at.cast(INSTANT).alias("told"), pl.col(subject.targets[target]).alias("truth"))
    wrong = told.filter(~pl.col("truth").is_between(0, 1) | pl.col("truth").is_nan() | pl.col("truth").is_null())["entity_id"]
    if wrong.len():
        shown = ", ".join(wrong.head(_NAMED))
        raise QualityError(f"{file}: {subject.targets[target]} is no probability for {wrong.len()} rows ({shown}): it must be from 0 to 1")
    return told
