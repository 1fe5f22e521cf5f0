"""Where a model is not better than its simple rule it is said, with both figures and what the code then does."""

from dataclasses import replace
from typing import Any

import pytest

from models.bundle import Bundle, load
from models.collections import COLLECTIONS
from models.dispute import DISPUTE
from models.footing import Footing
from models.numbers import framed, numbers
from models.risk import Risk
from records.known import Known
from tests.training.firm import UNTIL, Home
from training.beside_rule import not_better
from training.gates import abstains

FIGURES = "log loss 0.300, the rule's 0.310 (-0.0100, -0.0300 to +0.0100); AUC 0.700, the rule's 0.690; 1,000 tested, 60 with the outcome"


def bundle_of(trained: Home, risk: Risk) -> Bundle:
    pointer = trained.trained[risk.name].pointer
    return load(trained.place / "models" / pointer.folder, digest=pointer.digest, risk=risk)


def overall(*, interval: tuple[float, float] = (-0.03, 0.01), auc: tuple[float, float] = (0.6, 0.8), positives: int = 60) -> dict[str, Any]:
    metrics = {"auc": 0.7, "log_loss": 0.3, "n": 1000, "positives": positives, "intervals": {"auc": list(auc)}}
    less = {"log_loss": {"difference": -0.01, "interval": list(interval)}}
    return {"modelled": True, "model": metrics, "rule": {"auc": 0.69, "log_loss": 0.31}, "model_less_rule": less}


def measured(bundle: Bundle, target: str, told: dict[str, Any] | None, *, provisional: bool = False) -> Bundle:
    """The bundle as if this had been measured of one target, judged by the gate itself."""
    stands = Footing(60, provisional, abstains=abstains(told))
    return replace(bundle, metrics={**bundle.metrics, target: told}, footing={**bundle.footing, target: stands}, withheld="")


def test_of_what_is_better_nothing_is_said(trained: Home) -> None:
    bundle = measured(bundle_of(trained, DISPUTE), "disputed", overall(interval=(-0.03, -0.001)))
    assert not_better(bundle, DISPUTE) == {}


def test_what_is_not_better_and_not_worse_ranks_and_says_so(trained: Home) -> None:
    bundle = measured(bundle_of(trained, DISPUTE), "disputed", overall())
    said = not_better(bundle, DISPUTE)["disputed"]
    assert said.startswith(f"is not better than its simple rule beyond chance: {FIGURES}. It ranks all the same")
    assert ranks(trained, bundle, DISPUTE)


def test_what_is_worse_abstains_and_the_rule_ranks(trained: Home) -> None:
    bundle = measured(bundle_of(trained, DISPUTE), "disputed", overall(interval=(0.001, 0.02)))
    assert not_better(bundle, DISPUTE)["disputed"].endswith("It abstains: the simple rule ranks in its place.")
    assert not ranks(trained, bundle, DISPUTE)


def test_better_in_log_loss_and_no_better_than_chance_in_order_abstains_too(trained: Home) -> None:
    bundle = measured(bundle_of(trained, DISPUTE), "disputed", overall(interval=(-0.03, -0.001), auc=(0.3, 0.8)))
    assert not_better(bundle, DISPUTE)["disputed"].endswith("It abstains: the simple rule ranks in its place.")
    assert not ranks(trained, bundle, DISPUTE)


def ranks(trained: Home, bundle: Bundle, risk: Risk) -> bool:
    """Whether a model ranks, by the code that scores."""
    rows = framed(Known(trained.lake, until=UNTIL), risk, instants=[UNTIL])
    assert rows.height
    return not numbers(risk, bundle, rows).by_rule.any()


@pytest.mark.parametrize(
    ("told", "provisional", "says"),
    [
        (None, False, "no outcome is tested yet. It ranks all the same: fewer than 20 outcomes were tested, too few to judge by."),
        (overall(positives=19), False, "It ranks all the same: fewer than 20 outcomes were tested, too few to judge by."),
        (overall(), True, "It ranks all the same, marked provisional: a prior and the firm's few outcomes."),
        ({**overall(), "modelled": False}, False, "could not be held against its simple rule: parts of the backtest had too few outcomes"),
    ],
    ids=["untested", "few", "provisional", "not modelled throughout"],
)
def test_why_it_ranks_all_the_same(trained: Home, told: dict[str, Any] | None, *, provisional: bool, says: str) -> None:
    bundle = measured(bundle_of(trained, DISPUTE), "disputed", told, provisional=provisional)
    assert says in not_better(bundle, DISPUTE)["disputed"]


def test_a_target_without_a_model_and_one_that_does_not_rank(trained: Home) -> None:
    bundle = bundle_of(trained, COLLECTIONS)
    assert not_better(bundle, COLLECTIONS)["late_30"] == "has no model, too few outcomes are on record: the simple rule stands in."
    both = replace(bundle, targets={"late": bundle.targets["late"], "late_30": bundle.targets["late"]})
    assert (
        not_better(measured(both, "late", overall()), COLLECTIONS)["late"]
        .partition(". ")[2]
        .startswith("Its likelihood is shown all the same")
    )
    withheld = replace(measured(bundle, "late", overall()), withheld="Model not sure.")
    assert not_better(withheld, COLLECTIONS)["late"].endswith("Its likelihoods are withheld: ranked by the simple rule and amount.")


def test_a_training_says_it_of_what_it_registers(trained: Home) -> None:
    for risk in (COLLECTIONS, DISPUTE):
        assert trained.trained[risk.name].not_better == not_better(bundle_of(trained, risk), risk)
