"""What is usual at a firm, as files that can be checked: a tail for each residual of each kind of record; digests first, parsing after."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from features.feature import code_of
from models.anomaly import ANOMALY
from models.anomaly_catalog import ANOMALIES
from models.bundle import MANIFEST, ChangedFeaturesError, RefusedModelError
from models.champion import Pointer, Standing, pointed
from models.estimators.worst_tail import WorstTail

_FORMAT: Final = 1


@dataclass(frozen=True)
class AnomalyModel:
    """One version. `tails`: by entity; an entity with too little past has none, and nothing of it is found."""

    version: str
    as_of: datetime
    """End of what it could know."""
    trained_at: datetime
    tails: Mapping[str, WorstTail]
    fingerprint: str
    lake_versions: Mapping[str, int]


def residual_code() -> str:
    """Changes when the code that computes any residual changes."""
    return code_of(one.measure for one in ANOMALIES)


def save_anomalies(model: AnomalyModel, folder: Path) -> str:
    """Write a model into an empty folder and return its digest."""
    folder.mkdir(parents=True, exist_ok=False)
    manifest = {
        "format": _FORMAT,
        "risk": ANOMALY,
        "version": model.version,
        "as_of": model.as_of.isoformat(),
        "trained_at": model.trained_at.isoformat(),
        "fingerprint": model.fingerprint,
        "lake_versions": dict(model.lake_versions),
        "tails": {entity: tail.to_text() for entity, tail in model.tails.items()},
    }
    text = json.dumps(manifest, indent=1, sort_keys=True)
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def load_anomalies(folder: Path, *, digest: str) -> AnomalyModel:
    """Read a model with this digest. Raises RefusedModelError, saying what differs and how to mend it."""
    place = folder / MANIFEST
    if not place.is_file():
        raise RefusedModelError(f"{place} is missing: restore it, or run `plumbline train anomalies`")
    content = place.read_bytes()
    if (found := hashlib.sha256(content).hexdigest()) != digest:
        raise RefusedModelError(f"{place} is not the file that was registered (digest {found[:12]}, not {digest[:12]}): train again")
    told = json.loads(content)
    if told["format"] != _FORMAT or told["risk"] != ANOMALY:
        raise RefusedModelError(f"{place} holds no model of anomalies of format {_FORMAT}: run `plumbline train anomalies`")
    if (learned := told["fingerprint"]) != (present := residual_code()):
        changed = f"{place} was learned from residuals whose code has changed since: run `plumbline train anomalies`"
        raise ChangedFeaturesError(changed, learned=learned, present=present)
    return AnomalyModel(
        version=told["version"],
        as_of=datetime.fromisoformat(told["as_of"]),
        trained_at=datetime.fromisoformat(told["trained_at"]),
        tails={entity: WorstTail.from_text(text) for entity, text in told["tails"].items()},
        fingerprint=told["fingerprint"],
        lake_versions=told["lake_versions"],
    )


def pointer_to(model: AnomalyModel, *, digest: str) -> Pointer:
    """What points to a saved version; without the id of its run in the registry."""
    return Pointer(
        risk=ANOMALY,
        version=model.version,
        digest=digest,
        folder=f"{ANOMALY}/{model.version}",
        trained_at=model.trained_at.isoformat(),
        as_of=model.as_of.isoformat(),
        features=[f"{one.entity}.{name}" for one in ANOMALIES for name in one.residuals],
        metrics={},
        rule={},
        withheld="",
        run_id="",
    )


def standing_anomalies(models: Path) -> tuple[AnomalyModel, Pointer, Standing] | None:
    """The champion, or before any promotion the challenger, its file checked. Raises RefusedModelError."""
    ways: tuple[Standing, Standing] = ("champion", "challenger")
    for standing in ways:
        pointer = pointed(models, ANOMALY, standing)
        if pointer is not None:
            return load_anomalies(models / pointer.folder, digest=pointer.digest), pointer, standing
    return None
