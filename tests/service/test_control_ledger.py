"""The ledger of controls: recommendations, verdicts, precision with its interval, and money found."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.engine import Engine
from starlette.testclient import TestClient

from controls.catalog import CONTROLS
from models.control_trials import KeptTrial
from models.finding import Finding, Reason, Role, ScoringRun
from service.auth import Actor
from service.auth import Role as Reader
from service.control_ledger import LedgerLine, control_ledger
from service.database import reading, writing
from service.decisions import Choice, decide
from service.minutes_spent import MinutesSpent
from service.money import Money
from service.publishing import publish
from service.status import DismissReason, Verdict

ANA = Actor("t1", "Ana", Reader.BILLING_REVIEWER)
BILLING: tuple[Role, ...] = ("billing_reviewer",)
NAME = "po_missing"
ACCEPT = Choice(Verdict.ACCEPT)
WRONG = Choice(Verdict.DISMISS, DismissReason.EVIDENCE_WRONG)
SMALL = Choice(Verdict.DISMISS, DismissReason.BELOW_MATERIALITY)
NOT_MINE = Choice(Verdict.DISMISS, DismissReason.WRONG_OWNER)


def judged(
    engine: Engine, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], now: datetime, *, choices: list[Choice | None]
) -> None:
    """One finding of po_missing for each choice, worth 100 times its number; the last choices may be none."""
    told = [
        replace(
            new_finding(str(number), risk=NAME, owner_role="billing_reviewer", stake=f"{100 * number}.00", probability=None), kind="control"
        )
        for number in range(1, len(choices) + 1)
    ]
    with writing(engine) as session:
        publish(session, new_run("r1", risk=NAME), findings=told, closures=[], now=now)
        for finding, choice in zip(told, choices, strict=True):
            if choice is not None:
                decide(session, ANA, id=finding.id, choice=choice, now=now)
        # Two of the accepted have been put right since: they leave the worklist and stay in the ledger.
        publish(session, new_run("r2", risk=NAME, as_of=now), findings=told[2:], closures=[], now=now)


@pytest.fixture
def line(engine: Engine, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], now: datetime) -> LedgerLine:
    judged(engine, new_run, new_finding, now, choices=[ACCEPT, ACCEPT, SMALL, WRONG, NOT_MINE, None])
    with reading(engine) as session:
        lines = {one.control.name: one for one in control_ledger(session, BILLING)}
    assert set(lines) == {one.name for one in CONTROLS if one.owner_role == "billing_reviewer"}
    assert sum(one.recommendations for name, one in lines.items() if name != NAME) == 0
    return lines[NAME]


def test_it_counts_recommendations_and_verdicts_through_their_closing(line: LedgerLine) -> None:
    assert (line.recommendations, line.waiting, line.right, line.wrong) == (6, 1, 3, 1)
    assert line.found == (Money(Decimal("300.00"), "GBP"),)


def test_precision_is_of_what_was_judged_and_has_an_interval(line: LedgerLine) -> None:
    assert line.precision == 0.75
    low, high = line.precision_interval or (0.0, 0.0)
    # Wilson's interval of 3 in 4, as tables have it.
    assert (round(low, 3), round(high, 3)) == (0.301, 0.954)


def test_before_any_verdict_there_is_no_precision(engine: Engine) -> None:
    with reading(engine) as session:
        lines = control_ledger(session, BILLING)
    assert {(one.recommendations, one.precision, one.precision_interval, one.found) for one in lines} == {(0, None, None, ())}


def test_over_the_api_a_reader_sees_the_controls_of_their_work(api: TestClient, bearer: Callable[[Reader], dict[str, str]]) -> None:
    found = api.get("/v1/controls", headers=bearer(Reader.DELIVERY_LEAD)).json()["items"]
    assert {one["name"] for one in found} == {one.name for one in CONTROLS if one.owner_role == "delivery_lead"}
    assert api.get("/v1/controls", headers=bearer(Reader.COLLECTOR)).json()["items"] == []
    every = {one["name"]: one for one in api.get("/v1/controls", headers=bearer(Reader.AUDITOR)).json()["items"]}
    assert set(every) == {one.name for one in CONTROLS}
    assert every["rate_above_card"]["tolerances"][0]["name"] == "rounding"
    assert every["rate_above_card"]["precision"] is None


def shown(one: Finding, apart: float) -> Finding:
    reason = Reason("rates", "Above the card.", raises=True, effect=0.0, seen=f"GBP {100 + apart:.2f}", usual="GBP 100.00")
    return replace(one, kind="control", reasons=(reason,))


def test_verdicts_propose_another_tolerance_and_a_trial_of_it_is_told(
    engine: Engine, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], now: datetime
) -> None:
    name = "rate_above_card"
    made = [new_finding(str(number), risk=name, owner_role="billing_reviewer", probability=None) for number in range(12)]
    told = [shown(one, 0.05 if number < 10 else 9) for number, one in enumerate(made)]
    with writing(engine) as session:
        publish(session, new_run("r1", risk=name), findings=told, closures=[], now=now)
        for number, finding in enumerate(told):
            decide(session, ANA, id=finding.id, choice=WRONG if number < 10 else ACCEPT, now=now + timedelta(minutes=number))
    with reading(engine) as session:
        lines = {one.control.name: one for one in control_ledger(session, BILLING)}
        found = lines[name].proposal
        assert found is not None
        assert (found.kind, found.value, found.tried) == ("tighten", 4.52, None)
        assert lines[name].spent == MinutesSpent(11.0, 11)
        trial = KeptTrial(name, {"rounding": 4.52}, now, now, 12, 2, 10, 10, 0)
        again = {one.control.name: one.proposal for one in control_ledger(session, BILLING, trials=[trial])}
    assert again[name] == replace(found, tried=trial)
    assert {one for other, one in again.items() if other != name} == {None}


def test_a_control_that_was_run_for_a_year_and_found_nothing_is_to_be_looked_at(
    engine: Engine, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], now: datetime
) -> None:
    year = timedelta(days=365)
    standing = replace(new_finding("1", risk="po_wrong", owner_role="billing_reviewer", probability=None), kind="control")
    with writing(engine) as session:
        for risk, findings in ((NAME, []), ("po_wrong", [standing]), ("cap_exceeded", [])):
            publish(session, new_run(f"{risk} 1", risk=risk), findings=findings, closures=[], now=now)
            late = year if risk != "cap_exceeded" else year - timedelta(days=1)
            publish(session, new_run(f"{risk} 2", risk=risk, as_of=now + late), findings=findings, closures=[], now=now + late)
    with reading(engine) as session:
        proposals = {one.control.name: one.proposal for one in control_ledger(session, BILLING) if one.proposal}
    assert {name: one.kind for name, one in proposals.items()} == {NAME: "look_at"}
