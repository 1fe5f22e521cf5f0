"""How far payments depart from their distributions together: found again where it was put in."""

import numpy as np
import polars as pl
import pytest

from models.estimators.payment_time import EDGES
from training.cash_spread import DEPARTURE, MONTH, cash_spread, departures


def drawn(*, client: float, firm: float, width: float, months: int = 120, clients: int = 40, each: int = 4) -> pl.DataFrame:
    """Departures with these shares in common."""
    draw = np.random.default_rng(5)
    month, name = np.meshgrid(np.arange(months), np.arange(clients), indexing="ij")
    shared = draw.standard_normal((months, 1)) * np.sqrt(firm) + draw.standard_normal((months, clients)) * np.sqrt(client)
    own = draw.standard_normal((months, clients, each)) * np.sqrt(1 - firm - client)
    return pl.DataFrame(
        {
            MONTH: np.repeat(month.ravel(), each),
            "client_id": np.repeat(name.ravel(), each),
            DEPARTURE: ((shared[:, :, None] + own) * width).ravel(),
        }
    )


@pytest.mark.parametrize(("client", "firm", "width"), [(0.0, 0.0, 1.0), (0.4, 0.0, 1.3), (0.2, 0.15, 0.8)])
def test_what_was_put_in_is_found(client: float, firm: float, width: float) -> None:
    found = cash_spread(drawn(client=client, firm=firm, width=width))
    assert found is not None
    assert (found.client, found.firm, found.width) == pytest.approx((client, firm, width), abs=0.05)


def test_too_few_pairs_tell_nothing() -> None:
    assert cash_spread(drawn(client=0.3, firm=0, width=1, months=3, clients=2, each=2)) is None


def test_a_payment_at_its_median_does_not_depart_and_one_held_impossible_departs_by_a_bounded_amount() -> None:
    curve = np.where(EDGES < 0, 0.0, np.where(EDGES < 14, 0.5, 1.0))[None, :]
    where = np.array([-30.0])
    assert departures(curve, where, np.array([7.0])).tolist() == [0.0]
    assert departures(curve, where, np.array([-20.0]))[0] == pytest.approx(-2.576, abs=0.01)
