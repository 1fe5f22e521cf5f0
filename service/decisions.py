"""What a person decides on a recommendation: checked, recorded for ever, and undone by a further decision."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from service.auth import Actor
from service.recommendations import RecommendationRow
from service.status import DismissReason, Verdict

LONGEST_NOTE = 2000
LONGEST_SNOOZE_DAYS = 180


@dataclass(frozen=True)
class Choice:
    """A verdict with what it needs: dismiss a reason (some a note), snooze an instant in the future."""

    verdict: Verdict
    """accept, dismiss, snooze or reopen."""
    reason: DismissReason | None = None
    note: str = ""
    until: datetime | None = None


def decide(session: Session, actor: Actor, *, id: str, choice: Choice, now: datetime, if_match: str | None = None) -> RecommendationRow:
    """Append the decision and move the status; the caller commits.

    Raises (all are Problems with their HTTP status): NotFound; InvalidChoice (422) with one error a field; NotPossible (409)
    when the verdict cannot be given in this status, saying who did what when; Changed (412) when `if_match` is not the
    row's current `etag`.
    """
    raise NotImplementedError
