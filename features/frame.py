"""Spine x features -> frame: the same call for training and for serving."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from features.feature import Feature
from features.signal import Signal
from features.windows import AS_OF, aggregate
from records.known import Known, LeakError, micros


def build(known: Known, spine: pl.DataFrame, features: Sequence[Feature]) -> pl.DataFrame:
    """The spine with one float column for each feature, in the spine's order; null where a value is not known.

    `spine` holds `as_of` (microseconds UTC) and the keys that the features are by, such as `client_id` and `invoice_id`; a row is scored
    with what was known at its own `as_of`. Raises LeakError for a row after the end of `known`.
    """
    checked(spine, known.until)
    signals = {one: one.compute(known) for one in features}
    aggregates = [part for found in signals.values() for part in found.aggregates]
    return assembled(spine, aggregate(spine, aggregates), signals)


def checked(spine: pl.DataFrame, until: datetime) -> None:
    """Raises LeakError for a row after the end of the records."""
    if spine.height and spine[AS_OF].max() > micros(until):  # type: ignore[operator]
        raise LeakError(f"the spine asks for rows after {until.isoformat()}, where these records end")


def assembled(spine: pl.DataFrame, values: pl.DataFrame, signals: Mapping[Feature, Signal]) -> pl.DataFrame:
    """The frame, of the spine with a column for each aggregate, wherever that was made."""
    columns = [_filled(one, found.value).alias(one.name) for one, found in signals.items()]
    return spine.hstack(values.select(columns))


def _filled(one: Feature, value: pl.Expr) -> pl.Expr:
    number = value.cast(pl.Float64)
    return number.fill_null(0.0) if one.missing == "zero" else number
