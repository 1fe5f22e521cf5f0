"""What is usual at a firm, learned from its own last half year, and registered beside the other models."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from features.windows import AS_OF
from models.anomaly import ANOMALY, Anomaly
from models.anomaly_catalog import ANOMALIES
from models.anomaly_model import AnomalyModel, pointer_to, residual_code, save_anomalies
from models.champion import Pointer
from models.estimators.worst_tail import TooFewRowsError, WorstTail
from models.registry import Registry
from models.unusual import values_of
from records.known import DAY, ENTER, Known, micros
from records.lake import Lake
from training.backtest import BacktestError

LEARNED_DAYS: Final = 180
"""Half a year of records is what is usual now, and enough of them to tell one in a thousand."""


@dataclass(frozen=True)
class TrainedAnomalies:
    """A registered challenger, and how many records of each kind it learned from."""

    pointer: Pointer
    rows: dict[str, int]


def train_anomalies(lake: Lake, *, home: Path, until: datetime, now: datetime) -> TrainedAnomalies:
    """Learn from what was entered in the last LEARNED_DAYS and register it as challenger.

    Raises BacktestError when no kind of record has enough of a past.
    """
    known = Known(lake, until=until)
    pasts = {one.entity: (one, past(known, one)) for one in ANOMALIES}
    model = AnomalyModel(
        version=f"{now:%Y%m%d.%H%M%S}",
        as_of=until,
        trained_at=now,
        tails=_tails(pasts),
        fingerprint=residual_code(),
        lake_versions=known.lake_versions,
    )
    if not model.tails:
        raise BacktestError("anomalies: too few time entries and invoice lines are on record to say what is usual")
    digest = save_anomalies(model, home / "models" / ANOMALY / model.version)
    rows = {entity: measured.height for entity, (_, measured) in pasts.items()}
    registered = Registry(home).register(
        pointer_to(model, digest=digest),
        parameters={"as_of": until.isoformat(), "fingerprint": model.fingerprint, "lake": model.lake_versions},
        metrics={f"{entity}_rows": float(count) for entity, count in rows.items()},
        files={},
    )
    return TrainedAnomalies(registered, rows)


def past(known: Known, anomaly: Anomaly) -> pl.DataFrame:
    """The records entered in the last LEARNED_DAYS, each with its residuals as known when it was entered; of each its first version."""
    since = micros(known.until) - LEARNED_DAYS * DAY
    rows = known.derived(anomaly.past).frame.filter(pl.col(ENTER) > since).sort(ENTER, anomaly.key)
    first = rows.unique(anomaly.key, keep="first", maintain_order=True).collect()
    return anomaly.measure(known, first.with_columns(pl.col(ENTER).alias(AS_OF)))


def _tails(pasts: dict[str, tuple[Anomaly, pl.DataFrame]]) -> dict[str, WorstTail]:
    tails = {}
    for entity, (anomaly, measured) in pasts.items():
        try:
            tails[entity] = WorstTail.fit(values_of(anomaly, measured), anomaly.residuals)
        except TooFewRowsError:
            continue
    return tails
