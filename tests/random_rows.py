"""What may stand in a row of each table of a random ledger: few names, so that rows meet, and a coarse grid of time, so that borders do."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final

from hypothesis import strategies as st

from tests.ledger import Value

BEGIN: Final = date(2024, 1, 1)
STEP_DAYS: Final = 5
"""Divides the windows of 30, 90 and 365 days: facts enter and leave them exactly at the instants that are asked for."""
STEPS: Final = 90

Column = st.SearchStrategy[Value]

days: Final[st.SearchStrategy[date]] = st.integers(0, STEPS).map(lambda step: BEGIN + timedelta(days=step * STEP_DAYS))
hours: Final = st.sampled_from([time(0), time(0), time(10), time(23, 59, 59, 999_999)])
instants: Final[st.SearchStrategy[datetime]] = st.builds(lambda day, hour: datetime.combine(day, hour, UTC), days, hours)
amounts: Final = st.sampled_from([100, 100, 100, 50, 40, 10])

CLIENTS: Final = st.sampled_from(["c1", "c2"])
_INVOICES: Final = st.sampled_from(["i1", "i2", "i3", "i4"])
_PEOPLE: Final = st.sampled_from(["w1", "w2"])
_PAYMENTS: Final = st.sampled_from(["p1", "p2", "p3", "p4", "none"])


def _maybe(values: st.SearchStrategy[object]) -> Column:
    return st.one_of(values, values, st.none())


ROWS: Final[Mapping[str, Mapping[str, st.SearchStrategy[object]]]] = MappingProxyType(
    {
        "contract": {
            "contract_id": st.sampled_from(["k1", "k2"]),
            "client_id": CLIENTS,
            "po_required": st.booleans(),
            "cap_amount": _maybe(amounts),
            "legal_entity": _maybe(st.just("here")),
        },
        "client": {"client_id": CLIENTS, "segment": _maybe(st.sampled_from(["trade", "health"]))},
        "rate_card_line": {
            "rate_id": st.sampled_from(["r1", "r2", "r3"]),
            "contract_id": _maybe(st.sampled_from(["k1", "k2"])),
            "client_id": _maybe(CLIENTS),
            "person_id": st.one_of(st.none(), st.none(), _PEOPLE),
            "bill_rate": amounts,
            "effective_on": days,
            "ends_on": st.one_of(st.none(), st.none(), days),
        },
        "assignment": {
            "assignment_id": st.sampled_from(["s1", "s2"]),
            "person_id": _PEOPLE,
            "project_id": st.sampled_from(["j1", "j2"]),
            "role": st.sampled_from(["consultant", "senior"]),
            "starts_on": days,
        },
        "invoice_line": {
            "line_id": st.sampled_from(["l1", "l2", "l3", "l4", "l5"]),
            "invoice_id": _INVOICES,
            "line_no": st.sampled_from([1, 2]),
            "kind": st.sampled_from(["time", "time", "expense", "milestone"]),
            "person_id": _maybe(_PEOPLE),
            "role": _maybe(st.sampled_from(["consultant", "senior"])),
            "project_id": _maybe(st.sampled_from(["j1", "j2"])),
            "quantity": _maybe(st.sampled_from([1, 8])),
            "unit": _maybe(st.just("HUR")),
            "unit_price": _maybe(amounts),
            "net_amount": amounts,
            "description": _maybe(st.sampled_from(["Services 1", "services 2", "Report with the team"])),
            "period_start_on": _maybe(days),
            "period_end_on": _maybe(days),
            "expense_id": _maybe(st.sampled_from(["e1", "e2"])),
            "milestone_id": _maybe(st.sampled_from(["m1", "m2"])),
        },
        "expense": {
            "expense_id": st.sampled_from(["e1", "e2"]),
            "project_id": st.sampled_from(["j1", "j2"]),
            "incurred_on": days,
            "entered_at": instants,
            "approved_at": _maybe(instants),
            "receipt": st.sampled_from(["present", "missing"]),
        },
        "billing_guideline": {"guideline_id": st.sampled_from(["h1", "h2"]), "client_id": CLIENTS},
        "invoice": {
            "invoice_id": _INVOICES,
            "client_id": CLIENTS,
            "contract_id": _maybe(st.sampled_from(["k1", "k2"])),
            "project_id": _maybe(st.sampled_from(["j1", "j2"])),
            "kind": st.sampled_from(["invoice"] * 9 + ["credit_note"]),
            "drafted_at": _maybe(instants),
            "issued_on": _maybe(days),
            "due_on": _maybe(days),
            "net_amount": amounts,
            "gross_amount": _maybe(amounts),
            "tax_amount": _maybe(st.just(1)),
            "po_ref": _maybe(st.just("PO-1")),
            "legal_entity": _maybe(st.sampled_from(["here", "elsewhere"])),
            "prepared_by": _maybe(_PEOPLE),
            "period_start_on": _maybe(days),
            "period_end_on": _maybe(days),
            "cancelled_at": st.one_of(st.none(), st.none(), st.none(), instants),
        },
        "payment": {
            "payment_id": st.sampled_from(["p1", "p2", "p3", "p4"]),
            "client_id": CLIENTS,
            "received_on": days,
            "amount": amounts,
            "status": st.sampled_from(["settled", "settled", "settled", "in_transit", "failed", "reversed"]),
        },
        "payment_allocation": {
            "allocation_id": st.sampled_from(["a1", "a2", "a3", "a4", "a5", "a6"]),
            "payment_id": _PAYMENTS,
            "invoice_id": _INVOICES,
            "amount": amounts,
            "allocated_on": days,
            "reversed_on": st.one_of(st.none(), st.none(), days),
        },
        "credit_adjustment": {
            "adjustment_id": st.sampled_from(["x1", "x2", "x3"]),
            "invoice_id": _INVOICES,
            "amount": amounts,
            "adjusted_on": days,
        },
        "dispute": {
            "dispute_id": st.sampled_from(["d1", "d2", "d3"]),
            "invoice_id": _INVOICES,
            "line_id": _maybe(st.sampled_from(["l1", "l2", "none"])),
            "opened_at": instants,
            "resolved_at": _maybe(instants),
            "outcome": st.sampled_from(["upheld", "rejected"]),
        },
        "collection_activity": {
            "activity_id": st.sampled_from(["v1", "v2", "v3"]),
            "client_id": CLIENTS,
            "invoice_id": _maybe(_INVOICES),
            "kind": st.sampled_from(["reminder", "call", "hold"]),
            "performed_at": instants,
        },
        "promise_to_pay": {
            "promise_id": st.sampled_from(["q1", "q2", "q3"]),
            "client_id": CLIENTS,
            "invoice_id": _maybe(_INVOICES),
            "promised_at": instants,
            "promised_for_on": days,
            "amount": amounts,
        },
        "person": {
            "person_id": _PEOPLE,
            "office": st.just("here"),
            "practice": _maybe(st.sampled_from(["tax", "audit"])),
            "weekly_minutes": st.sampled_from([2400, 2400, 960]),
            "hired_on": _maybe(days),
            "left_on": st.one_of(st.none(), st.none(), days),
        },
        "absence": {
            "absence_id": st.sampled_from(["b1", "b2", "b3"]),
            "person_id": _PEOPLE,
            "starts_on": days,
            "ends_on": days,
            "registered_at": instants,
        },
        "timesheet_deadline": {
            "deadline_id": st.sampled_from(["y1", "y2"]),
            "office": _maybe(st.sampled_from(["here", "elsewhere"])),
            "due_day": st.sampled_from(["friday", "sunday", "next_monday"]),
            "due_time": st.sampled_from(["12:00", "23:30"]),
            "time_zone": st.sampled_from(["UTC", "America/New_York", "Pacific/Auckland"]),
            "effective_on": days,
        },
        "time_entry": {
            "entry_id": st.sampled_from([f"t{number}" for number in range(12)]),
            "person_id": _PEOPLE,
            "project_id": st.sampled_from(["j1", "j2"]),
            "worked_on": days,
            "minutes": st.sampled_from([480, 240, 60]),
            "billable": st.booleans(),
            "bill_rate": _maybe(amounts),
            "cost_per_hour": _maybe(amounts),
            "currency": st.sampled_from(["EUR", "GBP"]),
            "entered_at": instants,
            "invoice_line_id": _maybe(st.sampled_from(["l1", "l2", "none"])),
        },
        "project": {
            "project_id": st.sampled_from(["j1", "j2", "j3"]),
            "client_id": CLIENTS,
            "contract_id": _maybe(st.sampled_from(["k1", "k2"])),
            "manager_id": _maybe(_PEOPLE),
            "billing_method": st.sampled_from(["time", "time", "milestone", "retainer", "none"]),
            "currency": st.sampled_from(["EUR", "EUR", "GBP"]),
            "starts_on": days,
            "ends_on": _maybe(days),
            "closed_on": st.one_of(st.none(), st.none(), days),
        },
        "project_budget": {
            "budget_id": st.sampled_from(["g1", "g2", "g3", "g4"]),
            "project_id": st.sampled_from(["j1", "j2", "j3"]),
            "baseline_no": st.sampled_from([1, 1, 2]),
            "minutes": st.sampled_from([6000, 600, 0]),
            "cost_amount": st.sampled_from([60, 70, 0]),
            "revenue_amount": amounts,
            "approved_on": days,
        },
        "project_status": {
            "status_id": st.sampled_from(["u1", "u2", "u3", "u4", "u5"]),
            "project_id": st.sampled_from(["j1", "j2"]),
            "reported_on": days,
            "percent_complete": _maybe(st.sampled_from([0, 10, 50, 100])),
            "remaining_minutes": _maybe(st.sampled_from([0, 600, 6000])),
            "health": _maybe(st.sampled_from(["green", "amber", "red"])),
        },
        "milestone": {
            "milestone_id": st.sampled_from(["m1", "m2", "m3"]),
            "project_id": st.sampled_from(["j1", "j2"]),
            "target_on": days,
            "completed_on": _maybe(days),
            "accepted_on": _maybe(days),
        },
        "contract_amendment": {
            "amendment_id": st.sampled_from(["n1", "n2"]),
            "contract_id": st.sampled_from(["k1", "k2"]),
            "effective_on": days,
        },
        "fx_rate": {
            "fx_id": st.sampled_from(["f1", "f2", "f3"]),
            "base": st.sampled_from(["EUR", "EUR", "GBP"]),
            "quote": st.just("GBP"),
            "rate": st.sampled_from([2, 4]),
            "as_of_on": days,
        },
    }
)
MOST: Final[Mapping[str, int]] = MappingProxyType(
    {
        "rate_card_line": 4,
        "assignment": 3,
        "invoice_line": 7,
        "billing_guideline": 2,
        "invoice": 10,
        "payment": 8,
        "payment_allocation": 9,
        "dispute": 4,
        "collection_activity": 3,
        "promise_to_pay": 3,
        "person": 4,
        "time_entry": 14,
        "project": 5,
        "project_budget": 5,
        "project_status": 7,
        "milestone": 4,
        "contract_amendment": 2,
    }
)
"""Rows of a table in one ledger; where nothing is said, USUAL."""
USUAL: Final = 3
