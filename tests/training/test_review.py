"""What a person is asked to look at before a promotion: a signal that knows too much, and one that the trees lean on alone."""

import numpy as np
import polars as pl
import pytest

from models.dispute import DISPUTE
from models.estimators.blend import Blend
from tests.training.firm import UNTIL, Home
from training.fit import fit, rows_of
from training.history import History, history
from training.labels import LABEL
from training.review import TELLING_AUC, heavy, telling, to_review

SIZE = 400
DRAW = np.random.default_rng(8)
LABELS = (DRAW.random(SIZE) < 0.3).astype(float)


def columns(first: np.ndarray) -> np.ndarray:
    """Noise under every feature but the first."""
    values = DRAW.normal(0, 1, (SIZE, len(DISPUTE.features)))
    values[:, 0] = first
    return values


@pytest.mark.parametrize(
    ("first", "flagged"),
    [
        (LABELS + DRAW.normal(0, 0.2, SIZE), True),
        (-LABELS + DRAW.normal(0, 0.2, SIZE), True),
        (np.where(LABELS == 1, 1.0, np.nan), True),
        (np.full(SIZE, np.nan), False),
        (LABELS + DRAW.normal(0, 1.0, SIZE), False),
        (np.where(DRAW.random(SIZE) < 0.5, 1.0, np.nan), False),
    ],
    ids=["tells it", "tells the contrary", "filled after the outcome", "never known", "tells something", "known by chance"],
)
def test_a_signal_that_knows_the_outcome_alone_is_named(first: np.ndarray, *, flagged: bool) -> None:
    found = telling(columns(first), LABELS, DISPUTE.features)
    assert list(found) == ([DISPUTE.features[0].name] if flagged else [])
    assert all(share > TELLING_AUC for share in found.values())


def told(past: History) -> History:
    """The history with one feature that has seen the outcome of each row."""
    target = DISPUTE.targets[0]
    seen = past.labelled(target, at=UNTIL).select(DISPUTE.key, LABEL).drop_nulls().unique(DISPUTE.key)
    leaked = past.frame.join(seen, on=DISPUTE.key, how="left", maintain_order="left")[LABEL].cast(pl.Float64)
    return History(past.risk, past.lake, past.known, past.frame.with_columns(leaked.alias("invoice_to_client_mean")))


def test_a_signal_that_the_trees_lean_on_alone_is_named(trained: Home) -> None:
    past, target = told(history(trained.lake, DISPUTE, until=UNTIL)), DISPUTE.targets[0]
    model = fit(rows_of(past.labelled(target, at=UNTIL), DISPUTE), DISPUTE, target.rule)
    assert isinstance(model, Blend)
    assert list(heavy(model, DISPUTE)) == ["invoice_to_client_mean"]
    said = to_review(past, target, model)
    assert said[0] == "disputed: invoice_to_client_mean alone ranks the outcome with AUC 1.00"
    assert said[1].startswith("disputed: invoice_to_client_mean has ")
    assert len(said) == 2


def test_the_report_asks_for_a_review_where_there_is_something_to_review(trained: Home) -> None:
    for risk, found in trained.trained.items():
        [path] = (trained.place / "mlartifacts" / risk).rglob("evaluation.html")
        asked = "Review before promoting" in path.read_text(encoding="utf-8")
        assert asked == bool(found.backtest["review"]), risk
    assert any(found.backtest["review"] for found in trained.trained.values())
    assert not trained.trained["dispute"].backtest["review"]
