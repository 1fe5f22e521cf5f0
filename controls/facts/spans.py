"""Joins in knowledge time: which row of another table held, or was in force on a day, while a fact held.

Records of reference (cards, guidelines, projects) are few and facts are many, so the history of the former is worked out first, as pieces
of knowledge time that do not overlap; each fact is then joined to the pieces of its key. Nothing is joined crosswise.

What a join takes is worked out before it: a plan in which a plan stands several times is planned as often, which on the few rows of one
draft takes a hundred times as long as the rows do. And where nothing holds, nothing is joined.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from records.known import DAY, ENTER, FOREVER, LEAVE, Facts

_FROM, _UNTIL, _SEGMENT = "piece_from", "piece_until", "piece_segment"
_BEFORE_ALL: Final = -FOREVER


def coalesced(facts: Facts, *, by: Sequence[str]) -> Facts:
    """Facts of one key that follow each other without a gap and say the same, as one fact; those of a key do not overlap."""
    frame = facts.frame.collect()
    said = [column for column in frame.columns if column not in {*by, ENTER, LEAVE}]
    kept = [*by, *said, ENTER, LEAVE]
    # Most keys have one fact, and only those of the others are put in order.
    several = frame.select(pl.struct(*by).is_duplicated()).to_series()
    if not several.any():
        return Facts(facts.name, frame.select(kept).lazy())
    ordered = frame.filter(several).sort(*by, ENTER).lazy()
    changed = (pl.col(column).ne_missing(pl.col(column).shift(1)) for column in [*by, *said])
    begins = pl.any_horizontal(*changed, pl.col(ENTER) != pl.col(LEAVE).shift(1)).fill_null(value=True)
    runs = ordered.with_columns(run=begins.cum_sum()).group_by("run", maintain_order=True)
    merged = runs.agg(pl.col(*by, *said).first(), pl.col(ENTER).first(), pl.col(LEAVE).last())
    return Facts(facts.name, pl.concat([frame.lazy().filter(~several).select(kept), merged.select(kept)]))


def together(facts: Facts, other: Facts, *, on: Sequence[str], take: Sequence[str]) -> Facts:
    """These facts with columns of those of the same key, of several columns, that hold at the same time."""
    named = other.frame.select(*on, *take, pl.col(ENTER).alias(_FROM), pl.col(LEAVE).alias(_UNTIL))
    return _clipped(facts.frame.drop(*take, strict=False).join(named, on=list(on)), name=f"{facts.name}+{other.name}")


def beside(facts: Facts, other: Facts, *, on: str, take: Sequence[str]) -> Facts:
    """These facts with columns of the other fact of their key that holds at the same time, empty while none does.

    Facts of one key in `other` do not overlap.
    """
    told = facts.frame.collect()
    asked = other.frame.select(on, *take, ENTER, LEAVE).join(_keys(told, [on]), on=on, how="semi")
    held = asked.sort(on, ENTER).collect()
    name = f"{facts.name}&{other.name}"
    if told.is_empty() or held.is_empty():
        return Facts(name, _bare(told.lazy(), held, take=take))
    after = held.select(
        on, *(pl.lit(None).alias(column) for column in take), pl.col(LEAVE).alias(ENTER), pl.col(ENTER).shift(-1).over(on).alias(LEAVE)
    )
    before = held.group_by(on, maintain_order=True).agg(pl.col(ENTER).min().alias(LEAVE)).with_columns(pl.lit(_BEFORE_ALL).alias(ENTER))
    gaps = pl.concat([after.with_columns(pl.col(LEAVE).fill_null(FOREVER)), before], how="diagonal_relaxed")
    pieces = pl.concat([held, gaps], how="diagonal_relaxed").filter(pl.col(ENTER) < pl.col(LEAVE))
    named = pieces.rename({ENTER: _FROM, LEAVE: _UNTIL}).lazy()
    return _clipped(told.lazy().drop(*take, strict=False).join(named, on=on, how="left"), name=name)


def in_force(facts: Facts, rules: Facts, *, on: Sequence[str], day: str, take: Sequence[str], from_day: bool = False) -> Facts:
    """These facts with columns of the rule of their key that was in force on their `day`, as known through time; empty where none was.

    `rules` has `effective_on`, `ends_on` (its last day, may be empty) and every column of `take`. Of several in force the one that became
    effective last counts, and of those the one known last. A fact whose rule changes while it holds becomes several, one after another.
    `from_day`: no rule is in force before the day itself has begun. Rules that come by the dozen, such as invoices, need it: what was known
    of them before the day is then not worked out.
    """
    told = facts.frame.collect()
    held = rules.frame.join(_keys(told, on), on=list(on), how="semi")
    dated = held.select(*on, *take, "effective_on", "ends_on", begun=pl.col(ENTER), ended=pl.col(LEAVE)).collect()
    name = f"{facts.name}@{rules.name}"
    if told.is_empty() or dated.is_empty():
        return Facts(name, _bare(told.lazy(), dated, take=take))
    pieces = _history(dated, on=on, take=take, from_day=from_day)
    segments = pieces.select(*on, _SEGMENT).unique().sort(_SEGMENT)
    placed = (
        told.lazy()
        .drop(*take, strict=False)
        .sort(day)
        .join_asof(
            segments.lazy(), left_on=day, right_on=_SEGMENT, by=list(on), strategy="backward", check_sortedness=False, coalesce=False
        )
    )
    joined = placed.join(pieces.lazy(), on=[*on, _SEGMENT], how="left").drop(_SEGMENT)
    return _clipped(joined, name=name)


def foremost(facts: Facts, *, by: Sequence[str], order: Sequence[str]) -> Facts:
    """Of the facts of a key that hold at one time the one that comes first in `order`, piece by piece of knowledge time.

    For few facts: each is looked at once for every piece that it holds through.
    """
    told = facts.frame.collect()
    if told.is_empty():
        return Facts(facts.name, told.lazy())
    held = told.rename({ENTER: "begun", LEAVE: "ended"})
    points = pl.concat([held.select(*by, pl.col(end).alias(ENTER)) for end in ("begun", "ended")]).unique().lazy()
    pieces = points.with_columns(pl.col(ENTER).shift(-1).over(by, order_by=ENTER).alias(LEAVE)).drop_nulls(LEAVE)
    covering = pieces.join(held.lazy(), on=list(by)).filter((pl.col("begun") <= pl.col(ENTER)) & (pl.col(ENTER) < pl.col("ended")))
    first = covering.sort(*order).group_by(*by, ENTER, maintain_order=True).first().select(told.columns)
    return Facts(facts.name, first)


def _history(held: pl.DataFrame, *, on: Sequence[str], take: Sequence[str], from_day: bool) -> pl.DataFrame:
    """For each key and each run of days with the same rules: which rule was in force, piece by piece of knowledge time."""
    begins = pl.concat(
        [
            held.select(*on, pl.col("effective_on").alias(_SEGMENT)),
            held.select(*on, pl.col("ends_on").dt.offset_by("1d").alias(_SEGMENT)),
        ]
    )
    segments = begins.drop_nulls(_SEGMENT).unique()
    covering = segments.join(held, on=list(on)).filter(
        (pl.col("effective_on") <= pl.col(_SEGMENT)) & (pl.col("ends_on").is_null() | (pl.col(_SEGMENT) <= pl.col("ends_on")))
    )
    of = [*on, _SEGMENT]
    if from_day:
        begun = pl.max_horizontal("begun", pl.col(_SEGMENT).cast(pl.Int32).cast(pl.Int64) * DAY)
        covering = covering.with_columns(begun=begun).filter(pl.col("begun") < pl.col("ended"))
    counting = _undominated(covering, of=of, take=take)
    points = pl.concat(
        [
            segments.with_columns(pl.lit(_BEFORE_ALL, dtype=pl.Int64).alias(_FROM)),
            counting.select(*of, pl.col("begun").alias(_FROM)),
            counting.select(*of, pl.col("ended").alias(_FROM)).filter(pl.col(_FROM) < FOREVER),
        ]
    ).unique()
    standing = points.join(counting, on=of).filter((pl.col("begun") <= pl.col(_FROM)) & (pl.col(_FROM) < pl.col("ended")))
    # The last resort is what the rule says, so that rows in any order give the same.
    chosen = standing.sort("effective_on", "begun", *take).group_by(*of, _FROM, maintain_order=True).agg(pl.col(*take).last())
    until = pl.col(_FROM).shift(-1).over(of, order_by=_FROM).fill_null(FOREVER).alias(_UNTIL)
    return points.join(chosen, on=[*of, _FROM], how="left").with_columns(until)


def _undominated(covering: pl.DataFrame, *, of: Sequence[str], take: Sequence[str]) -> pl.DataFrame:
    """Without the rules that never count: one that goes before them was known as early, and is known still."""
    ordered = covering.sort("effective_on", "begun", *take, descending=True, nulls_last=True)
    lasting = pl.when(pl.col("ended") == FOREVER).then("begun").otherwise(FOREVER)
    return ordered.filter(pl.col("begun") < lasting.cum_min().shift(1).over(of).fill_null(FOREVER))


def _keys(told: pl.DataFrame, on: Sequence[str]) -> pl.LazyFrame:
    """What is asked for: of the rest no history is worked out. A key that is empty matches nothing."""
    return told.lazy().select(on).drop_nulls().unique()


def _bare(facts: pl.LazyFrame, other: pl.DataFrame, *, take: Sequence[str]) -> pl.LazyFrame:
    """Facts beside nothing: the columns that a join would take, empty."""
    empty = (pl.lit(None, dtype=other.schema[column]).alias(column) for column in take)
    return facts.drop(*take, strict=False).with_columns(empty)


def _clipped(joined: pl.LazyFrame, *, name: str) -> Facts:
    enter = pl.max_horizontal(ENTER, pl.col(_FROM).fill_null(_BEFORE_ALL)).alias(ENTER)
    leave = pl.min_horizontal(LEAVE, pl.col(_UNTIL).fill_null(FOREVER)).alias(LEAVE)
    held = joined.with_columns(enter, leave).filter(pl.col(ENTER) < pl.col(LEAVE))
    return Facts(name, held.drop(_FROM, _UNTIL))


def day_of(instant: pl.Expr) -> pl.Expr:
    """The civil day of an instant in microseconds."""
    return (instant // DAY).cast(pl.Int32).cast(pl.Date)
