"""Alarms of a falling margin: a level of which seven in ten are right, what it tells by half of the time, and how long before the end."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.margin_lead import FIGURES, Watched, figures, level, main, page
from benchmarks.quality import USAGE

NEVER = -np.inf
WEEKS = 10


@pytest.mark.parametrize(
    ("highest", "fell", "least"),
    [
        ([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 0], 0.8),
        ([0.9, 0.8, 0.7, 0.6, 0.5], [0, 1, 1, 1, 0], 0.6),
        ([0.9, 0.9, 0.9, 0.6], [1, 1, 0, 1], 0.6),
        ([0.9, 0.9, 0.9, 0.6], [1, 1, 0, 0], np.inf),
        ([NEVER, NEVER], [1, 1], np.inf),
    ],
    ids=["as long as right", "wrong at first", "equal scores go together", "never right", "nothing said"],
)
def test_the_level_is_the_least_at_which_seven_in_ten_fell(highest: list[float], fell: list[int], least: float) -> None:
    assert level(np.array(highest), np.array(fell, dtype=bool)) == least


def watched(alarmed: list[int | None], fell: list[bool]) -> Watched:
    """Projects of ten weeks; the scorer says 0.9 from the week given on, and before it 0.1."""
    weeks = np.tile(np.arange(WEEKS, dtype=np.float64), (len(fell), 1))
    said = np.array([[0.9 if week is not None and now >= week else 0.1 for now in range(WEEKS)] for week in alarmed])
    return Watched(np.array(fell), (weeks + 1) / WEEKS, WEEKS - 1 - weeks, {"made": said})


def test_falls_are_counted_when_first_alarmed() -> None:
    found = watched([0, 4, 7, None, 0, None, None], [True, True, True, True, False, False, False])
    caught, by_half, weeks, share = found.told("made", np.arange(7))
    assert (caught, by_half, weeks) == (0.75, 0.5, 5.0)
    assert share == pytest.approx(0.5)


def test_without_an_alarm_there_is_no_lead() -> None:
    caught, by_half, *lead = watched([None, 0, 0], [True, False, False]).told("made", np.arange(3))
    assert (caught, by_half) == (0.0, 0.0)
    assert np.isnan(lead).all()


def test_each_figure_lies_within_its_interval_and_on_the_page() -> None:
    many = 20
    found = watched([*([2] * many), *([6] * many), *([None] * many)], [*([True] * 2 * many), *([False] * many)])
    told = figures(found)["made"]
    assert set(told) == set(FIGURES)
    assert all(low <= figure <= high for figure, low, high in told.values())
    assert told["by_half"][1] < told["by_half"][2]
    assert "| made | 1.00 (1.00 to 1.00) | 0.50 (" in page(found)


def test_a_folder_without_firms_says_what_makes_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == USAGE
    assert "run python -m benchmarks.firms" in capsys.readouterr().err
