"""What of a finding its control holds against a tolerance, so that verdicts can say which value would have left it out.

A control whose finding does not show that figure is not here: which tolerance would do is then not for the verdicts to say.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Sense = Literal["above", "below"]
"""On which side of its tolerance a control speaks."""
_DIGITS: Final = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Measure:
    tolerance: str
    sense: Sense
    of: Callable[[float, float], float | None]
    """From what was expected and what was found to the figure that is held against the tolerance."""
    needs_expected: bool = True
    """Whether the figure hangs on what was expected; some findings show none."""

    def read(self, *, expected: str, found: str) -> float | None:
        """From the two cells that a finding shows; None where they hold no figure."""
        wanted, seen = number_in(expected), number_in(found)
        if seen is None or (wanted is None and self.needs_expected):
            return None
        return self.of(wanted or 0.0, seen)


def number_in(cell: str) -> float | None:
    """The figure of a cell: "EUR 1,250.00", "75 days"; of a day its number, so that two days can be subtracted."""
    if day := _DAY.fullmatch(cell.strip()):
        return float(date.fromisoformat(day.group()).toordinal())
    found = _DIGITS.search(cell)
    return float(found.group().replace(",", "")) if found else None


def _apart(expected: float, found: float) -> float:
    return round(abs(found - expected), 6)


def _after(expected: float, found: float) -> float | None:
    """Days by which it lies after; what lies before is found whatever the tolerance."""
    return found - expected if found > expected else None


def _itself(_: float, found: float) -> float:
    return abs(found)


def _ratio(expected: float, found: float) -> float | None:
    return found / expected if expected else None


def _of_the_larger(expected: float, found: float) -> float | None:
    larger = max(abs(expected), abs(found))
    return abs(found - expected) / larger if larger else None


MEASURES: Final[Mapping[str, Measure]] = {
    **{
        name: Measure("rounding", "above", _apart)
        for name in ("rate_above_card", "rate_below_card", "line_arithmetic", "sum_of_lines", "gross_arithmetic", "cap_exceeded")
    },
    "tax_mismatch": Measure("points", "above", _apart),
    "line_outside_period": Measure("days", "above", _apart),
    "expense_outside_dates": Measure("grace_days", "above", _after),
    "work_outside_project": Measure("grace_days", "above", _after),
    "more_than_the_day_holds": Measure("minutes_a_day", "above", _itself, needs_expected=False),
    "expense_without_receipt": Measure("free_up_to", "above", _itself, needs_expected=False),
    "block_narrative": Measure("parts", "above", _itself, needs_expected=False),
    "travel_time": Measure("minutes_an_entry", "above", _itself, needs_expected=False),
    "narrative_too_short": Measure("words", "below", _itself, needs_expected=False),
    "retainer_overused": Measure("share", "above", _ratio),
    "retainer_underused": Measure("share", "below", _ratio),
    "revenue_ahead": Measure("share", "above", _of_the_larger),
    "revenue_behind": Measure("share", "above", _of_the_larger),
}
"""By control. A control speaks beyond its tolerance and not at it."""
