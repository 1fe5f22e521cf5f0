"""No smaller set of changes does it, whatever is amiss at once; what comes to be known later changes nothing."""

from itertools import combinations
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.fixes.change import CONTROL, named
from models.fixes.changed import changed
from models.fixes.clearing import candidates, unsaid
from models.fixes.draft import Draft, Ground, Judged, drafted
from models.fixes.smallest import EXACT_MOST, MANY, NEAR, Fix, Passing, smallest_fix
from tests.controls.case import AT, told
from tests.ledger import moment
from tests.models.fixes.desk import Desk, desk

LOOKED: Final = tuple(
    CONTROL[name]
    for name in ("rate_above_card", "line_arithmetic", "sum_of_lines", "gross_arithmetic", "duplicate_line", "vague_line", "po_missing")
)
SPOILT: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "rate": {"invoice_line": {"unit_price": 110, "net_amount": 880}},
    "amount": {"invoice_line": {"net_amount": 816}},
    "words": {"invoice_line": {"description": "Professional services"}},
    "days": {"invoice_line": {"period_start_on": "2025-02-24", "period_end_on": "2025-02-24"}},
    "order": {"contract": {"po_required": True}},
    "gross": {"invoice": {"gross_amount": 1000}},
    "net": {"invoice": {"net_amount": 790}},
}
PASSING: Final = Passing()


def spoilt(flaws: set[str], *, copies: int = 0) -> Desk:
    """The standing draft with these flaws, and so many copies of its line."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for flaw in sorted(flaws):
        for table, values in SPOILT[flaw].items():
            rows.setdefault(table, [{}])[0].update(values)
    line = rows.setdefault("invoice_line", [{}])[0]
    rows["invoice_line"] += [{**line, "line_id": f"l{one}", "line_no": one} for one in range(2, copies + 2)]
    return desk(rows, controls=LOOKED)


def least(here: Desk, ground: Ground) -> int | None:
    """The size of the smallest set of changes that passes, by trying all: the same question without any pruning."""
    before = here.judge(ground.draft)
    over = PASSING.over(before.findings.to_dicts())
    made = candidates(over, ground)
    every = (*made, *unsaid(ground, made))
    judged = {}
    for size in range(len(every) + 1):
        for chosen in combinations(range(len(every)), size):
            if any(every[one].against(every[other]) for one, other in combinations(chosen, 2)):
                continue
            after = here.judge(changed(ground, [every[one] for one in chosen]))
            answered = {one for place in chosen for one in every[place].answers}
            grave = {named(one) for one in PASSING.over(after.findings.to_dicts())} - answered
            judged[chosen] = (len(grave), after.probability or 0.0)
    lowest = min((chance for grave, chance in judged.values() if not grave), default=0.0)
    return min((len(chosen) for chosen, (grave, chance) in judged.items() if not grave and chance <= lowest * NEAR), default=None)


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(flaws=st.sets(st.sampled_from(sorted(SPOILT)), min_size=1, max_size=3))
def test_no_smaller_set_does_it(flaws: set[str]) -> None:
    here = spoilt(flaws)
    fix = here.fix()
    assert fix.passes
    assert len(fix.steps) == least(here, Ground(here.known, here.draft(), as_of=here.as_of))
    assert fix.at_least <= len(fix.steps)


def test_a_draft_with_more_flaws_than_can_be_tried_is_fixed_one_by_one() -> None:
    """Five copies go out, each with what is amiss on it; on the line that stays two things are put right."""
    here = spoilt({"rate", "words"}, copies=5)
    fix = here.fix()
    assert len(fix.steps) + len(fix.instead) > EXACT_MOST
    assert sorted(step.change.kind for step in fix.steps) == ["correct", "correct", *["take out"] * 5]
    assert fix.at_least <= len(fix.steps)
    assert fix.passes
    assert not here.judge(fix.draft).findings.height


def test_the_same_draft_is_fixed_the_same() -> None:
    assert _told(spoilt({"rate", "words"}).fix()) == _told(spoilt({"rate", "words"}).fix())


def test_each_change_is_scored_alone_and_all_together() -> None:
    here = spoilt({"rate", "order"})
    fix = here.fix()
    of_line = (("rate_above_card", "l", ""), ("sum_of_lines", "i", ""))
    assert [step.alone.clears for step in fix.steps] == [(("po_missing", "i", ""),), of_line]
    assert set(fix.together.clears) == {one for step in fix.steps for one in step.alone.clears}
    assert fix.together.probability == pytest.approx(here.judge(fix.draft).probability)
    assert fix.before.probability is not None
    assert fix.together.probability is not None
    assert fix.before.probability > fix.together.probability


def test_what_is_recorded_later_changes_nothing() -> None:
    rows: dict[str, list[dict[str, Any]]] = {
        "invoice_line": [{"unit_price": 110, "net_amount": 880, "description": "Professional services"}]
    }
    then = {"recorded": "2025-04-03T09:00"}
    worked = {"entry_id": "t2", "narrative": "Rehearsed it", **then}
    later = {**rows, "rate_card_line": [{}, {"bill_rate": 105, **then}], "time_entry": [{}, worked]}
    frames = told(later).frames()
    here = desk(rows, controls=LOOKED)
    knowing = Desk(dict(frames), moment(AT), LOOKED)
    assert any((one["recorded_at"] > moment(AT)).any() for one in frames.values())
    assert _told(knowing.fix()) == _told(here.fix())


def test_only_a_draft_that_is_on_record_is_taken_from_it() -> None:
    here = desk({}, controls=LOOKED)
    assert drafted(here.known, "i", as_of=here.as_of).rows["invoice_line"]["line_id"].to_list() == ["l"]
    with pytest.raises(LookupError, match="no draft j was on record"):
        drafted(here.known, "j", as_of=here.as_of)


def test_nothing_of_a_fix_can_be_carried_out() -> None:
    fix = spoilt({"rate"}).fix()
    held = [value for step in fix.steps for value in vars(step.change).values()]
    assert not any(callable(value) for value in held)
    assert all(isinstance(rows, pl.DataFrame) for rows in fix.draft.rows.values())


def _told(fix: Fix) -> object:
    return list(fix.steps), fix.before, fix.together, fix.passes, fix.left, fix.instead, fix.at_least


def test_a_draft_with_very_much_amiss_is_gone_through_as_a_whole() -> None:
    """Else each of a hundred faults would be scored, and a person would wait for minutes."""
    here, judged = spoilt({"rate"}, copies=MANY + 4), 0
    draft = here.draft()

    def judge(one: Draft) -> Judged:
        nonlocal judged
        judged += 1
        return here.judge(one)

    fix = smallest_fix(draft, judge, known=here.known, as_of=here.as_of)
    assert len(fix.steps) > MANY
    assert all(step.alone.clears and step.alone.probability is None for step in fix.steps)
    assert judged == 2
