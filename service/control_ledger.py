"""The ledger of controls: how often each spoke, what people made of it, what it found and took, and what that proposes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from math import sqrt
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from controls.catalog import CONTROLS
from controls.control import Control
from models.control_trials import KeptTrial
from models.finding import Role
from service.control_proposals import Judged, Proposal, Standing, is_doubtful, propose
from service.minutes_spent import MinutesSpent, minutes_spent
from service.money import Money
from service.selection import joined
from service.status import DismissReason, Status
from service.stored_explanation import unpack
from service.tables import StoredRecommendation as Stored
from service.tables import StoredRun as Run
from service.tables import StoredScore as Score

TRUE_ALL_THE_SAME: Final = frozenset({DismissReason.ALREADY_FIXED, DismissReason.CLIENT_AGREED, DismissReason.BELOW_MATERIALITY})
"""Dismissed, though what the control said was so. `wrong_owner` and `other` say nothing of it."""
_DECIDED: Final = sa.case((Stored.status == Status.CLOSED, Stored.status_before_close), else_=Stored.status).label("decided")
"""Status through its closing."""
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
    spent: MinutesSpent | None = None
    """What deciding took, of all people together; None where too little was timed."""
    proposal: Proposal | None = None

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


def control_ledger(session: Session, sees: Collection[Role], *, trials: Sequence[KeptTrial] = ()) -> Sequence[LedgerLine]:
    """A line for each control whose findings this reader may see, in the catalog's order; what never spoke has a line of noughts."""
    counted = joined(
        Stored.risk, _DECIDED, Stored.dismiss_reason, Score.reporting_currency, sa.func.count(), sa.func.sum(Score.stake_reporting)
    ).where(*_own(sees))
    by_control: dict[str, list[tuple[str, str | None, str, int, Decimal]]] = {}
    for name, *told in session.execute(counted.group_by(Stored.risk, _DECIDED, Stored.dismiss_reason, Score.reporting_currency)):
        by_control.setdefault(name, []).append(tuple(told))
    lines = [_line(one, by_control.get(one.name, ())) for one in CONTROLS if one.owner_role in sees]
    spent, watched = minutes_spent(session), _watched(session)
    return tuple(
        replace(line, spent=spent.get(line.control.name), proposal=_proposal(session, line, watched=watched, trials=trials))
        for line in lines
    )


def _own(sees: Collection[Role]) -> tuple[sa.ColumnElement[bool], ...]:
    return (Score.kind == "control", Score.run_id == Stored.run_id, Score.owner_role.in_(sorted(sees)))


def _watched(session: Session) -> Mapping[str, tuple[timedelta, timedelta]]:
    """By control: how long it has been run, and for how long by then nothing was found (nought while something stands)."""
    runs = session.execute(sa.select(Run.risk, sa.func.min(Run.published_at), sa.func.max(Run.published_at)).group_by(Run.risk)).all()
    stands = sa.func.max(sa.case((Stored.status != Status.CLOSED, 1), else_=0))
    told = session.execute(sa.select(Stored.risk, sa.func.max(Stored.first_found_at), stands).group_by(Stored.risk))
    found: dict[str, tuple[datetime, int]] = {risk: (last, standing) for risk, last, standing in told}
    return {risk: (newest - oldest, _silence(oldest, newest, found.get(risk))) for risk, oldest, newest in runs}


def _silence(oldest: datetime, newest: datetime, found: tuple[datetime, int] | None) -> timedelta:
    if found is None:
        return newest - oldest
    last, stands = found
    return timedelta() if stands else newest - last


def _proposal(
    session: Session, line: LedgerLine, *, watched: Mapping[str, tuple[timedelta, timedelta]], trials: Sequence[KeptTrial]
) -> Proposal | None:
    name = line.control.name
    standing = Standing(line.right, line.wrong, line.precision_interval, *watched.get(name, (timedelta(), timedelta())))
    judged = _judged(session, name) if is_doubtful(standing) else ()
    return propose(line.control, standing, judged=judged, trials=trials)


def _judged(session: Session, name: str) -> Sequence[Judged]:
    query = joined(_DECIDED, Stored.dismiss_reason, Score.explanation).where(Score.run_id == Stored.run_id, Stored.risk == name)
    told = []
    for status, reason, explanation in session.execute(query):
        dismissed = DismissReason(reason) if status == Status.DISMISSED and reason else None
        is_right = status == Status.ACCEPTED or dismissed in TRUE_ALL_THE_SAME
        shown = next(iter(unpack(explanation).reasons), None)
        if shown is not None and (is_right or dismissed is DismissReason.EVIDENCE_WRONG):
            told.append(Judged(is_right, expected=shown.usual, found=shown.seen))
    return told


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
