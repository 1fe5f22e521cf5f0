"""The margin at completion, learned from projects that were closed, and how far its range and its middle can be relied on."""

from datetime import datetime
from itertools import pairwise
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.feature import Feature
from features.windows import AS_OF
from models.estimators.margin_outlook import MarginOutlook
from models.spine import BEGAN
from records.known import micros
from training.fit import matrix
from training.history import History
from training.metrics import auc, mean_interval

Floats = NDArray[np.float64]

ENOUGH_CLOSED: Final = 100
"""Closed and billed projects below which no range is learned: a tenth of them beyond either end is ten."""
BANDS: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, np.inf)
"""Shares of the planned time; beyond the last finite one a project is overdue."""
EARLY: Final = (0.2, 0.4)
"""Share of the planned time in which a forecast is worth most, and hardest."""


def fit_margin_outlook(past: History, *, at: datetime) -> MarginOutlook | None:
    """Learned from what was decided at an instant; None where the risk forecasts no margin, or too few projects were closed."""
    if past.risk.outlook is None:
        return None
    rows = past.margins(at=at)
    if rows[past.risk.key].n_unique() < ENOUGH_CLOSED:
        return None
    return _fitted(past, rows, past.risk.outlook)


def outlook_report(past: History, spans: list[tuple[datetime, datetime]]) -> dict[str, Any] | None:
    """Error in points of margin beside the plan and the simple forecast, and how often the 80 % range held the final margin."""
    parts = [part for start, end in spans if (part := _fold(past, start=start, end=end)) is not None]
    if not parts:
        return None
    rows = pl.concat(parts)
    early = rows.filter(pl.col("elapsed").is_between(*EARLY))
    return {"n": rows.height, "all": _judged(rows), "at_20_to_40_percent_of_time": _judged(early) if early.height else None}


def by_progress(rows: pl.DataFrame, *, labels: Floats, model: Floats, rule: Floats) -> list[dict[str, float | None]]:
    """How well model and rule rank in each band of planned time passed: a model may help early on and must not harm late.

    The rule is the damped cost performance index, which within a band ranks as the plain one does, but for what is said to be done.
    """
    elapsed = rows.select((pl.col(AS_OF) - pl.col("starts")) / (pl.col("ends") - pl.col("starts"))).to_series().fill_null(np.nan).to_numpy()
    found: list[dict[str, float | None]] = []
    for begin, end in pairwise(BANDS):
        own = (elapsed >= begin) & (elapsed < end)
        one: dict[str, float | None] = {"from": begin, "to": end if np.isfinite(end) else None, "n": int(own.sum())}
        for name, scores in (("model_auc", model), ("rule_auc", rule)):
            value = auc(labels[own], scores[own], np.ones(int(own.sum()))) if own.any() else np.nan
            one[name] = round(value, 4) if np.isfinite(value) else None
        found.append(one)
    return found


def _judged(rows: pl.DataFrame) -> dict[str, Any]:
    clusters = rows["project_id"].rank("dense").cast(pl.Int64).to_numpy()
    errors = {name: (100 * (rows[name] - rows["lost"]).abs()).to_numpy() for name in ("median", "rule", "plan")}
    inside = rows.select((pl.col("lost") >= pl.col("low")) & (pl.col("lost") <= pl.col("high"))).to_series().cast(pl.Float64).to_numpy()
    return {
        "mean_absolute_error_points": {
            name: {"value": round(float(error.mean()), 2), "interval": mean_interval(error, clusters)} for name, error in errors.items()
        },
        "median_absolute_error_points": {name: round(float(np.median(error)), 2) for name, error in errors.items()},
        "coverage_of_80_percent_range": {"value": round(float(inside.mean()), 4), "interval": mean_interval(inside, clusters)},
        "mean_width_points": round(float(100 * (rows["high"] - rows["low"]).to_numpy().mean()), 2),
    }


def _fold(past: History, *, start: datetime, end: datetime) -> pl.DataFrame | None:
    model = fit_margin_outlook(past, at=start)
    outlook = past.risk.outlook
    if model is None or outlook is None:
        return None
    began = (pl.col(BEGAN) >= micros(start)) & (pl.col(BEGAN) < micros(end))
    rows = past.margins(at=past.known.until).filter(began & pl.col("age_days").is_in(past.risk.judged_ages_days))
    if not rows.height:
        return None
    found = model.lost(matrix(rows, past.risk.features))
    elapsed = (pl.col(AS_OF) - pl.col("starts")) / (pl.col("ends") - pl.col("starts"))
    kept = rows.select("project_id", "lost", elapsed=elapsed, rule=pl.col(outlook.name), plan=pl.lit(0.0))
    return kept.with_columns(low=found[:, 0], median=found[:, 1], high=found[:, 2])


def _fitted(past: History, rows: pl.DataFrame, outlook: Feature) -> MarginOutlook:
    return MarginOutlook.fit(
        matrix(rows, past.risk.features),
        rows["lost"].to_numpy(),
        base=past.risk.features.index(outlook),
        began=rows[BEGAN].to_numpy(),
    )
