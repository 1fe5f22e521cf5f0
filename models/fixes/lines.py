"""Changes to one line of a draft: its price, role, days, words and amount, or that it is on the bill at all."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

import polars as pl

from controls.facts.cards import with_card
from models.fixes.change import ASK_CLIENT_MINUTES, ASK_MINUTES, REWORD_MINUTES, Cell, Change, Finding, Named, all_of
from models.fixes.changed import money
from models.fixes.draft import Ground, Row
from records.known import ENTER, LEAVE, MONEY_SCALE, Facts, micros

_NARRATIVES: Final = 3
"""So many entries are quoted on a line, the longest first: a line is read at a glance."""
_DAYS: Final = ("period_start_on", "period_end_on")


def _line(founds: list[Finding], ground: Ground) -> Row:
    return next(one for one in ground.lines if one["line_id"] == founds[0]["line_id"])


def label(line: Row) -> str:
    return f"Line {line['line_no']}"


def _cells(line: Row, values: Row) -> tuple[Cell, ...]:
    return tuple(Cell("invoice_line", line["line_id"], name, line[name], value) for name, value in values.items() if line[name] != value)


def on_line(line: Row) -> frozenset[str]:
    return frozenset({line["line_id"]})


def card_price(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    line, found = _line(founds, ground), founds[0]
    price = Decimal(found["expected"])
    card = ground.row("rate_card_line", found["rests_on_id"])
    since = f" of {card['effective_on']}" if card else ""
    says = f"{label(line)}: bill {price:.2f} an hour, as the rate card{since} has it, instead of {line['unit_price']:.2f}."
    source = ("rate_card_line", found["rests_on_id"])
    yield Change("correct", says, _cells(line, {"unit_price": price}), source, fits=all_of(founds), lines=on_line(line))


def assigned_role(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    """The role that the person is assigned in, at what the card has for it."""
    line, found = _line(founds, ground), founds[0]
    yield _in_role(ground, line, found["expected"], fits=all_of(founds), source=("assignment", found["rests_on_id"]))


def role_on_card(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    """The role that the person is assigned in, if the card has it; else the role is agreed first."""
    line = _line(founds, ground)
    planned = [one for one in ground.rows("assignment", "person_id", line["person_id"]) if one["project_id"] == line["project_id"]]
    for one in sorted(planned, key=lambda each: (each["starts_on"], each["assignment_id"]), reverse=True)[:1]:
        if one["role"] != line["role"] and _card(ground, line, one["role"]) is not None:
            yield _in_role(ground, line, one["role"], fits=all_of(founds), source=("assignment", one["assignment_id"]))
    says = f"{label(line)}: agree the role {line['role']} and its rate with the client, and have them recorded on the card."
    yield Change("ask", says, minutes=ASK_CLIENT_MINUTES, fits=all_of(founds), answers=all_of(founds), lines=on_line(line))


def _in_role(ground: Ground, line: Row, role: str, *, fits: frozenset[Named], source: tuple[str, str]) -> Change:
    price = _card(ground, line, role)
    at = f" at {price:.2f} an hour, as the card has it" if price is not None else ""
    says = f"{label(line)}: bill as {role}{at}, which the person is assigned as, instead of {line['role']}."
    values = {"role": role} if price is None else {"role": role, "unit_price": price}
    return Change("correct", says, _cells(line, values), source, fits=fits, lines=on_line(line))


def _card(ground: Ground, line: Row, role: str) -> Decimal | None:
    """What an hour in a role costs on the line's first day, by the controls' own rule; None where no card in the bill's currency has it."""
    head, contract = ground.head, ground.contract
    now = micros(ground.as_of)
    day = line["period_start_on"] or head["period_start_on"] or ground.as_of.date()
    asked = {"role": role, "person_id": line["person_id"], "client_id": head["client_id"], "day": day, ENTER: now, LEAVE: now + 1}
    row = pl.LazyFrame({**{name: [value] for name, value in asked.items()}, "contract_id": [contract["contract_id"] if contract else None]})
    told = with_card(ground.known, Facts("line", row.cast({"person_id": pl.String, "contract_id": pl.String})), day="day").frame.collect()
    held = told.filter(pl.col("card_currency") == head["currency"])
    return Decimal(held["card_rate"].item()) / MONEY_SCALE if held.height else None


def amount_again(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    line = _line(founds, ground)
    amount = money(line["quantity"] * line["unit_price"])
    says = f"{label(line)}: make its amount quantity times price, {amount}, instead of {line['net_amount']:.2f}."
    yield Change(
        "correct", says, _cells(line, {"net_amount": amount}), ("invoice_line", line["line_id"]), fits=all_of(founds), lines=on_line(line)
    )


def copy_out(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    """The line that repeats another off the bill; where time of its own is behind it, it may be asked what makes it different."""
    line, found = _line(founds, ground), founds[0]
    own = ground.entries(line["line_id"])
    says = f"{label(line)}: take it out, since line {found['rests_on_id']} bills the same" + (
        f" on {found['found']}." if found["found"] else "."
    )
    yield taken_out(line, says, founds, source=("invoice_line", found["rests_on_id"]), held_back=line["net_amount"] if own else Decimal(0))
    if own:
        words = f"{label(line)}: say on it what makes it another piece of work than line {found['rests_on_id']}."
        yield Change("ask", words, minutes=ASK_MINUTES, fits=all_of(founds), answers=all_of(founds), lines=on_line(line))


def taken_out(line: Row, says: str, founds: list[Finding], *, source: tuple[str, str] | None = None, held_back: Decimal) -> Change:
    cell = Cell("invoice_line", line["line_id"], "deleted", old=False, new=True)
    return Change("take out", says, (cell,), source, held_back=abs(held_back), fits=all_of(founds), lines=on_line(line))


def own_project(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    line, project = _line(founds, ground), ground.row("project", ground.head["project_id"])
    if project and project["client_id"] == ground.head["client_id"] and line["project_id"] != project["project_id"]:
        says = f"{label(line)}: bill it under the draft's own project {project['project_id']}, instead of {line['project_id']}."
        source = ("project", project["project_id"])
        yield Change("correct", says, _cells(line, {"project_id": project["project_id"]}), source, fits=all_of(founds), lines=on_line(line))
    says = f"{label(line)}: take it out; it is for project {line['project_id']}, which is another client's."
    yield taken_out(line, says, founds, source=("project", founds[0]["rests_on_id"]), held_back=Decimal(0))


def days_on_record(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    """The days of the time behind the line; time that was worked outside the bill's period goes to the bill of its days."""
    line = _line(founds, ground)
    own = ground.entries(line["line_id"])
    right = to_days_of(ground, line, fits=all_of(founds))
    if right is not None:
        yield right
        return
    first, last = (ground.head[name] for name in _DAYS)
    late = [one for one in own if not first <= one["worked_on"] <= last]
    within = [one for one in own if first <= one["worked_on"] <= last]
    says = f"{label(line)}: say on it that it is late time of {line['period_start_on']} to {line['period_end_on']}."
    yield Change("ask", says, minutes=REWORD_MINUTES, fits=all_of(founds), answers=all_of(founds), lines=on_line(line))
    if late and within:
        yield _split(line, founds, late=late, within=within)
    else:
        moved = f"{label(line)}: move it to the bill of {line['period_start_on']} to {line['period_end_on']}."
        yield taken_out(line, moved, founds, held_back=line["net_amount"])


def _split(line: Row, founds: list[Finding], *, late: list[Row], within: list[Row]) -> Change:
    """The minutes that lie outside the bill's period on the bill of their days; the line keeps the rest, and their days."""
    days = (within[0]["worked_on"], within[-1]["worked_on"])
    minutes = sum(one["minutes"] for one in late)
    cells = [Cell("time_entry", one["entry_id"], "invoice_line_id", line["line_id"], None) for one in late]
    cells += _cells(line, dict(zip(_DAYS, days, strict=True)))
    says = (
        f"{label(line)}: split it: move {minutes} minutes of {late[0]['worked_on']} to {late[-1]['worked_on']} to the bill of their days."
    )
    held = money(Decimal(minutes) / 60 * (line["unit_price"] or Decimal(0)))
    source = ("time_entry", late[0]["entry_id"])
    return Change("move", says, tuple(cells), source, held_back=held, fits=all_of(founds), lines=on_line(line))


def to_days_of(ground: Ground, line: Row, *, fits: frozenset[Named]) -> Change | None:
    """A line's days as the time behind it has them; None where they are, or no time is on record."""
    own = ground.entries(line["line_id"])
    if not own or any(line[name] is None for name in _DAYS):
        return None
    first, last = own[0]["worked_on"], own[-1]["worked_on"]
    if line["period_start_on"] <= first and last <= line["period_end_on"]:
        return None
    old = _span(line["period_start_on"], line["period_end_on"])
    says = f"{label(line)}: make its days {_span(first, last)}, as its time on record has them, instead of {old}."
    values = dict(zip(_DAYS, (first, last), strict=True))
    return Change("correct", says, _cells(line, values), ("time_entry", own[0]["entry_id"]), fits=fits, lines=on_line(line))


def _span(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"


def words_on_record(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    """What was done, in the words of the time behind the line; then the person is asked."""
    line = _line(founds, ground)
    own = sorted(ground.entries(line["line_id"]), key=lambda one: (-one["minutes"], one["entry_id"]))
    told = list(dict.fromkeys(": ".join(part for part in (one["task"], one["narrative"]) if part) for one in own))
    text = "; ".join(one for one in told if one)[:_MOST_SIGNS] if len(told) <= _NARRATIVES else "; ".join(told[:_NARRATIVES])[:_MOST_SIGNS]
    if text and text != line["description"]:
        says = f'{label(line)}: say what was done, in the words of its time: "{text}".'
        source = ("time_entry", own[0]["entry_id"])
        yield Change("correct", says, _cells(line, {"description": text}), source, REWORD_MINUTES, fits=all_of(founds), lines=on_line(line))
    says = f"{label(line)}: ask the person who worked it what was done, and write that."
    yield Change("ask", says, minutes=ASK_MINUTES, fits=all_of(founds), answers=all_of(founds), lines=on_line(line))


_MOST_SIGNS: Final = 240
"""As much text as an invoice line takes in most ledgers."""


def accepted(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    """The client's acceptance, which only it can give; else the milestone waits for the next bill."""
    line = _line(founds, ground)
    milestone = line["milestone_id"]
    cell = Cell("milestone", milestone, "accepted_on", None, ground.as_of.date(), supposed=True)
    says = f"{label(line)}: ask the client to accept milestone {milestone}, and record the acceptance."
    yield Change("ask", says, (cell,), minutes=ASK_CLIENT_MINUTES, fits=all_of(founds), lines=on_line(line))
    later = f"{label(line)}: take it out until milestone {milestone} is accepted."
    yield taken_out(line, later, founds, source=("milestone", milestone), held_back=line["net_amount"])
