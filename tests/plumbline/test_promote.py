"""Which version of a model stands: listed with what it is worth, promoted, and taken back."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from models.registry import Registry
from tests.plumbline.command_line import Cli

FIRST_UNTIL, SECOND_UNTIL = "2025-10-31", "2025-12-22"


@pytest.fixture(scope="module")
def trained(plumbline: Cli, firm: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two versions of dispute, the first of which is the champion."""
    plumbline("import", str(firm))
    first = plumbline.json("train", "dispute", "--as-of", FIRST_UNTIL)
    plumbline("promote", "dispute")
    return first, plumbline.json("train", "dispute", "--as-of", SECOND_UNTIL)


def _pointer(home: Path, standing: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home / "models" / "dispute" / f"{standing}.json").read_text(encoding="utf-8"))
    return found


def _alias(home: Path, standing: str) -> str:
    return str(Registry(home).client.get_model_version_by_alias("dispute", standing).tags["version"])


def test_a_bad_promotion_is_taken_back(plumbline: Cli, trained: tuple[dict[str, Any], dict[str, Any]]) -> None:
    first, second = (one["version"] for one in trained)
    kept = _pointer(plumbline.home, "champion")
    found = plumbline.json("promote", "dispute")
    assert (found["champion"], found["before"], found["changed"]) == (second, first, True)
    back = plumbline.json("promote", "dispute", "--version", first)
    assert (back["champion"], back["digest"], back["before"], back["changed"]) == (first, trained[0]["digest"], second, True)
    assert _pointer(plumbline.home, "champion") == kept, "to the last figure, though promoting the second had overwritten it"
    assert _pointer(plumbline.home, "challenger")["version"] == second, "which stays the challenger"
    assert (_alias(plumbline.home, "champion"), _alias(plumbline.home, "challenger")) == (first, second)
    assert plumbline.json("score", "dispute", "--as-of", SECOND_UNTIL, "--no-publish")["runs"][0]["model_version"] == first


def test_promoting_the_champion_says_that_it_was_it_already(plumbline: Cli, trained: tuple[dict[str, Any], dict[str, Any]]) -> None:
    first, second = (one["version"] for one in trained)
    plumbline("promote", "dispute", "--version", first)
    assert f"dispute: {first} was the champion already; nothing changed" in plumbline("promote", "dispute", "--version", first).stderr
    assert f"dispute: {second} is the champion, after {first}" in plumbline("promote", "dispute").stderr
    again = plumbline("promote", "dispute").stderr
    assert f"dispute: {second} was the champion already; nothing changed" in again
    assert "after" not in again.partition("\n")[0]
    assert not plumbline.json("promote", "dispute")["changed"]


def test_what_is_not_better_than_its_rule_is_said_by_training_and_at_every_promotion(
    plumbline: Cli, trained: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    for one in trained:
        overall = one["backtest"]["targets"]["disputed"]["overall"]
        is_better = overall["model_less_rule"]["log_loss"]["interval"][1] < 0 and not one["caveats"]
        assert set(one["not_better"]) == (set() if is_better else {"disputed"})
        said = plumbline("promote", "dispute", "--version", one["version"]).stderr
        assert all(f"disputed {text}" in said for text in one["not_better"].values())
        assert plumbline.json("promote", "dispute", "--version", one["version"])["not_better"] == one["not_better"]


def test_the_versions_are_listed_newest_first_with_what_they_are_worth(
    plumbline: Cli, trained: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    plumbline("promote", "dispute", "--version", trained[0]["version"])
    newest, oldest = plumbline.json("models", "dispute")["models"]
    for listed, told in ((oldest, trained[0]), (newest, trained[1])):
        assert (listed["version"], listed["digest"]) == (told["version"], told["digest"])
        assert datetime.fromisoformat(listed["as_of"]) == datetime.fromisoformat(told["as_of"])
        [target] = listed["targets"]
        assert target["measured"] == told["backtest"]["targets"]["disputed"]["overall"]
        assert (target["outcomes"], listed["refused"]) == (told["outcomes"]["disputed"], "")
    assert (newest["standing"], oldest["standing"]) == (["challenger"], ["champion"])
    plumbline("promote", "dispute")
    newest, oldest = plumbline.json("models")["models"]
    assert (newest["standing"], oldest["standing"]) == (["champion", "challenger"], ["earlier"])
    shown = plumbline("models", "dispute")
    rule = trained[0]["backtest"]["targets"]["disputed"]["overall"]["rule"]
    assert f"{rule['log_loss']:.3f}" in shown.stdout
    assert "plumbline promote RISK --version VERSION" in shown.stderr
    assert plumbline.json("models", "collections")["models"] == []


def test_what_could_not_score_is_not_promoted(plumbline: Cli, trained: tuple[dict[str, Any], dict[str, Any]]) -> None:
    first, second = (one["version"] for one in trained)
    plumbline("promote", "dispute")
    told = plumbline.json("promote", "dispute", "--version", "20200101.000000", code=3)["detail"]
    assert told == f"no version 20200101.000000 of dispute is registered; there are {second}, {first}"
    before = _pointer(plumbline.home, "champion")
    for version, arguments in ((first, ("--version", first)), (second, ())):
        manifest = plumbline.home / "models" / "dispute" / version / "manifest.json"
        kept = manifest.read_bytes()
        manifest.write_bytes(kept + b" ")
        try:
            assert "is not the file that was registered" in plumbline.json("promote", "dispute", *arguments, code=3)["detail"]
            [listed] = [one for one in plumbline.json("models", "dispute")["models"] if one["version"] == version]
            assert "is not the file that was registered" in listed["refused"]
        finally:
            manifest.write_bytes(kept)
        assert _pointer(plumbline.home, "champion") == before
        assert _alias(plumbline.home, "champion") == second


def test_controls_have_no_models(plumbline: Cli) -> None:
    assert "what is certain has no model" in plumbline.json("models", "po_missing", code=2)["detail"]
    assert "no risk or control is called 'weather'" in plumbline.json("models", "weather", code=2)["detail"]
