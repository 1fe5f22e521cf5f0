"""What a decision form of a page asks for, read without trusting it."""

from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import parse_qsl

from starlette.datastructures import FormData, QueryParams

from service.decisions import Choice
from service.pages.pane import morning_of
from service.pages.places import Area, Place, read_place
from service.pages.wording import Wording, say
from service.status import DismissReason, Verdict

MOST_AT_ONCE = 50
"""Ticked lines of one bulk decision: one page. More cannot have been looked at."""


@dataclass(frozen=True)
class Asked:
    """One decision form, as it was sent."""

    area: Area
    verdict: Verdict | None
    reason: str
    note: str
    until: str
    """Day, ISO; the date field when "date" is chosen."""
    records: tuple[tuple[str, str], ...]
    """Recommendation and the etag that the reader saw; the etag is empty where nothing can have changed unseen, as in an undo."""
    ticks: tuple[str, ...]
    """Lines ticked in the list: accounts or recommendations."""
    place: Place
    """The list behind the form."""
    then: str
    """What to select after it: the next line."""
    errors: dict[str, str] = field(default_factory=dict)
    """Field -> what is wrong with it."""

    @property
    def is_bulk(self) -> bool:
        return bool(self.ticks)

    def refused(self, errors: dict[str, str]) -> "Asked":
        return replace(self, errors=errors)


def read_asked(form: FormData, area: Area) -> Asked:
    """Raises nothing: what is wrong is found by `choice_of` and by the decision itself."""
    verdict = _text(form, "verdict")
    until = _text(form, "until")
    pairs = (str(value).partition(" ") for value in form.getlist("record"))
    return Asked(
        area=area,
        verdict=Verdict(verdict) if verdict in {one.value for one in Verdict if one.by_person} else None,
        reason=_text(form, "reason"),
        note=_text(form, "note").strip().replace("\r\n", "\n"),
        until=_text(form, "until_date") if until == "date" else until,
        records=tuple((id, etag) for id, _, etag in pairs),
        ticks=tuple(dict.fromkeys(str(value) for value in form.getlist("tick"))),
        place=read_place(area, QueryParams(parse_qsl(_text(form, "place")))),
        then=_text(form, "then"),
    )


def choice_of(asked: Asked, wording: Wording) -> Choice | dict[str, str]:
    """The choice, or what is wrong with which field."""
    match asked.verdict:
        case None:
            return {"verdict": say("Choose what to do.")}
        case Verdict.DISMISS:
            if asked.reason not in {one.value for one in DismissReason}:
                return {"reason": say("Choose a reason.")}
            return Choice(Verdict.DISMISS, DismissReason(asked.reason), asked.note)
        case Verdict.SNOOZE:
            try:
                until = morning_of(date.fromisoformat(asked.until), wording)
            except ValueError:
                return {"until": say("Choose a day.")}
            return Choice(Verdict.SNOOZE, note=asked.note, until=until)
        case verdict:
            return Choice(verdict, note=asked.note)


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
