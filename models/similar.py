"""Similar clean cases: of the same person and project, else of the same role there, else of the same person, those most like a record."""

from typing import Final

import numpy as np
import polars as pl

from features.residuals import WINDOW_DAYS
from features.windows import AS_OF
from models.anomaly import Anomaly
from models.estimators.worst_tail import Floats, WorstTail
from records.known import DAY, ENTER, LEAVE, Known

SIMILAR: Final = 3
CLEAN: Final = 0.1
"""A clean case is not among the firm's tenth that is most unusual."""
RECENT: Final = 30
"""Candidates of a key: as many of the latest as tell what is usual now."""


def similar(known: Known, anomaly: Anomaly, tail: WorstTail, *, found: pl.DataFrame) -> dict[str, list[dict[str, object]]]:
    """By key of each record that was found: up to SIMILAR clean ones that stood before it, the narrowest key first, the nearest first.

    Near is in the residuals' own measure, the share of the past that is as large, so that no unit outweighs another.
    """
    pairs = pl.concat(_candidates(known, anomaly, found, key=key, narrow=place) for place, key in enumerate(anomaly.alike_by))
    asked = pairs.sort("one", "narrow").unique(["one", anomaly.key], keep="first", maintain_order=True)
    facts = known.derived(anomaly.past).frame
    rows = facts.join(asked.lazy().select(anomaly.key, ENTER).unique(), on=[anomaly.key, ENTER], how="semi").collect()
    measured = anomaly.measure(known, rows.with_columns(pl.col(ENTER).alias(AS_OF)).sort(anomaly.key, ENTER))
    values = _values(anomaly, measured)
    clean = measured.with_columns(place=pl.int_range(pl.len())).filter(pl.lit(pl.Series(tail.unusualness(values) > CLEAN)))
    met = asked.join(clean, on=[anomaly.key, ENTER]).join(found.select(one=anomaly.key).with_row_index("own"), on="one")
    theirs, own = tail.log_shares(values), tail.log_shares(_values(anomaly, found))
    apart = np.linalg.norm(theirs[met["place"].to_numpy()] - own[met["own"].to_numpy()], axis=1)
    # Rounded, so that equal cases are equal on every machine, and the latest of them comes first.
    near = met.with_columns(apart=pl.Series(apart).round(6)).sort("one", "narrow", "apart", ENTER, descending=[False, False, False, True])
    cases: dict[str, list[dict[str, object]]] = {}
    for row in near.group_by("one", maintain_order=True).head(SIMILAR).to_dicts():
        cases.setdefault(row["one"], []).append(row)
    return cases


def _values(anomaly: Anomaly, rows: pl.DataFrame) -> Floats:
    return rows.select(pl.col(one).fill_null(float("nan")) for one in anomaly.residuals).to_numpy()


def _candidates(known: Known, anomaly: Anomaly, found: pl.DataFrame, *, key: str, narrow: int) -> pl.DataFrame:
    """The latest records of a key that had been known for good by the time of each that was found."""
    asked = found.lazy().select(AS_OF, key, one=anomaly.key)
    others = known.derived(anomaly.past).frame.select(*dict.fromkeys([key, anomaly.key, ENTER, LEAVE]))
    met = asked.join(others, on=key).filter(
        (pl.col(ENTER) < pl.col(AS_OF))
        & (pl.col(AS_OF) < pl.col(LEAVE))
        & (pl.col(ENTER) > pl.col(AS_OF) - WINDOW_DAYS * DAY)
        & (pl.col(anomaly.key) != pl.col("one"))
    )
    latest = met.sort("one", ENTER, anomaly.key, descending=[False, True, False]).group_by("one", maintain_order=True).head(RECENT)
    return latest.select("one", anomaly.key, ENTER, narrow=pl.lit(narrow)).collect()
