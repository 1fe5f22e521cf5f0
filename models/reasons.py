"""Reasons: what moved a likelihood, as sentences with the value seen and the usual value, for and against."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.feature import Feature, Unit
from models.due_days import days_as_read
from models.finding import Reason
from models.risk import Risk

MOST: Final = 4
"""More than four reasons are not helpful (Regulation B commentary, 9(b)(2))."""
RAISING_MOST: Final = 3
"""One place is kept for the strongest reason against, if there is one: both sides of the argument."""
LEAST_EFFECT: Final = 0.05
"""Log-odds; less moves a likelihood by about one point in a hundred, which is no reason."""


def reasons(
    risk: Risk,
    values: NDArray[np.float64],
    contributions: NDArray[np.float64],
    *,
    usual: Mapping[str, float],
    currency: str,
    as_of: datetime,
) -> tuple[Reason, ...]:
    """The reasons of one row at `as_of`: `values` and `contributions` (log-odds) have one element a feature of the risk."""
    features = risk.features
    values = np.array([one if math.isnan(one) else days_as_read(of, one, as_of=as_of) for of, one in zip(features, values, strict=True)])
    usual = {of.name: days_as_read(of, usual[of.name], as_of=as_of) for of in features if of.name in usual}
    groups: dict[str, list[int]] = {}
    for place, one in enumerate(risk.features):
        groups.setdefault(one.group, []).append(place)
    found = [
        reason
        for code, places in groups.items()
        if (reason := _of_group(risk, code, places, values=values, contributions=contributions, usual=usual, currency=currency)) is not None
    ]
    found.sort(key=lambda reason: -abs(reason.effect))
    raising = [one for one in found if one.raises][:RAISING_MOST]
    lowering = [one for one in found if not one.raises][: MOST - len(raising)]
    return tuple(raising + lowering)


def put_to_parts(risk: Risk, values: NDArray[np.float64], contributions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Contributions (rows x features) in which features that only count others are told by those of them that are there, in equal parts.

    "Two kinds of flaw" is no reason that a person can act on; the two flaws are. Each row's sum stays what it was.
    """
    if risk.spread is None:
        return contributions
    wholes, parts = ([risk.features.index(one) for one in side] for side in risk.spread)
    there = (np.nan_to_num(values[:, parts]) > 0).astype(np.float64)
    counted = there.sum(axis=1)
    moved = np.where(counted[:, None] > 0, contributions[:, wholes], 0.0)
    found = contributions.copy()
    found[:, parts] += there * (moved.sum(axis=1) / np.maximum(counted, 1.0))[:, None]
    found[:, wholes] -= moved
    return found


def _of_group(
    risk: Risk,
    code: str,
    places: Sequence[int],
    *,
    values: NDArray[np.float64],
    contributions: NDArray[np.float64],
    usual: Mapping[str, float],
    currency: str,
) -> Reason | None:
    effect = float(contributions[list(places)].sum())
    telling = [place for place in places if _tells(risk, place, effect=effect, values=values, contributions=contributions, usual=usual)]
    if abs(effect) < LEAST_EFFECT or not telling:
        return None
    strongest = max(telling, key=lambda place: abs(contributions[place]))
    one = risk.features[strongest]
    seen, common = as_text(one.unit, values[strongest], currency), as_text(one.unit, usual[one.name], currency)
    sentence = spoken(one, seen=seen, usual=common)
    return Reason(code, sentence[0].upper() + sentence[1:] + ".", effect > 0, round(effect, 4), seen, common)


def spoken(one: Feature, *, seen: str, usual: str) -> str:
    """Its phrase with its values. "In 0 days" is no day that a person names: such days are counted down to nought and stay there."""
    phrase = one.phrase.replace("in {seen}", "today or past") if one.unit == "days" and seen == "0 days" else one.phrase
    return phrase.format(seen=seen, usual=usual)


def _tells(
    risk: Risk, place: int, *, effect: float, values: NDArray[np.float64], contributions: NDArray[np.float64], usual: Mapping[str, float]
) -> bool:
    """Whether a feature's own story agrees with its group's effect: "pays late more often than usual" must not be read as good news."""
    direction, one, seen = risk.uses[place].direction, risk.features[place], values[place]
    if math.isnan(seen) or contributions[place] * effect <= 0 or one.name not in usual:
        return False
    if as_text(one.unit, seen, "") == as_text(one.unit, usual[one.name], ""):
        return False
    return direction == 0 or direction * (seen - usual[one.name]) * effect > 0


def as_text(unit: Unit, value: float, currency: str) -> str:
    """A value as a person reads it in a sentence."""
    match unit:
        case "share" | "percent":
            # Rounded first, so that a little under nought is nought: "-0%" is no number that a person writes.
            return f"{round(value, 2) + 0.0:.0%}"
        case "days" | "lateness" | "shift" | "due":
            return _days(unit, round(value))
        case "money":
            return f"{currency} {value:,.0f}".strip()
        case "ratio":
            return f"{value:.1f}"
        case "yes_no":
            return "yes" if value >= 0.5 else "no"  # noqa: PLR2004
        case "count":
            return f"{value:,.0f}"


def _days(unit: Unit, days: int) -> str:
    if unit != "days" and days == 0:
        return {"lateness": "on the day", "shift": "no later", "due": "falls due today"}[unit]
    size = "1 day" if abs(days) == 1 else f"{abs(days):,} days"
    match unit:
        case "lateness":
            return f"{size} late" if days > 0 else f"{size} early"
        case "shift":
            return f"{size} later" if days > 0 else f"{size} earlier"
        case "due":
            return f"falls due in {size}" if days > 0 else f"fell due {size} ago"
    return size if days >= 0 else f"-{size}"


def next_step(risk: Risk, found: Sequence[Reason], *, issued: bool) -> str:
    """What a person could do, by the strongest reason that raises the likelihood and by whether its bill is out."""
    actions = dict(risk.issued_actions if issued and risk.issued_actions else risk.actions)
    return next((actions[one.code] for one in found if one.raises and one.code in actions), actions[""])


def rule_reason(rule: Feature, value: float, *, says: str) -> Reason:
    """Where no model stands, the simple rule is the reason."""
    seen = as_text(rule.unit, value, "")
    return Reason("rule", f"By the simple rule, {says}: {seen}.", raises=True, effect=0.0, seen=seen, usual="")
