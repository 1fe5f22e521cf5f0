"""Twins: rows that say the same as an earlier one, found by what they say and never by comparing all with all."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from controls.facts.spans import foremost
from records.known import ENTER, LEAVE, Facts

EARLIER: Final = "earlier_"
"""Goes before the columns of the earlier twin."""


def twins(facts: Facts, earlier: Facts, *, alike: Sequence[str], key: str, since: str, take: Sequence[str] = ()) -> Facts:
    """Each fact beside the first earlier one that is `alike`, while both hold; `earlier_<key>` and `earlier_<take>` tell of that one.

    Of two, the one with the less `since` is the earlier, and of two of one `since` the one with the less key. Empty values are alike.
    """
    kept = list(dict.fromkeys([*alike, since, *take, key]))
    pool = earlier.frame.select(*kept, ENTER, LEAVE).collect().lazy()
    equal = pool.group_by(alike).agg(many=pl.col(key).n_unique()).filter(pl.col("many") > 1).select(alike).collect()
    if equal.is_empty():
        empty = (pl.lit(None).alias(f"{EARLIER}{name}") for name in kept if name not in alike)
        return Facts(f"{facts.name}.twins", facts.frame.clear().with_columns(empty))
    several = equal.lazy()
    few = pool.join(several, on=list(alike), nulls_equal=True)
    named = few.rename({name: f"{EARLIER}{name}" for name in [*kept, ENTER, LEAVE] if name not in alike})
    met = facts.frame.join(several, on=list(alike), nulls_equal=True).join(named, on=list(alike), nulls_equal=True)
    sooner = pl.col(f"{EARLIER}{since}") < pl.col(since)
    before = sooner | ((pl.col(f"{EARLIER}{since}") == pl.col(since)) & (pl.col(f"{EARLIER}{key}") < pl.col(key)))
    enter, leave = pl.max_horizontal(ENTER, f"{EARLIER}{ENTER}"), pl.min_horizontal(LEAVE, f"{EARLIER}{LEAVE}")
    held = met.filter(before).with_columns(enter.alias(ENTER), leave.alias(LEAVE)).filter(pl.col(ENTER) < pl.col(LEAVE))
    both = Facts(f"{facts.name}.twins", held.drop(f"{EARLIER}{ENTER}", f"{EARLIER}{LEAVE}"))
    return foremost(both, by=[key], order=[f"{EARLIER}{since}", f"{EARLIER}{key}"])
