"""Learn a prior: what many firms have in common, to start a firm from that has no outcomes of its own yet.

Rows of many firms are one table. What is out of time for one firm is out of firm here: the calibration is learned on firms that the
predicting fit had not seen, since a new firm is what the prior will meet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.feature import Feature, fingerprint
from models.bundle import Bundle
from models.estimators.blend import Blend
from models.footing import Footing
from models.risk import Risk
from training.adapt import mean_loss, sigmoid_near_one
from training.fit import STRENGTHS, Rows, Strength, rows_of, uncalibrated
from training.history import History
from training.metrics import auc

Floats = NDArray[np.float64]

PRIOR_STRENGTH: Final[Strength] = STRENGTHS[2]
"""Of forty simulated firms the strongest fit is better by 0.000 to 0.005 in log loss on firms not seen, and twice as large a file."""
PARTS: Final = 4
"""Of the firms; each is scored by a fit on the others."""


@dataclass(frozen=True)
class Taught:
    """The rows of one target over firms, with the number of the firm each is of."""

    rows: Rows
    firm: NDArray[np.int64]


def taught(past: Sequence[History], target: str) -> Taught:
    """Every labelled row of every firm, its first weeks included: a prior has to know what a firm without a record looks like."""
    parts: list[Rows] = []
    entities = clients = 0
    for one in past:
        declared = next(found for found in one.risk.targets if found.name == target)
        rows = rows_of(one.labelled(declared, at=one.known.until), one.risk, burn_in=False)
        if len(rows.labels):
            parts.append(replace(rows, entities=rows.entities + entities, clients=rows.clients + clients))
            entities, clients = int(parts[-1].entities.max()), int(parts[-1].clients.max())
    return Taught(Rows.joined(parts), np.repeat(np.arange(len(parts)), [len(rows.labels) for rows in parts]))


def fit_prior(found: Taught, risk: Risk, rule: Feature) -> tuple[Blend, dict[str, float]]:
    """The calibrated prior of a target, and how it did on firms it had not seen."""
    ahead = np.empty(len(found.firm))
    for part in range(PARTS):
        out = found.firm % PARTS == part
        ahead[out] = uncalibrated(found.rows.take(~out), risk, rule, strengths=(PRIOR_STRENGTH,))[PRIOR_STRENGTH].log_odds(
            found.rows.values[out]
        )
    calibration = sigmoid_near_one(ahead, found.rows.labels, independent=len(np.unique(found.rows.clients)))
    whole = uncalibrated(found.rows, risk, rule, strengths=(PRIOR_STRENGTH,))[PRIOR_STRENGTH]
    shares = found.rows.values[:, risk.features.index(rule)]
    measured = {
        "rows": float(len(ahead)),
        "outcomes": float(found.rows.positives),
        "auc": auc(found.rows.labels, ahead, np.ones(len(ahead))),
        "rule_auc": auc(found.rows.labels, shares, np.ones(len(ahead))),
        "log_loss": mean_loss(calibration.apply(ahead), found.rows.labels),
        "rule_log_loss": mean_loss(shares, found.rows.labels),
    }
    return replace(whole, calibration=calibration), {name: round(value, 4) for name, value in measured.items()}


def prior_bundle(risk: Risk, past: Sequence[History], *, version: str, made: datetime) -> Bundle:
    """`past`: the risk's history of each firm. `made`: end of the firms' records; no clock, so that it can be made again."""
    targets: dict[str, Blend] = {}
    measured: dict[str, dict[str, float]] = {}
    values = np.empty((0, len(risk.features)))
    for target in risk.targets:
        found = taught(past, target.name)
        targets[target.name], measured[target.name] = fit_prior(found, risk, target.rule)
        values = found.rows.values
    return Bundle(
        risk=risk.name,
        version=version,
        as_of=made,
        trained_at=made,
        features=tuple(one.name for one in risk.features),
        fingerprint=fingerprint(risk.features),
        usual=usual(values, risk.features),
        targets=targets,
        payment_time=None,
        margin_outlook=None,
        metrics=measured,
        withheld="",
        lake_versions={},
        footing={target.name: Footing(provisional=True) for target in risk.targets},
    )


def usual(values: Floats, features: Sequence[Feature]) -> Mapping[str, float]:
    """Median of each feature that is known in any row."""
    return {one.name: float(np.nanmedian(column)) for one, column in zip(features, values.T, strict=True) if not np.isnan(column).all()}
