"""The ceiling of disputes: what can be said of a draft by one who knows how clients come to object, and has read its lines without a slip.

A grid over each client's strictness and each project's contentment (AR(1) by month), with what was disputed, and what was not though the
time for it has gone by, as evidence. The errors of a draft are taken from the truth, by kind and not by severity: nearly all of them can be
read off the lines, cards, contracts and approvals, and a reader who misses none is an upper bound of all who read.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from scipy.special import ndtr

from records.known import DAY, ENTER, FOREVER, Known
from simulation.disputes import USUAL_CENTS
from simulation.drafting import SATISFACTION_PERSISTENCE
from simulation.draws import Floats, Ints
from simulation.faults import KIND_NUMBER, KINDS
from simulation.mechanisms.catalog import MECHANISMS

LEVELS: Final = np.array([-5.07, -4.9, -4.73])
"""Middles of the thirds of the range of firms (simulation/plan.py): which it is, all of a firm's drafts together tell."""
STRICT: Final = np.linspace(-2.8, 2.8, 15)
CONTENT: Final = np.linspace(-2.4, 2.4, 7)
CHANGED: Final = 0.25
"""Share of half-years in which somebody else approves; nobody outside sees which."""
SEVERITIES: Final = np.sqrt(np.array([1, 3, 5]) / 6)
"""Middles of the thirds of the severities of an error."""
_MONTH_DAYS: Final = 30.4


def ceiling(known: Known, rows: pl.DataFrame, *, truth: Path, mechanism: str) -> pl.DataFrame:
    """`rows`: entity_id and as_of of drafts. The same with `probability` of a dispute. `truth`: folder that holds each draft's errors."""
    drafts = _drafts(known)
    weights = _weights(drafts, pl.read_parquet(truth / "fault.parquet"))
    odds = [_odds(drafts, weights, mechanism, level=level) for level in LEVELS]
    asked = rows.with_columns(at=pl.col("as_of").dt.epoch("us")).join(
        drafts.select("client_id", "place", entity_id="invoice_id"), on="entity_id", maintain_order="left"
    )
    clients = {
        name: (own["place"].to_numpy(), [Client.of(own, one[own["place"].to_numpy()]) for one in odds])
        for (name,), own in drafts.group_by("client_id", maintain_order=True)
    }
    parts = []
    for (at,), some in asked.group_by("at", maintain_order=True):
        found = np.empty((len(LEVELS), some.height))
        evidence = np.zeros(len(LEVELS))
        for name, (places, levels) in clients.items():
            which = np.flatnonzero((some["client_id"] == name).to_numpy())
            drawn = np.searchsorted(places, some["place"].to_numpy()[which])
            for number, client in enumerate(levels):
                found[number, which], told = client.disputed(int(at), drawn)
                evidence[number] += told
        share = np.exp(evidence - evidence.max())
        parts.append(some.select("entity_id", "as_of", probability=pl.lit(pl.Series(np.average(found, axis=0, weights=share)))))
    return pl.concat(parts)


@dataclass(frozen=True)
class Client:
    """Drafts of one client in the order in which they were made, by draft."""

    odds: Floats
    """Drafts x STRICT x CONTENT: probability of a dispute."""
    project: Ints
    month: Floats
    known_at: Ints
    sent_at: Ints
    opened_at: Ints

    @classmethod
    def of(cls, own: pl.DataFrame, odds: Floats) -> "Client":
        columns = ("known_at", "sent_at", "opened_at")
        return cls(odds, own["project"].to_numpy(), own["month"].to_numpy(), *(own[name].to_numpy() for name in columns))

    def disputed(self, at: int, which: Ints) -> tuple[Floats, float]:
        """Of the drafts `which`, undisputed at an instant: the probability that they will be disputed. And the log of the evidence."""
        open_days = np.maximum(at - self.sent_at, 1) / DAY
        over = np.where(self.sent_at < at, ndtr((np.log(open_days) - np.log(11.0)) / 0.55), 0.0)
        likely = np.where((self.opened_at <= at)[:, None, None], self.odds, 1 - self.odds * over[:, None, None])
        strict = np.exp(-0.5 * STRICT**2)
        beliefs: dict[int, tuple[Floats, float]] = {}
        for draft in np.flatnonzero((self.known_at <= at) & (self.sent_at < at)):
            project = int(self.project[draft])
            state = _moved(beliefs.get(project), self.month[draft]) * likely[draft]
            total = state.sum(axis=1)
            strict = strict * total
            beliefs[project] = state / total[:, None], float(self.month[draft])
        evidence = float(np.log(strict.sum()))
        if not len(which):
            return np.empty(0), evidence
        content = np.array([_moved(beliefs.get(int(self.project[draft])), self.month[draft]) for draft in which])
        return np.einsum("i,nij,nij->n", strict / strict.sum(), content, self.odds[which]), evidence


def _moved(belief: tuple[Floats, float] | None, month: float) -> Floats:
    """STRICT x CONTENT: how content a project's client is some months after it was last seen; by itself, when it never was."""
    usual = np.exp(-0.5 * CONTENT**2)
    if belief is None:
        return np.tile(usual / usual.sum(), (len(STRICT), 1))
    state, seen = belief
    kept = SATISFACTION_PERSISTENCE ** max(month - seen, 0.0)
    if kept > 1 - 1e-6:
        return state
    turns = np.exp(-0.5 * (CONTENT[None, :] - kept * CONTENT[:, None]) ** 2 / (1 - kept**2))
    return np.asarray(state @ (turns / turns.sum(axis=1, keepdims=True)))


def _drafts(known: Known) -> pl.DataFrame:
    rows = known.versions("invoice").frame.filter(pl.col("kind") == "invoice").sort(ENTER)
    first = rows.group_by("invoice_id").agg(
        pl.col("client_id", "project_id", "net_amount").first(),
        known_at=pl.col(ENTER).min(),
        sent_at=pl.col("sent_at").max().fill_null(FOREVER),
    )
    raised = known.versions("dispute").frame.group_by("invoice_id").agg(opened_at=pl.col(ENTER).min())
    told = first.join(raised, on="invoice_id", how="left").with_columns(pl.col("opened_at").fill_null(FOREVER)).collect()
    ordered = told.sort("client_id", "known_at", "invoice_id").with_row_index("place")
    return ordered.with_columns(
        pl.col("place").cast(pl.Int64),
        project=pl.col("project_id").rank("dense").cast(pl.Int64),
        month=(pl.col("known_at") / DAY / _MONTH_DAYS).round(),
        cents=pl.col("net_amount") / 100,
    )


def _weights(drafts: pl.DataFrame, faults: pl.DataFrame) -> Floats:
    """Drafts x kinds of error, at full severity."""
    weights = np.zeros((drafts.height, len(KINDS)))
    placed = faults.join(drafts.select("invoice_id", "place"), on="invoice_id")
    kind = placed["kind"].replace_strict(KIND_NUMBER, return_dtype=pl.Int64).to_numpy()
    weights[placed["place"].to_numpy(), kind] = np.array([one.weight for one in KINDS])[kind]
    return weights


def _odds(drafts: pl.DataFrame, weights: Floats, mechanism: str, *, level: float) -> Floats:
    """Drafts x STRICT x CONTENT: probability of a dispute, over what nobody sees of the approver and the severities."""
    first = drafts.select(pl.col("month") == pl.col("month").min().over("client_id")).to_series().to_numpy()
    size = np.clip(np.log(np.maximum(drafts["cents"].to_numpy(), 1) / USUAL_CENTS), -3, 3)
    base = (level + 0.25 * size + 0.5 * first)[:, None, None] + 0.7 * STRICT[None, :, None] - 0.6 * CONTENT[None, None, :]
    told = np.zeros(base.shape)
    cells = base[0].size
    for changed, share in ((0.0, 1 - CHANGED), (0.5, CHANGED)):
        for severity in SEVERITIES:
            found = MECHANISMS[mechanism]((base + changed).reshape(-1), np.repeat(weights * severity, cells, axis=0))
            told += share / len(SEVERITIES) * found.reshape(base.shape)
    return told
