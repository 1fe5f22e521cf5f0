"""A draft after some changes: the values that they name, and the amounts and totals that follow from them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import polars as pl

from models.fixes.change import Change, Value
from models.fixes.draft import Draft, Ground, Row
from records.lake import schema_of
from records.tables import TABLES

CENT: Final = Decimal("0.01")
_HOUR: Final = Decimal(60)
_PLACES: Final = Decimal("0.00000001")
"""Of a quantity, as the lake keeps it."""
_PRICED: Final = ("quantity", "unit_price")
_TOTALS: Final = ("net_amount", "tax_amount", "gross_amount")


def money(amount: Decimal) -> Decimal:
    """Rounded to the cent, as ledgers do."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def changed(ground: Ground, changes: Iterable[Change]) -> Draft:
    """The draft as if the changes were made, with what they touch in other records on top."""
    made = _Made(ground)
    cells = [cell for change in changes for cell in change.cells]
    added = {cell.record_id for cell in cells if (cell.table, cell.column) == ("invoice_line", "invoice_id")}
    for cell in cells:
        # What is to be done about a line that another change would add is nothing where that one is not made.
        if cell.table != "invoice_line" or cell.record_id in added or ground.row(cell.table, cell.record_id):
            made.put(cell.table, cell.record_id, column=cell.column, value=cell.new)
    made.take_time_off()
    made.price_lines()
    made.total_bills()
    return made.draft()


class _Made:
    """The rows that changes touch, while they are made."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._rows: dict[tuple[str, str], Row] = {}
        self._put: dict[tuple[str, str], set[str]] = defaultdict(set)

    def put(self, table: str, record_id: str, *, column: str, value: Value) -> None:
        self._row(table, record_id)[column] = value
        self._put[table, record_id].add(column)

    def take_time_off(self) -> None:
        """A line bills only the minutes that are still billable and still on it; one that bills none is out."""
        off: dict[str, int] = defaultdict(int)
        for entry_id in self._touched("time_entry"):
            before, after = self._ground.row("time_entry", entry_id), self._rows["time_entry", entry_id]
            line_id = before["invoice_line_id"] if before else None
            if before and line_id is not None:
                kept = after["minutes"] if after["billable"] and after["invoice_line_id"] == line_id else 0
                off[line_id] += before["minutes"] - kept
        for line_id, minutes in off.items():
            line = self._row("invoice_line", line_id)
            if minutes and line["quantity"] is not None and "quantity" not in self._put["invoice_line", line_id]:
                left = (line["quantity"] - Decimal(minutes) / _HOUR).quantize(_PLACES)
                least = Decimal(1) / _HOUR
                self.put("invoice_line", line_id, column="quantity", value=max(left, Decimal(0)))
                if left < least:
                    self.put("invoice_line", line_id, column="deleted", value=True)

    def price_lines(self) -> None:
        for line_id in self._touched("invoice_line"):
            line, columns = self._rows["invoice_line", line_id], self._put["invoice_line", line_id]
            if columns & set(_PRICED) and all(line[name] is not None for name in _PRICED):
                line["net_amount"] = money(line["quantity"] * line["unit_price"])

    def total_bills(self) -> None:
        """Totals are worked out anew where a line's money moved or a change names them; the rate of tax stays."""
        for invoice_id in self._bills():
            head, columns = self._row("invoice", invoice_id), self._put["invoice", invoice_id]
            before = self._ground.rows("invoice_line", "invoice_id", invoice_id)
            lines, was = (sum((one["net_amount"] for one in told), Decimal(0)) for told in (self._lines_now(before, invoice_id), before))
            if lines != was or "net_amount" in columns:
                base = (self._ground.row("invoice", invoice_id) or head)["net_amount"]
                head["net_amount"] = lines
                if head["tax_amount"] is not None and base:
                    head["tax_amount"] = money(head["tax_amount"] * lines / base)
            if head["gross_amount"] is not None and (lines != was or columns & set(_TOTALS)):
                head["gross_amount"] = head["net_amount"] + (head["tax_amount"] or 0)

    def draft(self) -> Draft:
        told: dict[str, pl.DataFrame] = dict(self._ground.draft.rows)
        for table in {table for table, _ in self._rows}:
            schema, key = schema_of(table), TABLES[table].key[0]
            own = pl.DataFrame(
                [{name: row.get(name) for name in schema} for row in self._of(table)], schema=schema, infer_schema_length=None
            )
            rest = told.get(table, own.clear()).select(schema.keys()).filter(~pl.col(key).is_in(own[key].implode()))
            told[table] = pl.concat([rest, own], how="vertical_relaxed")
        return replace(self._ground.draft, rows=told)

    def _lines_now(self, before: list[Row], invoice_id: str) -> list[Row]:
        every = {one["line_id"]: one for one in before} | {one: self._rows["invoice_line", one] for one in self._touched("invoice_line")}
        return [one for one in every.values() if one["invoice_id"] == invoice_id and not one["deleted"]]

    def _bills(self) -> list[str]:
        """The draft, and every bill that has, or had, a line that was touched."""
        found = {self._ground.draft.invoice_id}
        for line_id in self._touched("invoice_line"):
            before = self._ground.row("invoice_line", line_id)
            found |= {self._rows["invoice_line", line_id]["invoice_id"], *([before["invoice_id"]] if before else [])}
        return sorted(found)

    def _touched(self, table: str) -> list[str]:
        return sorted(record_id for of, record_id in self._rows if of == table)

    def _of(self, table: str) -> list[Row]:
        return [self._rows[table, record_id] for record_id in self._touched(table)]

    def _row(self, table: str, record_id: str) -> Row:
        if (table, record_id) not in self._rows:
            now: Mapping[str, object] = {"recorded_at": self._ground.as_of}
            empty = dict.fromkeys(schema_of(table)) | {TABLES[table].key[0]: record_id, "source": "supposed", "deleted": False}
            self._rows[table, record_id] = {**(self._ground.row(table, record_id) or empty), **now}
        return self._rows[table, record_id]
