"""Duplicate line: what is on a bill already, on this one or an earlier one."""

from typing import Final

from controls.control import control
from controls.facts.bills import lines
from controls.facts.guidelines import Terms
from controls.facts.printed import ALIKE, printed
from controls.facts.twins import twins
from records.known import Facts, Known

_SAME: Final = (*ALIKE, "quantity", "net_amount", "text")


@control(entity="invoice_line", severity="error", family="billing", unit="text", rests_on="invoice_line")
def duplicate_line(known: Known, terms: Terms) -> Facts:
    """A line repeats an earlier line of the same project.

    Fires: two lines of one person, task, days, hours, price and text, on one bill or on two.
    Silent: the first of the two; lines that name different time entries, expenses or milestones; a line whose twin was cancelled.
    Rests on: the earlier line, on a bill that may be paid already.
    Clears: take one of the two off, or say what makes them different.
    """
    del terms
    open_lines = known.derived(lines)
    every = known.derived(printed)
    own = every.joined(Facts(open_lines.name, open_lines.frame.select("line_id", "enter", "leave")), on="line_id", take=())
    found = twins(own, every, alike=_SAME, key="line_id", since="placed", take=("invoice_number",))
    return Facts(
        found.name, found.frame.with_columns(found="earlier_invoice_number", difference="net_amount", rests_on_id="earlier_line_id")
    )
