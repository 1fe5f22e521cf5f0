"""What each injected error does to the lines and the head of its draft, so that it can be seen in the exported records."""

from typing import Final

import numpy as np
import polars as pl

from simulation.cycle import SECOND_PART
from simulation.faults import KIND_NUMBER
from simulation.lines import ADJUSTMENT, EXPENSE, LINE_KINDS, MILESTONE, TIME
from simulation.narratives import TASKS
from simulation.plan import Plan
from simulation.projects import Portfolio
from simulation.rates import RateCards

VAGUE: Final = "Professional services"
SHIFTED_DAYS: Final = 35
STALE_SURCHARGE: Final = (0.03, 0.12)
"""Where no amendment cut the rates, somebody took the card of another client: so much dearer, by severity."""
_HEAD: Final = ("project", "month")
_HOME: Final = {
    "stale_rate": TIME, "wrong_grade": TIME, "duplicate": TIME, "out_of_period": TIME, "vague_text": TIME, "rounding": TIME,
    "unapproved_expense": EXPENSE, "milestone_unsigned": MILESTONE, "over_cap": ADJUSTMENT,
}  # fmt: skip
"""The kind of line that an error sits on; the others are in the head of the invoice."""


def spoil(plan: Plan, lines: pl.DataFrame, *, faults: pl.DataFrame, book: Portfolio, cards: RateCards) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines with the errors in them, and the errors with the line they sit on.

    A line's `fault` is the number of the error, -1 for none; `net` is as drafted, `clean_net` as it should be.
    """
    ordered = lines.sort(*_HEAD, "kind", "person", "task", "category", "line_id")
    placed = _placed(plan, ordered, faults)
    on_line = placed.filter(pl.col("line_id").is_not_null()).select(*_HEAD, "line_id", "fault", "severity")
    marked = ordered.join(on_line, on=(*_HEAD, "line_id"), how="left", maintain_order="left")
    marked = marked.with_columns(pl.col("fault").fill_null(-1), pl.col("severity").fill_null(0.0), clean_net=pl.col("net"))
    spoilt = _spoilt(_prices(marked, book, cards))
    again = spoilt.filter(_is("duplicate")).with_columns(line_id=pl.col("line_id") + "-D", clean_net=pl.lit(0, dtype=pl.Int64))
    gone = _is("over_cap") & (pl.col("kind") == ADJUSTMENT)
    kept = pl.concat([spoilt.filter(~gone), again])
    lost = spoilt.filter(gone).select(*_HEAD, lost=pl.col("clean_net"))
    return _numbered(_split(kept, placed)), placed.join(lost, on=_HEAD, how="left", maintain_order="left")


def _is(name: str) -> pl.Expr:
    return pl.col("fault") == KIND_NUMBER[name]


def _placed(plan: Plan, lines: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    """Faults with `line_id`: one line of the right kind, drawn; the milder of two errors on one line is dropped."""
    homes = pl.DataFrame({"fault": [KIND_NUMBER[name] for name in _HOME], "kind": list(_HOME.values())})
    sought = faults.join(homes, on="fault", how="left", maintain_order="left")
    places = lines.group_by(*_HEAD, "kind", maintain_order=True).agg(lines="line_id")
    found = sought.join(places, on=(*_HEAD, "kind"), how="left", maintain_order="left")
    key = [found[name].to_numpy() for name in (*_HEAD, "fault")]
    place = plan.draws.uniform("fault.line", *key) * found["lines"].list.len().fill_null(1).to_numpy()
    chosen = found.with_columns(line_id=pl.col("lines").list.get(pl.lit(pl.Series(place.astype(np.int64)))))
    chosen = chosen.filter(pl.col("kind").is_null() | pl.col("line_id").is_not_null()).sort("severity", descending=True)
    return _one_a_line(chosen).sort(*_HEAD, "fault").drop("lines", "kind")


def _one_a_line(found: pl.DataFrame) -> pl.DataFrame:
    first = pl.int_range(pl.len()).over(*_HEAD, "line_id") == 0
    return found.filter(pl.col("line_id").is_null() | first)


def _prices(marked: pl.DataFrame, book: Portfolio, cards: RateCards) -> pl.DataFrame:
    """The rate that is billed: the superseded card's, another grade's, or the agreed one."""
    contract = book.projects["contract"].to_numpy()[marked["project"].to_numpy()]
    hourly = (marked["kind"] == TIME).to_numpy()
    role, day = marked["role"].fill_null(0).to_numpy(), marked["first_on"].fill_null(0).to_numpy()
    agreed = marked["price"].fill_null(0).to_numpy()
    fault, severity = marked["fault"].to_numpy(), marked["severity"].to_numpy()
    old = cards.superseded(contract, role=role, day=np.maximum(day, cards.first))
    low, more = STALE_SURCHARGE
    surcharged = np.round(agreed * (1 + low + more * severity) / 100).astype(np.int64) * 100
    above = np.minimum(role + 1, 4)
    grade = cards.at(contract, role=above, day=np.maximum(day, cards.first))
    stale = np.where(old > agreed, old, surcharged)
    billed = np.select([fault == KIND_NUMBER["stale_rate"], fault == KIND_NUMBER["wrong_grade"]], [stale, grade], agreed)
    shown = np.where(fault == KIND_NUMBER["wrong_grade"], above, role)
    return marked.with_columns(
        price=pl.when(pl.lit(pl.Series(hourly))).then(pl.lit(pl.Series(billed))),
        role=pl.when(pl.col("role").is_not_null()).then(pl.lit(pl.Series(shown))),
    )


def _spoilt(priced: pl.DataFrame) -> pl.DataFrame:
    hourly = pl.col("price") * pl.col("minutes") / 60
    off = pl.when(_is("rounding")).then(hourly * (1 + 0.02 * pl.col("severity"))).otherwise(hourly).round()
    shift = pl.when(_is("out_of_period")).then(SHIFTED_DAYS).otherwise(0)
    return priced.with_columns(
        net=pl.when(pl.col("kind") == TIME).then(off).otherwise(pl.col("net")).cast(pl.Int64),
        first_on=pl.col("first_on") - shift,
        last_on=pl.col("last_on") - shift,
        description=_description(),
    )


def _split(lines: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """Every other line of a split draft goes on a second invoice."""
    halved = placed.filter(_is("split")).select(*_HEAD, halved=pl.lit(value=True)).unique()
    told = lines.join(halved, on=_HEAD, how="left", maintain_order="left")
    second = pl.col("halved").fill_null(value=False) & (pl.int_range(pl.len()).over(*_HEAD) % 2 == 1)
    return told.with_columns(month=pl.when(second).then(pl.col("month") + SECOND_PART).otherwise("month")).drop("halved")


def _numbered(lines: pl.DataFrame) -> pl.DataFrame:
    ordered = lines.sort(*_HEAD, "kind", "person", "task", "category", "line_id")
    return ordered.with_columns(line_no=pl.int_range(1, pl.len() + 1).over(*_HEAD))


def _description() -> pl.Expr:
    kind, task = pl.col("kind"), pl.col("task").replace_strict(dict(enumerate(TASKS)), default=TASKS[0], return_dtype=pl.String)
    return (
        pl.when(_is("vague_text"))
        .then(pl.lit(VAGUE))
        .when(_is("unapproved_expense"))
        .then(pl.lit("Expense, approval to follow"))
        .when(kind == TIME)
        .then(task + pl.lit(" with the client's team"))
        .when(kind == ADJUSTMENT)
        .then(pl.lit("Reduction to the agreed cap"))
        .otherwise(kind.replace_strict(dict(enumerate(LINE_KINDS)), return_dtype=pl.String) + pl.lit(" as agreed"))
    )
