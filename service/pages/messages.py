"""What a page says about what just happened, and how it is undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from service.explanation import find_row
from service.money import Money
from service.pages.desk import Desk
from service.pages.listing import joined, sum_by_currency
from service.pages.places import Place
from service.pages.wording import say, say_count
from service.row import RecommendationRow
from service.status import Status, Verdict

MOST_NAMED: Final = 100
"""An address names so many decided recommendations at most: some 5,000 characters. Beyond it the list of decided ones remains."""

DONE: Final = {
    Verdict.ACCEPT: Status.ACCEPTED,
    Verdict.DISMISS: Status.DISMISSED,
    Verdict.SNOOZE: Status.SNOOZED,
    Verdict.REOPEN: Status.OPEN,
}
"""Where each verdict leaves a recommendation: what it says is in the words of its area."""

LOGGED: Final = {
    "contact": "The contact is logged here. Nothing was sent.",
    "promise": "The promise is logged here. Whether it is kept will be read from the records.",
}


@dataclass(frozen=True)
class Message:
    kind: str
    """done, warning or failed: each also says so in words."""
    text: str
    undo: tuple[str, ...] = ()
    """Recommendations that Undo reopens."""
    back: str = ""
    """Query string of the list to come back to after Undo."""
    back_to: str = ""
    """What was selected when it was decided."""
    left_out: tuple[str, ...] = ()


def done_query(verdict: Verdict, decided: Sequence[RecommendationRow], *, selected: str) -> str:
    """Which decision the next page tells of: it travels in the address, so a reload tells it again and can still undo it."""
    named = [("did", row.id) for row in decided] if len(decided) <= MOST_NAMED else []
    return urlencode([("done", verdict.value), ("from", selected), *named])


def done_message(session: Session, desk: Desk, place: Place, *, stay: bool = False) -> Message | None:
    """What the address says was done, as far as it still stands: an old address does not tell what another tab has undone.

    With `stay`, Undo comes back to this very place, as on the page of one account; else to the list.
    """
    params = desk.request.query_params
    if logged := LOGGED.get(params.get("logged", "")):
        return Message("done", say(logged))
    verdict = next((verdict for verdict in DONE if verdict == params.get("done")), None)
    if verdict is None:
        return None
    status, (one, many) = DONE[verdict], place.area.words.done[verdict]
    found = [find_row(session, desk.sees, id=id, now=desk.now) for id in params.getlist("did")[:MOST_NAMED]]
    rows = [row for row in found if row and row.status is status]
    if not rows:
        return None
    text = say_count(
        one, many, number=len({(row.entity_type, row.entity_id) for row in rows}), values={"money": joined(stakes_of(rows), desk.wording)}
    )
    undo = () if verdict is Verdict.REOPEN else tuple(row.id for row in rows)
    return Message("done", text, undo=undo, back=(place if stay else place.unselected).query, back_to=params.get("from", ""))


def refusal(detail: str) -> Message:
    return Message("failed", say("Nothing was saved. %(detail)s", {"detail": detail}))


def left_out_message(lines: Sequence[str], decided: Sequence[RecommendationRow], place: Place, *, undo: bool) -> Message:
    """After a bulk decision: each line that it left to be looked at by itself."""
    text = say_count(
        "%(number)s ticked line was left out: look at it by itself. The others are decided.",
        "%(number)s ticked lines were left out: look at each by itself. The others are decided.",
        number=len(lines),
    )
    ids = tuple(row.id for row in decided) if undo else ()
    return Message("warning", text, undo=ids, back=place.unselected.query, left_out=tuple(lines))


def stakes_of(rows: Sequence[RecommendationRow]) -> tuple[Money, ...]:
    """Money at stake, one sum for each reporting currency; a record that two risks see counts once."""
    return sum_by_currency({(row.entity_type, row.entity_id): row.at_stake_reporting for row in rows}.values())
