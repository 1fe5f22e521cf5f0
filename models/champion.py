"""Which version of a risk's model stands, as a small file that the service reads without the registry."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from models.bundle import Bundle, load
from models.risk import Risk

Standing = Literal["champion", "challenger"]


@dataclass(frozen=True)
class Pointer:
    """A registered version: where its files are (relative to the models folder), their digest, and what was measured."""

    risk: str
    version: str
    digest: str
    folder: str
    trained_at: str
    as_of: str
    features: list[str]
    metrics: dict[str, Any]
    rule: dict[str, Any]
    withheld: str
    run_id: str
    cash_spread: dict[str, float] | None = None
    """Of a model of payment dates: how they depart from what is predicted, and together (models/cash.py)."""
    outcomes: dict[str, int] = field(default_factory=dict)
    """By target: entities with the outcome, of the firm's own, that it learned from; empty where it was trained before this was kept."""
    caveats: dict[str, str] = field(default_factory=dict)
    """By target: that it is provisional, or why it abstains; empty where it stands on enough own outcomes and may rank."""


def pointer_of(bundle: Bundle, risk: Risk, *, digest: str) -> Pointer:
    """What points to a saved version; without the id of its run in the registry."""
    overall = bundle.metrics[bundle.decides(risk)] or {}
    return Pointer(
        risk=risk.name,
        version=bundle.version,
        digest=digest,
        folder=f"{risk.name}/{bundle.version}",
        trained_at=bundle.trained_at.isoformat(),
        as_of=bundle.as_of.isoformat(),
        features=list(bundle.features),
        metrics=overall.get("model", {}),
        rule=overall.get("rule", {}),
        withheld=bundle.withheld,
        run_id="",
        cash_spread=None if bundle.cash_spread is None else asdict(bundle.cash_spread),
        outcomes={name: one.outcomes for name, one in bundle.footing.items()},
        caveats={name: one.caveat for name, one in bundle.footing.items() if one.caveat},
    )


def point(models: Path, standing: Standing, pointer: Pointer) -> None:
    """Make a version the champion or the challenger, in one step: a reader sees the old file or the new one."""
    place = _place(models, pointer.risk, standing)
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_suffix(".new")
    beside.write_text(json.dumps(asdict(pointer), indent=1), encoding="utf-8")
    beside.replace(place)


def pointed(models: Path, risk: str, standing: Standing) -> Pointer | None:
    place = _place(models, risk, standing)
    return Pointer(**json.loads(place.read_text(encoding="utf-8"))) if place.is_file() else None


def standing_model(models: Path, risk: Risk) -> tuple[Bundle, Pointer, Standing] | None:
    """The champion, or before any promotion the challenger, its files checked. Raises RefusedModelError."""
    ways: tuple[Standing, Standing] = ("champion", "challenger")
    for standing in ways:
        pointer = pointed(models, risk.name, standing)
        if pointer is not None:
            return load(models / pointer.folder, digest=pointer.digest, risk=risk), pointer, standing
    return None


def _place(models: Path, risk: str, standing: Standing) -> Path:
    return models / risk / f"{standing}.json"
