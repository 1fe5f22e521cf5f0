"""Learn which lines clients name: from disputes that name a line, among the lines of its invoice as they stood then."""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize

from features.draft_lines import judged
from features.line_signals import SIGNALS, log_money, signals
from models.estimators.line_blame import LineBlame, softmax
from records.known import ENTER, LEAVE, Known

Floats = NDArray[np.float64]

SPREAD: Final = 1.5
"""Log-odds by which a signal is expected to matter, and the weight of money to lie from one: a line with a flaw is blamed some five times
as readily as one without."""
LEAST_NAMED: Final = 20
"""Named lines below which shares are those of the money: with fewer, one odd dispute says more than all else."""


def fit_line_blame(known: Known) -> LineBlame:
    """From all disputes that `known` holds."""
    lines, named = named_lines(known)
    if named.sum() < LEAST_NAMED:
        return LineBlame.of_money(SIGNALS)
    invoice = lines["dispute"].to_numpy()
    values, money = signals(lines), log_money(lines)

    def cost(weights: Floats) -> tuple[float, Floats]:
        shares = softmax(values @ weights[:-1] + weights[-1] * money, invoice)
        away = np.append(weights[:-1], weights[-1] - 1.0)
        miss = named - shares
        slope = np.append(values.T @ miss, money @ miss)
        return float(-np.log(shares[named == 1]).sum() + away @ away / (2 * SPREAD**2)), -slope + away / SPREAD**2

    start = np.append(np.zeros(len(SIGNALS)), 1.0)
    # What is amiss with a line makes no other line likelier.
    bounds = [(0.0, None)] * len(SIGNALS) + [(0.0, 2.0)]
    found = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return LineBlame(SIGNALS, tuple(float(one) for one in found[:-1]), float(found[-1]))


def named_lines(known: Known) -> tuple[pl.DataFrame, Floats]:
    """Lines of the invoices whose dispute names one of them, with `dispute` (numbers from 0), and 1 for the one that is named."""
    opened = known.facts("dispute", take=("invoice_id", "line_id")).frame.filter(pl.col("line_id").is_not_null())
    firsts = opened.sort("dispute_id", ENTER).unique("dispute_id", keep="first", maintain_order=True)
    asked = firsts.select("dispute_id", "invoice_id", named="line_id", at=pl.col(ENTER))
    met = asked.join(known.derived(judged).frame, on="invoice_id").filter((pl.col(ENTER) <= pl.col("at")) & (pl.col("at") < pl.col(LEAVE)))
    ours = met.with_columns(blamed=(pl.col("named") == pl.col("line_id")).cast(pl.Float64))
    held = ours.filter(pl.col("blamed").sum().over("dispute_id") == 1).sort("dispute_id", "line_no", "line_id").collect()
    return held.with_columns(dispute=held["dispute_id"].rank("dense").cast(pl.Int64) - 1), held["blamed"].to_numpy()
