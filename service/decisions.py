"""What a person decides on a recommendation: checked, recorded for ever, and undone by a further decision."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.auth import Actor
from service.columns import storable
from service.explanation import find_row
from service.formats import format_instant
from service.problems import Changed, FieldError, Invalid, NotFound, NotPossible
from service.row import RecommendationRow
from service.status import PERSONS_VERDICTS, DismissReason, Status, Verdict
from service.tables import StoredDecision, StoredRecommendation

LONGEST_NOTE: Final = 2000
LONGEST_SNOOZE: Final = timedelta(days=180)
"""Half a year: what is put off for longer is better dismissed, with a reason."""


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

    Raises (all are Problems with their HTTP status): NotFound; Invalid (422) with one error a field; NotPossible (409)
    when the verdict cannot be given in this status, saying who did what when; Changed (412) when `if_match` is not the
    row's current `etag`.
    """
    # The lock makes deciding a turn: the second of two people sees what the first has done. SQLite's writer is alone anyway.
    stored = storable(id) and session.scalar(sa.select(StoredRecommendation).where(StoredRecommendation.id == id).with_for_update())
    row = find_row(session, actor.sees, id=id, now=now) if stored else None
    if not stored or row is None:
        raise NotFound("There is no such recommendation, or this role may not see it.")
    _match(row, if_match)
    errors = tuple(_faults(choice, now))
    if errors:
        raise Invalid("The decision is not complete.", errors=errors)
    after = row.status.after(choice.verdict)
    if after is None:
        raise NotPossible(_standing(row))
    session.add(_event(actor, row, choice=choice, now=now))
    undone = choice.verdict == Verdict.REOPEN
    stored.status = after
    stored.version += 1
    stored.dismiss_reason = choice.reason
    stored.snoozed_until = choice.until
    stored.decided_at = None if undone else now
    stored.decided_by = "" if undone else actor.name
    session.flush()
    decided = find_row(session, actor.sees, id=id, now=now)
    if decided is None:
        raise NotFound
    return decided


def _match(row: RecommendationRow, if_match: str | None) -> None:
    wanted = {tag.strip() for tag in if_match.split(",")} if if_match is not None else {"*"}
    if not wanted & {"*", row.etag}:
        raise Changed(f"It has changed since it was read. {_standing(row)}")


def _faults(choice: Choice, now: datetime) -> list[FieldError]:
    faults = []
    if choice.verdict not in PERSONS_VERDICTS:
        faults.append(FieldError("/body/verdict", f"A person can {', '.join(PERSONS_VERDICTS)}."))
    if (choice.reason is None) == (choice.verdict == Verdict.DISMISS):
        faults.append(FieldError("/body/reason", "Dismissing needs a reason, and nothing else takes one."))
    if choice.reason and choice.reason.needs_note and not choice.note.strip():
        faults.append(FieldError("/body/note", f"“{choice.reason.phrase}” needs a note."))
    if len(choice.note) > LONGEST_NOTE:
        faults.append(FieldError("/body/note", f"A note has at most {LONGEST_NOTE} characters."))
    if not storable(choice.note):
        faults.append(FieldError("/body/note", "The note holds a character that is not text."))
    if (choice.until is None) == (choice.verdict == Verdict.SNOOZE):
        faults.append(FieldError("/body/until", "Snoozing needs an instant, and nothing else takes one."))
    if choice.until and not now < choice.until <= now + LONGEST_SNOOZE:
        faults.append(FieldError("/body/until", f"It must lie in the future, by at most {LONGEST_SNOOZE.days} days."))
    return faults


def _standing(row: RecommendationRow) -> str:
    if row.status == Status.CLOSED:
        return f"It is closed. {row.closed_sentence}"
    if row.decided_at is None:
        return f"It is {row.status}."
    return f"It was {row.status} by {row.decided_by} on {format_instant(row.decided_at)}."


def _event(actor: Actor, row: RecommendationRow, *, choice: Choice, now: datetime) -> StoredDecision:
    return StoredDecision(
        recommendation_id=row.id,
        verdict=choice.verdict,
        reason=choice.reason,
        note=choice.note.strip(),
        actor=actor.name,
        token_id=actor.token_id,
        decided_at=now,
        snoozed_until=choice.until,
        run_id=row.run_id,
        rank=row.rank,
        probability=row.probability,
    )
