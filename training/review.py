"""What is too good to be believed unread: a single signal that tells the outcome nearly alone, or that carries most of what was learned.

Either may be honest, such as days overdue for what is more than thirty days late. It may as well be a column that somebody fills after
the outcome, which no test of time can see when the source gives the wrong instant. So a person reads it before a promotion.
"""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.feature import Feature
from models.estimators.adapted import Adapted, Model
from models.estimators.blend import Blend
from models.risk import Risk, Target
from training.fit import matrix
from training.history import History
from training.labels import LABEL
from training.metrics import auc

Floats = NDArray[np.float64]

TELLING_AUC: Final = 0.9
"""A single signal beyond it knows more than payment histories, contracts and reports of progress were ever found to tell."""
TELLING_GAIN: Final = 0.6
"""Share of all that the trees gained: beyond it the others might as well not be there."""


def to_review(past: History, target: Target, model: Model | None) -> list[str]:
    """A sentence for each signal of a target that a person should look at before the model is promoted; empty when there is none."""
    rows = past.labelled(target, at=past.known.until).filter(pl.col(LABEL).is_not_null())
    ranked = telling(matrix(rows, past.risk.features), rows[LABEL].cast(pl.Float64).to_numpy(), past.risk.features)
    own = model.own if isinstance(model, Adapted) else model
    gained = heavy(own, past.risk) if isinstance(own, Blend) else {}
    return [
        *(f"{target.name}: {name} alone ranks the outcome with AUC {found:.2f}" for name, found in ranked.items()),
        *(f"{target.name}: {name} has {share:.0%} of what the trees gained" for name, share in gained.items()),
    ]


def telling(values: Floats, labels: Floats, features: tuple[Feature, ...]) -> dict[str, float]:
    """AUC of each feature that passes TELLING_AUC on its own, in either direction, or by whether it is known at all."""
    found = {}
    for place, feature in enumerate(features):
        column, ones = values[:, place], np.ones(len(labels))
        known = ~np.isnan(column)
        views = ((labels, known.astype(np.float64), ones), (labels[known], column[known], ones[known]))
        best = max(
            (max(ranked, 1 - ranked) for view in views if not np.isnan(ranked := auc(*view) if len(view[0]) else np.nan)), default=0.5
        )
        if best > TELLING_AUC:
            found[feature.name] = float(best)
    return found


def heavy(model: Blend, risk: Risk) -> dict[str, float]:
    """Share of the trees' gain of each feature that passes TELLING_GAIN."""
    gain = model.trees.gain()
    if not gain.sum():
        return {}
    shares = gain / gain.sum()
    return {feature.name: float(share) for feature, share in zip(risk.features, shares, strict=True) if share > TELLING_GAIN}
