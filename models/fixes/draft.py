"""A draft as it is judged and changed: its own rows, and the ground on which it stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from records.known import Known
from records.lake import schema_of
from records.tables import TABLES

Row = dict[str, Any]
"""Column -> value of one record."""


@dataclass(frozen=True)
class Draft:
    """An invoice that is not issued, with its lines."""

    invoice_id: str
    client_id: str
    rows: Mapping[str, pl.DataFrame]
    """The invoice, its lines, and what else is supposed, by table; each row as the lake has it (`schema_of`), recorded no later than the
    check."""
    billed: Mapping[str, str] = field(default_factory=dict)
    """Time entries on record -> the draft's line that bills each, where the record does not say it."""


@dataclass(frozen=True)
class Judged:
    """What is said of a draft."""

    findings: pl.DataFrame
    """As `controls.catalog.standing` has them: those of the draft, its lines and what they bill."""
    probability: float | None
    """Of a dispute; None where nothing can be said."""


Judge = Callable[[Draft], Judged]


def drafted(known: Known, invoice_id: str, *, as_of: datetime) -> Draft:
    """A draft that is on record, as known at an instant. Raises LookupError where there is none."""
    head = known.at(as_of, "invoice").filter(pl.col("invoice_id") == invoice_id).collect()
    if head.is_empty():
        raise LookupError(f"no draft {invoice_id} was on record by {as_of.isoformat()}")
    lines = known.at(as_of, "invoice_line").filter(pl.col("invoice_id") == invoice_id).collect()
    told = {"invoice": head, "invoice_line": lines}
    now = pl.lit(as_of, dtype=pl.Datetime("us", "UTC")).alias("recorded_at")
    return Draft(invoice_id, head["client_id"].item(), {table: rows.with_columns(now) for table, rows in told.items()})


class Ground:
    """The records as known at one instant, with a draft on top."""

    def __init__(self, known: Known, draft: Draft, *, as_of: datetime) -> None:
        self.known, self.draft, self.as_of = known, draft, as_of
        self._held: dict[str, pl.DataFrame] = {}

    @property
    def head(self) -> Row:
        """The draft's own row of `invoice`."""
        return self.rows("invoice", "invoice_id", self.draft.invoice_id)[0]

    @property
    def lines(self) -> list[Row]:
        """The draft's lines, in their order."""
        return sorted(self.rows("invoice_line", "invoice_id", self.draft.invoice_id), key=lambda one: (one["line_no"], one["line_id"]))

    @property
    def contract(self) -> Row | None:
        """The contract that the draft is under: its own, else its project's."""
        named = self.head["contract_id"] or (self.row("project", self.head["project_id"]) or {}).get("contract_id")
        return self.row("contract", named)

    def row(self, table: str, record_id: str | None) -> Row | None:
        found = [] if record_id is None else self.rows(table, TABLES[table].key[0], record_id)
        return found[0] if found else None

    def rows(self, table: str, column: str, *values: str | None) -> list[Row]:
        """The standing rows of a table that have one of these values in a column."""
        return self._table(table).filter(pl.col(column).is_in([one for one in values if one is not None])).to_dicts()

    def entries(self, line_id: str) -> list[Row]:
        """The time that a line bills, in the order of the days."""
        line = self.row("invoice_line", line_id)
        linked = self.rows("time_entry", "invoice_line_id", line_id)
        named = self.rows("time_entry", "entry_id", line["time_entry_id"]) if line else []
        every = {one["entry_id"]: one for one in (*linked, *named)}
        return sorted(every.values(), key=lambda one: (one["worked_on"], one["entry_id"]))

    def _table(self, table: str) -> pl.DataFrame:
        if table not in self._held:
            standing = self.known.at(self.as_of, table).collect()
            own = self.draft.rows.get(table)
            if own is not None:
                key = list(TABLES[table].key)
                last = own.sort("recorded_at").unique(key, keep="last", maintain_order=True).select(schema_of(table).keys())
                standing = pl.concat([standing.join(last, on=key, how="anti"), last.filter(~pl.col("deleted"))], how="vertical_relaxed")
            self._held[table] = standing
        return self._held[table]
