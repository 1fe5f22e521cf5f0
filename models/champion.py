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
