"""Examples of rules that are no number: an order that is asked for, a form, a list of tasks, a category, a yes or no."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from controls.facts.guidelines import Value
from controls.guidelines.borders import Changes, split_at_limit
from controls.guidelines.example_firm import WORKED
from controls.guidelines.forms import shortest

Turn = tuple[str, bool, Changes]
"""What the example is, whether it fires, and what is other about its rows."""
Parameters = Mapping[str, Value]

DATES: Final = ("due_on", "period_start_on", "period_end_on")
ANY: Final = ".+"
OTHER: Final = "a category of another name"
SUNDAY: Final = 6
"""Days after a Monday."""


def orders(_: Parameters, __: date) -> Iterator[Turn]:
    yield "a bill that quotes an order", False, {"invoice": [{"po_ref": "PO-1"}]}
    yield "a bill without an order", True, {"invoice": [{}]}


def forms(parameters: Parameters, day: date) -> Iterator[Turn]:
    """Raises UnreadableFormError for a pattern of which no example can be made."""
    name, pattern = str(parameters["field"]), str(parameters["pattern"])
    if name in DATES or name == "tax_amount":
        yield f"a bill with {name}", False, {"invoice": [{name: day if name in DATES else 1}]}
        yield f"a bill without {name}", True, {"invoice": [{name: None}]}
        return
    fits, other = shortest([pattern, ANY]), shortest([ANY], misses=[pattern])
    if fits is not None:
        yield f"{name} {fits}", False, {"invoice": [{name: fits}]}
    if other is not None:
        yield f"{name} {other}", True, {"invoice": [{name: other}]}
    # A draft has no number yet, which says nothing of the form.
    if name != "number":
        yield f"no {name}", True, {"invoice": [{name: None}]}


def tasks(parameters: Parameters, _: date) -> Iterator[Turn]:
    yield "a task that is not named", False, {"time_entry": [{}]}
    for code in _parts(parameters["codes"]):
        yield f"an entry of code {code}", True, {"time_entry": [{"task_code": code}]}
    for word in _parts(parameters["text"]):
        yield f"an entry that says “{word}”", True, {"time_entry": [{"narrative": f"{WORKED} ({word})"}]}


def categories(parameters: Parameters, _: date) -> Iterator[Turn]:
    named = str(parameters["of_category"])
    over = {"amount": round(float(parameters["limit"]) + 1, 2)}
    if named:
        yield f"as much of {OTHER}", False, {"expense": [{**over, "category": OTHER}]}
    else:
        yield f"more of {OTHER}", True, {"expense": [{**over, "category": OTHER}]}


def days_off(parameters: Parameters, day: date) -> Iterator[Turn]:
    sunday = day + timedelta(days=SUNDAY)
    worked: dict[str, Any] = {"worked_on": sunday}
    yield "work on a Sunday", not parameters["allowed"], {"time_entry": [worked], "calendar_day": [{"day": sunday}]}
    yield "work on a Monday", False, {"time_entry": [{}], "calendar_day": [{"day": sunday}]}


def limits(parameters: Parameters, day: date) -> Iterator[Turn]:
    yield from split_at_limit(parameters, day)


def _parts(value: Value) -> list[str]:
    return [part.strip() for part in str(value).split(",") if part.strip()]


TURNS: Final[Mapping[str, Callable[[Parameters, date], Iterator[Turn]]]] = {
    "po_missing": orders,
    "client_format_rule": forms,
    "forbidden_task": tasks,
    "expense_over_policy": categories,
    "non_working_day": days_off,
    "split_bill": limits,
}
