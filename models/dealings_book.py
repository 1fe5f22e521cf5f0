"""Dealings with every client as known at one instant, read from the records once."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import polars as pl

from models.dealings import Allocation, Dealings, Dispute, Promise, judged, kept_of
from models.finding import Evidence
from records.known import ENTER, LEAVE, MONEY_SCALE, Known, micros

LAST_SHOWN: Final = 20
"""Promises and disputes that are handed on of a client: more than a year of them for most."""
EVIDENCE_ROWS: Final = 10
ALLOCATIONS_SINCE: Final = timedelta(days=365)
"""Longer than the longest promise that a person may note in the service, and its time to be judged."""
PROMISE_WORDS: Final = {"open": "open", "kept": "kept", "part": "kept in part", "broken": "broken"}


class DealingsBook:
    """The dealings of every client. `reference` is what people call each invoice."""

    def __init__(self, known: Known, *, as_of: datetime, references: dict[str, str]) -> None:
        self._known, self._as_of, self._references = known, as_of, references
        self._allocations = self._read_allocations()
        self._promises = self._read_promises()
        self._disputes = self._read_disputes()
        self._dealings: dict[str, Dealings] = {}

    def of_client(self, client_id: str) -> Dealings:
        if client_id not in self._dealings:
            since = (self._as_of - ALLOCATIONS_SINCE).date()
            self._dealings[client_id] = Dealings(
                promises=tuple(self._promises.get(client_id, ())[:LAST_SHOWN]),
                allocations=tuple(one for one in self._allocations.get(client_id, ()) if one.on >= since),
                disputes=tuple(self._disputes.get(client_id, ())[:LAST_SHOWN]),
            )
        return self._dealings[client_id]

    def _read_allocations(self) -> dict[str, list[Allocation]]:
        moment = micros(self._as_of)
        standing = (pl.col(ENTER) <= moment) & (moment < pl.col(LEAVE))
        held = self._known.facts("payment_allocation", until=("reversed_on",), take=("invoice_id", "payment_id", "amount", "allocated_on"))
        payments = self._known.facts("payment", take=("received_on", "status")).frame.filter(standing)
        invoices = self._known.at(self._as_of, "invoice").select("invoice_id", "client_id", "currency")
        rows = (
            held.frame.filter(standing)
            .join(payments.select("payment_id", "received_on", "status"), on="payment_id", how="left")
            .filter(~pl.col("status").is_in(["failed", "reversed"]).fill_null(value=False))
            .join(invoices, on="invoice_id")
            .with_columns(on=pl.coalesce("received_on", "allocated_on"))
            .sort("on", "allocation_id", descending=True)
            .collect()
        )
        found: dict[str, list[Allocation]] = defaultdict(list)
        for row in rows.to_dicts():
            amount = (Decimal(row["amount"]) / MONEY_SCALE).quantize(Decimal("0.01"))
            allocation = Allocation(row["invoice_id"], self._reference(row["invoice_id"]), row["on"], amount, row["currency"])
            found[row["client_id"]].append(allocation)
        return found

    def _read_promises(self) -> dict[str, list[Promise]]:
        rows = self._known.at(self._as_of, "promise_to_pay").sort("promised_at", "promise_id", descending=True).collect()
        found: dict[str, list[Promise]] = defaultdict(list)
        for row in rows.to_dicts():
            promise = Promise(
                id=row["promise_id"],
                invoice_id=row["invoice_id"] or "",
                reference=self._reference(row["invoice_id"]),
                made_on=row["promised_at"].astimezone(UTC).date(),
                promised_for_on=row["promised_for_on"],
                amount=Decimal(row["amount"]).quantize(Decimal("0.01")),
                currency=row["currency"],
            )
            found[row["client_id"]].append(judged(promise, self._allocations.get(row["client_id"], ()), as_of=self._as_of))
        return found

    def _read_disputes(self) -> dict[str, list[Dispute]]:
        client_of = self._known.at(self._as_of, "invoice").select("invoice_id", "client_id")
        disputed = self._known.at(self._as_of, "dispute").join(client_of, on="invoice_id")
        rows = disputed.sort("opened_at", "dispute_id", descending=True).collect()
        found: dict[str, list[Dispute]] = defaultdict(list)
        for row in rows.to_dicts():
            found[row["client_id"]].append(_dispute(row, self._reference(row["invoice_id"])))
        return found

    def _reference(self, invoice_id: str | None) -> str:
        return self._references.get(invoice_id, invoice_id) if invoice_id else ""

    def evidence(self, client_id: str) -> tuple[Evidence, ...]:
        """The client's promises as a table; none when it never promised."""
        promises = self._promises.get(client_id, ())
        rows = tuple(
            (
                one.reference or "all open invoices",
                one.made_on.isoformat(),
                one.promised_for_on.isoformat(),
                f"{one.currency} {one.amount:,.2f}",
                f"{one.currency} {one.paid:,.2f}",
                PROMISE_WORDS[one.state],
            )
            for one in promises[:EVIDENCE_ROWS]
        )
        columns = ("Invoice", "Promised on", "To pay by", "Amount", "Came in time", "State")
        source = f"promise_to_pay records and payments, as known at {self._as_of:%Y-%m-%d %H:%M} UTC"
        return (Evidence("What this client promised", columns, rows, source),) if rows else ()


def kept_text(promises: tuple[Promise, ...]) -> str:
    """How far the client keeps its promises: "kept 7 of the last 9"; empty before any has come to its day."""
    kept, of = kept_of(promises)
    return f"kept {kept} of the last {of}" if of else ""


def _dispute(row: dict[str, Any], reference: str) -> Dispute:
    resolved = row["resolved_at"]
    return Dispute(
        invoice_id=row["invoice_id"],
        reference=reference,
        opened_on=row["opened_at"].astimezone(UTC).date(),
        reason_code=row["reason_code"],
        resolved_on=resolved.astimezone(UTC).date() if resolved else None,
        outcome=row["outcome"] or "",
    )
