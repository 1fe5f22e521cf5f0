"""Priors made from a few simulated firms, and what a firm without a model gets from them."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from models.catalog import RISKS
from models.champion import standing_model
from models.collections import COLLECTIONS
from models.dispute import DISPUTE
from models.estimators.adapted import Adapted
from models.prior import shipped
from models.risk import Risk
from models.scoring import score
from plumbline.priors import make, recipes
from plumbline.workflow import scored
from records.known import Known, instant_of
from records.lake import Lake
from tests.ledger import Ledger, moment
from tests.training.firm import ENDED, NOW, firm
from training.train import train

FEW = 4
AS_OF = instant_of(ENDED)
SUNDAY = 6
RESERVED = {*range(101, 105), *range(201, 205), *range(301, 305)}
"""Seeds on which quality is judged."""


@pytest.fixture(scope="module")
def priors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("priors")
    make(folder, firms=FEW, months=8)
    return folder


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a small firm's records, and no model."""
    home = tmp_path_factory.mktemp("fresh")
    firm(home / "lake", clients=8)
    return home


def test_no_prior_is_learned_on_a_firm_that_judges() -> None:
    assert not {recipe.seed for recipe in recipes()} & RESERVED


def test_one_firm_of_each_size_under_each_mechanism() -> None:
    found = list(recipes(10))
    assert len({(one.people, one.mechanism) for one in found}) == 10
    assert len({one.seed for one in found}) == 10


@pytest.mark.slow
@pytest.mark.parametrize("risk", RISKS, ids=lambda risk: risk.name)
def test_a_firm_is_ranked_at_once_and_told_that_it_is_provisional(priors: Path, fresh: Path, risk: Risk) -> None:
    # At the end of a Saturday: on other days the deadline of the week is over, and what lacks is a fact.
    as_of = AS_OF - timedelta(days=(AS_OF.weekday() - SUNDAY) % 7)
    [run] = scored(fresh, [risk], as_of=as_of, now=NOW, publish=False, priors=priors)
    assert run.run.model_version == f"prior.{FEW}x8"
    assert run.run.model_digest
    assert run.run.withheld == ""
    assert any("provisional: learned from simulated firms, no own outcomes so far." in notice for notice in run.run.notices)
    assert run.scored.findings
    likely = [one for one in run.scored.findings if not one.happened]
    assert likely
    for one in likely:
        assert one.provisional
        assert one.caveat == "Provisional: learned from simulated firms, no own outcomes so far."
        assert one.probability is not None
    losses = [one.expected_loss for one in run.scored.findings]
    assert losses == sorted(losses, reverse=True)


@pytest.mark.slow
def test_without_a_fitting_prior_the_rule_ranks_and_each_reader_is_told_what_is_theirs(
    fresh: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    [run] = scored(fresh, [COLLECTIONS], as_of=AS_OF, now=NOW, publish=False, priors=tmp_path)
    assert run.run.model_version == "rule"
    [notice] = run.run.notices
    assert notice.startswith("No model of collections ranks here yet: plain rates of the firm's own records do")
    # Who reads a worklist has no command line.
    assert not any(word in notice for word in ("`", "make ", " prior ", "train"))
    assert run.advice.startswith("No prior of collections ships with this version: run `make priors`")
    assert run.summary()["advice"] == run.advice
    assert [one.message for one in caplog.records if one.name == "plumbline.workflow"] == [run.advice]
    assert all(one.provisional != one.happened and one.caveat == "" for one in run.scored.findings)


@pytest.mark.slow
def test_even_a_firm_without_any_history_is_ranked(priors: Path, tmp_path: Path) -> None:
    told = Ledger().client("A").client("B")
    told.invoice("small", "A", issued="2025-03-01", due="2025-03-31", amount=100).invoice(
        "large", "B", issued="2025-03-01", due="2025-03-31"
    )
    at = moment("2025-03-05")
    found = score(Known(told.lake(tmp_path), until=at), COLLECTIONS, shipped(COLLECTIONS, folder=priors), as_of=at)
    assert found.withheld == ""
    assert all(0 < (one.probability or 0) < 1 for one in found.findings)
    assert len(found.findings) == 2


@pytest.mark.slow
def test_a_handful_of_outcomes_is_registered_with_how_many_and_goes_on_being_provisional(priors: Path, fresh: Path, tmp_path: Path) -> None:
    trained = train(Lake(fresh / "lake"), DISPUTE, home=tmp_path, until=AS_OF, now=NOW, prior=shipped(DISPUTE, folder=priors))
    outcomes = trained.pointer.outcomes["disputed"]
    assert 0 < outcomes < 60
    assert trained.pointer.caveats == {"disputed": f"Provisional: learned from simulated firms, {outcomes} own outcomes so far."}
    assert trained.pointer.withheld == ""
    assert trained.backtest["overall"]["modelled"]
    (tmp_path / "lake").symlink_to(fresh / "lake")
    [run] = scored(tmp_path, [DISPUTE], as_of=AS_OF, now=NOW, publish=False)
    assert run.run.model_version == trained.pointer.version
    assert {one.caveat for one in run.scored.findings} == set(trained.pointer.caveats.values())


@pytest.mark.slow
def test_what_was_adapted_is_read_back_as_it_was_written(priors: Path, fresh: Path, tmp_path: Path) -> None:
    prior = shipped(DISPUTE, folder=priors)
    train(Lake(fresh / "lake"), DISPUTE, home=tmp_path, until=AS_OF, now=NOW, prior=prior)
    found = standing_model(tmp_path / "models", DISPUTE)
    assert found is not None
    model = found[0].targets["disputed"]
    assert isinstance(model, Adapted)
    values = np.random.default_rng(1).random((20, len(DISPUTE.features)))
    taught = prior.targets["disputed"]
    assert taught is not None
    assert np.corrcoef(model.prior.probability(values), taught.probability(values))[0, 1] == pytest.approx(1)
    assert found[0].stands_on("disputed").provisional


@pytest.mark.slow
def test_where_a_coin_decides_the_model_of_disputes_abstains_and_every_finding_says_so(priors: Path, tmp_path: Path) -> None:
    lake = firm(tmp_path / "lake", by_coin=True)
    trained = train(lake, DISPUTE, home=tmp_path, until=AS_OF, now=NOW, prior=shipped(DISPUTE, folder=priors))
    said = trained.pointer.caveats["disputed"]
    assert said.startswith("The model abstains: on ")
    assert "no better than chance (AUC 0." in said
    [run] = scored(tmp_path, [DISPUTE], as_of=AS_OF, now=NOW, publish=False)
    assert run.run.withheld == said
    for one in run.scored.findings:
        assert one.provisional
        assert one.caveat == said
        assert one.probability == one.rule_probability
        assert [reason.code for reason in one.reasons] == ["rule"]
