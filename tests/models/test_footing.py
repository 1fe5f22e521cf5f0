"""What a footing does to a scoring: provisional, abstaining, or by rule in a band; each finding says which."""

from dataclasses import replace

import pytest

from models.bundle import Bundle, load, save
from models.champion import standing_model
from models.collections import COLLECTIONS
from models.footing import Footing, Ruled
from models.scoring import Scored, score
from models.segment import NEW_CLIENT_DAYS, Band
from records.known import Known
from tests.training.firm import UNTIL, Home

WHY = "Ranked by rule and amount only, client tenure under 180 days: on 500 tested there it predicted 3.00 times what happened."
QUIET = "The model abstains: on 900 tested, 80 with the outcome, it told them apart no better than chance (AUC 0.51, 0.45 to 0.57)."
YOUNG = Band("client tenure", "client_tenure_days", None, NEW_CLIENT_DAYS)
SMALL = Band("invoice amount", "invoice_amount", None, 10_000.0)
"""Half of the firm's invoices."""


@pytest.fixture(scope="module")
def bundle(trained: Home) -> Bundle:
    standing = standing_model(trained.place / "models", COLLECTIONS)
    assert standing is not None
    return replace(standing[0], footing={}, withheld="")


@pytest.fixture(scope="module")
def known(trained: Home) -> Known:
    return Known(trained.lake, until=UNTIL)


def scored(known: Known, bundle: Bundle, footing: Footing) -> Scored:
    return score(known, COLLECTIONS, replace(bundle, footing={bundle.decides(COLLECTIONS): footing}), as_of=UNTIL)


@pytest.mark.parametrize(
    ("footing", "says"),
    [
        (Footing(0, provisional=True), "Provisional: learned from simulated firms, no own outcomes so far."),
        (Footing(1, provisional=True), "Provisional: learned from simulated firms, 1 own outcome so far."),
        (Footing(1400, provisional=True), "Provisional: learned from simulated firms, 1,400 own outcomes so far."),
        (Footing(1400), ""),
        (Footing(40, provisional=True, abstains=QUIET), QUIET),
    ],
)
def test_what_a_footing_says(footing: Footing, says: str) -> None:
    assert footing.caveat == says


def test_what_is_provisional_is_ranked_by_the_model_and_says_so(known: Known, bundle: Bundle) -> None:
    sure, found = scored(known, bundle, Footing(1400)), scored(known, bundle, Footing(14, provisional=True))
    assert [one.id for one in found.findings] == [one.id for one in sure.findings]
    assert [one.probability for one in found.findings] == [one.probability for one in sure.findings]
    assert not any(one.provisional or one.caveat for one in sure.findings)
    likely = [one for one in found.findings if not one.happened]
    assert 0 < len(likely) < len(found.findings), "a fact is not provisional"
    assert all(one.provisional and one.caveat.endswith("14 own outcomes so far.") for one in likely)
    assert not any(one.provisional or one.caveat for one in found.findings if one.happened)
    assert found.withheld == ""
    [notice] = [one for one in found.notices if one not in sure.notices]
    assert notice == (
        "Collections is provisional: learned from simulated firms, 14 own outcomes so far. "
        "The order can be relied on sooner than the likelihoods, and so can expected money."
    )


def test_where_the_model_abstains_the_rule_ranks_and_likelihoods_are_withheld(known: Known, bundle: Bundle) -> None:
    found = scored(known, replace(bundle, withheld="its calibration"), Footing(80, abstains=QUIET))
    assert found.withheld == QUIET
    losses = [one.expected_loss for one in found.findings]
    assert losses == sorted(losses, reverse=True)
    by_rule = [one for one in found.findings if not one.happened]
    # What is overdue beyond the border has happened already, whatever a rule says.
    assert 0 < len(by_rule) < len(found.findings)
    for one in by_rule:
        assert one.probability == one.rule_probability
        assert (one.provisional, one.caveat) == (True, QUIET)
        assert [reason.code for reason in one.reasons] == ["rule"]


def test_a_band_is_ranked_by_the_rule_and_the_others_by_the_model(known: Known, bundle: Bundle) -> None:
    ruled = Ruled(SMALL, WHY)
    sure = {one.id: one for one in scored(known, bundle, Footing(1400)).findings}
    every = scored(known, bundle, Footing(1400, ruled=(ruled,))).findings
    found = [one for one in every if not one.happened]
    assert 0 < len(found) < len(every)
    inside, outside = [one for one in found if one.caveat], [one for one in found if not one.caveat]
    assert inside
    assert outside
    assert max(one.amount_at_stake for one in inside) < 10_000 <= min(one.amount_at_stake for one in outside)
    for one in inside:
        assert (one.provisional, one.caveat) == (True, WHY)
        assert one.probability == one.rule_probability
        assert [reason.code for reason in one.reasons] == ["rule"]
    for one in outside:
        assert not one.provisional
        assert (one.probability, one.reasons) == (sure[one.id].probability, sure[one.id].reasons)


def test_a_footing_is_kept_with_the_model(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> None:
    footing = {"late_30": Footing(80, provisional=True, abstains=QUIET, ruled=(Ruled(YOUNG, WHY),)), "late": Footing(9)}
    folder = tmp_path_factory.mktemp("kept") / "model"
    digest = save(replace(bundle, footing=footing), folder)
    assert load(folder, digest=digest, risk=COLLECTIONS).footing == footing
