"""The windowed aggregates, compiled to sorts, against DuckDB's inequality join: each spine row with every fact that holds for it."""

from itertools import pairwise
from typing import Final

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.windows import AS_OF, Aggregate, How, aggregate
from records.known import DAY, ENTER, FOREVER, LEAVE, Facts

KEYS = ("a", "b", "c")
SCHEMA = {"key": pl.String, ENTER: pl.Int64, LEAVE: pl.Int64, "event": pl.Int64, "value": pl.Int64}
Window = tuple[str | None, int | None, str]
"""By which key, of how many days, measured from what."""
WINDOWS: Final[tuple[Window, ...]] = tuple(
    (by, days, event) for by in ("key", None) for days, event in ((None, ENTER), (1, ENTER), (1, "event"), (5, ENTER), (5, "event"))
)
HOWS: Final[tuple[tuple[How, str | None], ...]] = (("sum", None), ("sum", "value"), ("median", "value"), ("min", "value"), ("max", "value"))

days = st.integers(-3, 12)
moments = st.builds(lambda day, more: day * DAY + more, days, st.sampled_from([0, 0, 0, 1, -1, DAY // 2]))
"""Few distinct days, so that entering, leaving and asking meet, and a microsecond to either side of meeting."""
values = st.one_of(st.none(), st.integers(-5, 5), st.sampled_from([2**40 + 1, -(2**40)]))
keys = st.one_of(st.sampled_from(KEYS), st.none())


@st.composite
def facts(draw: st.DrawFn) -> pl.DataFrame:
    rows = []
    for _ in range(draw(st.integers(0, 12))):
        enter = draw(moments)
        leave = draw(st.one_of(st.just(FOREVER), st.sampled_from([1, DAY - 1, DAY, 2 * DAY, 5 * DAY]).map(enter.__add__)))
        rows.append((draw(keys), enter, leave, draw(st.one_of(moments, moments, st.none())), draw(values)))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@st.composite
def spines(draw: st.DrawFn) -> pl.DataFrame:
    rows = draw(st.lists(st.tuples(keys, moments), max_size=10))
    return pl.DataFrame(rows, schema={"key": pl.String, AS_OF: pl.Int64}, orient="row")


def by_inequality(database: duckdb.DuckDBPyConnection, window: Window) -> list[tuple[float | None, ...]]:
    """What DuckDB says, in the order of HOWS: no sorting, no running sums, no look-ups."""
    by, days, event = window
    within = f"AND spine.as_of < held.{event} + {days} * {DAY}::BIGINT" if days else ""
    same = "held.key = spine.key" if by else "TRUE"
    rows = database.execute(
        f"""
        SELECT count(held.enter), coalesce(sum(held.value), 0), median(held.value), min(held.value), max(held.value)
        FROM spine LEFT JOIN held ON {same} AND held.enter <= spine.as_of AND spine.as_of < held.leave {within}
        GROUP BY spine.row ORDER BY spine.row
        """
    ).fetchall()
    return [tuple(None if value is None else float(value) for value in row) for row in rows]


@settings(max_examples=25, deadline=None)
@given(held=facts(), spine=spines())
def test_every_aggregate_is_what_an_inequality_join_says(held: pl.DataFrame, spine: pl.DataFrame) -> None:
    told = Facts("facts", held.lazy())
    asked = {window: [Aggregate(told, how, of, *window) for how, of in HOWS] for window in WINDOWS}
    found = aggregate(spine, [one for members in asked.values() for one in members])
    assert found.select(spine.columns).equals(spine)
    with duckdb.connect() as database:
        database.register("spine", spine.with_row_index("row").to_arrow())
        database.register("held", held.to_arrow())
        for window, members in asked.items():
            said = found.select(pl.col(one.name).cast(pl.Float64) for one in members).rows()
            assert said == by_inequality(database, window), window


GATHERED: Final[tuple[How, ...]] = ("last", "distinct", "streak", "forgetting")


def by_hand(how: How, held: list[tuple[int, int]], *, days: int, as_of: int) -> float | None:
    """`held`: event and value of each fact that holds, in order of event and value."""
    numbers = [value for _, value in held]
    if not numbers:
        return None
    match how:
        case "last":
            return numbers[-1]
        case "distinct":
            return len(set(numbers))
        case "streak":
            return next((place for place, value in enumerate(reversed(numbers)) if value == 0), len(numbers))
        case _:
            return float(sum(value * 2.0 ** ((event - as_of) / (days * DAY)) for event, value in held))


@settings(max_examples=40, deadline=None)
@given(held=facts(), spine=spines(), window=st.sampled_from([window for window in WINDOWS if window[1]]))
def test_what_looks_at_each_fact_sees_those_that_hold(held: pl.DataFrame, spine: pl.DataFrame, window: Window) -> None:
    by, days, event = window
    assert days
    asked = [Aggregate(Facts("facts", held.lazy()), how, "value", *window) for how in GATHERED]
    found = aggregate(spine, asked)
    for row, (key, as_of) in enumerate(spine.rows()):
        holding = [
            (one[event], one["value"])
            for one in held.to_dicts()
            if (not by or (key is not None and one["key"] == key)) and one["enter"] <= as_of < one["leave"] and one["value"] is not None
        ]
        known = sorted((happened, value) for happened, value in holding if happened is not None)
        for one in asked:
            inside = known if one.how == "forgetting" else [pair for pair in known if as_of < pair[0] + days * DAY]
            wanted = by_hand(one.how, inside, days=days, as_of=as_of)
            assert found[one.name][row] == (wanted if wanted is None else pytest.approx(wanted, rel=1e-9)), one.how


@settings(max_examples=40, deadline=None)
@given(held=facts(), spine=spines(), window=st.sampled_from([window for window in WINDOWS if not window[1]]), far=st.booleans())
def test_the_best_of_all_that_ever_entered(held: pl.DataFrame, spine: pl.DataFrame, window: Window, far: bool) -> None:  # noqa: FBT001
    """Of facts that never leave; and of values too far apart to be numbered by key."""
    by, _, _ = window
    scale = 2**18 if far else 1
    lasting = held.with_columns(pl.lit(FOREVER).alias(LEAVE), pl.col("value") * scale)
    told = Facts("facts", lasting.lazy())
    asked = {(how, event): Aggregate(told, how, "value", by, None, event) for how in ("max", "min", "last") for event in (ENTER, "event")}
    found = aggregate(spine, list(asked.values()))
    for row, (key, as_of) in enumerate(spine.rows()):
        entered = [
            one
            for one in lasting.to_dicts()
            if one[ENTER] <= as_of and one["value"] is not None and (not by or one["key"] == key is not None)
        ]
        for (how, event), one in asked.items():
            pairs = [(fact[event], fact["value"]) for fact in entered if how != "last" or fact[event] is not None]
            values = [value for _, value in pairs]
            wanted = None if not values else {"max": max, "min": min}[how](values) if how != "last" else max(pairs)[1]
            assert found[one.name][row] == wanted, (how, event)


@settings(max_examples=40, deadline=None)
@given(held=facts(), spine=spines(), at_once=st.integers(1, 6))
def test_neither_the_size_of_a_piece_nor_the_company_of_a_row_changes_a_bit(held: pl.DataFrame, spine: pl.DataFrame, at_once: int) -> None:
    hows: list[tuple[How, str | None]] = [*HOWS, *((how, "value") for how in GATHERED)]
    told = Facts("facts", held.lazy())
    asked = [Aggregate(told, how, of, by, 5, event) for how, of in hows for by in ("key", None) for event in (ENTER, "event")]
    whole = aggregate(spine, asked)
    assert aggregate(spine, asked, at_once=at_once).equals(whole)
    alone = [aggregate(spine[row : row + 1], asked) for row in range(spine.height)]
    assert pl.concat([whole.clear(), *alone]).equals(whole)


@st.composite
def spans(draw: st.DrawFn) -> pl.DataFrame:
    """Facts of which at most one of a key holds at a time, with gaps between some."""
    rows: list[tuple[str, int, int, int, int | None]] = []
    for key in KEYS:
        borders = sorted(draw(st.sets(moments, max_size=8)))
        pairs = pairwise([*borders, FOREVER])
        rows += [(key, enter, leave, enter, draw(values)) for enter, leave in pairs if draw(st.integers(0, 3))]
    return pl.DataFrame(draw(st.permutations(rows)), schema=SCHEMA, orient="row")


@settings(max_examples=60, deadline=None)
@given(held=spans(), spine=spines())
def test_what_stands_is_the_value_of_the_one_fact_that_holds(held: pl.DataFrame, spine: pl.DataFrame) -> None:
    one = Aggregate(Facts("spans", held.lazy()), "standing", "value", "key")
    rows = held.rows()
    wanted = [
        next((value for key, enter, leave, _, value in rows if key == asked and enter <= as_of < leave), None)
        for asked, as_of in spine.rows()
    ]
    assert aggregate(spine, [one])[one.name].to_list() == wanted


def _held(*rows: tuple[str, int, int, int | None, int]) -> Facts:
    in_micros = [
        (key, enter * DAY, leave * DAY, event if event is None else event * DAY, value) for key, enter, leave, event, value in rows
    ]
    return Facts("facts", pl.LazyFrame(in_micros, schema=SCHEMA, orient="row"))


def _counts(held: Facts, days: int, *asked: int) -> list[int]:
    spine = pl.DataFrame({"key": ["a"] * len(asked), AS_OF: asked}, schema={"key": pl.String, AS_OF: pl.Int64})
    one = Aggregate(held, "sum", None, "key", days, "event")
    return aggregate(spine, [one])[one.name].to_list()


def test_a_fact_leaves_its_window_after_so_many_whole_days_of_what_it_tells() -> None:
    assert _counts(_held(("a", 5, 99, 2, 1)), 10, 5 * DAY - 1, 5 * DAY, 12 * DAY - 1, 12 * DAY) == [0, 1, 1, 0]


def test_a_fact_learned_after_its_window_is_never_in_it() -> None:
    assert _counts(_held(("a", 20, 99, 2, 1)), 10, 12 * DAY - 1, 20 * DAY, 21 * DAY) == [0, 0, 0]


def test_a_fact_that_no_day_is_known_of_is_in_no_window() -> None:
    assert _counts(_held(("a", 5, 99, None, 1), ("a", 5, 99, 5, 1)), 10, 5 * DAY, 50 * DAY) == [1, 0]


@pytest.mark.parametrize("how", ["sum", "standing", "median", "min", "max"])
def test_nothing_is_asked_of_nothing(how: How) -> None:
    one = Aggregate(_held(), how, "value", "key")
    nobody = pl.DataFrame(schema={"key": pl.String, AS_OF: pl.Int64})
    somebody = pl.DataFrame({"key": ["a"], AS_OF: [0]})
    assert aggregate(nobody, [one]).columns == ["key", AS_OF, one.name]
    assert aggregate(somebody, [one])[one.name].to_list() == [0 if how == "sum" else None]
    assert aggregate(somebody, []).equals(somebody)


def test_two_keys_asked_at_one_instant_are_not_taken_for_one() -> None:
    """As on every night: all rows have one instant, and those of one key alone share an answer."""
    rows = [("a", 0, FOREVER, 0, 1), ("a", 0, FOREVER, 0, 3), ("b", 0, FOREVER, 0, 7)]
    told = Facts("facts", pl.DataFrame(rows, schema=SCHEMA, orient="row").lazy())
    spine = pl.DataFrame({"key": ["b", "a", "a", "c"], AS_OF: [DAY] * 4})
    found = aggregate(spine, [median := Aggregate(told, "median", "value", "key", 5, "event")])
    assert found[median.name].to_list() == [7, 2, 2, None]
