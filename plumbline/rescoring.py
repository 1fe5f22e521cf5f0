"""A stored run worked out again: the records as they were then, the model of then, the code of now. Nothing is stored or published."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy.engine import Engine

from controls.catalog import CONTROLS
from models.anomaly import ANOMALY
from models.anomaly_model import load_anomalies
from models.bundle import MANIFEST, Bundle, ChangedFeaturesError, RefusedModelError, load
from models.catalog import RISKS
from models.checked import checked
from models.prior import PRIORS
from models.risk import Risk
from models.scoring import Scored, score
from models.unusual import unusual
from records.known import Known
from records.lake import Lake
from service.comparison import Difference, compared
from service.database import reading
from service.runs import Run, runs_named

SHORT: Final = 12
"""Characters of a digest or a fingerprint in a sentence: enough to tell two apart."""
PRIOR: Final = "prior."
"""How the version of a model that shipped begins."""


class UnknownRunError(ValueError):
    """No run is called so, or several are."""


class CannotRebuildError(ValueError):
    """What a run was made of is no longer all there."""


@dataclass(frozen=True)
class Rebuilt:
    """A stored run and what is otherwise when it is worked out again; nothing where it is the same to the last bit."""

    run: Run
    differences: tuple[Difference, ...]


def rebuilt(home: Path, engine: Engine, name: str, *, lake: Lake, priors: Path = PRIORS) -> Rebuilt:
    """Work out the run whose id begins with `name` again and hold every stored value against it.

    Raises UnknownRunError, and CannotRebuildError saying what is missing and how to mend it.
    """
    with reading(engine) as session:
        run = _run(runs_named(session, name), name)
        found = _scored(home, run, lake, priors=priors)
        return Rebuilt(run, compared(session, run, found))


def _run(found: tuple[Run, ...], name: str) -> Run:
    if not found or not name:
        raise UnknownRunError(
            f"no stored run is called {name!r}: `plumbline runs` lists them; what was scored with --no-publish is not stored"
        )
    if len(found) > 1:
        raise UnknownRunError(f"{len(found)} runs begin with {name!r}: give more of the id, such as {found[0].id}")
    return found[0]


def _scored(home: Path, run: Run, lake: Lake, *, priors: Path) -> Scored:
    known = _known(run, lake)
    for control in CONTROLS:
        if control.name == run.risk:
            return checked(known, control, as_of=run.as_of)
    if run.risk == ANOMALY:
        folder = _folder(home, run, priors=priors)
        try:
            return unusual(known, load_anomalies(folder, digest=run.model_digest), as_of=run.as_of)
        except RefusedModelError as error:
            raise _refused(run, folder, error) from error
    for risk in RISKS:
        if risk.name == run.risk:
            return score(known, risk, _bundle(home, run, risk, priors=priors), as_of=run.as_of)
    raise CannotRebuildError(f"run {run.id} is of {run.risk}, which this version has not: {_code_of(run.scored_at)}")


def _known(run: Run, lake: Lake) -> Known:
    """The records as the run read them, whatever came in since."""
    if lost := lake.lacks(run.lake_versions):
        raise CannotRebuildError(
            f"the records at {lake.root} have no version {', '.join(lost)}, which run {run.id} read: "
            "restore the lake from a backup, or name the one that was scored with --lake"
        )
    return Known(lake, until=run.as_of, versions=dict(run.lake_versions))


def _bundle(home: Path, run: Run, risk: Risk, *, priors: Path) -> Bundle | None:
    """The model of the run; None where the simple rule scored."""
    if not run.model_digest:
        return None
    folder = _folder(home, run, priors=priors)
    try:
        return load(folder, digest=run.model_digest, risk=risk)
    except RefusedModelError as error:
        raise _refused(run, folder, error) from error


def _folder(home: Path, run: Run, *, priors: Path) -> Path:
    """Where the model of the run lies. Raises CannotRebuildError where it does not."""
    if run.model_version.startswith(PRIOR):
        return _prior(run, priors / run.risk)
    folder = home / "models" / run.risk / run.model_version
    if (folder / MANIFEST).is_file():
        return folder
    raise CannotRebuildError(
        f"run {run.id} was scored by {run.risk} {run.model_version}, digest {run.model_digest[:SHORT]}, which is no longer at {folder}: "
        f"restore that folder from a backup, or from its copy in an artifact of the registry, below {home / 'mlartifacts' / run.risk}"
    )


def _prior(run: Run, folder: Path) -> Path:
    manifest = folder / MANIFEST
    ships = hashlib.sha256(manifest.read_bytes()).hexdigest() if manifest.is_file() else ""
    if ships != run.model_digest:
        raise CannotRebuildError(
            f"run {run.id} was scored by a prior that shipped with another version (digest {run.model_digest[:SHORT]}); "
            f"this one ships {ships[:SHORT] or 'none'}: {_code_of(run.scored_at)}"
        )
    return folder


def _refused(run: Run, folder: Path, error: RefusedModelError) -> CannotRebuildError:
    if isinstance(error, ChangedFeaturesError):
        return CannotRebuildError(
            f"run {run.id} was scored by {run.risk} {run.model_version}, learned with code of fingerprint {error.learned[:SHORT]}; "
            f"the signals of this code have {error.present[:SHORT]}, and would give it other values: {_code_of(run.scored_at)}"
        )
    return CannotRebuildError(
        f"run {run.id} was scored by digest {run.model_digest[:SHORT]}, and the files at {folder} are not those any more "
        f"({str(error).partition(': ')[0]}): restore them from a backup, or from the registry's copy"
    )


def _code_of(scored_at: datetime) -> str:
    return f"run this command with the version of Plumbline that was in use on {scored_at:%Y-%m-%d %H:%M} UTC"
