"""How far a time entry is from its own kind of past, strictly before it, as that was known when the entry was entered."""

from typing import Final

import numpy as np
import polars as pl

from features.entries import charged, day_totals, words
from features.residuals import (
    SPINE_DAYS,
    Floats,
    Past,
    beyond,
    drawn_to,
    firm,
    newcomer,
    off_rate,
    over,
    rates,
    spread_over,
    standardised,
    within_reach,
)
from features.windows import AS_OF, Aggregate, aggregate
from records.known import DAY, ENTER, LEAVE, Facts, Known, LeakError, micros

ENTRY_RESIDUALS: Final = ("long_time", "newcomer", "off_rate", "rare_words", "near_twin")
STEP_MINUTES: Final = 15.0
"""Most time is written in quarters of an hour: equal minutes are as near as that."""
NEAR_DAYS: Final = 14
"""Days within which the same text on the same project may be the same work twice."""


def entry_residuals(known: Known, spine: pl.DataFrame) -> pl.DataFrame:
    """The spine (rows of `charged` or `unbilled` with AS_OF, the instant of entry) with a float column for each of ENTRY_RESIDUALS.

    Raises LeakError for a row so long before the records' end that what it is judged by was not read whole.
    """
    if spine.height and spine[AS_OF].min() < micros(known.until) - SPINE_DAYS * DAY:  # type: ignore[operator]
        raise LeakError(f"an entry of more than {SPINE_DAYS} days before the records' end has no whole history to be judged by")
    facts, days = (within_reach(known.derived(one), spine) for one in (charged, day_totals))
    past = Past(
        spine, [*spread_over(facts, "log_minutes", by=("pair", "person_id", "project_id")), *rates(facts), *_repeats(facts), *_days(days)]
    )
    found = {
        # A long entry fills the hours of another; one that is too long makes the day too long as well.
        "long_time": np.fmin(beyond(past, facts, "log_minutes"), _long_day(past, days)),
        "newcomer": newcomer(past, facts),
        "off_rate": off_rate(past, facts),
        "rare_words": _rare_words(past, facts, spine),
        "near_twin": _near_twin(past, facts),
    }
    return spine.with_columns(pl.Series(name, found[name], nan_to_null=True) for name in ENTRY_RESIDUALS)


def _days(days: Facts) -> list[Aggregate]:
    return [*spread_over(days, "log_total", by=("person_id",)), Aggregate(days, "standing", "log_total", "day")]


def _long_day(past: Past, days: Facts) -> Floats:
    """Standard deviations of the whole day over the person's other days, in logarithms."""
    total = past.own(Aggregate(days, "standing", "log_total", "day").name)
    n, sums, squares = (past.own(over(days, of, "person_id").name) for of in (None, "log_total", "log_total_squared"))
    everybody, mean, variance = firm(past, days, "log_total")
    score = standardised(total, *drawn_to((n - 1.0, sums - total, squares - total**2), mean, variance))
    return np.where(everybody > 0, score, np.nan)


def _repeats(facts: Facts) -> list[Aggregate]:
    return [over(facts, None, "said"), *(over(facts, None, key, days=NEAR_DAYS) for key in ("text", "pair"))]


def _near_twin(past: Past, facts: Facts) -> Floats:
    """How unlikely it is that as near an entry with the same text stands on the same project by chance, as minus a logarithm."""
    spine = past.rows.with_row_index("row").filter(pl.lit(pl.Series(past.others(facts, None, "text", days=NEAR_DAYS) > 0)))
    twins = facts.frame.select("text", "entry_id", "worked_on", "minutes", ENTER, LEAVE).collect()
    met = spine.select("row", "text", "entry_id", "worked_on", "minutes", AS_OF).join(twins, on="text", suffix="_twin")
    met = met.filter((pl.col(ENTER) <= pl.col(AS_OF)) & (pl.col(AS_OF) < pl.col(LEAVE)) & (pl.col("entry_id") != pl.col("entry_id_twin")))
    row = met["row"].to_numpy()
    apart = (met["worked_on"] - met["worked_on_twin"]).dt.total_days().abs().to_numpy()
    own, other = (met[name].cast(pl.Float64).to_numpy() for name in ("minutes", "minutes_twin"))
    a_day = past.others(facts, None, "pair", days=NEAR_DAYS)[row] / NEAR_DAYS
    often = (past.others(facts, None, "said")[row] + 1.0) / (past.others(facts, None, "person_id")[row] + 2.0)
    alike = np.minimum(1.0, (2 * np.abs(own - other) + STEP_MINUTES) / (2 * own + STEP_MINUTES))
    found = np.zeros(past.rows.height)
    np.maximum.at(found, row, -np.log(-np.expm1(-a_day * (2 * apart + 1) * often * alike)))
    return found


def _rare_words(past: Past, facts: Facts, spine: pl.DataFrame) -> Floats:
    """How rarely the words of the narrative occur in what the person, and what anybody on the project, has written.

    The sum of minus logarithms over the root of how many there are: one rare word says little, six on end a lot. NaN without words.
    """
    said = words(spine.lazy().with_row_index("row")).with_columns(pl.col(ENTER).alias(AS_OF)).collect()
    written = Facts("words", words(facts.frame).collect().lazy())
    counts = [over(written, None, key) for key in ("person_word", "project_word")]
    counted = aggregate(said, counts)
    uses = counted.select(pl.sum_horizontal(one.name for one in counts) - len(counts)).to_series().to_numpy()
    row = counted["row"].to_numpy()
    entries = past.others(facts, None, "person_id") + past.others(facts, None, "project_id")
    rare = pl.DataFrame({"row": row, "rare": np.log((entries[row] + 1.0) / (uses + 0.5))})
    scored = rare.group_by("row").agg(pl.col("rare").sum() / pl.len().sqrt())
    found = np.full(spine.height, np.nan)
    found[scored["row"].to_numpy()] = scored["rare"].to_numpy()
    return found
