"""A trained model as files that can be checked: digests first, parsing after; nothing is unpickled, nothing is trusted unread.

<folder>/manifest.json names every other file with its SHA-256, the features with the fingerprint of their code, the usual value of each,
and what was measured. The digest of a model is the digest of its manifest.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from features.feature import fingerprint
from models.cash import CashSpread
from models.estimators.adapted import Model
from models.estimators.line_blame import LineBlame
from models.estimators.margin_outlook import MarginOutlook
from models.estimators.payment_time import PaymentTime
from models.estimators.texts import model_of, texts_of
from models.footing import Footing, Ruled
from models.risk import Risk
from models.segment import Band

MANIFEST: Final = "manifest.json"
_FORMAT: Final = 1
_OUTLOOK: Final = "margin_outlook.json"
_LINES: Final = "line_blame.json"


class RefusedModelError(ValueError):
    """A model's files are not those that were registered, or it was trained on other features."""


class ChangedFeaturesError(RefusedModelError):
    """A model was learned from features, or residuals, whose code has changed since: it can only be used with the code of then."""

    def __init__(self, told: str, *, learned: str, present: str) -> None:
        """`learned`, `present`: fingerprints of the code that the model was learned with, and of the code that runs."""
        super().__init__(told)
        self.learned, self.present = learned, present


@dataclass(frozen=True)
class Bundle:
    """One version of a risk's model."""

    risk: str
    version: str
    as_of: datetime
    """End of what training could know."""
    trained_at: datetime
    features: tuple[str, ...]
    fingerprint: str
    usual: Mapping[str, float]
    """Median of each feature over the training rows, NaN-free; shown beside the value seen."""
    targets: Mapping[str, Model | None]
    """None: too few outcomes for a model, the simple rule stands."""
    payment_time: PaymentTime | None
    margin_outlook: MarginOutlook | None
    metrics: Mapping[str, Any]
    withheld: str
    lake_versions: Mapping[str, int]
    line_blame: LineBlame | None = None
    cash_spread: CashSpread | None = None
    """How payments depart from their distributions; None where too few were held out to tell."""
    footing: Mapping[str, Footing] = field(default_factory=dict)
    """By target; what is not there stands on enough own outcomes."""

    def stands_on(self, target: str) -> Footing:
        return self.footing.get(target, Footing())

    def ranks(self, target: str) -> bool:
        """Whether a model ranks by this target, and not the simple rule."""
        return self.targets.get(target) is not None and not self.stands_on(target).abstains

    def decides(self, risk: Risk) -> str:
        """The target that the worklist ranks by: the last one that has a model, else the risk's own choice."""
        trained = [target.name for target in risk.targets if self.targets[target.name] is not None]
        return trained[-1] if trained else risk.decided_by.name


def save(bundle: Bundle, folder: Path) -> str:
    """Write a bundle into an empty folder and return its digest."""
    folder.mkdir(parents=True, exist_ok=False)
    files: dict[str, str] = {}

    def write(name: str, text: str) -> None:
        (folder / name).write_text(text, encoding="utf-8")
        files[name] = hashlib.sha256(text.encode()).hexdigest()

    for target, model in bundle.targets.items():
        for name, text in (texts_of(target, model) if model is not None else {}).items():
            write(name, text)
    if bundle.payment_time is not None:
        write("payment_time.trees.txt", bundle.payment_time.to_text())
    if bundle.margin_outlook is not None:
        write(_OUTLOOK, bundle.margin_outlook.to_text())
    if bundle.line_blame is not None:
        write(_LINES, bundle.line_blame.to_text())
    manifest = {
        "format": _FORMAT,
        "risk": bundle.risk,
        "version": bundle.version,
        "as_of": bundle.as_of.isoformat(),
        "trained_at": bundle.trained_at.isoformat(),
        "features": list(bundle.features),
        "fingerprint": bundle.fingerprint,
        "usual": dict(bundle.usual),
        "targets": [{"name": name, "modelled": model is not None} for name, model in bundle.targets.items()],
        "footing": {name: asdict(one) for name, one in bundle.footing.items()},
        "metrics": dict(bundle.metrics),
        "withheld": bundle.withheld,
        "lake_versions": dict(bundle.lake_versions),
        "cash_spread": None if bundle.cash_spread is None else asdict(bundle.cash_spread),
        "files": files,
    }
    text = json.dumps(manifest, indent=1, sort_keys=True)
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def manifest_of(folder: Path, *, digest: str) -> dict[str, Any]:
    """What a version says of itself, whether or not it could score with the code of now. Raises RefusedModelError as `load` does."""
    found: dict[str, Any] = json.loads(_checked(folder / MANIFEST, digest))
    return found


def load(folder: Path, *, digest: str, risk: Risk) -> Bundle:
    """Read a bundle whose manifest has this digest. Raises RefusedModelError, saying what differs and how to mend it."""
    manifest = manifest_of(folder, digest=digest)
    if manifest["format"] != _FORMAT:
        raise RefusedModelError(f"{folder} has format {manifest['format']}; this version reads {_FORMAT}: train the risk again")
    if manifest["risk"] != risk.name:
        raise RefusedModelError(f"{folder} was trained for {manifest['risk']}, not for {risk.name}")
    if (learned := manifest["fingerprint"]) != (present := fingerprint(risk.features)):
        told = f"{folder} was trained on features whose code has changed since: run `plumbline train {risk.name}`"
        raise ChangedFeaturesError(told, learned=learned, present=present)
    texts = {name: _checked(folder / name, wanted) for name, wanted in manifest["files"].items()}
    return Bundle(
        risk=risk.name,
        version=manifest["version"],
        as_of=datetime.fromisoformat(manifest["as_of"]),
        trained_at=datetime.fromisoformat(manifest["trained_at"]),
        features=tuple(manifest["features"]),
        fingerprint=manifest["fingerprint"],
        usual=manifest["usual"],
        targets={one["name"]: model_of(one["name"], texts) if one["modelled"] else None for one in manifest["targets"]},
        payment_time=PaymentTime.from_text(texts["payment_time.trees.txt"]) if "payment_time.trees.txt" in texts else None,
        margin_outlook=MarginOutlook.from_text(texts[_OUTLOOK]) if _OUTLOOK in texts else None,
        metrics=manifest["metrics"],
        withheld=manifest["withheld"],
        lake_versions=manifest["lake_versions"],
        line_blame=LineBlame.from_text(texts[_LINES]) if _LINES in texts else None,
        cash_spread=CashSpread(**held) if (held := manifest.get("cash_spread")) else None,
        # What was trained before this was kept had enough outcomes of its own.
        footing={name: _footing(told) for name, told in manifest.get("footing", {}).items()},
    )


def _footing(told: Mapping[str, Any]) -> Footing:
    ruled = tuple(Ruled(Band(**one["band"]), one["why"]) for one in told["ruled"])
    return Footing(told["outcomes"], told["provisional"], told["abstains"], ruled)


def _checked(path: Path, digest: str) -> str:
    if not path.is_file():
        raise RefusedModelError(f"{path} is missing: restore it, or train the risk again")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != digest:
        raise RefusedModelError(
            f"{path} is not the file that was registered (digest {found[:12]}, not {digest[:12]}): restore it, or train again"
        )
    return content.decode()
