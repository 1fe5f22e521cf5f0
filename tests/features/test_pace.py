"""The filter of a client's pace: against a slow one written out, and what it says of clients that a person would judge at a glance."""

from collections import defaultdict
from datetime import date, timedelta
from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.pace import LONGEST_RUN_DAYS, STILL_OPEN, later, paces
from records.known import DAY

Wait = tuple[int, int]
"""Days late or STILL_OPEN, and the day of payment or the due date."""
TODAY = 20_000


def said(waits: list[Wait], *, today: int = TODAY) -> float:
    """As the engine asks: facts in order of event and value."""
    ordered = sorted((day, late) for late, day in waits)
    late, day = (np.array([one[place] for one in ordered], dtype=np.int64) for place in (1, 0))
    row = np.zeros(len(ordered), dtype=np.int64)
    return float(paces(row, late.astype(np.float64), (day + 1) * DAY, as_of=np.array([(today + 1) * DAY]))[0])


def beyond(days: float) -> float:
    return float(later(np.array([days]))[0])


def by_hand(waits: list[Wait], today: int = TODAY) -> float:
    """One state after another, one invoice after another, no tables."""
    paid = sorted({day for late, day in waits if late < STILL_OPEN})
    gaps = sorted(day - max(one for one in paid if one < day) for late, day in waits if late < STILL_OPEN and day > paid[0])
    often = min(gaps[len(gaps) // 2], LONGEST_RUN_DAYS) if len(gaps) > 2 else LONGEST_RUN_DAYS
    likely: dict[tuple[int, int, int], float] = defaultdict(float)
    for late, day in waits:
        still = late >= STILL_OPEN
        due = day if still else day - late
        spell = min(max((today - due) // 30, 0), 12)
        before = max((one for one in paid if one < day), default=day - LONGEST_RUN_DAYS)
        lower = max(before, day - LONGEST_RUN_DAYS)
        latest = max(paid[-1] if paid else today - LONGEST_RUN_DAYS, today - often)
        for usual in range(-36, 56, 4):
            for slow in (0, 1):
                at = usual + 28 * slow
                if still:
                    told = beyond(latest - due - at + 0.5)
                else:
                    told = max(beyond(lower - due - at + 0.5) - beyond(day - due - at + 0.5), 1e-6)
                likely[spell, usual, slow] += log(told)
    state = {(usual, slow): exp(-0.5 * (usual / 12) ** 2) * (0.03 if slow else 0.2) for usual in range(-36, 56, 4) for slow in (0, 1)}
    for spell in range(12, -1, -1):
        moved = {
            (usual, slow): (state[usual, 0] * 0.03 + state[usual, 1] * 0.8) if slow else (state[usual, 0] * 0.97 + state[usual, 1] * 0.2)
            for usual, slow in state
        }
        most = max(likely[spell, usual, slow] for usual, slow in state)
        state = {(usual, slow): held * exp(likely[spell, usual, slow] - most) for (usual, slow), held in moved.items()}
        whole = sum(state.values())
        state = {key: held / whole for key, held in state.items()}
    return sum(held * (usual + 28 * slow) for (usual, slow), held in state.items())


settled = st.tuples(st.integers(-30, 90), st.integers(TODAY - 360, TODAY))
waiting = st.tuples(st.just(STILL_OPEN), st.integers(TODAY - 200, TODAY))


@settings(deadline=None, max_examples=40)
@given(waits=st.lists(st.one_of(settled, settled, waiting), min_size=1, max_size=12))
def test_it_is_what_a_slow_filter_says(waits: list[Wait]) -> None:
    assert said(waits) == pytest.approx(by_hand(waits), abs=1e-6)


def monthly(late: int, *, months: int = 12, until: int = TODAY) -> list[Wait]:
    return [(late, until - 30 * number) for number in range(months)]


def weekly(late: int, *, weeks: int = 40, until: int = TODAY) -> list[Wait]:
    return [(late, until - 7 * number) for number in range(weeks)]


@pytest.mark.parametrize("late", [-10, 0, 12, 35])
def test_who_pays_every_week_means_to_pay_within_the_week_before(late: int) -> None:
    assert late - 7 < said(weekly(late)) < late + 1


def test_a_monthly_run_hides_up_to_a_month() -> None:
    assert -15 < said(monthly(10)) < 0
    assert said(weekly(10)) > said(monthly(10)) + 5


def test_two_slow_months_are_a_spell_and_one_odd_payment_is_none() -> None:
    calm = weekly(0)
    assert said([*calm, (45, TODAY)]) < said(calm) + 3
    spell = [*weekly(0, until=TODAY - 60), (35, TODAY - 21), (37, TODAY - 14), (34, TODAY - 7), (38, TODAY)]
    assert said(spell) > 15


def test_a_spell_that_is_over_is_forgotten_but_for_what_it_was() -> None:
    begun = [*weekly(0, weeks=20, until=TODAY - 130), *weekly(30, weeks=8, until=TODAY - 60)]
    assert said([*begun, *weekly(0, weeks=8)]) < 4
    assert said(begun, today=TODAY - 60) > 15


def test_what_is_open_counts_for_as_long_as_the_client_has_paid_others_since() -> None:
    calm = weekly(0, until=TODAY - 40)
    waits = [(STILL_OPEN, TODAY - 35), (STILL_OPEN, TODAY - 28)]
    assert said([*calm, *waits]) > said(calm)
    # Others of its bills were paid two days ago: these two were passed over.
    passed_over = [*calm, *waits, (1, TODAY - 2)]
    assert said([*passed_over]) > said([*calm, (1, TODAY - 2)])


def test_who_pays_every_week_and_then_nothing_for_a_month_has_slowed() -> None:
    waits = [(STILL_OPEN, TODAY - 28), (STILL_OPEN, TODAY - 21), (STILL_OPEN, TODAY - 14)]
    assert said([*weekly(2, until=TODAY - 32), *waits]) > 15
    # Who pays monthly may have had no run yet.
    assert said([*monthly(2, until=TODAY - 28), *waits]) < 5


def test_of_nobody_nothing_is_said() -> None:
    asked = np.array([(TODAY + 1) * DAY, (TODAY + 1) * DAY])
    found = paces(np.array([1]), np.array([3.0]), np.array([TODAY * DAY]), as_of=asked)
    assert np.isnan(found[0])
    assert not np.isnan(found[1])


def test_how_many_are_worked_on_together_changes_no_bit() -> None:
    draw = np.random.default_rng(3)
    rows = 500
    row = np.sort(draw.integers(0, rows, 60 * rows))
    late, happened = draw.integers(-20, 60, len(row)).astype(np.float64), (TODAY - draw.integers(0, 360, len(row))) * DAY
    order = np.lexsort((late, happened, row))
    late, happened, as_of = late[order], happened[order], np.full(rows, (TODAY + 1) * DAY)
    assert len(row) > 20_000, "more than are worked on together"
    together = paces(row, late, happened, as_of=as_of)
    for one in range(0, rows, 37):
        mine = row == one
        alone = paces(np.zeros(int(mine.sum()), dtype=np.int64), late[mine], happened[mine], as_of=as_of[:1])
        assert alone[0].hex() == together[one].hex()


def test_the_calendar_does_not_matter() -> None:
    since = (date(2024, 3, 30) - date(1970, 1, 1)).days
    shifted = [(late, day + since - TODAY) for late, day in weekly(9)]
    assert said(shifted, today=since) == said(weekly(9))
    assert date(1970, 1, 1) + timedelta(days=since) == date(2024, 3, 30)
