"""A model's files: what is saved is what is loaded, and anything else is refused before it is read."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.feature import fingerprint
from models.bundle import MANIFEST, Bundle, RefusedModelError, load, save
from models.catalog import RISKS
from models.champion import Pointer, point, pointed, standing_model
from models.collections import COLLECTIONS
from models.dispute import DISPUTE
from models.estimators.payment_time import Runs
from models.risk import Risk
from tests.training.firm import Home

FILES = {
    "collections": {MANIFEST, "late.trees.txt", "late.linear.json", "payment_time.trees.txt"},
    "dispute": {MANIFEST, "disputed.trees.txt", "disputed.linear.json", "line_blame.json"},
    "margin": {MANIFEST, "fell.trees.txt", "fell.linear.json", "margin_outlook.json"},
    "missing_time": {MANIFEST, "missing.trees.txt", "missing.linear.json"},
}
EVERY_FILE = [(risk, file) for risk in RISKS for file in sorted(FILES[risk.name])]


@pytest.fixture
def models(trained: Home, tmp_path: Path) -> Path:
    """The challengers of both risks in a models folder of the test's own."""
    return Path(shutil.copytree(trained.place / "models", tmp_path / "models"))


def challenger(models: Path, risk: str) -> Pointer:
    found = pointed(models, risk, "challenger")
    assert found is not None
    return found


def loaded(models: Path, risk: Risk) -> Bundle:
    pointer = challenger(models, risk.name)
    return load(models / pointer.folder, digest=pointer.digest, risk=risk)


@pytest.mark.parametrize("risk", RISKS, ids=lambda risk: risk.name)
def test_what_is_loaded_is_what_was_saved(models: Path, tmp_path: Path, risk: Risk) -> None:
    pointer = challenger(models, risk.name)
    first = loaded(models, risk)
    assert {path.name for path in (models / pointer.folder).iterdir()} == FILES[risk.name]
    assert save(first, tmp_path / "again") == pointer.digest, "the same bytes"
    again = load(tmp_path / "again", digest=pointer.digest, risk=risk)
    rows = np.random.default_rng(1).random((20, len(risk.features)))
    rows[:5, 1:4] = np.nan
    assert again.usual == first.usual
    assert first.fingerprint == fingerprint(risk.features)
    for name, blend in first.targets.items():
        other = again.targets[name]
        assert (blend is None) == (other is None)
        if blend is not None and other is not None:
            assert (blend.probability(rows) == other.probability(rows)).all()
            assert (blend.contributions(rows) == other.contributions(rows)).all()
    if first.margin_outlook is not None and again.margin_outlook is not None:
        assert np.array_equal(first.margin_outlook.lost(rows), again.margin_outlook.lost(rows), equal_nan=True)
    if first.payment_time is not None and again.payment_time is not None:
        runs = Runs(np.full(len(rows), 7.0), np.full(len(rows), 3.0), np.zeros(len(rows), dtype=np.int64))
        found, wanted = (one.cumulative(rows, rows[:, 5], runs=runs) for one in (again.payment_time, first.payment_time))
        assert (found == wanted).all()


@pytest.mark.parametrize(("risk", "file"), EVERY_FILE, ids=lambda one: getattr(one, "name", one))
def test_a_flipped_bit_in_any_file_is_refused(models: Path, risk: Risk, file: str) -> None:
    path = models / challenger(models, risk.name).folder / file
    kept = path.read_bytes()
    for place in (0, len(kept) // 2, len(kept) - 1):
        path.write_bytes(kept[:place] + bytes([kept[place] ^ 1]) + kept[place + 1 :])
        with pytest.raises(RefusedModelError, match=f"{file} is not the file that was registered"):
            loaded(models, risk)
    path.write_bytes(kept)
    loaded(models, risk)


@pytest.mark.parametrize(("risk", "file"), EVERY_FILE, ids=lambda one: getattr(one, "name", one))
@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{", b"tree\nversion=v4\n", b"[" * 100_000])
def test_nothing_is_parsed_before_its_digest_holds(models: Path, risk: Risk, file: str, *, content: bytes) -> None:
    """What is no JSON, no text or no trees would fail otherwise in its parser, or end the process."""
    (models / challenger(models, risk.name).folder / file).write_bytes(content)
    with pytest.raises(RefusedModelError, match="is not the file that was registered"):
        loaded(models, risk)


@pytest.mark.parametrize(("risk", "file"), EVERY_FILE, ids=lambda one: getattr(one, "name", one))
def test_a_missing_file_is_refused(models: Path, risk: Risk, file: str) -> None:
    (models / challenger(models, risk.name).folder / file).unlink()
    with pytest.raises(RefusedModelError, match=f"{file} is missing"):
        loaded(models, risk)


def test_a_model_of_other_features_is_refused(models: Path, tmp_path: Path) -> None:
    other = replace(loaded(models, DISPUTE), fingerprint="0" * 64)
    with pytest.raises(RefusedModelError, match="features whose code has changed since: run `plumbline train dispute`"):
        load(tmp_path / "other", digest=save(other, tmp_path / "other"), risk=DISPUTE)


def test_a_risk_that_draws_on_another_feature_refuses_its_old_model(models: Path) -> None:
    pointer = challenger(models, "dispute")
    with pytest.raises(RefusedModelError, match="features whose code has changed"):
        load(models / pointer.folder, digest=pointer.digest, risk=replace(DISPUTE, uses=DISPUTE.uses[:-1]))


def test_a_model_of_another_risk_is_refused(models: Path) -> None:
    pointer = challenger(models, "dispute")
    with pytest.raises(RefusedModelError, match="was trained for dispute, not for collections"):
        load(models / pointer.folder, digest=pointer.digest, risk=COLLECTIONS)


def test_a_format_that_is_not_known_is_refused(models: Path) -> None:
    manifest = models / challenger(models, "dispute").folder / MANIFEST
    text = manifest.read_bytes().replace(b'"format": 1', b'"format": 2')
    manifest.write_bytes(text)
    with pytest.raises(RefusedModelError, match="has format 2; this version reads 1"):
        load(manifest.parent, digest=hashlib.sha256(text).hexdigest(), risk=DISPUTE)


def test_a_saved_model_is_never_written_over(models: Path) -> None:
    with pytest.raises(FileExistsError):
        save(loaded(models, DISPUTE), models / challenger(models, "dispute").folder)


def test_the_worklist_ranks_by_the_last_target_that_has_a_model(models: Path) -> None:
    found = loaded(models, COLLECTIONS)
    assert found.targets["late_30"] is None
    assert found.decides(COLLECTIONS) == "late"
    assert replace(found, targets={"late": None, "late_30": None}).decides(COLLECTIONS) == "late_30"
    assert replace(found, targets={"late": None, "late_30": found.targets["late"]}).decides(COLLECTIONS) == "late_30"


def test_the_champion_stands_and_before_any_the_challenger(models: Path) -> None:
    first = challenger(models, "dispute")
    found = standing_model(models, DISPUTE)
    assert found is not None
    assert found[1:] == (first, "challenger")
    assert pointed(models, "dispute", "champion") is None
    point(models, "champion", first)
    newer = replace(first, version="newer")
    point(models, "challenger", newer)
    found = standing_model(models, DISPUTE)
    assert found is not None
    assert found[1:] == (first, "champion")
    assert found[0].version == first.version
    assert pointed(models, "dispute", "challenger") == newer
    assert {path.suffix for path in (models / "dispute").iterdir() if path.is_file()} == {".json"}


def test_without_any_version_nothing_stands(tmp_path: Path) -> None:
    assert standing_model(tmp_path, DISPUTE) is None


def test_a_champion_whose_files_were_changed_is_refused_and_its_challenger_does_not_stand_in(models: Path) -> None:
    pointer = challenger(models, "dispute")
    point(models, "champion", replace(pointer, digest="0" * 64))
    with pytest.raises(RefusedModelError):
        standing_model(models, DISPUTE)


def test_a_pointer_is_plain_text(models: Path) -> None:
    text = json.loads((models / "dispute" / "challenger.json").read_text(encoding="utf-8"))
    assert text["folder"] == f"dispute/{text['version']}"
    assert not Path(text["folder"]).is_absolute()
