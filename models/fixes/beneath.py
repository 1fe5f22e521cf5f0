"""Changes to what lies beneath a line: the time and the expenses that it bills."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from models.fixes.change import ASK_CLIENT_MINUTES, ASK_MINUTES, CORRECT_MINUTES, Cell, Change, Finding, Value, all_of
from models.fixes.changed import money
from models.fixes.draft import Ground, Row
from models.fixes.lines import label, on_line, taken_out
from records.known import MONEY_SCALE

_ENTRY_MINUTES: Final = 2
"""More for each further entry that is asked about in one message: it is looked up and filed by itself."""


def _lines(founds: list[Finding], ground: Ground) -> list[Row]:
    """The lines of the draft that bill what the findings are about."""
    return [line for line in ground.lines if any(_bills(line, one) for one in founds)]


def _bills(line: Row, found: Finding) -> bool:
    """Whether a line bills what a finding is about: it is named by the time or expense, or names that."""
    named = ("line_id", "line_id"), ("entry_id", "time_entry_id"), ("expense_id", "expense_id")
    return any(found[of_finding] is not None and line[of_line] == found[of_finding] for of_finding, of_line in named)


def _where(lines: list[Row]) -> str:
    numbers = ", ".join(str(one["line_no"]) for one in lines)
    return f"line {numbers}" if len(lines) == 1 else f"lines {numbers}"


def _count(founds: list[Finding]) -> str:
    return "1 entry" if len(founds) == 1 else f"{len(founds)} entries"


def _asked(founds: list[Finding], ground: Ground, says: str, *, cells: tuple[Cell, ...] = (), minutes: int = ASK_MINUTES) -> Change:
    """One message about all of them."""
    lines = _lines(founds, ground)
    told = says.format(entries=_count(founds), where=_where(lines))
    work = minutes + _ENTRY_MINUTES * (len(founds) - 1)
    touched = frozenset(one["line_id"] for one in lines)
    return Change("ask", told, cells, minutes=work, fits=all_of(founds), answers=frozenset() if cells else all_of(founds), lines=touched)


def narratives(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    yield _asked(founds, ground, "Have the people who worked {entries} of {where} write what was done, as the client asks for it.")


def time_approval(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    cells = tuple(Cell("time_entry", one["entry_id"], "approved_at", None, ground.as_of, supposed=True) for one in founds)
    yield _asked(founds, ground, "Have {entries} of {where} approved.", cells=cells)


def other_time_approver(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    cells = tuple(Cell("time_entry", one["entry_id"], "approver_id", one["found"], None, supposed=True) for one in founds)
    yield _asked(founds, ground, "Have somebody other than who worked it approve {entries} of {where}.", cells=cells)


def late_time(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    yield _asked(founds, ground, "Ask the client to take {entries} of {where} that came late.", minutes=ASK_CLIENT_MINUTES)
    yield from off_the_bill(founds, ground)


def time_of_closed_project(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    yield _asked(founds, ground, "Ask which project {entries} of {where} were worked for, or have the project reopened.")
    yield from off_the_bill(founds, ground)


def full_day(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    yield _asked(founds, ground, "Ask what is right of {entries} of {where}: the minutes, the day or the person.")


def confirmed(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    yield _asked(founds, ground, "Ask about {entries} of {where}, and have what is right recorded, or say on the bill why.")


def unpaid_task(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    """What the client does not pay for is no money of the firm's."""
    for line, told in _by_line(founds, ground):
        cells = tuple(Cell("time_entry", one["entry_id"], "billable", old=True, new=False) for one in told)
        minutes = sum((ground.row("time_entry", one["entry_id"]) or {"minutes": 0})["minutes"] for one in told)
        says = f"{label(line)}: make {minutes} minutes not billable, for a task that the client does not pay for."
        source = (told[0]["rests_on_table"], told[0]["rests_on_id"])
        yield Change("take out", says, cells, source, fits=all_of(told), lines=on_line(line))


def travel_beyond(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    """Travel down to what the client pays; the rest is not billable."""
    for line, told in _by_line(founds, ground):
        cells, over = [], 0
        for one in told:
            entry, allowed = ground.row("time_entry", one["entry_id"]), int(one["expected"])
            if entry is None:
                continue
            over += entry["minutes"] - allowed
            limited = Cell("time_entry", one["entry_id"], "minutes", entry["minutes"], allowed)
            cells.append(limited if allowed else Cell("time_entry", one["entry_id"], "billable", old=True, new=False))
        says = f"{label(line)}: make {over} minutes of travel not billable, which are beyond what the client pays."
        source = (told[0]["rests_on_table"], told[0]["rests_on_id"])
        yield Change("take out", says, tuple(cells), source, fits=all_of(told), lines=on_line(line))


def off_the_bill(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    """The time off the lines that bill it, until what is open about it is settled."""
    for line, told in _by_line(founds, ground):
        cells = tuple(Cell("time_entry", one["entry_id"], "billable", old=True, new=False) for one in told)
        held = sum((Decimal(one["difference"]) for one in told), Decimal(0)) / MONEY_SCALE
        says = f"{label(line)}: take {_count(told)} off it."
        yield Change("take out", says, cells, held_back=money(held), fits=all_of(told), lines=on_line(line))


def _by_line(founds: list[Finding], ground: Ground) -> Iterator[tuple[Row, list[Finding]]]:
    for line in _lines(founds, ground):
        yield line, [one for one in founds if _bills(line, one)]


def expense_approval(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    yield from _expense(founds, ground, "approved_at", None, ground.as_of, says="have expense {expense} approved.")


def other_expense_approver(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    yield from _expense(
        founds, ground, "approver_id", founds[0]["found"], None, says="have somebody other than the spender approve expense {expense}."
    )


def receipt(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    yield from _expense(founds, ground, "receipt", "missing", "present", says="attach the receipt of expense {expense}.")


def _expense(founds: list[Finding], ground: Ground, column: str, old: Value, new: Value, *, says: str) -> Iterator[Change]:
    """The proof that is lacking; else the expense waits for the next bill."""
    expense = founds[0]["expense_id"]
    cell = Cell("expense", expense, column, old, new, supposed=True)
    for line in _lines(founds, ground):
        told = f"{label(line)}: {says.format(expense=expense)}"
        yield Change("ask", told, (cell,), minutes=ASK_MINUTES, fits=all_of(founds), lines=on_line(line))
        later = f"{label(line)}: take expense {expense} out until the next bill."
        yield taken_out(line, later, founds, held_back=line["net_amount"])


def within_policy(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    """The amount that the client pays; the rest of the expense is the firm's own."""
    [found] = founds
    limit, source = Decimal(found["expected"]), (found["rests_on_table"], found["rests_on_id"])
    for line in _lines(founds, ground):
        if not limit:
            says = f"{label(line)}: take it out; the client pays nothing of such an expense."
            yield taken_out(line, says, founds, source=source, held_back=Decimal(0))
            continue
        cells = (
            Cell("expense", found["expense_id"], "amount", Decimal(found["found"]), limit),
            Cell("invoice_line", line["line_id"], "unit_price", line["unit_price"], limit),
            Cell("invoice_line", line["line_id"], "quantity", line["quantity"], Decimal(1)),
        )
        says = f"{label(line)}: bill {limit:.2f}, as much as the client pays of such an expense, instead of {found['found']}."
        yield Change("correct", says, cells, source, CORRECT_MINUTES, fits=all_of(founds), lines=on_line(line))


def dated_expense(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    for line in _lines(founds, ground):
        says = f"{label(line)}: ask which project expense {founds[0]['expense_id']} was for, or have the project extended."
        yield Change("ask", says, minutes=ASK_MINUTES, fits=all_of(founds), answers=all_of(founds), lines=on_line(line))
