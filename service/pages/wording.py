"""All text of the pages goes through here: whole sentences from one catalogue, and values as the reader's locale writes them.

The catalogue holds English as its own keys (gettext); another language is a compiled catalogue in its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from gettext import NullTranslations
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton

from models.due_days import days_overdue
from service.formats import format_date, format_instant, format_money
from service.money import Money
from service.row import RecommendationRow
from service.status import Status
from service.words import NOT_SURE, Likelihood

CATALOGUE: Final = NullTranslations()
SAME_YEAR_DAYS: Final = 180
"""A date nearer than this is named without its year in lists; details always give the year."""


def say(message: str, values: Mapping[str, object] | None = None) -> str:
    """One whole sentence or label of the catalogue, its %(name)s filled in."""
    return CATALOGUE.gettext(message) % (values or {})


def say_count(one: str, many: str, *, number: int, values: Mapping[str, object] | None = None) -> str:
    """As `say`, by number; `%(number)s` is the number."""
    return CATALOGUE.ngettext(one, many, number) % {"number": number, **(values or {})}


@dataclass(frozen=True)
class Wording:
    """Values as one reader reads them, today."""

    locale: str
    time_zone: str
    now: datetime

    @property
    def language(self) -> str:
        """BCP 47 tag of the page."""
        return self.locale.replace("_", "-")

    @property
    def today(self) -> date:
        return self.here.date()

    @property
    def here(self) -> datetime:
        """Now, in the reader's time zone."""
        return self.now.astimezone(ZoneInfo(self.time_zone))

    def money(self, money: Money) -> str:
        return format_money(money, locale=self.locale)

    def whole(self, money: Money) -> str:
        """Without pence, for columns; always with its currency."""
        return format_money(money, locale=self.locale, whole=True)

    def day(self, day: date) -> str:
        return format_date(day, locale=self.locale)

    def short(self, day: date) -> str:
        near = abs((day - self.today).days) < SAME_YEAR_DAYS
        return str(format_skeleton("MMMd" if near else "yMMMd", day, locale=self.locale))

    def soon(self, day: date) -> str:
        """A day that is planned, short."""
        return say("today") if day == self.today else self.short(day)

    def span(self, low: date | None, high: date | None) -> str:
        """The 80 % range of a date, short."""
        if low is None or high is None:
            return ""
        return say("%(low)s – %(high)s", {"low": self.short(low), "high": self.short(high)})

    def instant(self, instant: datetime) -> str:
        return format_instant(instant, locale=self.locale, time_zone=self.time_zone)

    def overdue(self, days: int) -> str:
        if days <= 0:
            return say("not yet")
        return say_count("%(number)s day", "%(number)s days", number=days)

    def due(self, due_on: date | None) -> str:
        if due_on is None:
            return say("no due date")
        return say("due %(day)s", {"day": self.short(due_on)})

    def days_left(self, due_on: date | None) -> str:
        if due_on is None:
            return "–"
        left = -days_overdue(due_on, self.today)
        if left == 0:
            return say("today")
        if left < 0:
            return say_count("%(number)s day ago", "%(number)s days ago", number=-left)
        return say_count("in %(number)s day", "in %(number)s days", number=left)

    def standing(self, row: RecommendationRow) -> str:
        """What became of a row that is no longer open, in one sentence; empty when it is open."""
        by = {"who": row.decided_by, "when": self.instant(row.decided_at) if row.decided_at else "–"}
        match row.status:
            case Status.ACCEPTED:
                return say("Accepted by %(who)s, %(when)s.", by)
            case Status.DISMISSED:
                phrase = row.dismiss_reason.phrase if row.dismiss_reason else "–"
                return say("Dismissed by %(who)s, %(when)s: %(phrase)s.", {**by, "phrase": phrase})
            case Status.SNOOZED:
                until = self.instant(row.snoozed_until) if row.snoozed_until else "–"
                return say("Snoozed by %(who)s until %(until)s.", {**by, "until": until})
            case Status.CLOSED:
                return row.closed_sentence
            case _:
                return ""


def likelihood_text(words: Likelihood | None) -> str:
    """Words and number together, or that they are withheld."""
    return say(NOT_SURE) if words is None else words.phrase
