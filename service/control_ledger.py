"""The ledger of controls: how often each spoke, what people made of it, and the money it found."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from controls.catalog import CONTROLS
from controls.control import Control
from models.finding import Role
from service.money import Money
from service.selection import joined
from service.status import DismissReason, Status
from service.tables import StoredRecommendation as Stored
from service.tables import StoredScore as Score

TRUE_ALL_THE_SAME: Final = frozenset({DismissReason.ALREADY_FIXED, DismissReason.CLIENT_AGREED, DismissReason.BELOW_MATERIALITY})
"""Dismissed, though what the control said was so. `wrong_owner` and `other` say nothing of it."""
_DEVIATIONS: Final = 1.959964
"""Of a normal distribution, for 95 %."""


@dataclass(frozen=True)
class LedgerLine:
    """One control; what it finds again is the same recommendation."""

    control: Control
    recommendations: int
    waiting: int
    """Not decided, snoozed ones among them."""
    right: int
    """Accepted, or dismissed though it was so."""
    wrong: int
    """Dismissed since the evidence was wrong."""
    found: tuple[Money, ...]
    """At stake in what was accepted, by reporting currency."""

    @property
    def precision(self) -> float | None:
        """Share that was right, of what people judged."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def precision_interval(self) -> tuple[float, float] | None:
        """95 %, Wilson 1927: it holds for a handful of verdicts too."""
        judged = self.right + self.wrong
        if not judged:
            return None
        share, square = self.right / judged, _DEVIATIONS**2
        centre, scale = share + square / (2 * judged), 1 + square / judged
        reach = _DEVIATIONS * sqrt(share * (1 - share) / judged + square / (4 * judged**2))
        return (centre - reach) / scale, (centre + reach) / scale


def control_ledger(session: Session, sees: Collection[Role]) -> Sequence[LedgerLine]:
    """A line for each control whose findings this reader may see, in the catalog's order; what never spoke has a line of noughts."""
    decided = sa.case((Stored.status == Status.CLOSED, Stored.status_before_close), else_=Stored.status).label("decided")
    own = (Score.kind == "control", Score.run_id == Stored.run_id, Score.owner_role.in_(sorted(sees)))
    counted = joined(
        Stored.risk, decided, Stored.dismiss_reason, Score.reporting_currency, sa.func.count(), sa.func.sum(Score.stake_reporting)
    ).where(*own)
    by_control: dict[str, list[tuple[str, str | None, str, int, Decimal]]] = {}
    for name, *told in session.execute(counted.group_by(Stored.risk, decided, Stored.dismiss_reason, Score.reporting_currency)):
        by_control.setdefault(name, []).append(tuple(told))
    return tuple(_line(one, by_control.get(one.name, ())) for one in CONTROLS if one.owner_role in sees)


def _line(control: Control, told: Sequence[tuple[str, str | None, str, int, Decimal]]) -> LedgerLine:
    recommendations = right = wrong = waiting = 0
    found: dict[str, Decimal] = {}
    for status, reason, currency, number, stake in told:
        recommendations += number
        dismissed = DismissReason(reason) if status == Status.DISMISSED and reason else None
        right += number * (status == Status.ACCEPTED or dismissed in TRUE_ALL_THE_SAME)
        wrong += number * (dismissed is DismissReason.EVIDENCE_WRONG)
        waiting += number * (status in {Status.OPEN, Status.SNOOZED})
        if status == Status.ACCEPTED:
            found[currency] = found.get(currency, Decimal(0)) + Decimal(stake)
    return LedgerLine(control, recommendations, waiting, right, wrong, tuple(Money(found[one], one) for one in sorted(found)))
