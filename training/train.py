"""Train: history to a registered challenger, with its backtest beside it."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from features.feature import fingerprint
from models.bundle import Bundle, save
from models.cash import CashSpread
from models.champion import Pointer, pointer_of
from models.estimators.adapted import Adapted, Model
from models.estimators.payment_time import PaymentTime
from models.footing import Footing
from models.registry import Registry
from models.risk import Risk
from records.lake import Lake
from training.backtest import BacktestError, backtest, enough_paid, fit_payment_time, prior_of, rolling
from training.beside_rule import not_better
from training.fit import ENOUGH_POSITIVES, fit, matrix, rows_of
from training.gates import RATIO_BOUNDS, ruled_bands
from training.history import History, history
from training.labels import LABEL
from training.line_blame import fit_line_blame
from training.outlook import fit_margin_outlook
from training.prior import usual
from training.report import report
from training.review import to_review

ECE_BOUND: Final = 0.10
"""Expected calibration error beyond which "about 8 in 10" may be read as 7 or 9: the words would be wrong."""


@dataclass(frozen=True)
class Trained:
    """A registered challenger and what was measured on the way."""

    pointer: Pointer
    backtest: dict[str, Any]
    positives: dict[str, int]
    not_better: dict[str, str]
    """By target: that it is not better than its simple rule, and what happens then; what is not there is better."""


def train(lake: Lake, risk: Risk, *, home: Path, until: datetime, now: datetime, prior: Bundle | None = None) -> Trained:
    """Train on all that was decided by `until` and register the result as challenger.

    With a `prior` there is a model from the first row on; without one, from ENOUGH_POSITIVES outcomes on. Raises BacktestError when there
    is nothing to learn from.
    """
    past = history(lake, risk, until=until)
    measured = backtest(past, rolling(past), prior=prior)
    bundle = _measured(learn(past, now=now, prior=prior), past.risk, measured)
    measured["review"] = [said for target in risk.targets for said in to_review(past, target, bundle.targets[target.name])]
    if not any(bundle.targets.values()):
        raise BacktestError(
            f"{risk.name}: fewer than {ENOUGH_POSITIVES} outcomes of either kind are on record, too few for a model: "
            "the simple rule goes on ranking"
        )
    digest = save(bundle, home / "models" / risk.name / bundle.version)
    pointer = pointer_of(bundle, risk, digest=digest)
    registered = Registry(home).register(
        pointer,
        parameters={"as_of": until.isoformat(), "fingerprint": bundle.fingerprint, "lake": bundle.lake_versions},
        metrics=_flat(measured),
        files={"evaluation.html": report(past, bundle, measured)},
    )
    positives = {target.name: _positives(past, target.name) for target in risk.targets}
    return Trained(registered, measured, positives, not_better(bundle, risk))


def learn(past: History, *, now: datetime, prior: Bundle | None = None) -> Bundle:
    """What all that was decided by the end of a history teaches; nothing of it is measured yet."""
    until = past.known.until
    targets: dict[str, Model | None] = {}
    footing: dict[str, Footing] = {}
    for target in past.risk.targets:
        rows = rows_of(past.labelled(target, at=until), past.risk)
        model = fit(rows, past.risk, target.rule, prior=prior_of(prior, target))
        provisional = isinstance(model, Adapted) and rows.fewest < ENOUGH_POSITIVES
        targets[target.name], footing[target.name] = model, Footing(rows.positives, provisional)
    return Bundle(
        risk=past.risk.name,
        version=f"{now:%Y%m%d.%H%M%S}",
        as_of=until,
        trained_at=now,
        features=tuple(one.name for one in past.risk.features),
        fingerprint=fingerprint(past.risk.features),
        usual=usual(matrix(past.frame, past.risk.features), past.risk.features),
        targets=targets,
        payment_time=_payment_time(past),
        margin_outlook=fit_margin_outlook(past, at=until),
        metrics={},
        withheld="",
        lake_versions=past.known.lake_versions,
        line_blame=fit_line_blame(past.known) if past.risk.splits_lines else None,
        footing=footing,
    )


def _measured(bundle: Bundle, risk: Risk, measured: dict[str, Any]) -> Bundle:
    """The bundle with what a backtest says of it."""
    told = measured["targets"]
    footing = {
        name: replace(one, abstains=told[name]["abstains"], ruled=ruled_bands(told[name]["segments"]))
        for name, one in bundle.footing.items()
    }
    metrics = {name: one["overall"] for name, one in told.items()}
    draft = replace(bundle, metrics=metrics, footing=footing, cash_spread=_cash_spread(measured))
    decides = draft.decides(risk)
    # What is provisional says so itself; and a ratio of a dozen outcomes is noise, which would hide a sound order.
    return draft if draft.stands_on(decides).provisional else replace(draft, withheld=withheld(measured, decides))


def _payment_time(past: History) -> PaymentTime | None:
    if not past.risk.predicts_payment:
        return None
    training = past.observed(at=past.known.until)
    return fit_payment_time(past, training) if enough_paid(training) else None


def _cash_spread(measured: dict[str, Any]) -> CashSpread | None:
    found = (measured.get("payment_date") or {}).get("cash_spread")
    return None if found is None else CashSpread(**found)


def withheld(measured: dict[str, Any], target: str) -> str:
    """Why the likelihoods of a model may not be shown, or nothing: its calibration in the backtest is what they are worth."""
    overall = measured["targets"][target]["overall"]
    if overall is None:
        return "No outcome could be tested yet: ranked by the simple rule and amount only."
    found = overall["model"]["calibration"]
    ratio, error = found["predicted_to_observed"], found["ece"]
    if ratio is None or not RATIO_BOUNDS[0] <= ratio <= RATIO_BOUNDS[1]:
        return (
            "Model not sure: in its backtest it predicted " + (f"{ratio:.2f} times what happened" if ratio else "what never happened") + "."
        )
    if error > ECE_BOUND + found["ece_by_chance"]:
        return f"Model not sure: its likelihoods were {error:.0%} off in its backtest."
    return ""


def _positives(past: History, target: str) -> int:
    found = next(one for one in past.risk.targets if one.name == target)
    first = past.labelled(found, at=past.known.until).filter(age_days=0)
    return int(first[LABEL].sum() or 0)


def _flat(measured: dict[str, Any]) -> dict[str, float]:
    return {
        f"{target}_{who}_{metric}": float(one["overall"][who][metric])
        for target, one in measured["targets"].items()
        if one["overall"]
        for who in ("model", "rule")
        for metric in ("auc", "pr_auc", "brier", "log_loss")
        if one["overall"][who][metric] is not None
    }
