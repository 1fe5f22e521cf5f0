"""The margin at completion: its range holds what it says on projects it never saw, and its middle beats the forecast it starts from."""

import numpy as np
import pytest
from numpy.typing import NDArray

from models.estimators.margin_outlook import MarginOutlook

BASE = 0
Rows = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]


def drawn(seed: int, projects: int = 300, ages: int = 8) -> Rows:
    """Simple forecast, progress and a driver that the forecast misses; its noise shrinks with progress."""
    draw = np.random.default_rng(seed)
    progress = np.tile(np.linspace(0.0, 1.0, ages), projects)
    driver, lost = (np.repeat(values, ages) for values in (draw.normal(0, 1, projects), draw.normal(0, 0.03, projects)))
    final = 0.05 * driver + lost
    simple = final * progress + draw.normal(0, 0.05, len(final)) * (1 - progress)
    return np.column_stack([simple, progress, driver]), final, np.repeat(np.arange(projects), ages)


@pytest.fixture(scope="module")
def learned() -> MarginOutlook:
    values, lost, began = drawn(1)
    return MarginOutlook.fit(values, lost, base=BASE, began=began)


def test_four_in_five_lie_in_the_range(learned: MarginOutlook) -> None:
    values, lost, _ = drawn(2)
    low, _, high = learned.lost(values).T
    assert 0.72 <= np.mean((lost >= low) & (lost <= high)) <= 0.88


def test_the_correction_is_worth_most_early_on_and_fades(learned: MarginOutlook) -> None:
    values, lost, _ = drawn(2)
    middle, progress = learned.lost(values)[:, 1], values[:, 1]
    gain = np.abs(values[:, BASE] - lost) - np.abs(middle - lost)
    early, late = progress < 0.3, progress > 0.8
    assert gain[early].mean() > 0.01
    assert gain[early].mean() > gain[late].mean()
    assert np.abs(middle - values[:, BASE])[late].mean() < np.abs(middle - values[:, BASE])[early].mean()


def test_low_is_never_above_high(learned: MarginOutlook) -> None:
    values, _, _ = drawn(3)
    assert (np.diff(learned.lost(values), axis=1) >= 0).all()


def test_what_is_read_back_says_the_same_to_the_last_bit(learned: MarginOutlook) -> None:
    values, _, _ = drawn(3)
    again = MarginOutlook.from_text(learned.to_text())
    assert np.array_equal(again.lost(values), learned.lost(values))
    assert again.to_text() == learned.to_text()


def test_a_project_that_billed_next_to_nothing_does_not_decide(learned: MarginOutlook) -> None:
    values, lost, began = drawn(1)
    lost[:8] = 400.0
    odd = MarginOutlook.fit(values, lost, base=BASE, began=began)
    assert np.abs(odd.lost(values) - learned.lost(values)).mean() < 0.02
