"""Lines on the eventful firm's invoices to `slow`, on which everything goes wrong that a reviewer looks for, a thing at a time."""

from datetime import UTC, date, datetime, timedelta

from tests.ledger import Ledger, Row, Value

HOURS = 10
RATE = 100


def with_lines(told: Ledger, *, months: int, begun: date) -> Ledger:
    """Each month: what `tardy` worked, at the card but for what is amiss with it; every so often an expense or a milestone."""
    for contract in ("k-slow", "k-prompt"):
        for role, rate in (("consultant", RATE), ("senior", 130)):
            told.row(
                "rate_card_line", "2024-01-01", {"rate_id": f"{contract}-{role}", "contract_id": contract, "role": role, "bill_rate": rate}
            )
    told.correct("rate_card_line", "k-slow-consultant", recorded="2025-01-20T10:00", bill_rate=95)
    for month in range(months):
        issued = begun + timedelta(days=30 * month)
        _month(told, month, issued=issued)
    for number in range(3):
        at = f"{begun + timedelta(days=200 * number)}"
        told.row("billing_guideline", at, {"guideline_id": f"g{number}", "client_id": "slow"})
    return told.milestone("j2", "awaited", target="2024-06-01", recorded="2024-03-01")


def _month(told: Ledger, month: int, *, issued: date) -> None:
    project, recorded = f"j{2 + month % 2}", f"{issued - timedelta(days=3)}T09:00"
    first, last = issued - timedelta(days=80 if month % 8 == 5 else 30), issued - timedelta(days=4)
    ends = last - timedelta(days=35 if month % 6 == 5 else 0)
    price = RATE + (12 if month % 5 == 3 else 0)
    hours = HOURS + month
    line: Row = {
        "person_id": "tardy" if month % 7 else "keen",
        "role": "senior" if month % 9 == 4 else "consultant",
        "quantity": hours,
        "unit": "HUR",
        "unit_price": price,
        "period_start_on": first,
        "period_end_on": ends,
        "task_code": "A1",
        "description": "Services" if month % 4 == 1 else "Drafting of the report with the team",
    }
    billed = {"invoice_id": f"s{month}", "project_id": project, **line}
    told.row("invoice_line", recorded, {**billed, "line_id": f"s{month}-20", "net_amount": hours * price + (9 if month % 8 == 6 else 0)})
    if month % 6 == 2:
        told.row("invoice_line", recorded, {**billed, "line_id": f"s{month}-21", "line_no": 2, "net_amount": hours * price})
    _record(told, month, line=f"s{month}-20", hours=hours, on=last, project=project)
    _head(told, month, recorded=recorded, first=first, last=last)
    _spent(told, month, recorded=recorded, on=last, project=project)


def _record(told: Ledger, month: int, *, line: str, hours: int, on: date, project: str) -> None:
    """Time behind the line: all of it, but for every tenth month."""
    entered = datetime(on.year, on.month, on.day, 17, tzinfo=UTC)
    minutes = 60 * hours - (120 if month % 10 == 7 else 0)
    columns: Row = {"invoice_line_id": line, "project_id": project, "bill_rate": None, "cost_per_hour": None, "currency": None}
    told.time("biller", on, entered=entered, minutes=minutes, **columns)


def _head(told: Ledger, month: int, *, recorded: str, first: date, last: date) -> None:
    """The invoice's own period, desk and entity, and every fifth month a second invoice of the same project."""
    changes: dict[str, Value] = {"period_start_on": first, "period_end_on": last, "prepared_by": "keen" if month % 3 else "tardy"}
    row = next(row for row in told.rows["invoice"] if row["invoice_id"] == f"s{month}")
    row.update({**changes, "legal_entity": "elsewhere" if month % 7 == 3 else "here"})
    if month % 5 == 4:
        copy = {**row, "invoice_id": f"t{month}", "net_amount": 70 + month, "gross_amount": 70 + month}
        told.row("invoice", recorded, copy)


def _spent(told: Ledger, month: int, *, recorded: str, on: date, project: str) -> None:
    name, entered = f"e{month}", f"{on}T12:00"
    if month % 2:
        receipt = "missing" if month % 6 == 3 else "present"
        approved = None if month % 6 == 1 else f"{on}T15:00"
        columns: Row = {"expense_id": name, "project_id": project, "incurred_on": on, "entered_at": entered, "receipt": receipt}
        told.row("expense", entered, {**columns, "approved_at": approved})
        told.line(f"s{month}", project, net=50 + month, kind="expense", recorded=recorded, number=22, expense_id=name)
    if month % 4 == 2:
        done = f"{on}"
        signed = done if month % 8 == 2 else None
        told.milestone(project, f"b{month}", target=done, completed=done, recorded="2024-01-15", accepted_on=signed)
        milestone = f"{project}-b{month}"
        told.line(f"s{month}", project, net=400 + month, kind="milestone", recorded=recorded, number=23, milestone_id=milestone)
