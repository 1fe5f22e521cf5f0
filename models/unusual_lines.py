"""Unusual lines: a rate on an invoice unlike this person's on this project before, while the invoice can still be looked at.

Fires: a consultant's hours stand at the senior rate, which is on the card, after ten lines at the consultant's.
Silent: all rates of a contract rise by three in a hundred in January, and so does this line's.
"""

from datetime import date, datetime
from typing import Final

import polars as pl

from features.billed_lines import LINE_RESIDUALS, hourly_lines, line_residuals, open_lines
from features.residuals import WINDOW_DAYS
from features.windows import AS_OF
from models.anomaly import Anomaly, Told
from models.finding import ONCE
from models.invoice_book import money
from models.subject import Subject
from models.usual_values import usual_text
from records.known import DAY, ENTER, LEAVE, MONEY_SCALE, Known


class LineBook:
    """What stood on invoices of the same person, project and role when each of some lines was drafted."""

    def __init__(self, known: Known, as_of: datetime, found: pl.DataFrame) -> None:
        numbers = known.at(as_of, "invoice").select("invoice_id", "number", "issued_on").collect()
        self._invoices = {row["invoice_id"]: row for row in numbers.to_dicts()}
        self._clients: dict[str, str] = dict(known.at(as_of, "client").select("client_id", "name").collect().rows())
        facts = known.derived(hourly_lines).frame
        asked = found.lazy().select(AS_OF, "pair", "grade", one="line_id")
        self._own, self._grade = (_rates(asked, facts, by=by) for by in ("pair", "grade"))

    def told(self, row: dict[str, object], stands_out: tuple[str, ...]) -> Told:
        invoice = self._invoices.get(row["invoice_id"], {})
        number, client = str(invoice.get("number") or row["invoice_id"]), str(row["client_id"])
        issued = invoice.get("issued_on")
        subject = Subject(
            f"{number}, line {row['line_no']}",
            client,
            self._clients.get(client, client),
            due_on=None,
            issued_on=issued if isinstance(issued, date) else None,
            facts={"Person": str(row["person_id"]), "Role": str(row["role"] or ""), "Text": str(row["description"] or "")},
        )
        told = {one: getattr(self, f"_{one}")(row) for one in stands_out}
        return Told(subject, ONCE, f"Unusual line on {number}: {_hours(row['quantity'])} at {_rate(row)}", told)

    def _off_rate(self, row: dict[str, object]) -> tuple[str, str, str]:
        own, grade = self._own.get(str(row["line_id"])), self._grade.get(str(row["line_id"]))
        held, whose = (own, "this person") if own else (grade, f"others who work as {row['role']}")
        seen, currency = f"{_rate(row)} an hour", str(row["currency"])
        if held is None:
            return f"{seen}; there is no rate to compare it with.", seen, ""
        counted = f"on {_lines(len(held))}"
        usual = usual_text(int(str(row["unit_price"])), held, shown=lambda rate: money(rate, currency), counted=counted)
        return f"{seen}; {whose} on this project: {usual}.", seen, usual


def _rates(asked: pl.LazyFrame, facts: pl.LazyFrame, *, by: str) -> dict[str, list[int]]:
    """By line the rates of the others of its key, as known when it was drafted."""
    others = facts.select(*dict.fromkeys([by, "line_id", "unit_price", ENTER, LEAVE]))
    met = asked.select("one", AS_OF, by).join(others, on=by)
    here = (pl.col(ENTER) <= pl.col(AS_OF)) & (pl.col(AS_OF) < pl.col(LEAVE)) & (pl.col(ENTER) > pl.col(AS_OF) - WINDOW_DAYS * DAY)
    found = met.filter(here & (pl.col("line_id") != pl.col("one"))).group_by("one").agg("unit_price")
    return dict(found.collect().rows())


def _hours(quantity: object) -> str:
    return f"{int(str(quantity)) / MONEY_SCALE:,.2f} h"


def _rate(row: dict[str, object]) -> str:
    return money(row["unit_price"], str(row["currency"]))


def _lines(n: int) -> str:
    return "1 line" if n == 1 else f"{n:,} lines"


UNUSUAL_LINES: Final = Anomaly(
    entity="invoice_line",
    key="line_id",
    says="A line of hours at a rate unlike what this person, or this role on the project, has been billed at",
    past=hourly_lines,
    looked_at=open_lines,
    residuals=LINE_RESIDUALS,
    measure=line_residuals,
    alike_by=("pair", "grade", "person_id"),
    shown=(
        ("Invoice", lambda row: str(row["invoice_id"])),
        ("Line", lambda row: str(row["line_no"])),
        ("Hours", lambda row: _hours(row["quantity"])),
        ("Role", lambda row: str(row["role"] or "")),
        ("Rate", lambda row: f"{int(str(row['unit_price'])) / MONEY_SCALE:,.2f}"),
        ("What it says", lambda row: str(row["description"] or "")),
    ),
    book=LineBook,
    actions=(("off_rate", "Compare role and rate with the assignment before the invoice goes out."),),
    issued_actions=(("off_rate", "Compare role and rate with the assignment, and have the difference credited if it is wrong."),),
    clears="It closes by itself once the invoice is settled or cancelled, or the line is corrected.",
)
