"""The prior: a model that ships with the package, learned from simulated firms, so that a new firm is ranked at once.

It ranks well and its level is a guess, so all that it says is provisional until the firm's own outcomes have taken its place. A prior is a
bundle like any other, in models/priors/<risk>/; `make priors` makes it. One that was learned from other features is not used.
"""

import hashlib
from pathlib import Path
from typing import Final

from models.bundle import MANIFEST, Bundle, RefusedModelError, load
from models.risk import Risk

PRIORS: Final = Path(__file__).parent / "priors"
_MENDED: Final = "run `make priors` in the source, or `plumbline train {risk}` once there are outcomes"


def shipped(risk: Risk, *, folder: Path = PRIORS) -> Bundle:
    """The prior of a risk. Raises RefusedModelError where there is none, or where it was learned from other features."""
    manifest = folder / risk.name / MANIFEST
    if not manifest.is_file():
        raise RefusedModelError(f"no prior of {risk.name} ships with this version: {_MENDED.format(risk=risk.name)}")
    try:
        return load(manifest.parent, digest=digest_of(risk, folder=folder), risk=risk)
    except RefusedModelError as error:
        raise RefusedModelError(
            f"the prior of {risk.name} that ships does not fit its features: {_MENDED.format(risk=risk.name)}"
        ) from error


def digest_of(risk: Risk, *, folder: Path = PRIORS) -> str:
    """Of the manifest, which has those of the other files: a prior comes with the package, and is as trusted as its code."""
    return hashlib.sha256((folder / risk.name / MANIFEST).read_bytes()).hexdigest()
