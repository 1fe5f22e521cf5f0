"""What residuals are made of: a row's own value beside what it is judged by, which is never the row itself.

A residual is larger the odder a row is in one respect, nought or less where nothing is odd, and NaN where nothing is known to judge by.
What counts as large is not said here: models/estimators/worst_tail.py learns it from the firm's own past.
"""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.windows import AS_OF, Aggregate, aggregate
from records.known import DAY, ENTER, Facts

Floats = NDArray[np.float64]

WINDOW_DAYS: Final = 180
"""Half a year is a person's way of working; what lies before is another project's."""
SPINE_DAYS: Final = 240
"""A row is asked about within so many days of the records' end."""
HISTORY_DAYS: Final = WINDOW_DAYS + SPINE_DAYS
"""So what was recorded before these can change nothing, and need not be read."""
LOG_SCALE: Final = 10_000
"""Logarithms are kept as whole ten-thousandths, so that sums do not depend on their order."""
PRIOR_ROWS: Final = 6.0
"""Rows that a wider group's habit counts for beside a narrower one's: with as many of its own, each weighs half."""
LEAST_SPREAD: Final = 0.05
"""Of a logarithm: who always writes eight hours is not odd with eight and a quarter."""
ESTABLISHED: Final = 3
"""Rows on record from which a person is no newcomer to a project."""


def key_of(*parts: str | pl.Expr) -> pl.Expr:
    """A whole number for a composed key: a fraction of the memory of its text, and two of a firm's hardly meet in 2**63."""
    named = [(pl.col(part) if isinstance(part, str) else part).alias(str(place)) for place, part in enumerate(parts)]
    return (pl.struct(named).hash(seed=1) // 2).cast(pl.Int64)


def log_of(value: pl.Expr) -> pl.Expr:
    return (value.cast(pl.Float64).log() * LOG_SCALE).round().cast(pl.Int64)


def within_reach(facts: Facts, spine: pl.DataFrame) -> Facts:
    """Those facts that a window of some row can hold: for one night's rows less than half of what was read."""
    if not spine.height:
        return facts
    return Facts(facts.name, facts.frame.filter(pl.col(ENTER) > spine[AS_OF].min() - WINDOW_DAYS * DAY).collect().lazy())  # type: ignore[operator]


def over(facts: Facts, of: str | None, by: str, *, days: int = WINDOW_DAYS) -> Aggregate:
    """Sum of a value over the rows of a key in a window; of nothing: how many."""
    return Aggregate(facts, "sum", of, by, days)


def spread_over(facts: Facts, of: str, *, by: tuple[str, ...]) -> list[Aggregate]:
    """What `beyond` needs."""
    return [over(facts, one, key) for one in (None, of, f"{of}_squared") for key in by]


class Past:
    """Aggregates of a spine, as arrays, without the row itself."""

    def __init__(self, spine: pl.DataFrame, aggregates: list[Aggregate]) -> None:
        self.rows = aggregate(spine, aggregates)

    def own(self, name: str) -> Floats:
        return self.rows[name].cast(pl.Float64).to_numpy()

    def others(self, facts: Facts, of: str | None, by: str, *, days: int = WINDOW_DAYS) -> Floats:
        held = self.own(over(facts, of, by, days=days).name)
        return held - (1.0 if of is None else self.own(of))

    def sums(self, facts: Facts, of: str, by: str) -> tuple[Floats, Floats, Floats]:
        """Number, sum and sum of squares."""
        return self.others(facts, None, by), self.others(facts, of, by), self.others(facts, f"{of}_squared", by)


def drawn_to(sums: tuple[Floats, Floats, Floats], mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of a group, drawn to a wider one's as if that had PRIOR_ROWS rows of its own."""
    n, total, squares = sums
    weight = n + PRIOR_ROWS
    own = (total + PRIOR_ROWS * mean) / weight
    around = squares - 2 * own * total + n * own**2
    return own, (np.maximum(around, 0.0) + PRIOR_ROWS * variance) / weight


def standardised(value: Floats, mean: Floats, variance: Floats) -> Floats:
    return np.asarray((value - mean) / np.sqrt(np.maximum(variance, (LEAST_SPREAD * LOG_SCALE) ** 2)), dtype=np.float64)


def firm(past: Past, facts: Facts, of: str) -> tuple[Floats, Floats, Floats]:
    """How many facts entered in the window before each row, and the mean and the variance of a value over them: what the firm is used to.

    Whatever was corrected since counts as it was entered: this is only what a narrower record is drawn to.
    """
    entered = facts.frame.select(ENTER, of).sort(ENTER).collect()
    times, values = entered[ENTER].to_numpy(), entered[of].cast(pl.Float64).to_numpy()
    now = past.rows[AS_OF].to_numpy()
    since, until = np.searchsorted(times, now - WINDOW_DAYS * DAY), np.searchsorted(times, now)
    n, total, squares = (sums[until] - sums[since] for sums in (_running(np.ones_like(values)), _running(values), _running(values**2)))
    mean = total / np.maximum(n, 1.0)
    return n, mean, np.maximum(squares / np.maximum(n, 1.0) - mean**2, 0.0)


def _running(values: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(values)])


def beyond(past: Past, facts: Facts, of: str) -> Floats:
    """Standard deviations of a logarithm over what this person on this project, the project and the person are used to."""
    everybody, mean, variance = firm(past, facts, of)
    project_mean, project_variance = drawn_to(past.sums(facts, of, "project_id"), mean, variance)
    person_mean, _ = drawn_to(past.sums(facts, of, "person_id"), mean, variance)
    pair_mean, pair_variance = drawn_to(past.sums(facts, of, "pair"), project_mean + person_mean - mean, project_variance)
    return np.where(everybody > 0, standardised(past.own(of), pair_mean, pair_variance), np.nan)


def newcomer(past: Past, facts: Facts) -> Floats:
    """How much a project has on record for each of its people, as a logarithm, when somebody comes who has little or nothing there."""
    known, before = past.others(facts, None, "pair"), past.others(facts, None, "project_id")
    new = known < ESTABLISHED
    people = Aggregate(facts, "distinct", "person", "project_id", WINDOW_DAYS)
    team = np.ones(len(known))
    # A team is counted one by one, so only where it matters.
    team[new] = aggregate(past.rows.filter(pl.lit(pl.Series(new))), [people])[people.name].fill_null(1).to_numpy()
    return np.where(new, np.log1p(before / np.maximum(team, 1.0)) / (1.0 + known) ** 2, 0.0)


def off_rate(past: Past, facts: Facts) -> Floats:
    """How far the rate is, as a logarithm, from this person's on this project, or where they have none from that of the role there."""
    own, grade = past.others(facts, None, "pair"), past.others(facts, None, "grade")
    of_own, of_grade = past.others(facts, "log_rate", "pair"), past.others(facts, "log_rate", "grade")
    usual = np.where(own > 0, of_own / np.maximum(own, 1.0), of_grade / np.maximum(grade, 1.0))
    return np.where((own > 0) | (grade > 0), np.abs(past.own("log_rate") - usual) / LOG_SCALE, np.nan)


def rates(facts: Facts) -> list[Aggregate]:
    """What `off_rate` needs beside `spread_over`."""
    return [over(facts, None, "grade"), *(over(facts, "log_rate", key) for key in ("pair", "grade"))]
