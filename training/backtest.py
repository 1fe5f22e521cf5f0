"""Backtest: what the model would have said in the past, trained only on what was decided before, beside the simple rule.

Rolling origin: each fold trains on outcomes decided before the fold begins, so training ends one maturity before the test. One test row an
entity: its first, the moment at which a person first could act; or one at each age that its risk declares. No entity is on both sides.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.windows import AS_OF
from models.bundle import Bundle
from models.estimators.blend import Blend
from models.estimators.payment_time import PaymentTime, quantiles
from models.numbers import payment_runs
from models.risk import Target
from models.spine import BEGAN
from records.known import DAY
from training.cash_spread import DEPARTURE, MONTH, cash_spread, departures
from training.fit import fit, matrix, rows_of
from training.gates import abstains, by_segment
from training.history import History
from training.labels import DAYS_LATE, LABEL
from training.metrics import compared, evaluate, mean_interval
from training.outlook import by_progress, outlook_report

Floats = NDArray[np.float64]

FOLDS: Final = 4
MINIMUM_TRAINING_SHARE: Final = 0.4
"""The first fold begins after this share of the entities: before it there is too little to learn from."""


ENOUGH_PAID: Final = 100
"""Paid invoices below which no distribution of payment dates is learned."""


class BacktestError(ValueError):
    """There is not enough history to test on."""


@dataclass(frozen=True)
class Scored:
    """Test rows of a fold with what the model and the rule said."""

    rows: pl.DataFrame
    model: Floats
    rule: Floats
    modelled: bool
    """False where training had too few outcomes and the rule stood in."""

    @property
    def labels(self) -> Floats:
        return self.rows[LABEL].cast(pl.Float64).to_numpy()


def split_at(past: History, share: float) -> list[tuple[datetime, datetime]]:
    """One cut in time: the oldest share of the entities trains, the rest tests."""
    first = past.frame.filter(pl.col("age_days") == 0)[AS_OF].sort()
    if first.len() < 2:  # noqa: PLR2004
        raise BacktestError(f"{past.risk.name}: {first.len()} {past.risk.entity} rows; a backtest needs two, and hundreds to tell anything")
    start = first[min(int(first.len() * share), first.len() - 1)]
    return [(_instant(start), past.known.until + timedelta(microseconds=1))]


def rolling(past: History, folds: int = FOLDS) -> list[tuple[datetime, datetime]]:
    """Consecutive test spans with equally many entities each, the oldest first."""
    first = past.frame.filter(pl.col("age_days") == 0)[AS_OF].sort()
    places = np.linspace(MINIMUM_TRAINING_SHARE, 1.0, folds + 1)[:-1] * first.len()
    starts = sorted({first[int(place)] for place in places}) if first.len() else []
    if not starts:
        raise BacktestError(f"{past.risk.name}: no {past.risk.entity} was ever at risk in these records")
    ends = [*starts[1:], None]
    return [
        (_instant(start), _instant(end) if end is not None else past.known.until + timedelta(microseconds=1))
        for start, end in zip(starts, ends, strict=True)
    ]


def backtest(past: History, spans: list[tuple[datetime, datetime]], *, purged: bool = True, prior: Bundle | None = None) -> dict[str, Any]:
    """The report: overall and by fold, model and rule, for each target; the first target also at the top.

    With a `prior` each fold starts from it, as training would have then.

    Not `purged`, the rows before a span train with the outcomes that came later too, as splits in the literature do: comparable with those,
    and a little kinder than life.
    """
    targets = {
        target.name: _target_report(past, target, spans, purged=purged, prior=prior_of(prior, target)) for target in past.risk.targets
    }
    first = next(iter(targets))
    report: dict[str, Any] = {
        "schema_version": 1,
        "risk": past.risk.name,
        "as_of": past.known.until.isoformat(),
        "target": first,
        "purged": purged,
        "rule": past.risk.targets[0].rule_says,
        "overall": targets[first]["overall"],
        "folds": targets[first]["folds"],
        "targets": targets,
    }
    if past.risk.predicts_payment:
        report["payment_date"] = _payment_report(past, spans)
    if past.risk.outlook is not None:
        report["margin_outlook"] = outlook_report(past, spans)
    return report


def prior_of(prior: Bundle | None, target: Target) -> Blend | None:
    """A prior's model of a target, which is never one that was adapted."""
    model = None if prior is None else prior.targets.get(target.name)
    return model if isinstance(model, Blend) else None


def scored(past: History, target: Target, *, start: datetime, end: datetime, purged: bool, prior: Blend | None = None) -> Scored:
    """Train on rows before `start`, if `purged` on those decided by it; score what first came to be at risk in [start, end)."""
    everything = past.labelled(target, at=past.known.until)
    training = past.labelled(target, at=start) if purged else everything.filter(pl.col(AS_OF) < _micros(start))
    model = fit(rows_of(training, past.risk), past.risk, target.rule, prior=prior)
    began = (pl.col(BEGAN) >= _micros(start)) & (pl.col(BEGAN) < _micros(end))
    rows = everything.filter(began & pl.col("age_days").is_in(past.risk.judged_ages_days) & pl.col(LABEL).is_not_null())
    rule = rows[target.rule.name].to_numpy()
    return Scored(rows, model.probability(matrix(rows, past.risk.features)) if model is not None else rule, rule, model is not None)


def _target_report(
    past: History, target: Target, spans: list[tuple[datetime, datetime]], *, purged: bool, prior: Blend | None
) -> dict[str, Any]:
    folds = [scored(past, target, start=start, end=end, purged=purged, prior=prior) for start, end in spans]
    tested = [fold for fold in folds if fold.rows.height]
    if not tested:
        return {
            "says": target.says,
            "overall": None,
            "folds": [],
            "abstains": "",
            "segments": [],
            "reason": "no outcome of the test span is decided yet",
        }
    whole = Scored(
        pl.concat([fold.rows for fold in tested]),
        np.concatenate([fold.model for fold in tested]),
        np.concatenate([fold.rule for fold in tested]),
        all(fold.modelled for fold in tested),
    )
    told = {} if past.risk.outlook is None else {"by_progress": _by_progress(whole)}
    overall = _compared(whole, past.risk.cluster)
    return {
        "says": target.says,
        "rule": target.rule_says,
        **told,
        "overall": overall,
        "abstains": abstains(overall),
        "segments": _segments(past, whole) if whole.modelled else [],
        "folds": [
            {"test_from": start.isoformat(), "test_to": end.isoformat(), **_compared(fold, past.risk.cluster)}
            for (start, end), fold in zip(spans, folds, strict=True)
            if fold.rows.height
        ],
        "dropped": past.labelled(target, at=past.known.until)["dropped"].drop_nulls().value_counts().sort("dropped").rows(),
    }


def _segments(past: History, fold: Scored) -> list[dict[str, Any]]:
    clusters = fold.rows[past.risk.cluster].rank("dense").cast(pl.Int64).to_numpy()
    values = matrix(fold.rows, past.risk.features)
    return by_segment(past.risk, values, labels=fold.labels, model=fold.model, rule=fold.rule, clusters=clusters)


def _by_progress(fold: Scored) -> list[dict[str, float | None]]:
    return by_progress(fold.rows, labels=fold.labels, model=fold.model, rule=fold.rule)


def _compared(fold: Scored, cluster: str) -> dict[str, Any]:
    clusters = fold.rows[cluster].rank("dense").cast(pl.Int64).to_numpy()
    return {
        "modelled": fold.modelled,
        "model": evaluate(fold.labels, fold.model, clusters),
        "rule": evaluate(fold.labels, fold.rule, clusters),
        "model_less_rule": compared(fold.labels, fold.model, fold.rule, clusters),
    }


def _payment_report(past: History, spans: list[tuple[datetime, datetime]]) -> dict[str, Any] | None:
    """Absolute error of the predicted median in days, and how often the 80 % range held the truth, beside the client's own median."""
    parts = [part for start, end in spans if (part := _payment_fold(past, start=start, end=end)) is not None]
    if not parts:
        return None
    rows = pl.concat(parts)
    clusters = rows["client_id"].rank("dense").cast(pl.Int64).to_numpy()
    truth = rows[DAYS_LATE].cast(pl.Float64).to_numpy()
    errors = {name: np.abs(rows[name].to_numpy() - truth) for name in ("median", "rule", "due_date")}
    spread = cash_spread(rows)
    inside = ((truth >= rows["low"].to_numpy()) & (truth <= rows["high"].to_numpy())).astype(float)
    return {
        "n": rows.height,
        "mean_absolute_error_days": {
            name: {"value": round(float(error.mean()), 3), "interval": mean_interval(error, clusters)} for name, error in errors.items()
        },
        "coverage_of_80_percent_range": {"value": round(float(inside.mean()), 4), "interval": mean_interval(inside, clusters)},
        "cash_spread": None if spread is None else asdict(spread),
        "mean_width_days": round(float((rows["high"] - rows["low"]).mean()), 2),  # type: ignore[arg-type]
    }


def _payment_fold(past: History, *, start: datetime, end: datetime) -> pl.DataFrame | None:
    training = past.observed(at=start)
    if not enough_paid(training):
        return None
    model = fit_payment_time(past, training)
    ahead = (pl.col(AS_OF) >= _micros(start)) & (pl.col(AS_OF) < _micros(end)) & (pl.col("age_days") == 0)
    rows = past.observed(at=past.known.until).filter(ahead & pl.col(DAYS_LATE).is_not_null() & pl.col("due").is_not_null())
    position = positions(rows)
    curve = model.cumulative(matrix(rows, past.risk.features), position, runs=payment_runs(rows))
    found = quantiles(curve, position, at=np.array([0.1, 0.5, 0.9]))
    departed = departures(curve, position, rows[DAYS_LATE].cast(pl.Float64).to_numpy())
    rule = rows["client_days_late_median"].fill_null(0.0).to_numpy()
    month = pl.col("due_on").dt.truncate("1mo").alias(MONTH)
    kept = rows.select("client_id", month, pl.col(DAYS_LATE).cast(pl.Float64), pl.Series(DEPARTURE, departed))
    return kept.with_columns(low=found[:, 0], median=found[:, 1], high=found[:, 2], rule=rule, due_date=np.zeros(rows.height))


def fit_payment_time(past: History, training: pl.DataFrame) -> PaymentTime:
    """`training` has `due`, `days_late` (null while open) and `days_observed`; rows without a due date tell nothing here."""
    dated = training.filter(pl.col("due").is_not_null())
    return PaymentTime.fit(
        matrix(dated, past.risk.features),
        position=positions(dated),
        runs=payment_runs(dated),
        days_late=dated[DAYS_LATE].cast(pl.Float64).fill_null(float("nan")).to_numpy(),
        observed=dated["days_observed"].cast(pl.Float64).to_numpy(),
    )


def enough_paid(training: pl.DataFrame) -> bool:
    """Whether enough invoices were paid to learn some twenty-eight periods from."""
    return training.filter(pl.col("due").is_not_null() & pl.col(DAYS_LATE).is_not_null())["invoice_id"].n_unique() >= ENOUGH_PAID


def positions(rows: pl.DataFrame) -> Floats:
    """Whole days after the due date that each row's invoice has been open for."""
    return ((rows[AS_OF] - rows["due"]) // DAY).cast(pl.Float64).to_numpy()


def _micros(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _instant(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
