"""A tiny firm's records, written as a person would tell them. Each call adds a version of a row, known from `recorded` on.

A time is written as `2025-03-10`, which is the end of that day, or as `2025-03-10T09:00`, an instant in UTC.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

import polars as pl

from records.known import Known, instant_of
from records.lake import Lake, schema_of
from records.table import Column
from records.tables import TABLES

Value = str | int | Decimal | date | datetime | None
"""A bool is an int."""
Row = dict[str, Value]

WEEKEND: Final = 5
DOOMSDAY: Final = "2030-12-31"
"""Later than anything that a test records."""

USUAL: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "client": {"name": "A client", "currency": "EUR"},
        "contract": {"kind": "time_and_materials", "currency": "EUR", "starts_on": "2024-01-01", "po_required": False},
        "invoice": {"kind": "invoice", "currency": "EUR"},
        "payment": {"currency": "EUR", "status": "settled"},
        "payment_allocation": {},
        "credit_adjustment": {"kind": "credit_note", "currency": "EUR"},
        "dispute": {"reason_code": "PRI", "currency": "EUR"},
        "promise_to_pay": {"amount": 1000, "currency": "EUR"},
        "collection_activity": {"kind": "reminder"},
        "fx_rate": {},
        "time_entry": {"person_id": "p1", "project_id": "p", "minutes": 60, "billable": True},
        "person": {"role": "consultant", "practice": "advisory", "office": "here", "weekly_minutes": 2400},
        "timesheet_deadline": {"due_day": "friday", "due_time": "17:00", "time_zone": "UTC", "effective_on": "2024-01-01"},
        "calendar_day": {"calendar_id": "here", "working": True, "minutes": 480},
        "project": {"billing_method": "time", "currency": "EUR"},
        "project_budget": {"baseline_no": 1, "minutes": 6000, "cost_amount": 6000, "revenue_amount": 10_000},
        "project_status": {"health": "green"},
        "milestone": {"currency": "EUR"},
        "contract_amendment": {"seq": 1},
        "absence": {"minutes_per_day": 480, "kind": "leave"},
        "rate_card_line": {"role": "consultant", "currency": "EUR", "bill_rate": 100, "effective_on": "2024-01-01"},
        "assignment": {"role": "consultant", "starts_on": "2024-01-01"},
        "expense": {"category": "travel", "amount": 50, "currency": "EUR", "billable": True, "receipt": "present"},
        "billing_guideline": {"rule": "narrative_min_words", "effective_on": "2024-01-01"},
        "invoice_line": {"invoice_id": "i1", "line_no": 1, "kind": "time", "net_amount": 100},
    }
)
"""What a row says where the call does not."""


def moment(when: str | date | datetime) -> datetime:
    """`2025-03-10` is the end of that day, `2025-03-10T09:00` that instant, both UTC."""
    if isinstance(when, datetime):
        return when
    if isinstance(when, str) and "T" in when:
        return datetime.fromisoformat(when).replace(tzinfo=UTC)
    return instant_of(date.fromisoformat(when) if isinstance(when, str) else when)


class Ledger:
    """Rows by table, oldest call first."""

    def __init__(self, rows: Mapping[str, Iterable[Row]] | None = None) -> None:
        self.rows: dict[str, list[Row]] = defaultdict(list, {table: list(versions) for table, versions in (rows or {}).items()})

    def __repr__(self) -> str:
        """Every row with what is not usual about it, for a test that fails; a calendar is what everybody knows."""
        told = (
            (table, {name: value for name, value in row.items() if value is not None})
            for table, rows in self.rows.items()
            for row in rows
            if table != "calendar_day"
        )
        return "\n".join(["Ledger", *(f"  {table} {row}" for table, row in told)])

    def row(self, table: str, recorded: str | date | datetime, columns: Row) -> Self:
        """One version of a row: what is not named is usual, or empty."""
        self.rows[table].append(
            {"source": "test", "deleted": False, **USUAL[table], **columns, "recorded_at": moment(recorded)},
        )
        return self

    def correct(self, table: str, key: str, *, recorded: str, **changes: Value) -> Self:
        """A later version of a row, with some columns changed."""
        (name,) = TABLES[table].key
        last = next(row for row in reversed(self.rows[table]) if row[name] == key)
        return self.row(table, recorded, {**last, **changes})

    def delete(self, table: str, key: str, *, recorded: str) -> Self:
        return self.correct(table, key, recorded=recorded, deleted=True)

    def client(self, client_id: str, *, recorded: str = "2024-01-01", **more: Value) -> Self:
        return self.row("client", recorded, {"client_id": client_id, **more})

    def contract(self, contract_id: str, client_id: str, *, recorded: str = "2024-01-01", **more: Value) -> Self:
        return self.row("contract", recorded, {"contract_id": contract_id, "client_id": client_id, **more})

    def invoice(
        self, invoice_id: str, client_id: str, *, issued: str | None, due: str | None, amount: int = 1000, recorded: str = "", **more: Value
    ) -> Self:
        """Known from the end of the day of issue, unless `recorded` says otherwise; without `issued` a draft."""
        columns: Row = {"invoice_id": invoice_id, "client_id": client_id, "issued_on": issued, "due_on": due, "net_amount": amount}
        return self.row("invoice", recorded or issued or "2025-01-01", {**columns, "gross_amount": amount, **more})

    def payment(self, invoice_id: str, client_id: str, *, on: str, amount: int = 1000, recorded: str = "", status: str = "settled") -> Self:
        """Money received and allocated on one day: payment `pay-<invoice>-<day>` and allocation `alloc-<invoice>-<day>`."""
        name = f"{invoice_id}-{on}"
        paid: Row = {"payment_id": f"pay-{name}", "client_id": client_id, "received_on": on, "amount": amount, "status": status}
        self.row("payment", recorded or on, paid)
        allocated: Row = {"allocation_id": f"alloc-{name}", "payment_id": f"pay-{name}", "invoice_id": invoice_id}
        return self.row("payment_allocation", recorded or on, {**allocated, "amount": amount, "allocated_on": on})

    def credit(self, invoice_id: str, *, on: str, amount: int = 1000, recorded: str = "") -> Self:
        columns: Row = {"adjustment_id": f"credit-{invoice_id}-{on}", "invoice_id": invoice_id, "amount": amount, "adjusted_on": on}
        return self.row("credit_adjustment", recorded or on, columns)

    def dispute(self, invoice_id: str, *, at: str, recorded: str = "", **more: Value) -> Self:
        return self.row("dispute", recorded or at, {"dispute_id": f"d-{invoice_id}", "invoice_id": invoice_id, "opened_at": at, **more})

    def promise(self, client_id: str, *, at: str, by: str, invoice: str | None = None, **more: Value) -> Self:
        """A promise made at an instant to pay by a day; without an invoice it is about all that the client owes."""
        columns: Row = {"promise_id": f"promise-{client_id}-{at}", "client_id": client_id, "invoice_id": invoice}
        return self.row("promise_to_pay", at, {**columns, "promised_at": at, "promised_for_on": by, **more})

    def contact(self, invoice_id: str, client_id: str, *, at: str, **more: Value) -> Self:
        """A reminder at an instant, or another kind of contact, in the activity `contact-<invoice>-<instant>`."""
        columns: Row = {"activity_id": f"contact-{invoice_id}-{at}", "client_id": client_id, "invoice_id": invoice_id, "performed_at": at}
        return self.row("collection_activity", at, {**columns, **more})

    def assignment(self, person_id: str, project_id: str, *, starts: str, recorded: str = "", **more: Value) -> Self:
        columns: Row = {"assignment_id": f"{person_id}-{project_id}", "person_id": person_id, "project_id": project_id, "starts_on": starts}
        return self.row("assignment", recorded or starts, {**columns, **more})

    def rate(self, base: str, quote: str, rate: str, *, on: str) -> Self:
        return self.row("fx_rate", on, {"fx_id": f"{base}{quote}{on}", "base": base, "quote": quote, "rate": Decimal(rate), "as_of_on": on})

    def person(self, person_id: str, *, recorded: str = "2024-01-01", **more: Value) -> Self:
        return self.row("person", recorded, {"person_id": person_id, **more})

    def calendar(self, first: date, weeks: int, *, office: str = "here", closed: Iterable[date] = ()) -> Self:
        """Weeks from a Monday, Monday to Friday worked, known from the day before the first."""
        known = f"{first - timedelta(days=1)}"
        for day in (first + timedelta(days=number) for number in range(7 * weeks)):
            works = day.weekday() < WEEKEND and day not in set(closed)
            columns: Row = {"calendar_id": office, "day": day, "working": works, "minutes": 480 if works else 0}
            self.row("calendar_day", known, columns)
        return self

    def deadline(self, day: str, clock: str, zone: str, *, office: str | None = None, recorded: str = "2024-01-01", **more: Value) -> Self:
        """Timesheets are due on a day of their week, or of the next: `friday`, `next_monday`; of every office unless one is named."""
        columns: Row = {"deadline_id": f"{office}-{recorded}", "due_day": day, "due_time": clock, "time_zone": zone, "office": office}
        return self.row("timesheet_deadline", recorded, {**columns, **more})

    def time(self, person_id: str, on: date, *, entered: datetime, minutes: int = 480, **more: Value) -> Self:
        """A day's time, in the entry `<person>-<day>`."""
        columns: Row = {"entry_id": f"{person_id}-{on}", "person_id": person_id, "worked_on": on, "minutes": minutes, "entered_at": entered}
        return self.row("time_entry", entered, {"bill_rate": 100, "currency": "EUR", **columns, **more})

    def project(
        self, project_id: str, client_id: str, *, starts: str, ends: str | None = None, closed: str | None = None, **more: Value
    ) -> Self:
        """Known from the day on which it starts; with its first budget, of 100 hours that cost 60 and bring 100 an hour."""
        columns: Row = {"project_id": project_id, "client_id": client_id, "starts_on": starts, "ends_on": ends, "closed_on": closed}
        return self.row("project", starts, {**columns, **more}).budget(project_id, on=starts)

    def budget(self, project_id: str, *, on: str, **more: Value) -> Self:
        number = more.get("baseline_no", 1)
        return self.row("project_budget", on, {"budget_id": f"{project_id}-{number}", "project_id": project_id, "approved_on": on, **more})

    def status(self, project_id: str, *, on: str, complete: int | None, remaining: int | None = None, **more: Value) -> Self:
        """A report in the status `<project>-<day>`; `remaining` in minutes."""
        columns: Row = {"status_id": f"{project_id}-{on}", "project_id": project_id, "reported_on": on}
        return self.row("project_status", on, {**columns, "percent_complete": complete, "remaining_minutes": remaining, **more})

    def milestone(self, project_id: str, name: str, *, target: str, completed: str | None = None, recorded: str, **more: Value) -> Self:
        columns: Row = {"milestone_id": f"{project_id}-{name}", "project_id": project_id, "name": name, "target_on": target}
        return self.row("milestone", recorded, {**columns, "completed_on": completed, **more})

    def line(
        self, invoice_id: str, project_id: str | None, *, net: int, kind: str = "time", recorded: str, number: int = 1, **more: Value
    ) -> Self:
        columns: Row = {"line_id": f"{invoice_id}-{number}", "invoice_id": invoice_id, "line_no": number, "project_id": project_id}
        return self.row("invoice_line", recorded, {**columns, "net_amount": net, "kind": kind, **more})

    def absence(self, person_id: str, first: date, last: date, *, registered: str) -> Self:
        name = f"{person_id}-{first}"
        columns: Row = {
            "absence_id": name,
            "person_id": person_id,
            "starts_on": first,
            "ends_on": last,
            "registered_at": moment(registered),
        }
        return self.row("absence", registered, columns)

    def until(self, instant: datetime) -> "Ledger":
        """What of it was recorded by an instant."""
        return Ledger({table: [row for row in rows if recorded_at(row) <= instant] for table, rows in self.rows.items()})

    def frames(self) -> dict[str, pl.DataFrame]:
        """As the intake hands them to the lake."""
        return {table: _frame(table, rows) for table, rows in self.rows.items() if rows}

    def lake(self, root: Path) -> Lake:
        """A lake at `root` that holds these rows beside what it held."""
        lake = Lake(root)
        for table, rows in self.frames().items():
            lake.append(table, rows)
        return lake

    def known(self, root: Path, *, until: str = DOOMSDAY) -> Known:
        return Known(self.lake(root), until=moment(until))


def recorded_at(row: Row) -> datetime:
    found = row["recorded_at"]
    if not isinstance(found, datetime):
        raise TypeError(f"recorded_at is {found!r}")
    return found


def _frame(table: str, rows: list[Row]) -> pl.DataFrame:
    columns = TABLES[table].by_name
    typed = [{name: _typed(one, row.get(name)) for name, one in columns.items()} | {"raw": row.get("raw")} for row in rows]
    return pl.DataFrame(typed, schema=schema_of(table), orient="row")


def _typed(column: Column, value: Value) -> Value:
    match column.kind:
        case "money" | "number" if value is not None:
            return Decimal(str(value))
        case "date" if isinstance(value, str):
            return date.fromisoformat(value)
        case "instant" if isinstance(value, str):
            return moment(value)
    return value
