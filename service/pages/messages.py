"""What a page says about what just happened, and how it is undone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from service.money import Money
from service.pages.listing import joined, sum_by_currency
from service.pages.places import Place
from service.pages.wording import Wording, say, say_count
from service.row import RecommendationRow
from service.status import Verdict


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


def done_query(verdict: Verdict, decided: Sequence[RecommendationRow], wording: Wording, *, selected: str) -> str:
    """What the next page needs to say what was done: it travels in the URL, so a reload says it again and can still undo."""
    money = joined(stakes_of(decided), wording)
    pairs = [("done", verdict.value), ("number", str(len(decided))), ("sum", money), ("from", selected)]
    undo = [] if verdict is Verdict.REOPEN else [("undo", row.id) for row in decided]
    return urlencode([*pairs, *undo])


def done_message(params: QueryParams, place: Place) -> Message | None:
    """The message of the decision that led to this page."""
    done = params.get("done", "")
    number = params.get("number", "")
    if done not in DONE or not number.isdecimal():
        return None
    one, many = DONE[done]
    text = say_count(one, many, number=int(number), values={"money": params.get("sum", "")})
    undo = tuple(params.getlist("undo"))
    return Message("done", text, undo=undo, back=replace(place, selected="", record="").query, back_to=params.get("from", ""))


DONE = {
    "accept": ("Accepted %(number)s invoice, %(money)s.", "Accepted %(number)s invoices, %(money)s."),
    "dismiss": ("Dismissed %(number)s invoice, %(money)s.", "Dismissed %(number)s invoices, %(money)s."),
    "snooze": ("Snoozed %(number)s invoice, %(money)s.", "Snoozed %(number)s invoices, %(money)s."),
    "reopen": ("Reopened %(number)s invoice, %(money)s.", "Reopened %(number)s invoices, %(money)s."),
}


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
