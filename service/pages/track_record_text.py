"""A track record in sentences."""

from collections.abc import Mapping
from typing import Final

from service.pages.wording import say, say_count
from service.track_record import LOOKED_BACK, TrackRecord

ENDED: Final[Mapping[str, str]] = {
    "entered": "%(number)s completed",
    "not_entered": "%(number)s not complete two weeks after the deadline",
    "closed": "%(number)s closed",
}


def track_record_text(record: TrackRecord) -> tuple[str, ...]:
    """What was decided on findings like this one, and how those came out."""
    values = {"days": LOOKED_BACK.days, "open": record.open, "accepted": record.accepted, "reasons": _reasons(record)}
    waiting = say_count("%(number)s is open.", "%(number)s are open.", number=record.open)
    if not record.decided:
        return (f"{say('Nothing like this was decided in the last %(days)s days.', values)} {waiting}",)
    values["dismissed"] = sum(record.dismissed.values())
    message = (
        "%(accepted)s accepted, %(dismissed)s dismissed (%(reasons)s)." if record.dismissed else "%(accepted)s accepted, none dismissed."
    )
    decided = say_count(
        "%(number)s like this was decided in the last %(days)s days:",
        "%(number)s like this were decided in the last %(days)s days:",
        number=record.decided,
        values=values,
    )
    return (f"{decided} {say(message, values)} {waiting}", _came_out(record))


def _reasons(record: TrackRecord) -> str:
    named = ({"phrase": say(reason.phrase), "number": number} for reason, number in record.dismissed.items())
    return "; ".join(say("%(phrase)s: %(number)s", one) for one in named)


def _came_out(record: TrackRecord) -> str:
    parts = (
        (record.late, say("%(number)s paid late", {"number": record.late})),
        (record.in_time, say("%(number)s paid in time", {"number": record.in_time})),
        (record.other, say("%(number)s ended without payment", {"number": record.other})),
        *((number, say(ENDED[one], {"number": number})) for one, number in record.ended.items()),
        (record.unknown, say("%(number)s not known yet", {"number": record.unknown})),
    )
    return say("How those came out: %(list)s.", {"list": ", ".join(text for number, text in parts if number)})
