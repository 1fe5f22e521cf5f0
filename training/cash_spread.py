"""How far payments depart from their predicted distributions, and how much of that is common to a client and to all.

Each held-out payment has a place in the distribution that was predicted for it; as a standard normal number, its departure. Were the
distributions right these would have a variance of one and invoices of one client nothing in common. What they have is measured by products
of pairs that fell due in the same month (method of moments), and is what makes a forecast of sums as uncertain as it is.
"""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from models.cash import CashSpread
from models.estimators.payment_time import EDGES

Floats = NDArray[np.float64]

DEPARTURE: Final = "departure"
MONTH: Final = "due_month"
ENOUGH_PAIRS: Final = 200
"""Pairs of invoices of one client and month below which what they have in common is not told."""
MOST_COMMON: Final = 0.9
"""Of the variance: an invoice always has a fate of its own."""
WIDTH_BOUNDS: Final = (0.7, 2.0)
"""A width outside them is a matter for the model, not for its ranges."""
_EDGE: Final = 0.005
"""A payment on a day that was held for impossible departs by two and a half units, not by infinitely many."""


def departures(cumulative: Floats, position: Floats, days_late: Floats) -> Floats:
    """The place of each payment in its distribution, as a standard normal number. `cumulative`: rows x EDGES."""
    place = np.array(
        [np.interp(late, np.maximum(EDGES, where), curve) for curve, where, late in zip(cumulative, position, days_late, strict=True)]
    )
    return np.asarray(ndtri(np.clip(place, _EDGE, 1 - _EDGE)))


def cash_spread(rows: pl.DataFrame) -> CashSpread | None:
    """`rows`: `client_id`, MONTH and DEPARTURE of each held-out payment, once. None where there are too few pairs to tell."""
    months, clients = _products(rows, [MONTH]), _products(rows, [MONTH, "client_id"])
    if clients[1] < ENOUGH_PAIRS or months[1] - clients[1] < ENOUGH_PAIRS:
        return None
    variance = max(float(np.mean(rows[DEPARTURE].to_numpy() ** 2)), WIDTH_BOUNDS[0] ** 2)
    firm = np.clip((months[0] - clients[0]) / (months[1] - clients[1]) / variance, 0.0, MOST_COMMON)
    client = np.clip(clients[0] / clients[1] / variance - firm, 0.0, MOST_COMMON - firm)
    return CashSpread(float(client), float(firm), float(np.clip(np.sqrt(variance), *WIDTH_BOUNDS)))


def _products(rows: pl.DataFrame, by: list[str]) -> tuple[float, int]:
    """Sum of the products of all pairs of departures within groups, and how many pairs there are."""
    one = pl.col(DEPARTURE)
    groups = rows.group_by(by).agg(total=one.sum(), squares=(one**2).sum(), count=pl.len().cast(pl.Int64))
    pairs = groups.select(((pl.col("total") ** 2 - pl.col("squares")) / 2).sum(), (pl.col("count") * (pl.col("count") - 1) // 2).sum())
    products, many = pairs.row(0)
    return float(products), int(many)
