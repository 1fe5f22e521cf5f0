"""The words of a project's charts, from the same objects as their pictures and tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from service.burn_chart import BurnChart
from service.margin_chart import MarginChart, MarginRow
from service.money import Money
from service.pages.wording import Wording, say

CAUSES: Final[Mapping[str, tuple[str, str]]] = {
    "scope": ("Scope", "more work, within the hours that were granted"),
    "effort": ("Effort", "more hours than were granted"),
    "mix": ("Mix", "dearer people than planned"),
    "rate": ("Rate", "an hour brings less than planned"),
    "write-down": ("Write-down", "more hours that are not charged"),
}
"""Cause -> its name, and what it means when it takes margin."""
ROWS: Final[Mapping[str, str]] = {"plan": "Plan", "goes_on": "If it goes on like this", "forecast": "Forecast at completion"}
LINES: Final[Mapping[str, str]] = {"granted": "budget", "goes_on": "goes on to"}
SEEN: Final = 0.0005
"""Share of the revenue: less is shown as 0.0 points."""


@dataclass(frozen=True)
class CourseText:
    """What is said of one project's margin and cost."""

    margin: MarginChart
    burn: BurnChart
    wording: Wording

    @property
    def title(self) -> str:
        """The message of the margin's chart."""
        course = self.margin.course
        plan = _percent(course.planned)
        if course.middle is None:
            return say("If it goes on like this it ends at %(end)s, planned were %(plan)s", {"end": _percent(course.goes_on), "plan": plan})
        return say("Expected to end at %(end)s, planned were %(plan)s", {"end": _percent(course.middle), "plan": plan})

    @property
    def sentences(self) -> tuple[str, ...]:
        """The range, and what takes the margin."""
        course = self.margin.course
        ranged: tuple[str, ...] = ()
        if course.low is not None and course.high is not None:
            values = {"low": _percent(course.low), "high": _percent(course.high)}
            ranged = (say("Of ten projects like this eight end between %(low)s and %(high)s.", values),)
        named = ", ".join(
            say("%(cause)s %(points)s", {"cause": say(CAUSES[one][0]), "points": _points(by)}) for one, by in self.margin.taking
        )
        taken = say("What takes it, if it goes on like this: %(list)s.", {"list": named})
        return (*ranged, taken if named else say("If it goes on like this no cause takes a point of it."))

    @property
    def burn_title(self) -> str:
        """The message of the cost's chart."""
        burn = self.burn.burn
        over = burn.at_completion - burn.granted
        values = {"money": self.money(abs(over))}
        if over > 0:
            return say("If it goes on like this it costs %(money)s more than the budget", values)
        return say("If it goes on like this it stays %(money)s within the budget", values)

    @property
    def burn_description(self) -> str:
        """All that the picture shows, in sentences."""
        burn = self.burn.burn
        figures = {"spent": self.burn.spent_now, "planned": burn.planned, "granted": burn.granted, "end": burn.at_completion}
        days = {"starts": burn.starts_on, "ends": burn.ends_on, "read": burn.read_on}
        values = {name: self.money(value) for name, value in figures.items()} | {name: self.wording.day(day) for name, day in days.items()}
        return say(
            "Planned: %(planned)s from %(starts)s to %(ends)s. The budget grants %(granted)s. Spent by %(read)s: %(spent)s. "
            "In the end, if it goes on like this: %(end)s.",
            values,
        )

    def name(self, row: MarginRow) -> str:
        return say(CAUSES[row.cause][0] if row.cause else ROWS[row.kind])

    def note(self, row: MarginRow) -> str:
        """Below the name: what a cause means, the range of a forecast."""
        course = self.margin.course
        if row.kind == "forecast" and course.low is not None and course.high is not None:
            return say("80%% range %(low)s to %(high)s", {"low": _percent(course.low), "high": _percent(course.high)})
        return say(CAUSES[row.cause][1]) if row.cause and row.value <= -SEEN else ""

    def value(self, row: MarginRow) -> str:
        return _signed(row.value) if row.cause else _percent(row.value)

    def line(self, of: str) -> str:
        return say(LINES[of])

    def money(self, value: int) -> str:
        return self.wording.whole(Money(Decimal(value), self.burn.burn.currency))


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("-", "−")


def _points(share: float) -> str:
    return say("%(points)s points", {"points": _signed(share)})


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")
