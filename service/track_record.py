"""How recommendations like one of these fared: what people decided on them in a quarter, and how the records say they came out."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.finding import Role
from service.selection import joined
from service.status import DECIDED, UNDECIDED, DismissReason, Status
from service.tables import StoredRecommendation as Stored
from service.tables import StoredScore as Score

LOOKED_BACK: Final = timedelta(days=90)
"""A quarter: long enough for most invoices to come out, short enough to be about the model and the people of today."""

OF_NO_INVOICE: Final = ("entered", "not_entered", "closed")
"""Endings of timesheets and projects."""


@dataclass(frozen=True)
class TrackRecord:
    """Of one risk. What was decided and taken back is not decided."""

    accepted: int
    dismissed: dict[DismissReason, int]
    """By reason, the most frequent first."""
    open: int
    """Not decided now, snoozed ones among them."""
    late: int
    """Of the decided: paid after the due date."""
    in_time: int
    """Paid by the due date, or without one."""
    other: int
    """Cancelled, written off, disputed or sent."""
    ended: dict[str, int] = field(default_factory=dict)
    """By ending, of what is no invoice: timesheets entered or not_entered, projects closed."""

    @property
    def decided(self) -> int:
        return self.accepted + sum(self.dismissed.values())

    @property
    def unknown(self) -> int:
        """Of the decided: not in the records yet."""
        return self.decided - self.late - self.in_time - self.other - sum(self.ended.values())


def track_record(session: Session, sees: Collection[Role], *, risk: str, now: datetime) -> TrackRecord:
    """Counts of the recommendations of a risk that this reader may see."""
    # What closed since keeps what had been decided on it.
    decided = sa.case((Stored.status == Status.CLOSED, Stored.status_before_close), else_=Stored.status).label("decided")
    late = sa.and_(Stored.outcome == "paid", Stored.outcome_on > Score.due_on)
    no_invoice = (Stored.outcome.in_(OF_NO_INVOICE), Stored.outcome)
    in_time = (Stored.outcome == "paid", "in_time")
    came = sa.case((Stored.outcome.is_(None), "unknown"), (late, "late"), in_time, no_invoice, else_="other").label("came")
    own = (Stored.risk == risk, Score.run_id == Stored.run_id, Score.owner_role.in_(sorted(sees)))
    query = joined(decided, Stored.dismiss_reason, came, sa.func.count().label("number")).where(
        *own, Stored.decided_at >= now - LOOKED_BACK, decided.in_(DECIDED)
    )
    dismissed: Counter[DismissReason] = Counter()
    came_out: Counter[str] = Counter()
    accepted = 0
    for status, reason, outcome, number in session.execute(query.group_by(decided, Stored.dismiss_reason, came)):
        came_out[outcome] += number
        if status == Status.ACCEPTED:
            accepted += number
        else:
            dismissed[DismissReason(reason)] += number
    waiting = session.scalar(joined(sa.func.count()).where(*own, Stored.status.in_(UNDECIDED)))
    ended = {one: came_out[one] for one in OF_NO_INVOICE if came_out[one]}
    return TrackRecord(
        accepted, dict(dismissed.most_common()), waiting or 0, came_out["late"], came_out["in_time"], came_out["other"], ended
    )
