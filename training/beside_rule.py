"""What a model is worth beside its simple rule, target by target, and what follows where it is not better: plain sentences.

What decides is training/gates.py, and is told here: a model ranks unless it tells nothing apart or is worse than the rule beyond chance. It
need not be better beyond chance, since on a hundred outcomes that interval would silence sound models with useless ones; but it is said.
"""

from collections.abc import Mapping
from typing import Any

from models.bundle import Bundle
from models.risk import Risk
from training.gates import ENOUGH_TO_JUDGE


def not_better(bundle: Bundle, risk: Risk) -> dict[str, str]:
    """By target: that its model is not better than its simple rule beyond chance, with the figures of both, and what happens then.

    What is not there is better: the interval of its log loss less the rule's lies below nought, and it ranks.
    """
    said = {target.name: _said(bundle, risk, target.name) for target in risk.targets}
    return {name: text for name, text in said.items() if text}


def _said(bundle: Bundle, risk: Risk, target: str) -> str:
    if bundle.targets[target] is None:
        return "has no model, too few outcomes are on record: the simple rule stands in."
    overall, then = bundle.metrics.get(target), _then(bundle, risk, target)
    if overall is None:
        return f"could not be held against its simple rule: no outcome is tested yet. {then}"
    if not overall["modelled"]:
        why = "parts of the backtest had too few outcomes for a model"
        return f"could not be held against its simple rule: {why}. {then}"
    if is_better(overall) and not bundle.stands_on(target).abstains:
        return ""
    return f"is not better than its simple rule beyond chance: {figures(overall)}. {then}"


def is_better(overall: Mapping[str, Any]) -> bool:
    """Whether the interval of its log loss less the rule's lies below nought."""
    interval = overall["model_less_rule"]["log_loss"]["interval"]
    return interval is not None and interval[1] < 0


def figures(overall: Mapping[str, Any]) -> str:
    """Log loss and AUC of both."""
    model, rule, less = overall["model"], overall["rule"], overall["model_less_rule"]["log_loss"]
    apart = "" if less["interval"] is None else f" ({less['difference']:+.4f}, {less['interval'][0]:+.4f} to {less['interval'][1]:+.4f})"
    losses = f"log loss {_figure(model['log_loss'])}, the rule's {_figure(rule['log_loss'])}{apart}"
    aucs = f"AUC {_figure(model['auc'])}, the rule's {_figure(rule['auc'])}"
    return f"{losses}; {aucs}; {model['n']:,} tested, {model['positives']:,} with the outcome"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _then(bundle: Bundle, risk: Risk, target: str) -> str:
    """What the code does with such a target."""
    footing, decides = bundle.stands_on(target), target == bundle.decides(risk)
    if footing.abstains:
        return "It abstains: the simple rule ranks in its place." if decides else "It abstains: the simple rule's likelihood is shown."
    if decides and bundle.withheld:
        return "Its likelihoods are withheld: ranked by the simple rule and amount."
    used = "It ranks" if decides else "Its likelihood is shown"
    if footing.provisional:
        return f"{used} all the same, marked provisional: a prior and the firm's few outcomes."
    overall = bundle.metrics.get(target)
    if overall is None or min(overall["model"]["positives"], overall["model"]["n"] - overall["model"]["positives"]) < ENOUGH_TO_JUDGE:
        return f"{used} all the same: fewer than {ENOUGH_TO_JUDGE} outcomes were tested, too few to judge by."
    return f"{used} all the same: it tells apart better than chance, and is not worse than the rule beyond chance."
