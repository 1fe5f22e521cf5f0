"""The registry: MLflow over SQLite holds runs, versions and aliases; files stay plain, with digests of our own.

MLflow's own loading is never used: it runs code that a model's folder names. The service reads the pointer files of champion.py.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

# Set before the import reads them: nothing is sent anywhere, and no progress is printed into a command's output.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from models.champion import Pointer, point, pointed


class NothingToPromoteError(ValueError):
    """There is no such version."""


@dataclass(frozen=True)
class Version:
    """A registered version of a risk's model."""

    risk: str
    version: str
    digest: str
    as_of: str
    """End of what training could know."""
    run_id: str
    number: str
    """What the registry itself counts it by."""


class Registry:
    """Versions of the models of one home folder."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.models = home / "models"
        self._artifacts = (home / "mlartifacts").resolve().as_uri()
        self.uri = f"sqlite:///{(home / 'mlflow.db').resolve()}"
        mlflow.set_tracking_uri(self.uri)
        self.client = MlflowClient(self.uri, self.uri)

    def register(
        self, pointer: Pointer, *, parameters: Mapping[str, Any], metrics: Mapping[str, float], files: Mapping[str, str]
    ) -> Pointer:
        """Log a run with its evaluation and its files, make it a version and the challenger. Returns the pointer with the run's id.

        `files`: name -> text of what else belongs to the run, such as the evaluation report.
        """
        with self._run(pointer.risk) as run_id:
            mlflow.log_params(dict(parameters))
            mlflow.log_metrics(dict(metrics))
            for name, text in files.items():
                mlflow.log_text(text, name)
            mlflow.log_artifacts(str(self.models / pointer.folder), "model")
            source = mlflow.get_artifact_uri("model")
        self._model(pointer.risk)
        tags = {"version": pointer.version, "digest": pointer.digest, "as_of": pointer.as_of}
        version = self.client.create_model_version(pointer.risk, source, run_id=run_id, tags=tags)
        self.client.set_registered_model_alias(pointer.risk, "challenger", version.version)
        registered = replace(pointer, run_id=run_id)
        point(self.models, "challenger", registered)
        return registered

    def versions(self, risk: str) -> tuple[Version, ...]:
        """All that were registered for a risk, the newest first."""
        found = self.client.search_model_versions(f"name='{risk}'")
        listed = [
            Version(risk, one.tags["version"], one.tags["digest"], one.tags["as_of"], one.run_id or "", str(one.version)) for one in found
        ]
        return tuple(sorted(listed, key=lambda one: int(one.number), reverse=True))

    def promote(self, risk: str, *, earlier: Pointer | None = None) -> tuple[Pointer, Pointer | None]:
        """Make the challenger the champion, or an `earlier` version again. Returns it and the champion that it replaces.

        The challenger stays what it is. Raises NothingToPromoteError.
        """
        chosen, champion = earlier or pointed(self.models, risk, "challenger"), pointed(self.models, risk, "champion")
        if chosen is None:
            raise NothingToPromoteError(f"{risk} has no challenger: run `plumbline train {risk}` first")
        version = self.registered(risk, chosen.version)
        self.client.set_registered_model_alias(risk, "champion", version.number)
        point(self.models, "champion", replace(chosen, run_id=version.run_id))
        return chosen, champion

    def registered(self, risk: str, version: str) -> Version:
        """One version of a risk. Raises NothingToPromoteError, naming those that there are."""
        every = self.versions(risk)
        for one in every:
            if one.version == version:
                return one
        there = f"there are {', '.join(one.version for one in every)}" if every else f"none is: run `plumbline train {risk}` first"
        raise NothingToPromoteError(f"no version {version} of {risk} is registered; {there}")

    @contextmanager
    def _run(self, risk: str) -> Iterator[str]:
        found = self.client.get_experiment_by_name(risk)
        experiment = found.experiment_id if found else self.client.create_experiment(risk, artifact_location=f"{self._artifacts}/{risk}")
        with mlflow.start_run(experiment_id=experiment) as run:
            yield run.info.run_id

    def _model(self, risk: str) -> None:
        try:
            self.client.get_registered_model(risk)
        except MlflowException:
            self.client.create_registered_model(risk)
