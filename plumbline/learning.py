"""From records to a challenger and its backtest: what needs the `train` extra."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.bundle import Bundle, RefusedModelError
from models.prior import shipped
from models.risk import Risk
from records.lake import Lake
from training.backtest import backtest, rolling, split_at
from training.history import history

if TYPE_CHECKING:
    from training.anomalies import TrainedAnomalies
    from training.train import Trained


def trained(home: Path, risk: Risk, *, until: datetime, now: datetime) -> "Trained":
    from training.train import train  # its report draws with shap, which takes seconds to import

    return train(Lake(home / "lake"), risk, home=home, until=until, now=now, prior=prior_of(risk))


def trained_anomalies(home: Path, *, until: datetime, now: datetime) -> "TrainedAnomalies":
    from training.anomalies import train_anomalies  # with the registry, which takes seconds to import

    return train_anomalies(Lake(home / "lake"), home=home, until=until, now=now)


def backtested(home: Path, risk: Risk, *, until: datetime, split: float | None, folds: int, purged: bool) -> dict[str, Any]:
    past = history(Lake(home / "lake"), risk, until=until)
    return backtest(past, split_at(past, split) if split is not None else rolling(past, folds), purged=purged, prior=prior_of(risk))


def prior_of(risk: Risk) -> Bundle | None:
    """The prior that ships, where it fits: training does without one that was learned from other features."""
    try:
        return shipped(risk)
    except RefusedModelError:
        return None
