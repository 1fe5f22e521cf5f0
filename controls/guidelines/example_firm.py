"""The firm that examples are made in: one client, one project, a Monday's work by one person, and the bill that it is on. It is clean."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any, Final

Row = dict[str, Any]
RATE: Final = 100
HOURS: Final = 8
WORKED: Final = "Designed the new time table with the operations team and agreed it in writing"
DRAFTED: Final = 28
"""Days from the work to the draft that bills it."""
BEFORE: Final = timedelta(days=800)
"""All agreements were there so long before the work."""
LATER: Final = timedelta(days=800)


def firm(day: date, currency: str) -> dict[str, Row]:
    """A row of each table, by table; ids are what the table is called. `day`: the Monday of the work."""
    begun, ends = day - BEFORE, day + LATER
    worth = RATE * HOURS
    return {
        "client": {"name": "Example client", "currency": currency, "onboarded_on": begun},
        "contract": {
            "kind": "time_and_materials",
            "currency": currency,
            "starts_on": begun,
            "ends_on": ends,
            "po_required": False,
            "legal_entity": "EX",
            "payment_terms_days": 30,
        },
        "rate_card_line": {"role": "consultant", "currency": currency, "bill_rate": RATE, "effective_on": begun},
        "person": {"role": "consultant", "office": "here", "weekly_minutes": 2400, "hired_on": begun},
        "project": {"legal_entity": "EX", "billing_method": "time", "currency": currency, "starts_on": begun, "ends_on": ends},
        "assignment": {"role": "consultant", "starts_on": begun, "ends_on": ends},
        "time_entry": {
            "task": "design",
            "worked_on": day,
            "minutes": HOURS * 60,
            "billable": True,
            "role": "consultant",
            "bill_rate": RATE,
            "currency": currency,
            "narrative": WORKED,
            "entered_at": at(day),
            "submitted_at": at(day),
            "approved_at": at(day),
            "approver_id": "manager",
            "invoice_line_id": "invoice_line",
        },
        "invoice": {
            "kind": "invoice",
            "drafted_at": at(day, DRAFTED),
            "period_start_on": day,
            "period_end_on": day + timedelta(days=27),
            "currency": currency,
            "net_amount": worth,
            "gross_amount": worth,
            "legal_entity": "EX",
        },
        "invoice_line": {
            "line_no": 1,
            "kind": "time",
            "role": "consultant",
            "quantity": HOURS,
            "unit": "HUR",
            "unit_price": RATE,
            "net_amount": worth,
            "description": WORKED,
            "period_start_on": day,
            "period_end_on": day,
        },
    }


def others(day: date, currency: str) -> Mapping[str, Row]:
    """What a row says of tables that the firm has none of."""
    return MappingProxyType(
        {
            "calendar_day": {"calendar_id": "here", "working": False, "minutes": 0, "day": day},
            "expense": {
                "incurred_on": day,
                "category": "travel",
                "amount": 50,
                "currency": currency,
                "billable": True,
                "receipt": "present",
                "entered_at": at(day),
                "submitted_at": at(day),
                "approved_at": at(day),
                "approver_id": "manager",
            },
        }
    )


def at(day: date, days: int = 0) -> datetime:
    """Noon, so many days after a day."""
    return datetime.combine(day + timedelta(days=days), time(12), UTC)
