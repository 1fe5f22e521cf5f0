"""The few aggregations, compiled once for all features of a frame. The only code that knows the engine.

A fact that holds over [enter, leave) and happened at `event` is inside a window of W days of `as_of` exactly while
enter <= as_of < min(leave, event + W). So a windowed sum is a running sum over the facts in order of entering, less one in order of
leaving, each looked up at `as_of`: one sort a stream, no inequality join, and a fact learned late or corrected costs nothing extra. Sums
are integers, so they are the same to the last bit in whatever order and however partitioned they are made.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

import polars as pl

from records.known import DAY, ENTER, LEAVE, Facts

AS_OF: Final = "as_of"
"""The spine's instant, microseconds UTC."""
_AT: Final = "at"
_FIRM: Final = "firm"

How = Literal["sum", "standing", "median", "min", "max"]


@dataclass(frozen=True)
class Aggregate:
    """One number for each spine row. `of` None counts; `by` None is the whole firm; `days` None is everything that holds."""

    facts: Facts
    how: How
    of: str | None = None
    by: str | None = None
    days: int | None = None
    event: str = ENTER
    """Column, in microseconds, from which a window of `days` is measured."""

    @property
    def name(self) -> str:
        return "|".join(str(part) for part in (self.facts.name, self.how, self.of, self.by, self.days, self.event))

    @property
    def stream(self) -> tuple[str, str | None]:
        return self.facts.name, self.by


def aggregate(spine: pl.DataFrame, aggregates: Sequence[Aggregate]) -> pl.DataFrame:
    """The spine with one column for each aggregate, named by it, in the spine's order.

    `spine` holds `as_of` (microseconds) and every key column that an aggregate is `by`. Work is in proportion to facts + spine rows, and
    their logarithm for the sorts.
    """
    wanted = {one.name: one for one in aggregates}
    rows = spine.with_row_index("row").with_columns(pl.lit(0, pl.Int8).alias(_FIRM)).sort(AS_OF)
    found = [_stream(rows, list(group)) for _, group in groupby(sorted(wanted.values(), key=_order), key=lambda one: one.stream)]
    return pl.concat([rows.sort("row").drop("row", _FIRM), *(columns.sort("row").drop("row") for columns in found)], how="horizontal")


def _order(one: Aggregate) -> tuple[str, str, str]:
    return one.facts.name, one.by or "", one.name


def _stream(rows: pl.DataFrame, aggregates: list[Aggregate]) -> pl.DataFrame:
    key = aggregates[0].by or _FIRM
    facts = aggregates[0].facts.frame.with_columns(pl.lit(0, pl.Int8).alias(_FIRM)).filter(pl.col(key).is_not_null()).collect()
    spine = rows.select("row", AS_OF, key)
    columns = [rows.select("row")]
    sums = [one for one in aggregates if one.how == "sum"]
    if sums:
        columns.append(_sums(spine, facts, key=key, sums=sums))
    columns += [_single(spine, facts, key=key, one=one) for one in aggregates if one.how != "sum"]
    return pl.concat([part if place == 0 else part.drop("row", strict=False) for place, part in enumerate(columns)], how="horizontal")


def _sums(spine: pl.DataFrame, facts: pl.DataFrame, *, key: str, sums: list[Aggregate]) -> pl.DataFrame:
    """Running sums of what entered, shared by all windows, less those of what left each window."""
    entering = {f"in {one.of or ''}": _value(one).cast(pl.Int64).fill_null(0) for one in sums}
    entered = _running(facts, key, at=pl.col(ENTER), values=entering)
    found = _look_up(spine, entered, key)
    for (days, event), group in groupby(sorted(sums, key=_window), key=_window):
        members = list(group)
        values = {one.name: _value(one).cast(pl.Int64).fill_null(0) for one in members}
        gone = _running(facts, key, at=_leave(days, event), values=values)
        found = _look_up(found, gone, key).with_columns(
            (pl.col(f"in {one.of or ''}").fill_null(0) - pl.col(one.name).fill_null(0)).alias(one.name) for one in members
        )
    return found.select("row", *(one.name for one in sums))


def _value(one: Aggregate) -> pl.Expr:
    return pl.lit(1, pl.Int64) if one.of is None else pl.col(one.of)


def _window(one: Aggregate) -> tuple[int, str]:
    return one.days or 0, one.event if one.days else ""


def _leave(days: int, event: str) -> pl.Expr:
    """When a fact leaves its window: never before it entered, so that one learned too late enters and leaves at once.

    So does one whose event is not known: nobody can say that it was within these days.
    """
    if not days:
        return pl.col(LEAVE)
    over = pl.max_horizontal(ENTER, pl.min_horizontal(LEAVE, pl.col(event) + days * DAY))
    return pl.when(pl.col(event).is_not_null()).then(over).otherwise(pl.col(ENTER))


def _running(facts: pl.DataFrame, key: str, *, at: pl.Expr, values: dict[str, pl.Expr]) -> pl.DataFrame:
    return (
        facts.lazy()
        .select(key, at.alias(_AT), **values)
        .group_by(key, _AT)
        .agg(pl.col(list(values)).sum())
        .sort(key, _AT)
        .with_columns(pl.col(list(values)).cum_sum().over(key))
        .collect()
    )


def _look_up(spine: pl.DataFrame, states: pl.DataFrame, key: str) -> pl.DataFrame:
    """The last state at or before each row's instant. Both sides are in order of time within each key."""
    found = spine.join_asof(states.sort(_AT), left_on=AS_OF, right_on=_AT, by=key, strategy="backward", check_sortedness=False)
    return found.drop(_AT, strict=False)


def _single(spine: pl.DataFrame, facts: pl.DataFrame, *, key: str, one: Aggregate) -> pl.DataFrame:
    of = one.of or ENTER
    if one.how == "standing":
        # Facts of one key that do not overlap, such as the spans of one invoice: the one that holds is the last that entered.
        held = facts.select(key, pl.col(ENTER).alias(_AT), LEAVE, pl.col(of).alias(one.name))
        found = _look_up(spine, held, key)
        return found.select("row", pl.when(pl.col(AS_OF) < pl.col(LEAVE)).then(pl.col(one.name)).alias(one.name))
    spans = facts.select(key, ENTER, _leave(*_window(one)).alias(LEAVE), of).filter(
        (pl.col(ENTER) < pl.col(LEAVE)) & pl.col(of).is_not_null()
    )
    keys = spans.select(pl.col(key).unique(maintain_order=True)).with_row_index("code")
    coded = spans.join(keys, on=key).select("code", ENTER, LEAVE, of)
    schema = {"code": pl.UInt32, _AT: pl.Int64, one.name: pl.Float64}
    states = pl.DataFrame(list(_order_statistics(coded.rows(), one.how)), schema=schema, orient="row")
    return _look_up(spine, states.join(keys, on="code").drop("code"), key).select("row", one.name)


def _order_statistics(spans: list[tuple[int, int, int, int]], how: How) -> Iterator[tuple[int, int, float | None]]:
    """Median, least or greatest of what holds after each change; spans are (key code, enter, leave, value)."""
    entering = ((code, enter, True, value) for code, enter, _, value in spans)
    leaving = ((code, leave, False, value) for code, _, leave, value in spans)
    changes = sorted([*entering, *leaving])
    for code, of_key in groupby(changes, key=lambda change: change[0]):
        held: list[int] = []
        for at, moment in groupby(of_key, key=lambda change: change[1]):
            for _, _, enters, value in moment:
                if enters:
                    insort(held, value)
                else:
                    del held[bisect_left(held, value)]
            yield code, at, _statistic(held, how)


def _statistic(held: list[int], how: How) -> float | None:
    if not held:
        return None
    if how == "median":
        middle = len(held) // 2
        return float(held[middle]) if len(held) % 2 else (held[middle - 1] + held[middle]) / 2
    return float(held[0] if how == "min" else held[-1])
