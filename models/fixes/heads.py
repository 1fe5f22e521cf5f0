"""Changes to the head of a draft: who bills, in what currency, under which order, how much in all."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from models.fixes.change import ASK_CLIENT_MINUTES, ASK_MINUTES, MERGE_MINUTES, Cell, Change, Finding, Named, all_of
from models.fixes.changed import money
from models.fixes.draft import Ground, Row
from records.known import MONEY_SCALE

ORDER_TO_COME: Final = "to come"
"""Stands for an order number that the client has still to give, while the draft is scored: whether there is one is all that is scored."""
FIELD_SAYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "po_ref": "the client's order number",
        "number": "the invoice number",
        "legal_entity": "the legal entity that bills",
        "due_on": "the due date",
        "period_start_on": "the first day of the period",
        "period_end_on": "the last day of the period",
        "tax_amount": "the amount of tax",
    }
)
"""What people call a field that a client's portal may ask a form of (`controls/client_format_rule.py`)."""
_PERCENT: Final = Decimal(100)


def contract_currency(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    yield _as_agreed(founds, ground, "currency", what="in")


def contract_entity(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    yield _as_agreed(founds, ground, "legal_entity", what="from")


def _as_agreed(founds: list[Finding], ground: Ground, column: str, *, what: str) -> Change:
    [found] = founds
    table, record = found["rests_on_table"], found["rests_on_id"]
    says = f"Bill {what} {found['expected']}, as {table} {record} has it, instead of {found['found']}."
    cell = Cell("invoice", ground.draft.invoice_id, column, ground.head[column], found["expected"])
    return Change("correct", says, (cell,), (table, record), fits=all_of(founds))


def order_number(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    """The contract's order; where none is on record, the client is asked."""
    contract, old = ground.contract, ground.head["po_ref"]
    if contract and contract["po_ref"] and contract["po_ref"] != old:
        cell = Cell("invoice", ground.draft.invoice_id, "po_ref", old, contract["po_ref"])
        says = f"Quote purchase order {contract['po_ref']}, which contract {contract['contract_id']} names" + (
            f", instead of {old}." if old else "."
        )
        source = ("contract", contract["contract_id"])
        yield Change("correct" if old else "add", says, (cell,), source, fits=all_of(founds))
        return
    cell = Cell("invoice", ground.draft.invoice_id, "po_ref", old, ORDER_TO_COME, supposed=True)
    # What stands in for the number has no form: whether the client's number fits its own portal is not asked.
    form = (("client_format_rule", ground.draft.invoice_id, ""),)
    says = "Ask the client for the number of its purchase order, and quote it."
    yield Change("ask", says, (cell,), minutes=ASK_CLIENT_MINUTES, fits=all_of(founds), answers=frozenset(form))


def more_on_order(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    """Another order, or more on this one: only the client can give either."""
    [found] = founds
    says = f"Ask the client for a new order, or for more on this one of {found['expected']}, and record it in the contract."
    yield Change("ask", says, minutes=ASK_CLIENT_MINUTES, fits=all_of(founds), answers=all_of(founds))
    del ground


def form_of_field(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    """A field as the client's portal takes it: nothing on record says what is to stand in it, so it is asked for."""
    [found] = founds
    field, _, pattern = str(found["expected"]).partition(": ")
    says = f"Write {FIELD_SAYS[field]} as the client's portal takes it ({pattern}): ask for it where it is not known."
    yield Change("ask", says, minutes=ASK_MINUTES, fits=all_of(founds), answers=all_of(founds))
    del ground


def last_tax_rate(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    [found] = founds
    rate = Decimal(str(found["expected"]).removesuffix(" %"))
    tax = money(ground.head["net_amount"] * rate / _PERCENT)
    cell = Cell("invoice", ground.draft.invoice_id, "tax_amount", ground.head["tax_amount"], tax)
    says = f"Charge {rate} % of tax, {tax}, as invoice {found['rests_on_id']} did, instead of {found['found']}."
    yield Change("correct", says, (cell,), ("invoice", found["rests_on_id"]), fits=all_of(founds))
    confirm = "Ask whether the rate of tax has changed, and say so on the bill."
    yield Change("ask", confirm, minutes=ASK_MINUTES, fits=all_of(founds), answers=all_of(founds))


def sum_again(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    yield _total(founds, ground, "net_amount", says="Make the net amount the sum of the lines, {new}, instead of {old}.")


def gross_again(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    yield _total(founds, ground, "gross_amount", says="Make the gross amount net and tax together, {new}, instead of {old}.")


def _total(founds: list[Finding], ground: Ground, column: str, *, says: str) -> Change:
    [found] = founds
    cell = Cell("invoice", ground.draft.invoice_id, column, ground.head[column], Decimal(found["expected"]))
    source = ("invoice", ground.draft.invoice_id)
    return Change("correct", says.format(new=found["expected"], old=found["found"]), (cell,), source, fits=all_of(founds))


def down_to_cap(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    """A line that gives back what is over the cap; or a higher cap, which only the client can give."""
    [found] = founds
    over = Decimal(found["difference"]) / MONEY_SCALE
    line = f"{ground.draft.invoice_id}-to-cap"
    number = max((one["line_no"] for one in ground.lines), default=0) + 1
    values = {
        "invoice_id": ground.draft.invoice_id,
        "line_no": number,
        "kind": "adjustment",
        "net_amount": -over,
        "project_id": ground.head["project_id"],
    }
    values |= {"quantity": Decimal(1), "unit": "EA", "unit_price": -over, "description": "Reduction to the agreed cap"}
    cells = tuple(Cell("invoice_line", line, column, None, value) for column, value in values.items())
    says = f"Write {over:.2f} down, so that the fees come to the cap of {found['expected']} that contract {found['rests_on_id']} has."
    yield Change("add", says, cells, (found["rests_on_table"], found["rests_on_id"]), fits=all_of(founds), lines=frozenset({line}))
    higher = "Ask the client to agree to a higher cap, and record the amendment."
    yield Change("ask", higher, minutes=ASK_CLIENT_MINUTES, fits=all_of(founds), answers=all_of(founds))


def days_of_lines(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    """The days of the time that the draft bills, where these were not billed before; else which of two bills stands is asked."""
    [found] = founds
    worked = [(one["worked_on"], one["entry_id"]) for line in ground.lines for one in ground.entries(line["line_id"])]
    days = [day for day, _ in worked]
    earlier = ground.row("invoice", found["rests_on_id"])
    if days and not _overlaps(min(days), max(days), earlier):
        names = ("period_start_on", "period_end_on")
        pairs = zip(names, (min(days), max(days)), strict=True)
        cells = tuple(
            Cell("invoice", ground.draft.invoice_id, name, ground.head[name], day) for name, day in pairs if ground.head[name] != day
        )
        says = f"Make the bill's period {min(days)} to {max(days)}, the days of the time that it bills."
        yield Change("correct", says, cells, ("time_entry", min(worked)[1]), fits=all_of(founds))
        return
    says = f"Ask which of the two bills stands, this one or {found['rests_on_id']}, and cancel the other."
    yield Change("ask", says, minutes=ASK_MINUTES, fits=all_of(founds), answers=all_of(founds))


def _overlaps(first: date, last: date, bill: Row | None) -> bool:
    return bill is not None and bill["period_start_on"] <= last and first <= bill["period_end_on"]


def one_bill(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    """The lines of the other draft on this one; where the other has been sent, both are explained."""
    [found] = founds
    other = found["rests_on_id"] if found["rests_on_table"] == "invoice" else None
    drafts = [one for one in drafted_beside(ground) if other in (None, one["invoice_id"])]
    yield from (merged(ground, one, fits=all_of(founds)) for one in drafts[:1])
    says = "Say on both bills what is on which, and why there are two."
    yield Change("ask", says, minutes=ASK_MINUTES, fits=all_of(founds), answers=all_of(founds))


def drafted_beside(ground: Ground) -> list[Row]:
    """Other drafts of the project for the same days, not issued and not cancelled."""
    head = ground.head
    if head["project_id"] is None or head["period_start_on"] is None or head["period_end_on"] is None:
        return []
    beside = ground.rows("invoice", "project_id", head["project_id"])
    open_drafts = [
        one
        for one in beside
        if one["invoice_id"] != head["invoice_id"] and one["issued_on"] is None and one["cancelled_at"] is None and one["kind"] == "invoice"
    ]
    dated = [one for one in open_drafts if one["period_start_on"] is not None and one["period_end_on"] is not None]
    return sorted(
        (one for one in dated if _overlaps(head["period_start_on"], head["period_end_on"], one)), key=lambda one: one["invoice_id"]
    )


def merged(ground: Ground, other: Row, *, fits: frozenset[Named]) -> Change:
    """All lines of another draft on this one, and the other cancelled."""
    moved = ground.rows("invoice_line", "invoice_id", other["invoice_id"])
    cells = [Cell("invoice_line", one["line_id"], "invoice_id", other["invoice_id"], ground.draft.invoice_id) for one in moved]
    cells.append(Cell("invoice", other["invoice_id"], "cancelled_at", None, ground.as_of, supposed=True))
    says = f"Make one bill of the two: put the {len(moved)} lines of draft {other['invoice_id']} on this one, and cancel that."
    touched = frozenset(one["line_id"] for one in moved)
    return Change("move", says, tuple(cells), ("invoice", other["invoice_id"]), MERGE_MINUTES, fits=fits, lines=touched)
