"""Proposals: rules on the verdicts, the mildest that would do, each with the command that tries it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controls.catalog import CONTROLS
from models.control_trials import KeptTrial
from service.control_ledger import LedgerLine
from service.control_proposals import LEAST_VERDICTS, SILENT_FOR, Judged, Proposal, Standing, propose

BY_NAME = {one.name: one for one in CONTROLS}
AT = datetime(2026, 11, 24, tzinfo=UTC)


def rate(apart: float, *, is_right: bool) -> Judged:
    return Judged(is_right, expected="EUR 100.00", found=f"EUR {100 + apart:,.2f}")


def proposed(
    judged: Sequence[Judged],
    name: str = "rate_above_card",
    *,
    watched: timedelta = timedelta(),
    silent: timedelta = timedelta(),
    trials: Sequence[KeptTrial] = (),
) -> Proposal | None:
    right = sum(one.is_right for one in judged)
    line = LedgerLine(BY_NAME[name], len(judged), 0, right, len(judged) - right, ())
    standing = Standing(line.right, line.wrong, line.precision_interval, watched, silent)
    return propose(BY_NAME[name], standing, judged=judged, trials=trials)


MIXED = [*(rate(0.02 * number, is_right=False) for number in range(1, 11)), rate(0.5, is_right=True), rate(2, is_right=True)]


def test_a_tolerance_is_proposed_that_leaves_out_the_wrong_and_keeps_the_right() -> None:
    found = proposed(MIXED)
    assert found is not None
    assert (found.kind, found.tolerance, found.value, found.tried) == ("tighten", "rounding", 0.35, None)
    assert found.command == "plumbline controls backtest rate_above_card --set rounding=0.35"
    assert found.says == (
        "Set rounding to 0.35 money instead of 0.01: it would have left out 10 of the 10 wrong and none of the right. "
        "Of 12 verdicts 2 were right (95 %: 5% to 45%)."
    )


def test_it_is_marked_as_tried_by_just_that_trial() -> None:
    other = KeptTrial("rate_above_card", {"rounding": 0.5}, AT, AT, 9, 3, 6, 6, 0)
    same = KeptTrial("rate_above_card", {"rounding": 0.35}, AT, AT, 9, 4, 5, 5, 1)
    assert (found := proposed(MIXED, trials=[other]))
    assert found.tried is None
    assert (found := proposed(MIXED, trials=[same, other]))
    assert found.tried == same


def test_what_was_always_wrong_is_proposed_to_be_retired_where_no_tolerance_would_do() -> None:
    found = proposed([Judged(is_right=False, expected="–", found="–")] * LEAST_VERDICTS, "po_missing")
    assert found is not None
    assert (found.kind, found.command) == ("retire", "plumbline controls backtest po_missing")


def test_wrong_and_right_alike_are_to_be_looked_at() -> None:
    found = proposed([rate(0.5, is_right=True), *[rate(0.5, is_right=False)] * 12])
    assert found is not None
    assert found.kind == "look_at"
    assert "no tolerance tells the two apart" in found.says


@pytest.mark.parametrize("judged", [[rate(0.1, is_right=False)] * (LEAST_VERDICTS - 1), [rate(0.1, is_right=False)] * 6 + MIXED[-2:] * 3])
def test_few_verdicts_and_good_ones_propose_nothing(judged: list[Judged]) -> None:
    assert proposed(judged) is None


def test_a_year_of_silence_is_to_be_looked_at_and_a_shorter_one_is_not() -> None:
    found = proposed([], watched=SILENT_FOR, silent=SILENT_FOR)
    assert found is not None
    assert found.kind == "look_at"
    day = timedelta(days=1)
    assert proposed([], watched=SILENT_FOR, silent=SILENT_FOR - day) is None
    assert proposed([], watched=SILENT_FOR - day, silent=SILENT_FOR) is None


cents = st.integers(min_value=2, max_value=2000).map(lambda one: one / 100)


@given(wrong=st.lists(cents, min_size=LEAST_VERDICTS, max_size=30), right=st.lists(cents, max_size=3))
def test_whatever_is_proposed_keeps_every_right_one_and_leaves_out_half_of_the_wrong(wrong: list[float], right: list[float]) -> None:
    found = proposed([*(rate(one, is_right=False) for one in wrong), *(rate(one, is_right=True) for one in right)])
    if found is not None and found.value is not None:
        assert all(one > found.value for one in right)
        assert sum(one <= found.value for one in wrong) >= len(wrong) / 2
