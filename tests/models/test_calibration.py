import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import Sigmoid, expit


@given(st.floats(-30, 30))
def test_expit_turns_log_odds_into_a_probability(log_odds: float) -> None:
    probability = float(expit(np.array([log_odds]))[0])
    assert 0 < probability < 1
    assert np.log(probability / (1 - probability)) == pytest.approx(log_odds, rel=1e-3, abs=1e-6)


@given(st.lists(st.floats(-20, 20), min_size=2, max_size=30), st.floats(0.05, 5), st.floats(-5, 5))
def test_calibration_keeps_the_order(log_odds: list[float], slope: float, offset: float) -> None:
    ordered = np.sort(np.array(log_odds))
    assert (np.diff(Sigmoid(slope, offset).apply(ordered)) >= 0).all()


def test_what_is_calibrated_already_stays_as_it_is() -> None:
    assert Sigmoid(1.0, 0.0).apply(np.array([0.0, np.log(3)])).tolist() == pytest.approx([0.5, 0.75])
