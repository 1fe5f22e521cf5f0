"""Train on a small real lake: MLflow over SQLite, a challenger, a promotion, and the evaluation report."""

import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from mlflow import MlflowClient

from models.catalog import RISKS
from models.champion import pointed, standing_model
from models.collections import COLLECTIONS
from models.dispute import DISPUTE
from models.registry import NothingToPromoteError, Registry
from models.risk import Risk
from records.lake import Lake
from tests.ledger import Ledger, moment
from tests.training.firm import NOW, UNTIL, Home
from training.backtest import BacktestError
from training.train import ECE_BOUND, train, withheld

NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
"""What a drawing declares itself by; nothing is fetched from there."""


@pytest.fixture(scope="module")
def own(trained: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a lake of its own and no model, for what changes it."""
    home = tmp_path_factory.mktemp("own")
    shutil.copytree(trained.place / "lake", home / "lake")
    return home


def test_a_run_a_version_an_alias_and_a_pointer_tell_of_the_same_model(trained: Home) -> None:
    registry = Registry(trained.place)
    for risk in RISKS:
        found = trained.trained[risk.name].pointer
        assert pointed(trained.place / "models", risk.name, "challenger") == found
        version = registry.client.get_model_version_by_alias(risk.name, "challenger")
        assert version.run_id == found.run_id
        assert version.tags == {"version": found.version, "digest": found.digest, "as_of": UNTIL.isoformat()}
        run = registry.client.get_run(found.run_id)
        assert run.info.status == "FINISHED"
        first = risk.targets[0].name
        assert run.data.metrics[f"{first}_rule_auc"] == trained.trained[risk.name].backtest["overall"]["rule"]["auc"]
        assert run.data.params["as_of"] == UNTIL.isoformat()
        assert standing_model(trained.place / "models", risk) is not None


def test_of_a_firm_whose_clients_have_habits_no_model_abstains(trained: Home) -> None:
    for risk in RISKS:
        found = trained.trained[risk.name]
        assert found.pointer.caveats == {}
        assert set(found.pointer.outcomes) == {target.name for target in risk.targets}
        for target in found.backtest["targets"].values():
            assert {"abstains", "segments"} <= set(target)


def test_the_registry_is_a_database_under_the_home_and_keeps_nothing_that_runs_code(trained: Home) -> None:
    assert Registry(trained.place).uri == f"sqlite:///{trained.place.resolve()}/mlflow.db"
    assert (trained.place / "mlflow.db").read_bytes().startswith(b"SQLite format 3")
    kept = {path.suffix for folder in ("models", "mlartifacts") for path in (trained.place / folder).rglob("*") if path.is_file()}
    assert kept == {".json", ".txt", ".html"}


def test_a_promoted_challenger_is_the_champion_until_the_next(own: Path) -> None:
    lake, models = Lake(own / "lake"), own / "models"
    with pytest.raises(NothingToPromoteError, match="dispute has no challenger: run `plumbline train dispute` first"):
        Registry(own).promote("dispute")
    first = train(lake, DISPUTE, home=own, until=UNTIL, now=NOW).pointer
    assert pointed(models, "dispute", "champion") is None
    assert Registry(own).promote("dispute") == (first, None)
    assert pointed(models, "dispute", "champion") == first
    second = train(lake, DISPUTE, home=own, until=UNTIL, now=NOW.replace(hour=9)).pointer
    assert pointed(models, "dispute", "champion") == first
    assert pointed(models, "dispute", "challenger") == second
    assert aliases(own) == {"champion": first.run_id, "challenger": second.run_id}
    assert Registry(own).promote("dispute") == (second, first)
    assert aliases(own) == {"champion": second.run_id, "challenger": second.run_id}
    assert first.digest != second.digest, "the hour of training is part of a model"


def aliases(home: Path) -> dict[str, str | None]:
    client: MlflowClient = Registry(home).client
    return {name: client.get_model_version_by_alias("dispute", name).run_id for name in ("champion", "challenger")}


def test_the_same_records_and_clock_give_the_same_model_and_the_same_measures(trained: Home, tmp_path: Path) -> None:
    shutil.copytree(trained.place / "lake", tmp_path / "lake")
    first, again = trained.trained["dispute"], train(Lake(tmp_path / "lake"), DISPUTE, home=tmp_path, until=UNTIL, now=NOW)
    assert replace(again.pointer, run_id="") == replace(first.pointer, run_id="")
    assert json.dumps(again.backtest, sort_keys=True) == json.dumps(first.backtest, sort_keys=True)


class Addresses(HTMLParser):
    """Elements of a page, and all that it would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.fetched: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        for name, value in attrs:
            if name in {"src", "href", "xlink:href", "action", "data", "srcset"} and not (value or "").startswith("#"):
                self.fetched.append(f"{tag} {name}={(value or '')[:60]}")
            if name.startswith("on"):
                self.handlers.append(name)


@pytest.mark.parametrize("risk", RISKS, ids=lambda risk: risk.name)
def test_the_report_is_one_file_that_runs_nothing_and_fetches_nothing(trained: Home, risk: Risk) -> None:
    [path] = (trained.place / "mlartifacts" / risk.name).rglob("evaluation.html")
    text = path.read_text(encoding="utf-8")
    page = Addresses()
    page.feed(text)
    assert not page.elements & {"script", "iframe", "object", "embed", "link", "base", "form"}
    assert [one for one in page.fetched if not re.match(r"image xlink:href=data:image/png;base64,", one)] == []
    assert page.handlers == []
    assert set(re.findall(r"https?://[^\s\"'<>)]+", text)) <= NAMESPACES
    assert "@import" not in text
    assert re.findall(r"url\((?!#)[^)]*\)", text) == []
    for target in risk.targets:
        assert f"<h2>{target.says.capitalize()}</h2>" in text
        assert target.rule_says.replace("'", "&#x27;") in text
    assert "plumbline train" in text


def test_what_is_withheld_and_why(trained: Home) -> None:
    measured = trained.trained["dispute"].backtest
    for changes, says in (
        ({}, ""),
        ({"predicted_to_observed": 1.51}, "Model not sure: in its backtest it predicted 1.51 times what happened."),
        ({"predicted_to_observed": 0.66}, "Model not sure: in its backtest it predicted 0.66 times what happened."),
        ({"predicted_to_observed": None}, "Model not sure: in its backtest it predicted what never happened."),
        ({"ece": ECE_BOUND + 0.06}, "Model not sure: its likelihoods were 16% off in its backtest."),
        ({"ece": ECE_BOUND + 0.01}, ""),
    ):
        calm = {"predicted_to_observed": 1.0, "ece": 0.05, "ece_by_chance": 0.02}
        overall = {"model": {"calibration": {**calm, **changes}}}
        assert withheld({**measured, "targets": {"disputed": {"overall": overall}}}, "disputed") == says
    untested = {"targets": {"disputed": {"overall": None}}}
    assert withheld(untested, "disputed") == "No outcome could be tested yet: ranked by the simple rule and amount only."


def test_with_too_little_on_record_nothing_is_registered(tmp_path: Path) -> None:
    told = Ledger().client("A")
    for day in range(10, 28):
        told.invoice(f"i{day}", "A", issued=f"2025-03-{day}", due=f"2025-04-{day}").payment(f"i{day}", "A", on=f"2025-04-{day}")
    with pytest.raises(BacktestError, match="the simple rule goes on ranking"):
        train(told.lake(tmp_path / "lake"), COLLECTIONS, home=tmp_path, until=moment("2025-08-31"), now=NOW)
    with pytest.raises(BacktestError, match="no invoice was ever at risk"):
        train(Lake(tmp_path / "none"), COLLECTIONS, home=tmp_path, until=moment("2025-08-31"), now=NOW)
    assert not (tmp_path / "models").exists()
