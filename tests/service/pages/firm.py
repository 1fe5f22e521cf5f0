"""A firm's findings, made by rule from a number: what scoring would hand over, real objects with every field filled."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from models.dealings import Allocation, Dealings, Dispute, Promise, PromiseState
from models.finding import Closure, Evidence, Finding, Reason, ScoringRun

TODAY = date(2026, 11, 24)
AS_OF = datetime(2026, 11, 24, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 8, 45, tzinfo=UTC)

CLIENTS = (
    *("Corvid Foods", "Harrow Marine", "Aldgate Rail", "Bryn Water", "Dunmore Council", "Ellery & Shaw", "Fenwick Trust"),
    *("Garrick Energy", "Holt Pharma", "Ivel Logistics", "Juniper Homes", "Kestrel Air", "Lowther Mutual", "Marram Textiles"),
)
"""Further clients are numbered."""
PROBABILITIES = (0.84, 0.71, 0.93, 0.47, 0.22, 0.68, 0.05, 0.35, 0.58, 0.12)
CURRENCIES = ("GBP", "GBP", "GBP", "EUR", "GBP", "USD")
RATES = {"GBP": Decimal(1), "EUR": Decimal("0.86"), "USD": Decimal("0.79")}


def client_name(number: int) -> str:
    return CLIENTS[number] if number < len(CLIENTS) else f"{CLIENTS[number % len(CLIENTS)]} {number // len(CLIENTS) + 1}"


def late_invoice(number: int, *, client: int, gain: bool = True) -> Finding:
    """An open invoice that may be paid late: the collector's."""
    currency = CURRENCIES[number % len(CURRENCIES)]
    amount = Decimal(1900 + (number * 7919) % 43000) + Decimal("0.50")
    stake = (amount * RATES[currency]).quantize(Decimal("0.01"))
    due_on = TODAY + timedelta(days=(number * 13) % 50 - 30)
    probability = PROBABILITIES[number % len(PROBABILITIES)]
    base = max(due_on, TODAY) + timedelta(days=number % 9)
    dates = tuple(base + timedelta(days=round(i * (1 + number % 3) * 0.9)) for i in range(20))
    return Finding(
        kind="risk",
        risk="collections",
        entity_type="invoice",
        entity_id=f"INV-{20000 + number}",
        period="once",
        title=f"INV-{20000 + number} may be paid late",
        as_of=AS_OF,
        owner_role="collector",
        client_id=f"C{client:04}",
        client_name=client_name(client),
        reference=f"INV-{20000 + number}",
        due_on=due_on,
        issued_on=due_on - timedelta(days=30),
        amount_at_stake=amount,
        currency=currency,
        stake_reporting=stake,
        reporting_currency="GBP",
        probability=probability,
        expected_loss=(stake * Decimal(str(probability)) * Decimal("0.4")).quantize(Decimal("0.01")) if gain else Decimal(0),
        predicted_on=dates[9],
        predicted_low_on=dates[2],
        predicted_high_on=dates[17],
        predicted_dates=dates,
        suggestion="Call the client and ask for the date of the payment run.",
        clears=f"It closes by itself once the records show {currency} {amount:,.2f} paid, credited or written off on INV-{20000 + number}.",
        reasons=REASONS,
        evidence=(_payments(number),),
        rule_probability=min(probability + 0.1, 1.0),
        facts={"Terms": "30 days", "Purchase order": "none on file", "Open disputes": "none"},
        dealings=dealings_of(client),
        provisional=number % 17 == 0,
        model_version="2026.11.2",
        caveat=CAVEAT if number % 34 == 0 else "",
    )


CAVEAT = "Provisional: learned from simulated firms, 14 own outcomes so far."
REASONS = (
    Reason("history", "The client paid 7 of its last 9 invoices late.", raises=True, effect=1.24, seen="78 %", usual="31 %"),
    Reason("reference", "No purchase order number is on the invoice.", raises=True, effect=0.52, seen="none", usual="present"),
    Reason("size", "The invoice is no larger than usual for this client.", raises=False, effect=-0.31, seen="0.9 ×", usual="1.0 ×"),
    Reason("backlog", "Nothing else of this client is overdue.", raises=False, effect=-0.18, seen="0", usual="1.4"),
)


def _payments(number: int) -> Evidence:
    rows = tuple(
        (f"INV-{18000 + number + step}", f"£{2000 + 310 * step:,}.00", f"{12 + step} Sep 2026", f"{20 + step} Oct 2026", f"{8 + step}")
        for step in range(4)
    )
    return Evidence(
        "The client's last payments",
        ("Invoice", "Amount", "Due", "Paid", "Days late"),
        rows,
        "Receivables ledger, read 24 Nov 2026, 00:00 UTC",
    )


def dealings_of(client: int) -> Dealings:
    """One client in five has broken its last promise, one has an open one, one in seven disputes: each about its first invoice."""
    first = f"INV-{20000 + client * 2}"
    days, state = LAST_PROMISE.get(client % 5, (-40, "kept"))
    made = TODAY + timedelta(days=days - 9)
    past = tuple(_promise(client, f"INV-{19000 + step}", made - timedelta(days=30 * step), KEPT[step % 4], days=9) for step in range(1, 9))
    now = (_promise(client, first, made, state, days=9),) if state != "kept" else ()
    allocations = tuple(
        Allocation(one.invoice_id, one.reference, one.promised_for_on, one.paid, "GBP") for one in (*now, *past) if one.paid > 0
    )
    dispute = (Dispute(first, first, TODAY - timedelta(days=12), "PRI", None, ""),) if client % 7 == 3 else ()
    return Dealings((*now, *past), allocations, dispute)


LAST_PROMISE: dict[int, tuple[int, PromiseState]] = {1: (-3, "broken"), 2: (5, "open")}
"""By the client's number: days from today to the day of the promise, and what came of it."""
KEPT: tuple[PromiseState, ...] = ("kept", "kept", "part", "kept")


def _promise(client: int, invoice: str, made_on: date, state: PromiseState, *, days: int) -> Promise:
    amount = Decimal(1000 + 10 * client)
    paid = {"kept": amount, "part": amount / 2}.get(state, Decimal(0))
    return Promise(f"Q{client}-{invoice}", invoice, invoice, made_on, made_on + timedelta(days=days), amount, "GBP", paid, state)


def doubtful_draft(number: int, *, client: int) -> Finding:
    """A draft that may be disputed: the billing reviewer's."""
    base = late_invoice(number, client=client)
    return replace(
        base,
        risk="dispute",
        entity_id=f"DR-{5000 + number}",
        title=f"DR-{5000 + number} may be disputed",
        owner_role="billing_reviewer",
        reference=f"DR-{5000 + number}",
        due_on=TODAY + timedelta(days=number % 6 - 1),
        issued_on=None,
        predicted_on=None,
        predicted_low_on=None,
        predicted_high_on=None,
        predicted_dates=(),
        suggestion="Compare it with the client's usual invoice and explain what is new in the covering note.",
        reasons=(
            Reason("size", "It is 3.1 times the client's usual invoice.", raises=True, effect=0.94, seen="3.1 ×", usual="1.0 ×"),
            Reason(
                "history", "The client disputed 11 % of its invoices in twelve months.", raises=True, effect=0.41, seen="11 %", usual="4 %"
            ),
            Reason("reference", "A purchase order number is on the invoice.", raises=False, effect=-0.22, seen="present", usual="present"),
        ),
        facts={"Type": "time and materials", "Project": "P-116"},
        dealings=Dealings(),
        provisional=False,
    )


def collections(clients: int, *, each: int = 2, idle: int = 0) -> tuple[Finding, ...]:
    """`each` invoices for every client; the last `idle` clients have nothing to gain from a call."""
    return tuple(
        late_invoice(client * each + place, client=client, gain=client < clients - idle)
        for client in range(clients)
        for place in range(each)
    )


def drafts(count: int) -> tuple[Finding, ...]:
    return tuple(doubtful_draft(number, client=number % 9) for number in range(count))


def run(risk: str, *, name: str = "1", as_of: datetime = AS_OF, withheld: str = "", notices: tuple[str, ...] = ()) -> ScoringRun:
    return ScoringRun(
        id=f"{risk}-{name}",
        risk=risk,
        as_of=as_of,
        scored_at=as_of + timedelta(hours=6, minutes=10),
        model_version="2026.11.2",
        model_digest="0" * 64,
        lake_versions={"invoice": 3, "payment": 2},
        withheld=withheld,
        notices=notices,
    )


def paid(finding: Finding) -> Closure:
    return Closure(finding.entity_type, finding.entity_id, "paid", TODAY, f"Paid in full on {TODAY.day} Nov 2026.")


def entered(finding: Finding) -> Closure:
    return Closure(finding.entity_type, finding.entity_id, "entered", TODAY, f"Complete since {TODAY.day} Nov 2026.")


def without(findings: Sequence[Finding], gone: Finding) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.id != gone.id)
