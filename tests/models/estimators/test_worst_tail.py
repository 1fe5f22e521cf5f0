"""The worst tail: shares of the past that are shares, ranks that keep order, and a correction that grows with the number of residuals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.estimators.worst_tail import LEAST_ROWS, Tail, TooFewRowsError, WorstTail, _corrected

quick = settings(max_examples=60, deadline=None)
values = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda value: round(value, 3))
pasts = arrays(np.float64, st.integers(1, 60), elements=st.one_of(values, values, st.sampled_from([0.0, float("nan")])))


@quick
@given(past=pasts, asked=arrays(np.float64, 30, elements=values))
def test_a_larger_value_is_never_less_unusual(past: np.ndarray, asked: np.ndarray) -> None:
    logs = Tail.fit(past).log_share(np.sort(asked))
    assert (np.diff(logs) <= 1e-9).all()
    assert (logs <= 0).all()


@quick
@given(past=pasts)
def test_inside_the_past_a_share_is_the_past_s_own(past: np.ndarray) -> None:
    held = past[~np.isnan(past)]
    tail = Tail.fit(past)
    inside = held[held <= tail.border]
    told = np.exp(tail.log_share(inside))
    true = np.array([(np.sum(held >= one) + 1) / (len(held) + 1) for one in inside])
    # With no more different values than are kept, it is exact.
    assert np.allclose(told, true, rtol=1e-6)


@quick
@given(past=pasts, asked=values)
def test_nothing_known_is_nothing_unusual(past: np.ndarray, asked: float) -> None:
    assert Tail.fit(np.full(len(past), np.nan)).log_share(np.array([asked])) == 0
    assert Tail.fit(past).log_share(np.array([np.nan])) == 0


@quick
@given(log=st.floats(-700, 0), m=st.integers(1, 12))
def test_the_correction_is_sidak_s(log: float, m: int) -> None:
    """At least the smallest share, at most m times it (Bonferroni), and 1 - (1 - p)^m where a float can tell."""
    corrected = -_corrected(np.array([[log] + [0.0] * (m - 1)]))[0]
    assert log - 1e-9 <= corrected <= min(log + np.log(m), 0.0) + 1e-9
    p = np.exp(log)
    if 1e-9 < p < 1:
        assert np.isclose(np.exp(corrected), 1 - (1 - p) ** m, rtol=1e-5)


def test_of_rows_like_the_past_one_in_a_hundred_is_as_unusual_as_that() -> None:
    draw = np.random.default_rng(3)
    model = WorstTail.fit(draw.normal(size=(20_000, 4)), ("a", "b", "c", "d"))
    found = model.unusualness(draw.normal(size=(20_000, 4)))
    assert 0.007 < np.mean(found <= 0.01) < 0.013
    assert 0.08 < np.mean(found <= 0.1) < 0.12


def test_what_lies_beyond_the_past_is_told_apart() -> None:
    draw = np.random.default_rng(4)
    model = WorstTail.fit(draw.normal(size=(5_000, 2)), ("a", "b"))
    mild, far, farther = model.unusualness(np.array([[0.0, 4.5], [0.0, 8.0], [12.0, 0.0]]))
    assert mild > far > farther > 0


def test_a_model_is_its_text() -> None:
    draw = np.random.default_rng(5)
    past = np.column_stack([draw.normal(size=900), np.zeros(900), np.full(900, np.nan)])
    model = WorstTail.fit(past, ("a", "b", "c"))
    again = WorstTail.from_text(model.to_text())
    assert again == model
    asked = draw.normal(size=(50, 3)) * 3
    assert (again.unusualness(asked) == model.unusualness(asked)).all()


def test_too_little_past_is_refused() -> None:
    with pytest.raises(TooFewRowsError, match=f"{LEAST_ROWS} are needed"):
        WorstTail.fit(np.zeros((LEAST_ROWS - 1, 2)), ("a", "b"))
