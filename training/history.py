"""A risk's history: every training row with its features, computed once, and its labels as known at any cut."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from features.frame import build
from features.windows import AS_OF
from models.risk import Risk, Target
from models.spine import aged
from records.known import Known, micros
from records.lake import Lake
from training.labels import DECIDED_AT, FINAL_MARGIN, days_late, final_margins, labelled


@dataclass(frozen=True)
class History:
    """Rows of `frame` are sorted by as_of and entity; each feature is what was known at the row's own as_of."""

    risk: Risk
    lake: Lake
    known: Known
    frame: pl.DataFrame

    def labelled(self, target: Target, *, at: datetime) -> pl.DataFrame:
        """Rows up to a cut with the labels that could be known at it; the label's own knowledge ends there too."""
        known = self.known if at >= self.known.until else Known(self.lake, until=at, versions=self.known.lake_versions)
        rows = self.frame.filter(pl.col(AS_OF) <= micros(at))
        return labelled(known, rows, target).filter(pl.col("dropped").is_not_null() | (pl.col(DECIDED_AT) <= micros(at)))

    def observed(self, *, at: datetime) -> pl.DataFrame:
        """Rows up to a cut with `days_late` (null while open) and `days_observed`, as known at it."""
        known = self.known if at >= self.known.until else Known(self.lake, until=at, versions=self.known.lake_versions)
        return days_late(known, self.frame.filter(pl.col(AS_OF) <= micros(at)))

    def margins(self, *, at: datetime) -> pl.DataFrame:
        """Rows up to a cut of projects whose final margin could be known at it, with `lost`: points of the planned margin, as a share."""
        known = self.known if at >= self.known.until else Known(self.lake, until=at, versions=self.known.lake_versions)
        rows = final_margins(known, self.frame.filter(pl.col(AS_OF) <= micros(at)))
        lost = 1 - pl.col("cost") / pl.col("revenue") - pl.col(FINAL_MARGIN)
        return rows.filter(pl.col(FINAL_MARGIN).is_not_null()).with_columns(lost=lost)


def history(lake: Lake, risk: Risk, *, until: datetime) -> History:
    """All rows that the risk would have been scored on, up to `until`."""
    known = Known(lake, until=until)
    spine = aged(known, risk)
    return History(risk, lake, known, build(known, spine, list(risk.computed)))
