"""Boosted trees whose response to a feature can only go the way that was declared."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MONOTONE: Final[Mapping[str, object]] = MappingProxyType(
    {
        "objective": "binary",
        "learning_rate": 0.05,
        # Few leaves and constraints: labels number in the hundreds here, and plain trees were worth nothing on small firms (measured).
        "num_leaves": 7,
        "min_data_in_leaf": 25,
        "lambda_l2": 5.0,
        "feature_fraction": 0.8,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "monotone_constraints_method": "advanced",
        "deterministic": True,
        "force_col_wise": True,
        # Two OpenMP threads on a busy machine cost 200 times their gain in one-row calls.
        "num_threads": 1,
        "seed": 7,
        "verbosity": -1,
    }
)
ROUNDS: Final = 150


class Boosting:
    """A LightGBM booster that gives log-odds, to be added to where it started, and what each feature added to them."""

    def __init__(self, booster: lgb.Booster, rounds: int = ROUNDS) -> None:
        self.booster, self.rounds = booster, rounds

    def first(self, rounds: int) -> "Boosting":
        """The same trees, the first `rounds` of them: a gentler correction. None at all is the start itself."""
        return Boosting(self.booster, rounds)

    @classmethod
    def fit(cls, values: Floats, labels: Floats, *, start: Floats, directions: Sequence[int]) -> "Boosting":
        """`values`: rows x features, NaN for not known; `start`: log-odds to correct; `directions`: -1, 0 or 1 a feature."""
        data = lgb.Dataset(values, label=labels, init_score=start, params={"verbosity": -1, "num_threads": 1})
        return cls(lgb.train({**MONOTONE, "monotone_constraints": list(directions)}, data, num_boost_round=ROUNDS))

    @classmethod
    def from_text(cls, text: str) -> "Boosting":
        """Only for text whose digest has been checked: the parser of LightGBM trusts what it reads."""
        return cls(lgb.Booster(model_str=text))

    def to_text(self) -> str:
        return str(self.booster.model_to_string(num_iteration=self.rounds))

    def log_odds(self, values: Floats) -> Floats:
        return np.asarray(self.booster.predict(values, raw_score=True, num_iteration=self.rounds, num_threads=1), dtype=np.float64)

    def contributions(self, values: Floats) -> Floats:
        """Rows x (features + 1): exact tree SHAP values, the last column the base."""
        return np.asarray(self.booster.predict(values, pred_contrib=True, num_iteration=self.rounds, num_threads=1), dtype=np.float64)

    def gain(self) -> Floats:
        """By feature: how much the splits on it lowered the loss."""
        return np.asarray(self.booster.feature_importance("gain", iteration=self.rounds), dtype=np.float64)
