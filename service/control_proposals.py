"""What the verdicts propose of a control: tolerate more, retire it, look at it. Words alone: nothing changes by itself."""

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from controls.control import Control
from models.control_trials import KeptTrial
from service.tolerance_measures import MEASURES, Measure

ProposalKind = Literal["tighten", "retire", "look_at"]

LEAST_VERDICTS: Final = 10
"""Before so many right or wrong verdicts a control is new: with fewer, an interval below a half comes of chance too often."""
WORTH_ASKING: Final = 0.5
"""Where even the upper end of the interval is below it, more of what is said is wrong than right: it costs more trust than it finds."""
WORTH_SETTING: Final = 0.5
"""Share of the wrong findings that another tolerance must leave out, to be worth a change."""
SILENT_FOR: Final = timedelta(days=365)
"""A year holds every month's and quarter's work once: what found nothing in it may no longer read what it needs."""


@dataclass(frozen=True)
class Standing:
    """What the verdicts and the runs tell of one control."""

    right: int
    wrong: int
    precision_interval: tuple[float, float] | None
    watched_for: timedelta
    """From its first run to its last."""
    silent_for: timedelta
    """Until its last run, without anything found; nought while something stands."""


@dataclass(frozen=True)
class Judged:
    """One finding that a person judged: the two figures it showed."""

    is_right: bool
    expected: str
    found: str


@dataclass(frozen=True)
class Proposal:
    kind: ProposalKind
    says: str
    """What to do, and why: whole sentences."""
    command: str
    """What tries it on history."""
    tolerance: str = ""
    """Which to set; empty where none is proposed."""
    value: float | None = None
    tried: KeptTrial | None = None
    """The last time that just this was tried; None: untried."""


def is_doubtful(standing: Standing) -> bool:
    """Whether its verdicts ask for a proposal, so that what was judged is worth reading."""
    _, high = standing.precision_interval or (0.0, 1.0)
    return standing.right + standing.wrong >= LEAST_VERDICTS and high < WORTH_ASKING


def propose(control: Control, standing: Standing, *, judged: Sequence[Judged], trials: Sequence[KeptTrial]) -> Proposal | None:
    """At most one: the mildest that would do. `judged` may be empty where the standing is not doubtful."""
    if not is_doubtful(standing):
        quiet = standing.watched_for >= SILENT_FOR and standing.silent_for >= SILENT_FOR
        return _made(control, "look_at", _SILENT, {}, trials) if quiet else None
    said = _verdicts(standing)
    if found := _separating(control, judged):
        name, value, left_out = found
        usual = next(one for one in control.tolerances if one.name == name)
        change = f"Set {name} to {value:g} {usual.unit} instead of {usual.default}"
        kept = " and none of the right" if standing.right else ""
        says = f"{change}: it would have left out {left_out} of the {standing.wrong} wrong{kept}. {said}"
        return _made(control, "tighten", says, {name: value}, trials)
    if not standing.right:
        return _made(control, "retire", f"Retire it: nothing that it said was right. {said}", {}, trials)
    return _made(
        control, "look_at", f"Look at it: it is wrong more often than right, and no tolerance tells the two apart. {said}", {}, trials
    )


_SILENT: Final = (
    "Look at it: it was run for a year and found nothing. See whether the records that it reads still come in, or whether it is needed."
)


def _verdicts(standing: Standing) -> str:
    low, high = standing.precision_interval or (0.0, 1.0)
    judged = standing.right + standing.wrong
    return f"Of {judged} verdicts {standing.right} were right (95 %: {low:.0%} to {high:.0%})."


def _made(control: Control, kind: ProposalKind, says: str, tolerances: Mapping[str, float], trials: Sequence[KeptTrial]) -> Proposal:
    name, value = next(iter(tolerances.items()), ("", None))
    command = shlex.join(["plumbline", "controls", "backtest", control.name, *(f"--set={key}={one:g}" for key, one in tolerances.items())])
    same = [one for one in trials if one.control == control.name and dict(one.tolerances) == dict(tolerances)]
    return Proposal(kind, says, command.replace("--set=", "--set "), name, value, same[-1] if same else None)


def _separating(control: Control, judged: Sequence[Judged]) -> tuple[str, float, int] | None:
    """Tolerance, value and number of the wrong findings it leaves out, keeping every right one; None where none does enough."""
    measure = MEASURES.get(control.name)
    if measure is None:
        return None
    # Read so that more is always found: what speaks below its tolerance is turned round.
    sign = 1.0 if measure.sense == "above" else -1.0
    told = [(one.is_right, _read(measure, one)) for one in judged]
    wrong = sorted(sign * figure for is_right, figure in told if not is_right and figure is not None)
    right = [sign * figure for is_right, figure in told if is_right and figure is not None]
    if any(is_right and figure is None for is_right, figure in told):
        return None
    least_right = min(right, default=math.inf)
    below = [figure for figure in wrong if figure < least_right]
    number = sum(1 for is_right, _ in told if not is_right)
    if not below or len(below) < WORTH_SETTING * number:
        return None
    usual = next(one for one in control.tolerances if one.name == measure.tolerance)
    value = _between(below[-1], least_right, whole=isinstance(usual.default, int))
    if value is None or isinstance(usual.default, str) or value <= sign * usual.default:
        return None
    return measure.tolerance, abs(sign * value), len(below)


def _read(measure: Measure, one: Judged) -> float | None:
    return measure.read(expected=one.expected, found=one.found)


def _between(low: float, high: float, *, whole: bool) -> float | None:
    """A round value that leaves out `low` and keeps `high`: half way, as what findings show is rounded. None where the two are too near."""
    middle = low if math.isinf(high) else (low + high) / 2
    places = (0,) if whole else (2, 4)
    for place in places:
        scale = 10.0**place
        for value in (math.floor(middle * scale) / scale, math.ceil(low * scale) / scale):
            if low <= value < high:
                return value
    return None
