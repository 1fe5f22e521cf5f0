"""The registered versions of models: what stands, what stood, and promoting one of them. Needs the `train` extra, for the registry."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from features.feature import fingerprint
from models.anomaly import ANOMALY
from models.anomaly_model import load_anomalies, pointer_to, residual_code
from models.bundle import RefusedModelError, load, manifest_of
from models.catalog import RISKS, risk_named
from models.champion import Pointer, Standing, pointed, pointer_of
from models.registry import Registry, Version
from training.beside_rule import not_better

Stood = Standing | Literal["earlier"]


@dataclass(frozen=True)
class TargetOf:
    """A target of a version: what it learned from and what was measured, as it was kept then."""

    name: str
    outcomes: int | None
    """Entities with the outcome, of the firm's own, that it learned from; None where it was trained before this was kept."""
    provisional: bool
    abstains: str
    measured: dict[str, Any] | None
    """Model and rule in the backtest; None where nothing could be tested."""


@dataclass(frozen=True)
class Registered:
    """A version as the registry has it, and whether it can score."""

    risk: str
    version: str
    digest: str
    as_of: datetime
    """End of what training could know."""
    standing: tuple[Stood, ...]
    """Champion and challenger may be one."""
    refused: str
    """Why it cannot score any more; empty where it can."""
    targets: tuple[TargetOf, ...]


@dataclass(frozen=True)
class Promotion:
    """What a promotion changed."""

    champion: Pointer
    before: Pointer | None
    not_better: dict[str, str]
    """By target: where the champion is not better than its simple rule, and what happens then."""

    @property
    def changed(self) -> bool:
        return self.before is None or (self.before.version, self.before.digest) != (self.champion.version, self.champion.digest)


def registered(home: Path, names: tuple[str, ...]) -> tuple[Registered, ...]:
    """All versions of these risks, each risk's newest first."""
    registry = Registry(home)
    return tuple(_registered(home, one) for name in names for one in registry.versions(name))


NAMES = (*(risk.name for risk in RISKS), ANOMALY)
"""What models are registered for."""


def promoted(home: Path, name: str, *, version: str | None) -> Promotion:
    """Make the challenger the champion, or an earlier version again, if it can still score.

    Raises NothingToPromoteError and RefusedModelError.
    """
    registry = Registry(home)
    chosen = pointed(home / "models", name, "challenger") if version is None else _pointer(home, registry.registered(name, version))
    # Before anything moves: what would be refused at the next scoring must not become the champion.
    said = {} if chosen is None else _not_better(home, chosen)
    return Promotion(*registry.promote(name, earlier=None if version is None else chosen), said)


def _not_better(home: Path, chosen: Pointer) -> dict[str, str]:
    folder = home / "models" / chosen.folder
    if chosen.risk == ANOMALY:
        load_anomalies(folder, digest=chosen.digest)
        return {}
    risk = risk_named(chosen.risk)
    return not_better(load(folder, digest=chosen.digest, risk=risk), risk)


def _pointer(home: Path, chosen: Version) -> Pointer:
    """Made anew from the version's own files, whose digest the registry has: pointers are overwritten at each promotion."""
    folder = home / "models" / chosen.risk / chosen.version
    if chosen.risk == ANOMALY:
        return pointer_to(load_anomalies(folder, digest=chosen.digest), digest=chosen.digest)
    risk = risk_named(chosen.risk)
    return pointer_of(load(folder, digest=chosen.digest, risk=risk), risk, digest=chosen.digest)


def _registered(home: Path, one: Version) -> Registered:
    ways: tuple[Standing, ...] = ("champion", "challenger")
    standing = tuple(way for way in ways if (found := pointed(home / "models", one.risk, way)) and found.digest == one.digest)
    refused, targets = _told(home, one)
    return Registered(one.risk, one.version, one.digest, datetime.fromisoformat(one.as_of), standing or ("earlier",), refused, targets)


def _told(home: Path, one: Version) -> tuple[str, tuple[TargetOf, ...]]:
    try:
        manifest = manifest_of(home / "models" / one.risk / one.version, digest=one.digest)
    except RefusedModelError as error:
        return str(error), ()
    present = residual_code() if one.risk == ANOMALY else fingerprint(risk_named(one.risk).features)
    refused = "" if manifest["fingerprint"] == present else "the code of its signals has changed since: train again"
    footing, metrics = manifest.get("footing", {}), manifest.get("metrics", {})
    targets = []
    for target in manifest.get("targets", []):
        name = target["name"]
        stands = footing.get(name, {})
        targets.append(
            TargetOf(name, stands.get("outcomes"), stands.get("provisional", False), stands.get("abstains", ""), metrics.get(name))
        )
    return refused, tuple(targets)
