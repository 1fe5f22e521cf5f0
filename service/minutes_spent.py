"""How long people took to decide, by control or risk: worked out from the instants of their decisions, and never told of one person.

Nobody is watched: what is timed is from one decision to the same person's next in one sitting. The first of a sitting has nothing before it
and is not timed; what several decisions of one instant took is shared between them.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.status import PERSONS_VERDICTS
from service.tables import StoredDecision as Decision
from service.tables import StoredRecommendation as Stored

SITTING: Final = timedelta(minutes=15)
"""Longer between two decisions than one case takes to read: whoever waits longer has done something else."""
LEAST_TIMED: Final = 5
"""Decisions: of fewer nothing is told, as it would be about single moments of a person's day."""


@dataclass(frozen=True)
class MinutesSpent:
    """What was timed: a lower bound of what was spent, as the first decision of a sitting is not in it."""

    minutes: float
    timed: int
    """Decisions that it is the sum of; at least LEAST_TIMED."""


def minutes_spent(session: Session) -> Mapping[str, MinutesSpent]:
    """By control or risk; those of which too little was timed are left out."""
    person = sa.func.coalesce(Decision.token_id, Decision.actor).label("person")
    query = sa.select(person, Decision.decided_at, Stored.risk).join(Stored, Stored.id == Decision.recommendation_id)
    query = query.where(Decision.verdict.in_(PERSONS_VERDICTS)).order_by(person, Decision.decided_at, Decision.id)
    found: dict[str, list[timedelta]] = defaultdict(list)
    for _, decided in groupby(session.execute(query), key=lambda one: one.person):
        before: datetime | None = None
        for at, together in groupby(decided, key=lambda one: one.decided_at):
            risks = [one.risk for one in together]
            if before is not None and at - before <= SITTING:
                for risk in risks:
                    found[risk].append((at - before) / len(risks))
            before = at
    return {
        risk: MinutesSpent(sum(taken, timedelta()) / timedelta(minutes=1), len(taken))
        for risk, taken in found.items()
        if len(taken) >= LEAST_TIMED
    }
