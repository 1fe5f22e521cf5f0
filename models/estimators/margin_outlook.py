"""Which margin a project ends at, with a range: the simple forecast and a learned correction, as quantiles.

The correction is of the points of margin lost by the damped cost performance index. It says nothing at the start and much in the end,
and the trees see how far a project is: so what they add is large early on and fades (design note on modelling, R3).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RANGE: Final = (0.1, 0.5, 0.9)
"""Between the first and the last lie 80 %."""
FARTHEST: Final = 1.0
"""Points of margin, as a share: a project that billed next to nothing would otherwise outweigh all others."""
_ROUNDS: Final = 120
_HELD_OUT: Final = 0.25
"""Share of the projects, the newest, by which the range is widened until it holds as many as it says."""
_PARAMETERS: Final[Mapping[str, object]] = MappingProxyType(
    {
        "objective": "quantile",
        "learning_rate": 0.06,
        "num_leaves": 7,
        # Rows of one project hang together: a leaf should hold a dozen projects.
        "min_data_in_leaf": 100,
        "lambda_l2": 5.0,
        "feature_fraction": 0.8,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": 1,
        "seed": 7,
        "verbosity": -1,
    }
)


@dataclass(frozen=True)
class MarginOutlook:
    """Points of margin lost, as shares of revenue: `base` is the column of the simple forecast."""

    base: int
    trees: tuple[lgb.Booster, ...]
    widened: float
    """Added on both sides of the range; negative where it was too wide."""

    @classmethod
    def fit(cls, values: Floats, lost: Floats, *, base: int, began: NDArray[np.int64]) -> "MarginOutlook":
        """`values`: rows x features, `lost`: points lost in the end, `began`: when each row's project began, microseconds."""
        border = np.quantile(np.unique(began), 1 - _HELD_OUT)
        older = began <= border
        narrow = cls(base, _grown(values[older], lost[older], base), 0.0)
        found = narrow.lost(values[~older])
        beyond = np.maximum(found[:, 0] - lost[~older], lost[~older] - found[:, 2])
        widened = float(np.quantile(beyond, RANGE[2] - RANGE[0])) if len(beyond) else 0.0
        return cls(base, _grown(values, lost, base), widened)

    @classmethod
    def from_text(cls, text: str) -> "MarginOutlook":
        """Only for text whose digest has been checked: the parser of LightGBM trusts what it reads."""
        told = json.loads(text)
        return cls(told["base"], tuple(lgb.Booster(model_str=one) for one in told["trees"]), told["widened"])

    def to_text(self) -> str:
        trees = [str(one.model_to_string()) for one in self.trees]
        return json.dumps({"base": self.base, "widened": self.widened, "trees": trees}, indent=1)

    def lost(self, values: Floats) -> Floats:
        """Points of margin lost: rows x RANGE, rising."""
        added = np.column_stack([np.asarray(one.predict(values, num_threads=1), dtype=np.float64) for one in self.trees])
        whole = np.sort(values[:, [self.base]] + added, axis=1)
        middle = whole[:, 1]
        low, high = np.minimum(whole[:, 0] - self.widened, middle), np.maximum(whole[:, 2] + self.widened, middle)
        return np.column_stack([low, middle, high])


def _grown(values: Floats, lost: Floats, base: int) -> tuple[lgb.Booster, ...]:
    left = np.clip(lost, -FARTHEST, FARTHEST) - values[:, base]
    data = lgb.Dataset(values, label=left, params={"verbosity": -1, "num_threads": 1}, free_raw_data=False)
    return tuple(lgb.train({**_PARAMETERS, "alpha": alpha}, data, num_boost_round=_ROUNDS) for alpha in RANGE)
