"""Where a draft over the wire has what the tables `invoice` and `invoice_line` have: one declaration, read in both directions."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

HEAD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "invoice_id": "draft_identifier",
        "number": "invoice_number",
        "client_id": "buyer_identifier",
        "contract_id": "contract_reference",
        "project_id": "project_reference",
        "currency": "invoice_currency_code",
        "net_amount": "invoice_total_amount_without_vat",
        "tax_amount": "invoice_total_vat_amount",
        "gross_amount": "invoice_total_amount_with_vat",
        "po_ref": "purchase_order_reference",
        "legal_entity": "seller_identifier",
        "due_on": "payment_due_date",
        "period_start_on": "invoicing_period/start_date",
        "period_end_on": "invoicing_period/end_date",
        "prepared_by": "prepared_by",
    }
)
"""Column of `invoice` -> where a draft has it."""
LINE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "line_id": "invoice_line_identifier",
        "kind": "kind",
        "person_id": "person_identifier",
        "role": "role",
        "project_id": "project_reference",
        "quantity": "invoiced_quantity",
        "unit": "invoiced_quantity_unit_of_measure_code",
        "unit_price": "item_net_price",
        "net_amount": "invoice_line_net_amount",
        "description": "item_description",
        "period_start_on": "invoice_line_period/start_date",
        "period_end_on": "invoice_line_period/end_date",
        "task_code": "task_code",
        "expense_code": "expense_code",
        "tax_code": "invoiced_item_vat_category_code",
        "expense_id": "expense_identifier",
        "milestone_id": "milestone_identifier",
    }
)
"""Column of `invoice_line` -> where a line of a draft has it."""
OF_TABLE: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({"invoice": HEAD, "invoice_line": LINE})
WHOLE: Final = "/body"
"""The draft in its request, as every refusal points at it."""


def columns_of(part: object, places: Mapping[str, str]) -> dict[str, Any]:
    """What a draft or a line has, by the columns of its table."""
    return {column: _at(part, place.split("/")) for column, place in places.items()}


def _at(part: object, steps: Sequence[str]) -> Any:  # noqa: ANN401 - what a field holds
    found: Any = part
    for step in steps:
        found = None if found is None else getattr(found, step)
    return found


def name_of(table: str, column: str) -> str:
    """What a draft calls a column of its head or lines; what it has no name for keeps the table's."""
    return OF_TABLE.get(table, {}).get(column, column)


class Pointers:
    """Where the request has what a finding or a change is about."""

    def __init__(self, draft_id: str, line_ids: Sequence[str]) -> None:
        self._draft_id = draft_id
        self.lines: dict[str, int] = {line: number for number, line in enumerate(line_ids, start=1)}
        """Id of a line -> its number, from 1."""

    def of_line(self, line_id: str | None) -> str:
        """The line, or the whole draft."""
        return f"{WHOLE}/lines/{self.lines[line_id] - 1}" if line_id in self.lines else WHOLE

    def of_cell(self, table: str, record_id: str, column: str) -> str | None:
        """One value, or a line that is to go; None for what is on another record, or has no name in a draft."""
        place = OF_TABLE.get(table, {}).get(column, "" if column == "deleted" else None)
        if place is None or (record_id not in self.lines if table == "invoice_line" else (table, record_id) != ("invoice", self._draft_id)):
            return None
        return f"{self.of_line(record_id)}/{place}".removesuffix("/")
