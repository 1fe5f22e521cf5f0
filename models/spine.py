"""The spine: which entities are scored at which instants. One builder for a hundred past instants and for tonight."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from features.windows import AS_OF
from models.risk import Risk
from records.known import DAY, ENTER, LEAVE, Known, micros

BEGAN = "began"
"""When the entity first came to be at risk, microseconds."""


def aged(known: Known, risk: Risk) -> pl.DataFrame:
    """Training rows: each entity at the risk's ages, while it was at risk; `age_days` says which."""
    ages = pl.DataFrame({"age_days": risk.ages_days}, schema={"age_days": pl.Int64})
    began = _began(known, risk)
    moments = began.join(ages.lazy(), how="cross").with_columns((pl.col(BEGAN) + pl.col("age_days") * DAY).alias(AS_OF))
    return _alive(known, risk, moments).filter(pl.col(AS_OF) <= micros(known.until))


def at_instants(known: Known, risk: Risk, instants: Sequence[datetime]) -> pl.DataFrame:
    """Every entity at risk at each instant."""
    moments = pl.LazyFrame({AS_OF: [micros(instant) for instant in instants]}, schema={AS_OF: pl.Int64})
    spans = known.derived(risk.at_risk).frame
    met = spans.join_where(moments, pl.col(ENTER) <= pl.col(AS_OF), pl.col(AS_OF) < pl.col(LEAVE))
    rows = met.join(_began(known, risk), on=risk.key).with_columns(((pl.col(AS_OF) - pl.col(BEGAN)) // DAY).alias("age_days"))
    return rows.drop(ENTER, LEAVE).sort(AS_OF, risk.key).collect()


def _began(known: Known, risk: Risk) -> pl.LazyFrame:
    return known.derived(risk.at_risk).frame.group_by(risk.key).agg(pl.col(ENTER).min().alias(BEGAN))


def _alive(known: Known, risk: Risk, moments: pl.LazyFrame) -> pl.DataFrame:
    spans = known.derived(risk.at_risk).frame.sort(ENTER)
    met = moments.sort(AS_OF).join_asof(spans, left_on=AS_OF, right_on=ENTER, by=risk.key, strategy="backward", check_sortedness=False)
    return met.filter(pl.col(AS_OF) < pl.col(LEAVE)).drop(ENTER, LEAVE, strict=False).sort(AS_OF, risk.key).collect()
