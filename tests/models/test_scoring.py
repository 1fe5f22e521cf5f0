"""Scoring: with a model, with the rule, with nothing; what is said, and in which order. Timesheets: test_missing_time.py."""

import math
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from models.catalog import RISKS
from models.champion import standing_model
from models.collections import COLLECTIONS
from models.dispute import DISPUTE
from models.margin import MARGIN
from models.numbers import compute
from models.reasons import MOST
from models.risk import Risk
from models.scoring import RULE_VERSION, Scored, score
from records.known import Known
from tests.ledger import Ledger, moment
from tests.training.firm import UNTIL, Home

END = "2025-06-30"
AS_OF = date(2025, 6, 30)
UNTRAINED = (
    "No model of {} ranks here yet: plain rates of the firm's own records do. "
    "Check the records before you rely on the order, and take likelihoods for rough."
)
NO_OUTCOMES = "Too few outcomes are on record yet: ranked by amount only."


of_invoices = pytest.mark.parametrize("invoiced", [one for one in RISKS if one.entity == "invoice"], ids=lambda risk: risk.name)


@pytest.fixture(scope="module", params=[one for one in RISKS if one.entity != "timesheet"], ids=lambda risk: risk.name)
def risk(request: pytest.FixtureRequest) -> Risk:
    found = request.param
    assert isinstance(found, Risk)
    return found


@pytest.fixture(scope="module")
def known(trained: Home) -> Known:
    return Known(trained.lake, until=UNTIL)


@pytest.fixture(scope="module")
def modelled(trained: Home, known: Known, risk: Risk) -> Scored:
    standing = standing_model(trained.place / "models", risk)
    assert standing is not None
    return score(known, risk, standing[0], as_of=UNTIL)


def ranked_by_money(found: Scored) -> bool:
    losses = [one.expected_loss for one in found.findings]
    return losses == sorted(losses, reverse=True)


def test_a_model_ranks_by_likelihood_times_money(modelled: Scored, risk: Risk) -> None:
    assert len(modelled.findings) > 20
    assert ranked_by_money(modelled)
    assert len({one.id for one in modelled.findings}) == len(modelled.findings)
    for one in modelled.findings:
        assert one.happened == (one.probability is None)
        assert one.happened == (one.rule_probability is None)
        likely = 1.0 if one.probability is None else one.probability
        assert 0 <= likely <= 1
        assert one.expected_loss == (one.stake_reporting * Decimal(repr(likely))).quantize(Decimal("0.01"))
        assert (one.kind, one.risk, one.owner_role, one.as_of) == ("risk", risk.name, risk.owner_role, UNTIL)
        assert not one.provisional
        assert one.reference == f"No {one.entity_id}"
        assert one.reference in one.title
        steps = risk.issued_actions if one.issued_on and risk.issued_actions else risk.actions
        assert one.suggestion in dict(steps).values()
        assert len(one.reasons) <= MOST
        assert one.evidence[0].rows[0][0] == one.reference or risk.entity != "invoice"
    assert any(one.reasons for one in modelled.findings)


def test_the_same_records_give_the_same_findings(trained: Home, modelled: Scored, risk: Risk) -> None:
    standing = standing_model(trained.place / "models", risk)
    assert standing is not None
    assert score(Known(trained.lake, until=UNTIL), risk, standing[0], as_of=UNTIL) == modelled


def test_a_margin_at_completion_stands_in_its_range(trained: Home, known: Known) -> None:
    standing = standing_model(trained.place / "models", MARGIN)
    assert standing is not None
    numbers = compute(known, MARGIN, standing[0], instants=[UNTIL])
    assert numbers.margin is not None
    assert (np.diff(numbers.margin, axis=1) >= 0).all()
    for one in score(known, MARGIN, standing[0], as_of=UNTIL).findings:
        assert re.fullmatch(r"-?\d+% \(80% range -?\d+% to -?\d+%\), plan 40%", one.facts["Margin at completion"])
        assert one.facts["Planned margin"] == "40%"
        assert one.course is not None
        low, middle, high = one.course.low, one.course.middle, one.course.high
        assert low is not None
        assert middle is not None
        assert high is not None
        assert low <= middle <= high
        assert one.facts["Margin at completion"].startswith(f"{middle:.0%} (80% range {low:.0%} to {high:.0%})")
        assert one.course.planned + sum(one.course.causes.values()) == pytest.approx(one.course.goes_on)


def test_dates_of_payment_lie_ahead_in_order_and_agree_with_the_likelihood(trained: Home, known: Known) -> None:
    standing = standing_model(trained.place / "models", COLLECTIONS)
    assert standing is not None
    for one in score(known, COLLECTIONS, standing[0], as_of=UNTIL).findings:
        low, middle, high = one.predicted_low_on, one.predicted_on, one.predicted_high_on
        assert low is not None
        assert middle is not None
        assert high is not None
        assert one.due_on is not None
        assert UNTIL.date() <= low <= middle <= high
        assert list(one.predicted_dates) == sorted(one.predicted_dates)
        assert len(one.predicted_dates) == 20
        late = np.mean([day > one.due_on for day in one.predicted_dates])
        assert late == pytest.approx(1.0 if one.probability is None else one.probability, abs=0.05 + 1e-9)


def test_a_target_without_a_model_is_left_to_its_rule_and_the_reader_is_told(trained: Home, known: Known) -> None:
    standing = standing_model(trained.place / "models", COLLECTIONS)
    assert standing is not None
    found = score(known, COLLECTIONS, standing[0], as_of=UNTIL)
    assert found.notices == ("Too few outcomes for a model of what is paid more than 30 days late: the simple rule stands in.",)
    assert {one.happened for one in found.findings} == {True, False}
    assert all("paid after the due date" in one.title for one in found.findings if not one.happened)
    numbers = compute(known, COLLECTIONS, standing[0], instants=[UNTIL])
    assert (numbers.probability["late_30"] <= numbers.probability["late"]).all(), "much too late is late"


def test_without_a_model_the_rule_stands_in_and_says_so(known: Known, risk: Risk) -> None:
    found = score(known, risk, None, as_of=UNTIL)
    assert found.notices == (UNTRAINED.format(risk.name),)
    assert found.withheld == ""
    assert ranked_by_money(found)
    for one in found.findings:
        due = one.due_on is not None and one.due_on + timedelta(31) <= UNTIL.date()
        assert one.happened == (due and risk is COLLECTIONS)
        assert one.provisional != one.happened
        assert one.model_version == RULE_VERSION
        assert [reason.code for reason in one.reasons] == ["happened" if one.happened else "rule"]
        assert one.predicted_on is None
        assert one.predicted_dates == ()
        assert one.probability == one.rule_probability
        assert (one.probability is None) == one.happened


def test_a_past_score_knows_nothing_of_what_came_later(trained: Home, risk: Risk) -> None:
    then = datetime(2024, 9, 1, tzinfo=UTC)
    standing = standing_model(trained.place / "models", risk)
    assert standing is not None
    early = Known(trained.lake, until=then)
    assert score(Known(trained.lake, until=UNTIL), risk, standing[0], as_of=then) == score(early, risk, standing[0], as_of=then)


def test_an_empty_lake_has_no_findings(tmp_path: Path, trained: Home, risk: Risk) -> None:
    nothing = Ledger().known(tmp_path, until=END)
    assert score(nothing, risk, None, as_of=moment(END)) == Scored((), NO_OUTCOMES, ())
    standing = standing_model(trained.place / "models", risk)
    assert standing is not None
    assert score(nothing, risk, standing[0], as_of=moment(END)).findings == ()


@of_invoices
def test_a_lake_with_invoices_only_is_ranked_by_amount_and_shows_no_likelihood(tmp_path: Path, invoiced: Risk) -> None:
    told = Ledger()
    for number in range(30):
        told.invoice(f"i{number}", "A", issued="2025-06-20", due="2025-07-20", amount=1000 + 10 * number)
    found = score(told.known(tmp_path, until=END), invoiced, None, as_of=moment(END))
    assert (found.withheld, found.notices) == (NO_OUTCOMES, ())
    assert [one.amount_at_stake for one in found.findings] == sorted((one.amount_at_stake for one in found.findings), reverse=True)
    assert len(found.findings) == 30
    for one in found.findings:
        assert one.probability is None
        assert one.rule_probability is None
        assert one.reasons == ()
        assert one.facts == {}
        assert one.provisional
        assert one.expected_loss == one.amount_at_stake
        assert one.client_name == "A", "nobody has said how it is called"


@of_invoices
def test_invoices_without_a_due_date_are_scored_and_given_no_date(tmp_path: Path, trained: Home, invoiced: Risk) -> None:
    told = Ledger().client("A", name="Alpha")
    told.invoice("i", "A", issued="2025-06-20", due=None, amount=500).invoice("j", "A", issued="2025-06-20", due="2025-07-20")
    standing = standing_model(trained.place / "models", invoiced)
    assert standing is not None
    for bundle in (standing[0], None):
        found = {one.entity_id: one for one in score(told.known(tmp_path, until=END), invoiced, bundle, as_of=moment(END)).findings}
        assert set(found) == {"i", "j"}
        assert (found["i"].due_on, found["i"].predicted_on, found["i"].predicted_dates) == (None, None, ())
        assert "Overdue" not in found["i"].facts
        assert found["i"].client_name == "Alpha"
        likely = found["i"].probability
        assert likely is None or not math.isnan(likely)


def history_of_twenty(told: Ledger) -> Ledger:
    """As many settled invoices as a rule needs to speak."""
    for number in range(20):
        told.invoice(f"old{number}", "A", issued="2025-01-10", due="2025-02-10", amount=100).payment(
            f"old{number}", "A", on="2025-02-05", amount=100
        )
    return told


def test_two_currencies_rank_in_one(tmp_path: Path) -> None:
    told = history_of_twenty(Ledger().client("A")).rate("USD", "EUR", "0.5", on="2025-06-01")
    told.invoice("eur", "A", issued="2025-06-20", due="2025-07-20", amount=600)
    told.invoice("eur-too", "A", issued="2025-06-20", due="2025-07-20", amount=400)
    told.invoice("usd", "A", issued="2025-06-20", due="2025-07-20", amount=1000, currency="USD")
    found = score(told.known(tmp_path, until=END), COLLECTIONS, None, as_of=moment(END))
    assert [one.entity_id for one in found.findings] == ["eur", "usd", "eur-too"]
    dollars = found.findings[1]
    assert (dollars.amount_at_stake, dollars.currency) == (Decimal("1000.00"), "USD")
    assert (dollars.stake_reporting, dollars.reporting_currency) == (Decimal("500.00"), "EUR")
    turned = score(told.known(tmp_path, until=END), COLLECTIONS, None, as_of=moment(END), reporting="USD")
    assert {one.reporting_currency for one in turned.findings} == {"USD"}
    assert [one.entity_id for one in turned.findings] == ["eur", "usd", "eur-too"]


def test_of_two_currencies_as_frequent_as_each_other_the_same_one_is_reported_every_time(tmp_path: Path) -> None:
    told = Ledger().client("A").invoice("usd", "A", issued="2025-06-20", due="2025-07-20", currency="USD")
    for currency in ("CHF", "EUR", "GBP"):
        told.invoice(currency, "A", issued="2025-06-20", due="2025-07-20", currency=currency)
    known = told.known(tmp_path, until=END)
    found = [score(known, COLLECTIONS, None, as_of=moment(END)) for _ in range(5)]
    assert {one.findings[0].reporting_currency for one in found} == {"CHF"}
    assert found[0].notices == ("No exchange rate into CHF is known for EUR, GBP, USD: these amounts are ranked one for one.",)


@pytest.mark.parametrize(
    ("due", "late", "late_30"),
    [("2025-07-01", None, None), ("2025-06-30", 1.0, None), ("2025-06-01", 1.0, None), ("2025-05-31", 1.0, 1.0), ("2024-01-31", 1.0, 1.0)],
)
def test_what_has_happened_is_certain(tmp_path: Path, due: str, late: float | None, late_30: float | None) -> None:
    told = history_of_twenty(Ledger().client("A")).invoice("i", "A", issued="2024-01-10", due=due)
    found = compute(told.known(tmp_path, until=END), COLLECTIONS, None, instants=[moment(END)]).probability
    for name, certain in (("late", late), ("late_30", late_30)):
        assert found[name][0] == certain if certain else found[name][0] < 1


@pytest.mark.parametrize(
    ("due", "title"),
    [
        ("2025-07-15", "i may be paid more than 30 days late"),
        ("2025-06-30", "i may be paid more than 30 days late"),
        ("2025-06-01", "i may be paid more than 30 days late"),
        ("2025-05-31", "31 days overdue: i"),
        ("2024-01-31", "517 days overdue: i"),
    ],
)
def test_what_has_happened_is_told_as_a_fact_and_ranked_by_all_its_money(tmp_path: Path, due: str, title: str) -> None:
    told = history_of_twenty(Ledger().client("A")).invoice("i", "A", issued="2024-01-10", due=due)
    [one] = score(told.known(tmp_path, until=END), COLLECTIONS, None, as_of=moment(END)).findings
    assert one.title == title
    is_fact = title.startswith(("31", "517"))
    assert (one.happened, one.probability is None, one.rule_probability is None, one.provisional) == (
        is_fact,
        is_fact,
        is_fact,
        not is_fact,
    )
    assert ("Chance to be paid more than 30 days late" in one.facts) == (not is_fact)
    # Once it is overdue at all, that it is paid late is no chance any more.
    assert ("Chance to be paid after the due date" in one.facts) == (due > END)
    if is_fact:
        assert one.expected_loss == one.stake_reporting
        assert [(reason.code, reason.raises) for reason in one.reasons] == [("happened", True)]
        assert one.reasons[0].text == f"It fell due on {date.fromisoformat(due):%-d %b %Y}, and EUR 1,000.00 is still owed."
        assert one.facts["Overdue"] == title.partition(" overdue")[0]
        assert not any("simple rule" in name for name in one.facts)


def test_a_fact_is_told_where_nothing_else_can_be(tmp_path: Path) -> None:
    told = Ledger().client("A").invoice("i", "A", issued="2024-01-10", due="2025-05-31")
    found = score(told.known(tmp_path, until=END), COLLECTIONS, None, as_of=moment(END))
    assert found.withheld == NO_OUTCOMES
    assert (found.findings[0].happened, found.findings[0].title) == (True, "31 days overdue: i")


def test_an_invoice_that_is_open_for_over_a_year_is_expected_tomorrow_at_the_earliest(tmp_path: Path, trained: Home) -> None:
    told = Ledger().client("A").invoice("i", "A", issued="2023-01-10", due="2023-02-10")
    standing = standing_model(trained.place / "models", COLLECTIONS)
    assert standing is not None
    [one] = score(told.known(tmp_path, until=END), COLLECTIONS, standing[0], as_of=moment(END)).findings
    assert one.predicted_low_on is not None
    assert min(one.predicted_low_on, *one.predicted_dates) > AS_OF


def test_what_was_part_paid_is_at_stake_for_the_rest_and_for_all_of_it_in_a_dispute(tmp_path: Path) -> None:
    told = Ledger().client("A").invoice("i", "A", issued="2025-06-20", due="2025-07-20").payment("i", "A", on="2025-06-25", amount=400)
    known = told.known(tmp_path, until=END)
    [owed], [gross] = (score(known, one, None, as_of=moment(END)).findings for one in (COLLECTIONS, DISPUTE))
    assert (owed.amount_at_stake, gross.amount_at_stake) == (Decimal("600.00"), Decimal("1000.00"))
