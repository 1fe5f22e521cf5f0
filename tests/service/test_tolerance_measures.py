"""Measures: each names a tolerance that its control has, and reads the cells that findings show."""

import pytest

from controls.catalog import CONTROLS
from models.checked import _shown
from service.tolerance_measures import MEASURES, number_in

BY_NAME = {one.name: one for one in CONTROLS}


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_is_of_a_tolerance_of_its_control_that_is_a_number(name: str) -> None:
    [tolerance] = [one for one in BY_NAME[name].tolerances if one.name == MEASURES[name].tolerance]
    assert isinstance(tolerance.default, int | float)
    assert not isinstance(tolerance.default, bool)


@pytest.mark.parametrize(
    ("name", "expected", "found", "figure"),
    [
        ("rate_above_card", "EUR 1,100.00", "EUR 1,100.25", 0.25),
        ("tax_mismatch", "20.00 %", "19.00 %", 1.0),
        ("line_outside_period", "2025-03-31", "2025-04-20", 20.0),
        ("work_outside_project", "2025-03-31", "2025-03-01", None),
        ("more_than_the_day_holds", "960 minutes", "1005 minutes", 1005.0),
        ("expense_without_receipt", "–", "EUR 31.50", 31.5),
        ("retainer_overused", "EUR 1,000.00", "EUR 1,300.00", 1.3),
        ("revenue_ahead", "EUR 10,000.00", "EUR 8,000.00", 0.2),
        ("rate_above_card", "–", "EUR 1,100.25", None),
    ],
)
def test_a_figure_is_read_from_the_cells(name: str, expected: str, found: str, figure: float | None) -> None:
    assert MEASURES[name].read(expected=expected, found=found) == (None if figure is None else pytest.approx(figure))


@pytest.mark.parametrize(("control", "plain"), [("rate_above_card", "1234.5"), ("more_than_the_day_holds", "1005"), ("po_missing", None)])
def test_what_is_shown_is_read_back(control: str, plain: str | None) -> None:
    shown = _shown(BY_NAME[control], plain, "EUR")
    assert number_in(shown) == (None if plain is None else float(plain))
