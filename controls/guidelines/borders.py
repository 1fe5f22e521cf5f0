"""How a row is varied to lie on either side of what a control tolerates: a line for each tolerance that a guideline can sensibly set."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from controls.facts.guidelines import Value
from controls.guidelines.example_firm import DRAFTED, HOURS, RATE, at

Changes = Mapping[str, Sequence[Mapping[str, Any]]]
"""By table: what is other about its row; a second mapping makes a second row."""
Number = float
Parameters = Mapping[str, Any]

CENT: Final = 0.01
CAP: Final = 1000
"""Of the example of a cap that comes near."""
WORTH: Final = RATE * HOURS
SAID: Final = ("designed", "timetable", "crossings", "signals", "platforms", "rosters", "interfaces", "junctions", "depots", "sidings")
"""Words of which each tells something; a narrative of more has them again."""


@dataclass(frozen=True)
class Border:
    """One tolerance of one control. Silent at `silent`, and fires at `fires`, steps of `step` from what is allowed."""

    control: str
    tolerance: str
    says: str
    """What an example is, {} being its value."""
    rows: Callable[[Number, Parameters, date], Changes]
    step: Number = 1
    silent: int = 0
    fires: int = 1
    scale: Number = 1
    """What is varied, to one of the tolerance's units."""
    waits: bool = False
    """The control fires once so many days have gone by."""


def text(number: Number) -> str:
    return " ".join(SAID[place % len(SAID)] for place in range(int(number)))


def activities(number: Number) -> str:
    return "; ".join(f"{SAID[place % len(SAID)]} reviewed" for place in range(int(number)))


def _expense(number: Number, **more: Any) -> Changes:  # noqa: ANN401 - a row's values are of every kind
    return {"expense": [{"amount": round(number, 2), "billable": number > 0, **more}]}


def _bundled(number: Number, minutes: Number) -> Changes:
    return {"time_entry": [{"narrative": activities(number), "minutes": int(minutes), "billable": minutes > 0}]}


def _two_bills(first: Number, second: Number, *, day: date, apart: int) -> Changes:
    drafted = [at(day, DRAFTED), at(day, DRAFTED + apart)]
    return {"invoice": [{"net_amount": round(net, 2), "drafted_at": when} for net, when in zip((first, second), drafted, strict=True)]}


def _parts_of(limit: Number) -> Number:
    """What each of two bills comes to that are below a limit and together above it."""
    return limit * 3 / 4 if limit else WORTH / 2


BORDERS: Final = (
    Border("late_entry", "days", "entered {:g} days after the work", lambda n, _, day: {"time_entry": [{"entered_at": at(day, int(n))}]}),
    Border(
        "narrative_too_short", "words", "a narrative of {:g} words", lambda n, _, __: {"time_entry": [{"narrative": text(n)}]}, fires=-1
    ),
    Border("block_narrative", "parts", "{:g} activities in one entry", lambda n, p, _: _bundled(n, p["longer_than"] + 60)),
    Border("block_narrative", "longer_than", "too many activities in {:g} minutes", lambda n, p, _: _bundled(p["parts"] + 1, n)),
    Border(
        "travel_time",
        "minutes_an_entry",
        "{:g} minutes of travel charged",
        lambda n, _, __: {"time_entry": [{"task": "travel", "minutes": int(n) or 60, "billable": n > 0}]},
    ),
    Border(
        "expense_without_receipt",
        "free_up_to",
        "{:.2f} charged without a receipt",
        lambda n, _, __: _expense(n, receipt="missing"),
        step=CENT,
    ),
    Border("expense_over_policy", "limit", "{:.2f} charged", lambda n, p, _: _expense(n, category=p["of_category"] or "travel"), step=CENT),
    Border(
        "split_bill",
        "together_days",
        "two bills for the same days drafted {:g} days apart",
        lambda n, p, day: _two_bills(_parts_of(p["limit"]), _parts_of(p["limit"]), day=day, apart=int(n)),
        silent=1,
        fires=0,
    ),
    Border("vague_line", "words", "a line of {:g} telling words", lambda n, _, __: {"invoice_line": [{"description": text(n)}]}, fires=-1),
    Border(
        "time_not_billed",
        "days",
        "approved time on no bill after {:g} days",
        lambda _, __, ___: {"time_entry": [{"invoice_line_id": None}]},
        silent=-1,
        fires=0,
        waits=True,
    ),
    Border(
        "expense_not_billed",
        "days",
        "an approved expense on no bill after {:g} days",
        lambda _, __, ___: _expense(50),
        silent=-1,
        fires=0,
        waits=True,
    ),
    Border(
        "cap_nearly_reached",
        "share",
        f"{{:.2f}} billed of a cap of {CAP}",
        lambda n, _, __: {"contract": [{"cap_amount": CAP}], "invoice_line": [{"net_amount": round(n, 2)}]},
        step=CENT,
        silent=-1,
        fires=0,
        scale=CAP,
    ),
    Border("more_than_the_day_holds", "minutes_a_day", "{:g} minutes on one day", lambda n, _, __: {"time_entry": [{"minutes": int(n)}]}),
    Border(
        "work_outside_project",
        "grace_days",
        "work {:g} days after the project's end",
        lambda n, _, day: {"project": [{"ends_on": day - timedelta(days=int(n))}]},
    ),
    Border(
        "expense_outside_dates",
        "grace_days",
        "an expense {:g} days after the project's end",
        lambda n, _, day: {"project": [{"ends_on": day - timedelta(days=int(n))}], "expense": [{}]},
    ),
    Border(
        "rate_above_card",
        "rounding",
        f"{{:.2f}} above the card's {RATE} an hour",
        lambda n, _, __: {"invoice_line": [{"unit_price": round(RATE + n, 2)}]},
        step=CENT,
    ),
    Border(
        "line_arithmetic",
        "rounding",
        f"a line {{:.2f}} above {HOURS} hours at {RATE}",
        lambda n, _, __: {"invoice_line": [{"net_amount": round(WORTH + n, 2)}]},
        step=CENT,
    ),
    Border(
        "sum_of_lines",
        "rounding",
        "a bill {:.2f} above its lines",
        lambda n, _, __: {"invoice": [{"net_amount": round(WORTH + n, 2)}]},
        step=CENT,
    ),
    Border(
        "gross_arithmetic",
        "rounding",
        "a gross amount {:.2f} above net and tax",
        lambda n, _, __: {"invoice": [{"tax_amount": 0, "gross_amount": round(WORTH + n, 2)}]},
        step=CENT,
    ),
    Border(
        "cap_exceeded",
        "rounding",
        "fees {:.2f} above the cap",
        lambda n, _, __: {"contract": [{"cap_amount": round(WORTH - n, 2)}]},
        step=CENT,
    ),
)


def split_at_limit(parameters: Mapping[str, Value], day: date) -> tuple[tuple[str, bool, Changes], ...]:
    """Two bills that come to a client's approval limit together, and a cent more; none without a limit."""
    limit = float(parameters["limit"])
    both = ((limit, False), (round(limit + CENT, 2), True))
    half = round(limit / 2, 2)
    told = [(f"two bills of {total:.2f} together", fires, _two_bills(half, total - half, day=day, apart=0)) for total, fires in both]
    return tuple(told) if limit else ()
