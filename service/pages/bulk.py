"""Deciding many lines at once: each by itself, and what deserves a look of its own is left out and said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from service.decisions import Choice, decide
from service.explanation import find_row
from service.money import Money
from service.pages.desk import Desk
from service.pages.messages import stakes_of
from service.pages.verdicts import MOST_AT_ONCE, Asked
from service.pages.wording import say
from service.problems import NotPossible
from service.recommendations import LARGEST_LIMIT, RecommendationRow, list_recommendations
from service.status import Verdict

SINGLE_VIEW_LIMIT: Final = Decimal(5_000)
"""In the reporting currency. What is worth more is looked at by itself (ux.md 1.1)."""


@dataclass(frozen=True)
class Outcome:
    decided: tuple[RecommendationRow, ...]
    left_out: tuple[str, ...] = ()
    """One sentence for each ticked line that was not decided."""


def decide_ticked(session: Session, desk: Desk, asked: Asked, *, choice: Choice) -> Outcome:
    """Raises NotPossible for too many lines and Invalid for a choice that lacks something; then nothing is decided."""
    if len(asked.ticks) > MOST_AT_ONCE:
        raise NotPossible(say("At most %(most)s lines are decided at once.", {"most": MOST_AT_ONCE}))
    decided: list[RecommendationRow] = []
    left_out: list[str] = []
    for key in asked.ticks:
        rows = _behind(session, desk, asked, key)
        try:
            _check_size(rows, desk, choice)
            decided += [decide(session, desk.actor, id=row.id, choice=choice, now=desk.now) for row in rows]
        except NotPossible as problem:
            name = rows[0].client_name if asked.area.by_account else rows[0].title
            left_out.append(say("%(name)s: %(detail)s", {"name": name, "detail": problem.detail}))
    return Outcome(tuple(decided), tuple(left_out))


def _behind(session: Session, desk: Desk, asked: Asked, key: str) -> Sequence[RecommendationRow]:
    """The recommendations of one ticked line; none when it has left the reader's list."""
    if not asked.area.lists_accounts(asked.place.tab):
        row = find_row(session, desk.sees, id=key, now=desk.now)
        return (row,) if row else ()
    filters = replace(asked.place.filters, client_id=key)
    return list_recommendations(session, desk.sees, now=desk.now, filters=filters, limit=LARGEST_LIMIT).items


def _check_size(rows: Sequence[RecommendationRow], desk: Desk, choice: Choice) -> None:
    """Raises NotPossible for a line worth more than SINGLE_VIEW_LIMIT. To reopen is to put it back in view, so that is free."""
    if choice.verdict is Verdict.REOPEN:
        return
    for worth in stakes_of(rows):
        if worth.amount > SINGLE_VIEW_LIMIT:
            limit = desk.wording.whole(Money(SINGLE_VIEW_LIMIT, worth.currency))
            raise NotPossible(
                say(
                    "worth %(worth)s, more than the %(limit)s that are decided without a look.",
                    {"worth": desk.wording.whole(worth), "limit": limit},
                )
            )
