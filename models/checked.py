"""From what a control finds to a finding that a person can act on: certain, so without a likelihood, and ranked by its money."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import polars as pl

from controls.catalog import standing
from controls.control import Control
from models.bearing import Bearing, Bearings
from models.currency import Exchange, exchange
from models.dealings import Dealings
from models.finding import ONCE, Evidence, Finding, Reason
from models.scoring import RULE_VERSION, Scored
from records.known import MONEY_SCALE, Known

CLEARS: Final = "It closes by itself once the records no longer show it."
_COLUMNS = ("Record", "Expected", "Found", "Rests on")
_CLAUSE = ("Guideline", "In force from", "In the client's words")


def checked(known: Known, control: Control, *, as_of: datetime, reporting: str | None = None, bearings: Bearings | None = None) -> Scored:
    """What one control finds at an instant, the most money first. Nothing is withheld: what is certain needs no outcome to trust it.

    `bearings`: of the same instant, where they are at hand.
    """
    every = standing(known, as_of)
    rows = every.filter(pl.col("control") == control.name)
    # Of all that is found: a control that found one bill alone must not change the currency in which all is ranked.
    counted = every["currency"].drop_nulls().value_counts().sort("count", "currency", descending=[True, False])
    rates = exchange(known, counted["currency"].to_list(), as_of=as_of, reporting=reporting)
    book = _Book(known, as_of, bearings or Bearings(known, as_of))
    found = [_finding(control, row, book=book, rates=rates, as_of=as_of) for row in rows.to_dicts()]
    return Scored(tuple(sorted(found, key=lambda one: (-one.expected_loss, one.id))), "", tuple(note for note in (rates.notice,) if note))


class _Book:
    """Clients, invoices and lines as known at one instant."""

    def __init__(self, known: Known, as_of: datetime, bearings: Bearings) -> None:
        self._bearings = bearings
        self.clients: dict[str, str] = dict(known.at(as_of, "client").select("client_id", "name").collect().rows())
        heads = known.at(as_of, "invoice").select("invoice_id", "number", "due_on", "issued_on").collect()
        self.invoices = {row["invoice_id"]: row for row in heads.to_dicts()}
        ruled = known.at(as_of, "billing_guideline").select("guideline_id", "effective_on", "text").collect()
        self.clauses: dict[str, tuple[date, str]] = {name: (day, text) for name, day, text in ruled.rows() if text}
        self.months: dict[str, date] = dict(known.at(as_of, "revenue_schedule").select("schedule_id", "period_start_on").collect().rows())
        self.projects: dict[str, str | None] = dict(known.at(as_of, "project").select("project_id", "name").collect().rows())
        self.lines: dict[str, int] = dict(known.at(as_of, "invoice_line").select("line_id", "line_no").collect().rows())

    def reference(self, control: Control, row: dict[str, Any]) -> str:
        """What people call the record: an invoice's number, with the line where it is about one; a schedule's project and month."""
        if control.entity == "revenue_schedule" and (month := self.months.get(row[control.key])):
            return f"{self.projects.get(row['project_id']) or row['project_id']}, {month:%B %Y}"
        head = self.invoices.get(row["invoice_id"])
        if head is None:
            return str(row[control.key])
        number = str(head["number"] or head["invoice_id"])
        return f"{number} line {self.lines[row['line_id']]}" if row["line_id"] in self.lines else number

    def clause(self, row: dict[str, Any], *, known_at: str) -> tuple[Evidence, ...]:
        """What the client's guideline says, of a finding that rests on one."""
        found = self.clauses.get(row["rests_on_id"]) if row["rests_on_table"] == "billing_guideline" else None
        if found is None:
            return ()
        return (Evidence("What the client's guideline says", _CLAUSE, ((row["rests_on_id"], f"{found[0]}", found[1]),), known_at),)

    def bearing(self, control: Control, row: dict[str, Any]) -> Bearing:
        """The bill that a finding names, else the one that its record is on."""
        table, key = ("invoice", row["invoice_id"]) if row["invoice_id"] else (control.entity, row[control.key])
        return self._bearings.of(table, key)

    def day(self, row: dict[str, Any], column: str) -> date | None:
        found = self.invoices.get(row["invoice_id"], {}).get(column)
        return found if isinstance(found, date) else None


def _finding(control: Control, row: dict[str, Any], *, book: _Book, rates: Exchange, as_of: datetime) -> Finding:
    stake = (Decimal(row["difference"]) / MONEY_SCALE).quantize(Decimal("0.01"))
    currency = row["currency"] or rates.reporting
    in_reporting = rates.convert(stake, currency)
    reference, client = book.reference(control, row), book.clients.get(row["client_id"], row["client_id"])
    rests_on = f"{row['rests_on_table'].replace('_', ' ')} {row['rests_on_id']}"
    cells = (reference, *(_shown(control, row[name], currency) for name in ("expected", "found")), rests_on)
    known_at = f"as known at {as_of:%Y-%m-%d %H:%M} UTC"
    # A notice says that nothing is wrong yet: what it stands for is shown, and not lost.
    lost = Decimal(0) if control.severity == "notice" else in_reporting
    return Finding(
        kind="control",
        risk=control.name,
        entity_type=control.entity,
        entity_id=row[control.key],
        period=row["period"] or ONCE,
        title=f"{reference} ({client}): {control.says[0].lower()}{control.says[1:].rstrip('.')}",
        as_of=as_of,
        owner_role=control.owner_role,
        client_id=row["client_id"],
        client_name=client,
        reference=reference,
        due_on=book.day(row, "due_on"),
        issued_on=book.day(row, "issued_on"),
        amount_at_stake=stake,
        currency=currency,
        stake_reporting=in_reporting,
        reporting_currency=rates.reporting,
        probability=None,
        expected_loss=lost,
        predicted_on=None,
        predicted_low_on=None,
        predicted_high_on=None,
        predicted_dates=(),
        suggestion=f"{control.clears[0].upper()}{control.clears[1:]}",
        clears=CLEARS,
        reasons=(Reason(control.family, control.says, raises=True, effect=0.0, seen=cells[2], usual=cells[1]),),
        evidence=(Evidence(control.says, _COLUMNS, (cells,), known_at), *book.clause(row, known_at=known_at)),
        rule_probability=None,
        facts={"Severity": control.severity, "Rests on": control.rests_on_says},
        dealings=Dealings(),
        provisional=False,
        model_version=RULE_VERSION,
        bears_on=book.bearing(control, row),
    )


def _shown(control: Control, plain: str | None, currency: str) -> str:
    """What was expected or found, in the control's unit."""
    if not plain:
        return "–"
    if control.unit in {"money", "rate"}:
        return f"{currency} {Decimal(plain):,.2f}"
    return f"{plain} {control.unit}" if control.unit in {"minutes", "days"} else plain
