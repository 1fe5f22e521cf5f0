"""Judged firms pooled: the share of the reachable gain as a ratio of summed gains, over firms and clusters, and the worst firm.

A ratio of sums, since one firm in which there is next to nothing to gain would make a mean of ratios anything.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from benchmarks.judging import TRUTH, Table
from benchmarks.soft_labels import GAINS, METRICS, Floats, Measured
from benchmarks.truths import subject_named
from training.metrics import interval

DRAWS: Final = 1000
LEAST_REACH: Final = 0.005
"""Mean gain of the ceiling over the best rule, in AUC, precision, money or log loss, below which there is nothing to have a share of."""


@dataclass(frozen=True)
class Goal:
    """What the share of the reachable gain in precision at capacity is to be."""

    gate: float
    target: float
    worst: float


GOALS: Final[Mapping[str, Goal]] = MappingProxyType(
    {
        "collections": Goal(0.72, 0.82, 0.65),
        "dispute": Goal(0.65, 0.75, 0.40),
        "margin": Goal(0.70, 0.80, 0.55),
        "missing_time": Goal(0.75, 0.85, 0.60),
    }
)
"""Set on a miniature of the firm before the models were built."""


@dataclass(frozen=True)
class FirmTable:
    """A firm's table of one risk."""

    mechanism: str
    seed: int
    table: Table

    @property
    def name(self) -> str:
        return f"{self.mechanism} {self.seed}"

    def share(self, metric: str) -> float:
        """G; NaN where there is nothing to gain."""
        gained, reach = self.gains(metric)
        return gained / reach if abs(reach) > LEAST_REACH else float("nan")

    def gains(self, metric: str) -> tuple[float, float]:
        """Of the model and of the ceiling over the best rule."""
        (model, _), (ceiling, _) = self._gains(metric)
        return model, ceiling

    def drawn(self, metric: str) -> tuple[Floats, Floats]:
        """The same, on each draw of clusters."""
        (_, model), (_, ceiling) = self._gains(metric)
        return model, ceiling

    def _gains(self, metric: str) -> tuple[tuple[float, Floats], tuple[float, Floats]]:
        rule, ceiling = self.table.best_rule(metric), self.table.ceiling
        if rule is None or ceiling is None:
            nothing = float("nan"), np.full(len(self.table.measured.drawn), np.nan)
            return nothing, nothing
        return self.table.measured.less(metric, 0, rule), self.table.measured.less(metric, ceiling, rule)


@dataclass(frozen=True)
class Share:
    """A pooled G; NaN where the ceiling gains next to nothing."""

    value: float
    within: list[float] | None


def pooled(firms: Sequence[FirmTable], metric: str) -> Share:
    """Summed gains of the model over summed gains of the ceiling; the interval over firms drawn again, and clusters within each."""
    gains = np.array([one.gains(metric) for one in firms])
    if not abs(gains[:, 1].mean()) > LEAST_REACH:
        return Share(float("nan"), None)
    draw = np.random.default_rng(7)
    drawn = [one.drawn(metric) for one in firms]
    ratios = []
    for _ in range(DRAWS):
        chosen = draw.integers(len(firms), size=len(firms))
        places = [int(draw.integers(len(drawn[firm][0]))) for firm in chosen]
        model, ceiling = (sum(float(drawn[firm][way][place]) for firm, place in zip(chosen, places, strict=True)) for way in (0, 1))
        ratios.append(model / ceiling if abs(ceiling) > LEAST_REACH else float("nan"))
    return Share(float(gains[:, 0].sum() / gains[:, 1].sum()), interval(ratios))


def lifted(firms: Sequence[FirmTable]) -> Share:
    """Precision within capacity over the share of all that have the outcome, where what is not scored counts as never having it.

    A capacity that is given as a share of all, and not of what is scored, says how much of all is scored.
    """
    every = np.array([one.table.base_rate * one.table.subject.capacity / one.table.capacity for one in firms])
    at = METRICS.index("precision")
    draw = np.random.default_rng(7)
    ratios = []
    for _ in range(DRAWS):
        chosen = draw.integers(len(firms), size=len(firms))
        told = [float(draw.choice(firms[firm].table.measured.drawn[:, 0, at])) for firm in chosen]
        ratios.append(sum(told) / float(every[chosen].sum()))
    return Share(sum(float(one.table.measured.values[0, at]) for one in firms) / float(every.sum()), interval(ratios))


def _lift_told(firms: Sequence[FirmTable]) -> list[str]:
    """Nothing where all are scored."""
    if all(one.table.capacity == one.table.subject.capacity for one in firms):
        return []
    share = firms[0].table.subject.capacity
    return [f"Precision within {share:.0%} of all, scored or not, over the share of all that have the outcome: {_shown(lifted(firms))}."]


def pooled_page(firms: Sequence[FirmTable]) -> str:
    """A risk's tables: by mechanism, and by firm."""
    risk, target = firms[0].table.subject.risk, firms[0].table.target
    mechanisms = list(dict.fromkeys(one.mechanism for one in firms))
    groups = [(name, [one for one in firms if one.mechanism == name]) for name in mechanisms]
    rows = [_pooled_row(name, own) for name, own in [*groups, ("all", list(firms))]]
    heads = [
        f"{risk}: {target}",
        "firms",
        *(f"G {name}" for name in ("precision", "money", "AUC", "log loss")),
        "worst firm",
        "predicted / true",
    ]
    goal = GOALS[risk]
    told = f"Goals for G in precision: gate {goal.gate:.2f}, target {goal.target:.2f}, worst firm {goal.worst:.2f}."
    by_firm = [_firm_row(one) for one in firms]
    names = [
        "firm",
        "rows",
        "base rate",
        "precision B / M / U / O",
        "AUC B / M / U / O",
        "G precision",
        "G AUC",
        "ECE (floor)",
        "predicted / true, U",
        "U",
    ]
    return "\n\n".join([_grid(heads, rows), told, *_lift_told(firms), _grid(names, by_firm)])


def _pooled_row(name: str, firms: Sequence[FirmTable]) -> list[str]:
    shares = [pooled(firms, metric) for metric in ("precision", "money", "auc", "log_loss")]
    each = {one.name: one.share("precision") for one in firms}
    worst = min((one for one in each if not np.isnan(each[one])), key=lambda one: each[one], default=None)
    ratios = [one.table.measured.values[0, METRICS.index("ratio")] for one in firms]
    told = f"{each[worst]:.2f} ({worst})" if worst is not None else "–"
    return [name, str(len(firms)), *map(_shown, shares), told, f"{min(ratios):.2f} to {max(ratios):.2f}"]


def _firm_row(one: FirmTable) -> list[str]:
    table, ece = one.table, METRICS.index("ece")
    held = table.refused or ", ".join(f"alarm: {metric}" for metric in table.alarms) or "holds"
    error = f"{table.measured.values[0, ece]:.3f} ({table.measured.floor[0]:.3f})"
    shares = ["–" if np.isnan(share) else f"{share:.2f}" for share in (one.share("precision"), one.share("auc"))]
    ratio = table.measured.values[table.ceiling, METRICS.index("ratio")] if table.ceiling is not None else float("nan")
    return [
        one.name,
        f"{table.rows:,}",
        f"{table.base_rate:.3f}",
        *(_chain(table, of) for of in ("precision", "auc")),
        *shares,
        error,
        f"{ratio:.2f}",
        held,
    ]


def _chain(table: Table, metric: str) -> str:
    """Best rule, model, ceiling, truth."""
    values, at = table.measured.values, METRICS.index(metric)
    places = (table.best_rule(metric), 0, table.ceiling, table.measured.names.index(TRUTH))
    return " / ".join("–" if place is None else f"{values[place, at]:.3f}" for place in places)


def _shown(share: Share) -> str:
    if np.isnan(share.value):
        return "–"
    return f"{share.value:.2f}" + (f" ({share.within[0]:.2f} to {share.within[1]:.2f})" if share.within else "")


def _grid(heads: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [heads, ["---", *["---:"] * (len(heads) - 1)], *rows])


def keep(table: Table, file: Path) -> None:
    """A table with its draws, to be pooled later."""
    plain = {name: value for name, value in vars(table).items() if name not in {"subject", "measured"}}
    told = json.dumps({**plain, "risk": table.subject.risk, "names": table.measured.names})
    beside = file.with_suffix(".new.npz")
    np.savez_compressed(beside, told=np.array(told), **{name: getattr(table.measured, name) for name in ("values", "drawn", "floor")})
    beside.replace(file)


def kept(file: Path) -> Table:
    with np.load(file) as held:
        told = json.loads(str(held["told"]))
        measured = Measured(tuple(told.pop("names")), held["values"], held["drawn"], held["floor"])
    subject = subject_named(told.pop("risk"))
    return Table(subject=subject, measured=measured, **{**told, "without_exchange_rate": tuple(told["without_exchange_rate"])})


def as_json(firms: Sequence[FirmTable]) -> list[dict[str, object]]:
    """What the page says of a risk, for a program: by mechanism and over all, G in each metric."""
    groups = {**{one.mechanism: [each for each in firms if each.mechanism == one.mechanism] for one in firms}, "all": list(firms)}
    return [
        {
            "risk": firms[0].table.subject.risk,
            "mechanism": name,
            "share_of_reachable_gain": {metric: _told(pooled(own, metric)) for metric in GAINS},
        }
        for name, own in groups.items()
    ]


def _told(share: Share) -> dict[str, object]:
    """JSON has no NaN."""
    return {"value": None if np.isnan(share.value) else share.value, "within": share.within}
