"""A target's model as named texts, and back: trees in LightGBM's own format, all the rest as JSON that can be read."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from models.calibration import Sigmoid
from models.estimators.adapted import Adapted, Model
from models.estimators.blend import Blend, Start
from models.estimators.boosting import Boosting
from models.estimators.linear import Linear, Scaling


def texts_of(target: str, model: Model) -> dict[str, str]:
    """File name -> text. A prior that a firm's outcomes were added to goes along, so that the model is whole without the package."""
    if isinstance(model, Blend):
        return _texts_of_blend(target, model)
    own = model.own
    told = {
        "prior_weight": model.prior_weight,
        "own_weight": model.own_weight,
        "own": "blend" if isinstance(own, Blend) else None if own is None else asdict(own),
        "calibration": asdict(model.calibration),
    }
    parts = _texts_of_blend(f"{target}.prior", model.prior) | (_texts_of_blend(target, own) if isinstance(own, Blend) else {})
    return {**parts, f"{target}.adapted.json": json.dumps(told, indent=1)}


def model_of(target: str, texts: Mapping[str, str]) -> Model:
    """What `texts_of` wrote. Only for texts whose digests have been checked."""
    if f"{target}.adapted.json" not in texts:
        return _blend(target, texts)
    told = json.loads(texts[f"{target}.adapted.json"])
    own = _blend(target, texts) if told["own"] == "blend" else None if told["own"] is None else _linear(told["own"])
    return Adapted(_blend(f"{target}.prior", texts), told["prior_weight"], own, told["own_weight"], Sigmoid(**told["calibration"]))


def _texts_of_blend(name: str, blend: Blend) -> dict[str, str]:
    numbers = {part: asdict(getattr(blend, part)) for part in ("start", "linear", "calibration")}
    return {f"{name}.trees.txt": blend.trees.to_text(), f"{name}.linear.json": json.dumps(numbers, indent=1)}


def _blend(name: str, texts: Mapping[str, str]) -> Blend:
    numbers = json.loads(texts[f"{name}.linear.json"])
    start = Start(numbers["start"]["column"], Sigmoid(**numbers["start"]["calibration"]), numbers["start"]["usual"])
    return Blend(start, Boosting.from_text(texts[f"{name}.trees.txt"]), _linear(numbers["linear"]), Sigmoid(**numbers["calibration"]))


def _linear(told: Mapping[str, Any]) -> Linear:
    scaling = Scaling(**{field: tuple(values) for field, values in told["scaling"].items()})
    return Linear(scaling, told["intercept"], tuple(told["coefficients"]))
