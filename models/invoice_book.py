"""The book of invoices: each with its client, and the records behind it as small tables that a person can check against the source."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

import polars as pl

from features.histories import settlements
from models.dealings import Dealings
from models.dealings_book import DealingsBook, kept_text
from models.due_days import days_overdue
from models.finding import Evidence
from models.reasons import as_text
from models.subject import Subject
from records.known import ENTER, LEAVE, MONEY_SCALE, Known, micros

_LAST_INVOICES: Final = 6
"""Half a year of monthly invoices: enough to see a habit, few enough to read."""


class InvoiceBook:
    """The evidence of every client and invoice as known at one instant, gathered once."""

    def __init__(self, known: Known, as_of: datetime) -> None:
        self._known, self._as_of, self._moment = known, as_of, micros(as_of)
        invoices = (
            known.at(as_of, "invoice").select("invoice_id", "number", "source", "recorded_at", "issued_on", "sent_at", "po_ref").collect()
        )
        self.invoices = {row["invoice_id"]: row for row in invoices.to_dicts()}
        clients = known.at(as_of, "client").select("client_id", "name").collect()
        self.clients: dict[str, str] = dict(clients.rows())
        self._payments = self._payment_history()
        self._disputes = self._dispute_history()

    def subject(self, row: dict[str, Any]) -> Subject:
        """The invoice, what its client paid last, what was disputed."""
        client_id, invoice_id = str(row["client_id"]), str(row["invoice_id"])
        tables = [self._invoice(row), self._payments.get(client_id), self._disputes.get(client_id)]
        return Subject(
            reference=self.reference(invoice_id),
            client_id=client_id,
            client_name=self.clients.get(client_id, client_id),
            due_on=row["due_on"],
            issued_on=self.issued_on(invoice_id),
            evidence=tuple(part for part in tables if part is not None),
            facts=_overdue(row["due_on"], self._as_of.date()),
        )

    def reference(self, invoice_id: str) -> str:
        """What people call the invoice."""
        return str(self.invoices.get(invoice_id, {}).get("number") or invoice_id)

    def issued_on(self, invoice_id: str) -> date | None:
        """The day on which the invoice went out; None for a draft."""
        issued = self.invoices.get(invoice_id, {}).get("issued_on")
        return issued if isinstance(issued, date) else None

    def _invoice(self, row: dict[str, object]) -> Evidence:
        held = self.invoices.get(str(row["invoice_id"]), {})
        currency = str(row["currency"])
        columns = ("Invoice", "Issued", "Due", "Amount", "Owed", "Purchase order")
        cells = (
            self.reference(str(row["invoice_id"])),
            _day(held.get("issued_on")) or "draft",
            _day(row["due_on"]),
            money(row["gross"], currency),
            money(row["owed"], currency),
            str(held.get("po_ref") or "none"),
        )
        return Evidence("The invoice", columns, (cells,), self._source("invoice", [held]))

    def _payment_history(self) -> dict[str, Evidence]:
        paid = self._known.derived(settlements).frame.filter((pl.col(ENTER) <= self._moment) & (self._moment < pl.col(LEAVE)))
        last = paid.sort("paid_on", "invoice_id", descending=True).group_by("client_id", maintain_order=True).head(_LAST_INVOICES)
        rows: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for one in last.select("client_id", "invoice_id", "due_on", "paid_on", "days_late", "gross", "currency").collect().to_dicts():
            late = one["days_late"]
            said = as_text("lateness", late, "")
            amount = money(one["gross"], one["currency"])
            rows[one["client_id"]].append((self.reference(one["invoice_id"]), amount, _day(one["due_on"]), _day(one["paid_on"]), said))
        columns = ("Invoice", "Amount", "Due", "Paid", "")
        title = "What this client paid last"
        return {client: Evidence(title, columns, tuple(found), self._source("payment", [])) for client, found in rows.items()}

    def _dispute_history(self) -> dict[str, Evidence]:
        found = self._known.at(self._as_of, "dispute").sort("opened_at", descending=True).collect().to_dicts()
        of_client: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        client_of = {
            row["invoice_id"]: row["client_id"]
            for row in self._known.at(self._as_of, "invoice").select("invoice_id", "client_id").collect().to_dicts()
        }
        for one in found:
            client = client_of.get(one["invoice_id"])
            if client is None:
                continue
            state = f"resolved {_day(one['resolved_at'])}: {one['outcome'] or 'outcome not recorded'}" if one["resolved_at"] else "open"
            of_client[client].append(
                (self.reference(one["invoice_id"]), _day(one["opened_at"]), one["reason_code"], one["text"] or "", state)
            )
        columns = ("Invoice", "Opened", "Reason", "What the client wrote", "State")
        return {
            client: Evidence("What this client disputed", columns, tuple(rows[:_LAST_INVOICES]), self._source("dispute", []))
            for client, rows in of_client.items()
        }

    def _source(self, table: str, rows: Iterable[dict[str, object]]) -> str:
        systems = sorted({str(row["source"]) for row in rows if row.get("source")})
        return f"{table} records{' of ' + ', '.join(systems) if systems else ''}, as known at {self._as_of:%Y-%m-%d %H:%M} UTC"


class ReceivableBook:
    """Open invoices, with what the client promised, paid and disputed: what a collector needs beside the invoice."""

    def __init__(self, known: Known, as_of: datetime) -> None:
        self._invoices = InvoiceBook(known, as_of)
        references = {id: self._invoices.reference(id) for id in self._invoices.invoices}
        self._dealings = DealingsBook(known, as_of=as_of, references=references)

    def subject(self, row: dict[str, Any]) -> Subject:
        plain = self._invoices.subject(row)
        dealings = self._dealings.of_client(plain.client_id)
        told = {**plain.facts, **_dealt(dealings, str(row["invoice_id"]))}
        evidence = (*plain.evidence, *self._dealings.evidence(plain.client_id))
        return replace(plain, evidence=evidence, facts=told, dealings=dealings)


def _dealt(dealings: Dealings, invoice_id: str) -> dict[str, str]:
    said = kept_text(dealings.promises)
    promised = {"Promises of this client": said} if said else {}
    return promised | ({"Dispute on this invoice": "open"} if dealings.disputes_now(invoice_id) else {})


def _overdue(due_on: date | None, today: date) -> dict[str, str]:
    days = days_overdue(due_on, today) if due_on else 0
    return {"Overdue": as_text("days", days, "")} if days > 0 else {}


def money(engine: object, currency: str) -> str:
    """Engine money as text with its currency."""
    return "" if engine is None else f"{currency} {int(str(engine)) / MONEY_SCALE:,.2f}"


def _day(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else ""
