"""The priors that ship: they fit the declared features, are small, and are read only while they do."""

import json
import shutil
from pathlib import Path

import pytest

from models.bundle import MANIFEST, RefusedModelError
from models.catalog import RISKS
from models.estimators.blend import Blend
from models.prior import PRIORS, digest_of, shipped
from models.risk import Risk

MOST_BYTES = 700_000
"""A few hundred kilobytes go with every install."""


@pytest.mark.parametrize("risk", RISKS, ids=lambda risk: risk.name)
def test_the_prior_that_ships_fits_the_declared_features(risk: Risk) -> None:
    """Fails when features changed since: run `make priors`."""
    prior = shipped(risk)
    assert set(prior.targets) == {target.name for target in risk.targets}
    assert all(isinstance(model, Blend) for model in prior.targets.values())
    for target in risk.targets:
        assert prior.stands_on(target.name).caveat == "Provisional: learned from simulated firms, no own outcomes so far."


def test_all_priors_together_are_small_and_nothing_in_them_runs_code() -> None:
    files = [path for path in PRIORS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < MOST_BYTES
    assert {path.suffix for path in files} == {".json", ".txt"}


@pytest.mark.parametrize("risk", RISKS, ids=lambda risk: risk.name)
def test_a_prior_of_other_features_is_not_used_and_says_what_to_run(risk: Risk, tmp_path: Path) -> None:
    shutil.copytree(PRIORS / risk.name, tmp_path / risk.name)
    manifest = tmp_path / risk.name / MANIFEST
    told = json.loads(manifest.read_bytes())
    manifest.write_text(json.dumps({**told, "fingerprint": "0" * 64}), encoding="utf-8")
    with pytest.raises(RefusedModelError, match=f"the prior of {risk.name} that ships does not fit its features: run `make priors`"):
        shipped(risk, folder=tmp_path)


def test_where_there_is_no_prior_that_is_said() -> None:
    with pytest.raises(RefusedModelError, match="no prior of collections ships with this version"):
        shipped(RISKS[0], folder=Path("nowhere"))


def test_a_prior_whose_files_were_changed_is_refused(tmp_path: Path) -> None:
    risk = RISKS[0]
    shutil.copytree(PRIORS / risk.name, tmp_path / risk.name)
    before = digest_of(risk, folder=tmp_path)
    trees = next((tmp_path / risk.name).glob("*.trees.txt"))
    trees.write_text(trees.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert digest_of(risk, folder=tmp_path) == before
    with pytest.raises(RefusedModelError):
        shipped(risk, folder=tmp_path)
