"""Numbers: tonight's rows through the same frame call as training, to what each target's model and rule say of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.frame import build
from features.payment_runs import client_days_to_run, client_run_period
from features.windows import AS_OF
from models.bundle import Bundle
from models.estimators.payment_time import QUANTILES, Runs, agree, in_runs, quantiles
from models.footing import Footing, ruled_rows
from models.reasons import put_to_parts
from models.risk import Late, Missing, Outcome, Risk, Target
from models.spine import at_instants
from records.known import DAY, Known

Floats = NDArray[np.float64]

_RANGE: Final = np.array([0.1, 0.5, 0.9])
_WEEK: Final = 7
_FIRST_WEEKDAY: Final = 3
"""The first day of 1970 was a Thursday; Monday is 0."""


@dataclass(frozen=True)
class Scores:
    """Numbers of each row of `rows`, in its order."""

    rows: pl.DataFrame
    probability: dict[str, Floats]
    """By target."""
    happened: dict[str, NDArray[np.bool_]]
    """By target: whether it has already happened, as the records show: a fact, whose probability of 1 says nothing."""
    rule: Floats
    contributions: Floats | None
    """Log-odds of the deciding target, rows x features; None where the rule stands."""
    days_late: Floats | None
    """Rows x 20 equally likely days after due, given that it is still open; NaN without a due date."""
    range_days: Floats | None
    """Rows x (10 %, 50 %, 90 %)."""
    margin: Floats | None
    """Rows x (10 %, 50 %, 90 %) of the margin at completion, rising; None where none is forecast."""
    decides: str
    caveat: tuple[str, ...]
    """By row: what a reader must know beside its likelihood, such as that it is provisional or the rule's; empty where there is nothing."""
    by_rule: NDArray[np.bool_]
    """By row: whether the simple rule ranks it."""


def compute(known: Known, risk: Risk, bundle: Bundle | None, *, instants: Sequence[datetime]) -> Scores:
    """The numbers alone, of every entity at risk at each instant."""
    return numbers(risk, bundle, framed(known, risk, instants=instants))


def framed(known: Known, risk: Risk, *, instants: Sequence[datetime]) -> pl.DataFrame:
    """Every entity at risk at each instant with the signals that score it."""
    return build(known, at_instants(known, risk, instants), risk.computed)


def numbers(risk: Risk, bundle: Bundle | None, rows: pl.DataFrame) -> Scores:
    """The numbers of a frame of these signals."""
    values = rows.select(pl.col(one.name).fill_null(float("nan")) for one in risk.features).to_numpy()
    rules = {target.name: rows[target.rule.name].to_numpy() for target in risk.targets}
    models = {name: model for name, model in (bundle.targets if bundle else {}).items() if model is not None and rows.height}
    ruled = {name: _ruled(risk, bundle, name, values) for name in rules}
    decides = bundle.decides(risk) if bundle else risk.decided_by.name
    probability = {
        name: np.where([bool(why) for why in ruled[name]], rule, models[name].probability(values)) if name in models else rule
        for name, rule in rules.items()
    }
    happened = _happened(risk, _position(rows))
    probability = _agreed(risk, {name: np.where(happened[name], 1.0, values) for name, values in probability.items()})
    contributions = models[decides].contributions(values) if decides in models else None
    contributions = None if contributions is None else put_to_parts(risk, values, contributions)
    days, spread = _payment(risk, bundle, rows, values=values, probability=probability) if rows.height else (None, None)
    margin = _margin(bundle, rows, values) if rows.height else None
    by_rule = np.array([contributions is None or bool(why) for why in ruled[decides]], dtype=bool)
    caveat = bundle.stands_on(decides).caveat if bundle is not None and contributions is not None else ""
    caveats = tuple(why or caveat for why in ruled[decides])
    return Scores(rows, probability, happened, rules[decides], contributions, days, spread, margin, decides, caveats, by_rule)


def _ruled(risk: Risk, bundle: Bundle | None, target: str, values: Floats) -> list[str]:
    """By row: why the simple rule ranks it though there is a model, or nothing."""
    footing = Footing() if bundle is None or bundle.targets[target] is None else bundle.stands_on(target)
    return [footing.abstains] * len(values) if footing.abstains else ruled_rows(footing.ruled, risk.features, values)


def _margin(bundle: Bundle | None, rows: pl.DataFrame, values: Floats) -> Floats | None:
    if bundle is None or bundle.margin_outlook is None:
        return None
    planned = rows.select(1 - pl.col("cost") / pl.col("revenue")).to_series().to_numpy()
    return np.asarray(planned[:, None] - bundle.margin_outlook.lost(values)[:, ::-1], dtype=np.float64)


def _position(rows: pl.DataFrame) -> Floats:
    """Days after each row's due date or deadline; NaN without one."""
    if "due" not in rows.columns:
        return np.full(rows.height, np.nan)
    return ((rows[AS_OF] - rows["due"]) // DAY).cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _happened(risk: Risk, position: Floats) -> dict[str, NDArray[np.bool_]]:
    """By target: what is still open at its border, or still lacks at its deadline, needs no model."""
    borders = {target.name: _border(target.outcome) for target in risk.targets}
    return {name: np.asarray(position >= border, dtype=np.bool_) for name, border in borders.items()}


def _border(outcome: Outcome) -> float:
    """Days after the due date or the deadline from which it has happened; never for what comes of itself."""
    match outcome:
        case Late():
            return outcome.over_days
        case Missing():
            return 0.0
    return np.inf


def _agreed(risk: Risk, probability: dict[str, Floats]) -> dict[str, Floats]:
    """Paying more than 30 days late is no likelier than paying late."""
    lates = [target for target in risk.targets if isinstance(target.outcome, Late)]
    found, above = dict(probability), None
    for target in sorted(lates, key=_over_days):
        found[target.name] = found[target.name] if above is None else np.minimum(found[target.name], above)
        above = found[target.name]
    return found


def _over_days(target: Target) -> int:
    if not isinstance(target.outcome, Late):
        raise TypeError(f"{target.name} has no due date")
    return target.outcome.over_days


def _payment(
    risk: Risk, bundle: Bundle | None, rows: pl.DataFrame, *, values: Floats, probability: dict[str, Floats]
) -> tuple[Floats | None, Floats | None]:
    if bundle is None or bundle.payment_time is None:
        return None, None
    position = _position(rows)
    due = ~np.isnan(position)
    where = np.where(due, position, 0.0)
    runs = payment_runs(rows)
    curve = bundle.payment_time.cumulative(values, where, runs=runs)
    modelled = [one for one in risk.targets if isinstance(one.outcome, Late) and bundle.ranks(one.name)]
    borders = {float(_over_days(one)): probability[one.name] for one in modelled}
    bent = agree(curve, position=where, at=borders)
    told = (quantiles(bent, where, at=at) for at in (QUANTILES, _RANGE))
    found = (in_runs(days, position=where, period=runs.period, wait=runs.wait, borders=sorted(borders)) for days in told)
    return tuple(np.where(due[:, None], days, np.nan) for days in found)  # type: ignore[return-value]


def payment_runs(rows: pl.DataFrame) -> Runs:
    """Of rows with AS_OF and the features of payment runs."""
    period, wait = (rows[one.name].fill_null(0.0).to_numpy() for one in (client_run_period, client_days_to_run))
    # What ends with a day is said on that day, not on the next.
    day = (rows[AS_OF].to_numpy() - 1) // DAY
    return Runs(period, wait, (day + _FIRST_WEEKDAY) % _WEEK)
