"""Which bill a record bears on, and whether that is still a draft: where a reviewer meets what was found about it."""

from datetime import date, datetime, timedelta
from typing import Final, Literal, NamedTuple

import polars as pl

from records.known import ENTER, LEAVE, Known, micros
from records.receivables import receivables

Stage = Literal["draft", "fresh", "issued", "unbilled"]
"""draft: of a bill that can still be changed. fresh: of one that is out, unpaid, and may yet be contested. issued: of one that has been
out for longer, is settled or cancelled. unbilled: on no bill, as work that waits and a contract are."""
FRESH_DAYS: Final = 30
"""As long as the risk of a dispute is told of an invoice that is out."""


class Bearing(NamedTuple):
    bill_id: str
    """Empty where it is on no bill."""
    stage: Stage


UNBILLED: Final = Bearing("", "unbilled")


def stage_of(issued_on: date | None, *, as_of: datetime, is_over: bool = False) -> Stage:
    """Of a bill; `is_over` once it is settled or cancelled."""
    if is_over:
        return "issued"
    if issued_on is None:
        return "draft"
    return "fresh" if as_of.date() - issued_on <= timedelta(days=FRESH_DAYS) else "issued"


class Bearings:
    """Of invoices, lines, time entries and expenses, as known at one instant."""

    def __init__(self, known: Known, as_of: datetime) -> None:
        held = known.at(as_of, "invoice").select("invoice_id", "issued_on", "cancelled_at").collect()
        now = micros(as_of)
        owed = known.derived(receivables).frame.filter((pl.col(ENTER) <= now) & (now < pl.col(LEAVE)))
        settled = set(owed.filter(pl.col("stage") == "settled").select("invoice_id").collect()["invoice_id"])
        self._stages = {
            bill: stage_of(issued, as_of=as_of, is_over=cancelled is not None or bill in settled)
            for bill, issued, cancelled in held.iter_rows()
        }
        lines = known.at(as_of, "invoice_line").select("line_id", "invoice_id", "time_entry_id", "expense_id").collect()
        self._of_line: dict[str, str] = dict(lines.select("line_id", "invoice_id").rows())
        self._billed = {
            "time_entry": _by_record(known, as_of, "time_entry", "entry_id", lines.select("time_entry_id", "line_id")),
            "expense": _by_record(known, as_of, "expense", "expense_id", lines.select("expense_id", "line_id")),
        }

    def of(self, entity: str, key: str) -> Bearing:
        """Of one row of a table, by its key."""
        line = key if entity == "invoice_line" else self._billed.get(entity, {}).get(key, "")
        bill = key if entity == "invoice" else self._of_line.get(line, "")
        if not bill:
            return UNBILLED
        return Bearing(bill, self._stages.get(bill, "issued"))


def _by_record(known: Known, as_of: datetime, table: str, key: str, named: pl.DataFrame) -> dict[str, str]:
    """Record -> line that bills it: as the record names it, else as the line does."""
    own = known.at(as_of, table).filter(pl.col("invoice_line_id").is_not_null()).select(key, "invoice_line_id").collect()
    return {**dict(named.drop_nulls().rows()), **dict(own.rows())}
