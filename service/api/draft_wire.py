"""Drafts over the wire: an invoice that nobody has saved, in the business terms of EN 16931, and what was found of it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

import polars as pl
from pydantic import Field

from controls.catalog import CONTROLS
from models.draft_check import CheckedDraft
from models.finding import Finding as Found
from models.fixes.smallest import Fix
from records.known import MONEY_SCALE
from service.api.draft_names import HEAD, LINE, WHOLE, Pointers, columns_of
from service.api.explanation_wire import LinePart, Reason
from service.api.fix_wire import SmallestFix, money_of
from service.api.wire import Likelihood, Money, Wire
from service.drafts import AskedDraft
from service.words import likelihood

MOST_LINES = 1000
"""Longer invoices are rare, and a request of this size still fits the limit of a body."""
_BY_NAME = {control.name: control for control in CONTROLS}

Identifier = Annotated[str, Field(min_length=1, max_length=200)]
Sum = Annotated[Decimal, Field(max_digits=18, decimal_places=4)]


class Period(Wire):
    """BG-14 or BG-26."""

    start_date: Annotated[date, Field(description="BT-73, BT-134.", examples=["2026-10-01"])]
    end_date: Annotated[date, Field(description="BT-74, BT-135.", examples=["2026-10-31"])]


class DraftLine(Wire):
    """BG-25, invoice line. Money is in the invoice's currency."""

    invoice_line_identifier: Annotated[Identifier | None, Field(description="BT-126 of a line on record.", examples=["L-9041"])] = None
    kind: Annotated[
        Literal["time", "expense", "milestone", "retainer", "adjustment"], Field(description="What it bills.", examples=["time"])
    ]
    invoiced_quantity: Annotated[Sum | None, Field(description="BT-129.", examples=["7.5"])] = None
    invoiced_quantity_unit_of_measure_code: Annotated[
        Literal["HUR", "DAY", "EA"] | None, Field(description="BT-130.", examples=["HUR"])
    ] = None
    item_net_price: Annotated[Sum | None, Field(description="BT-146.", examples=["140.00"])] = None
    invoice_line_net_amount: Annotated[Sum, Field(description="BT-131.", examples=["1050.00"])]
    item_description: Annotated[str | None, Field(description="BT-154.", examples=["Data migration, test run 2"], max_length=4000)] = None
    invoice_line_period: Annotated[Period | None, Field(description="BG-26.")] = None
    invoiced_item_vat_category_code: Annotated[Identifier | None, Field(description="BT-151.", examples=["S"])] = None
    project_reference: Annotated[Identifier | None, Field(description="Project, where it is not the invoice's.", examples=["J-77"])] = None
    person_identifier: Annotated[Identifier | None, Field(description="Whose time it bills.", examples=["P-12"])] = None
    role: Annotated[Identifier | None, Field(description="In which role.", examples=["senior consultant"])] = None
    task_code: Annotated[Identifier | None, Field(description="UTBMS or the firm's own.", examples=["L110"])] = None
    expense_code: Annotated[Identifier | None, Field(description="UTBMS or the firm's own.", examples=["E110"])] = None
    time_entry_identifiers: Annotated[
        tuple[Identifier, ...], Field(description="Entries that it bills.", examples=[["T-70188"]], max_length=2000)
    ] = ()
    expense_identifier: Annotated[Identifier | None, Field(description="Expense that it bills.", examples=["X-5"])] = None
    milestone_identifier: Annotated[Identifier | None, Field(description="Milestone that it bills.", examples=["M-3"])] = None

    def columns(self) -> dict[str, object]:
        """As the table `invoice_line` names them."""
        return columns_of(self, LINE)


class DraftInvoice(Wire):
    """An invoice before it is saved or issued. Fields without a business term of EN 16931 say so by naming none."""

    draft_identifier: Annotated[
        Identifier | None, Field(description="Of a draft on record that this stands in for; none for a new one.", examples=["I-2031"])
    ] = None
    invoice_number: Annotated[Identifier | None, Field(description="BT-1, where it has one already.", examples=["2026-118"])] = None
    invoice_currency_code: Annotated[str, Field(description="BT-5, ISO 4217.", examples=["GBP"], pattern="^[A-Z]{3}$")]
    buyer_identifier: Annotated[Identifier, Field(description="BT-46: key of the client.", examples=["C-19"])]
    seller_identifier: Annotated[Identifier | None, Field(description="BT-29: the firm's legal entity.", examples=["PL-UK"])] = None
    contract_reference: Annotated[Identifier | None, Field(description="BT-12.", examples=["K-6"])] = None
    project_reference: Annotated[Identifier | None, Field(description="BT-11.", examples=["J-77"])] = None
    purchase_order_reference: Annotated[Identifier | None, Field(description="BT-13.", examples=["PO-571506"])] = None
    payment_due_date: Annotated[date | None, Field(description="BT-9.", examples=["2026-12-15"])] = None
    invoicing_period: Annotated[Period | None, Field(description="BG-14.")] = None
    invoice_total_amount_without_vat: Annotated[Sum, Field(description="BT-109.", examples=["1050.00"])]
    invoice_total_vat_amount: Annotated[Sum | None, Field(description="BT-110.", examples=["210.00"])] = None
    invoice_total_amount_with_vat: Annotated[Sum | None, Field(description="BT-112.", examples=["1260.00"])] = None
    prepared_by: Annotated[Identifier | None, Field(description="Person who drafted it.", examples=["P-4"])] = None
    lines: Annotated[list[DraftLine], Field(description="BG-25, in their order.", min_length=1, max_length=MOST_LINES)]

    def asked(self) -> AskedDraft:
        return AskedDraft(
            columns_of(self, HEAD), [line.columns() for line in self.lines], [line.time_entry_identifiers for line in self.lines]
        )


class DraftFinding(Wire):
    """What a control finds: certain."""

    control: Annotated[str, Field(description="Its name; GET /v1/controls says what it checks.", examples=["rate_above_card"])]
    severity: Annotated[str, Field(description="blocker, error, warning or notice.", examples=["error"])]
    says: Annotated[str, Field(description="What is wrong.", examples=["A line is billed at a higher rate than the card has."])]
    line_no: Annotated[int | None, Field(description="On which line, counted from 1; null for the whole invoice.", examples=[4])]
    pointer: Annotated[
        str,
        Field(description="JSON pointer into the request: the line, or the field of the head, or all of it.", examples=["/body/lines/3"]),
    ]
    record: Annotated[str, Field(description="Table of the record that it is about.", examples=["invoice_line"])]
    record_identifier: Annotated[str, Field(description="Key of that record.", examples=["unsaved draft-4"])]
    expected: Annotated[
        str | None, Field(description="What it should be, where the control can tell; fields as in the request.", examples=["140.00"])
    ]
    found: Annotated[str | None, Field(description="What it is.", examples=["154.00"])]
    unit: Annotated[str, Field(description="Of both: rate, money, date, minutes, days, count or text.", examples=["rate"])]
    difference: Annotated[Money, Field(description="Money at stake.")]
    rests_on: Annotated[str, Field(description="Table of the clause, card or record that it rests on.", examples=["rate_card_line"])]
    rests_on_identifier: Annotated[str | None, Field(description="Key of that row.", examples=["R-88"])]
    clears: Annotated[str, Field(description="What would clear it.", examples=["bill the card's rate."])]


class UnusualLine(Wire):
    """A line unlike the firm's own: a rank, not a likelihood."""

    line_no: Annotated[int | None, Field(description="Which line, counted from 1.", examples=[4])]
    line_identifier: Annotated[str, Field(description="Its key.", examples=["unsaved draft-4"])]
    title: Annotated[str, Field(description="What stands out.", examples=["Unusual line: 7.50 h at GBP 154.00"])]
    unusualness: Annotated[float, Field(description="Share of the firm's past lines at least as unusual.", examples=[0.004])]
    reasons: Annotated[list[str], Field(description="Why.", examples=[["GBP 154.00 an hour; this person: GBP 140.00 on 22 lines."]])]


class CheckedDraftInvoice(Wire):
    """What was found of a draft. Nothing was stored."""

    as_of: Annotated[datetime, Field(description="End of the records that it was held against.", examples=["2026-11-24T09:00:00Z"])]
    probability: Annotated[float | None, Field(description="That the client disputes it, 0 to 1; null when withheld.", examples=[0.31])]
    likelihood: Annotated[Likelihood | None, Field(description="The probability in words.")]
    rule_probability: Annotated[float | None, Field(description="What the simple rule says.", examples=[0.12])]
    expected_loss: Annotated[Money, Field(description="Probability x what is credited of a disputed invoice, in the firm's currency.")]
    caveat: Annotated[str, Field(description="Why it is provisional, or empty.", examples=[""])]
    reasons: Annotated[list[Reason], Field(description="What raises and lowers the probability, strongest first.")]
    lines: Annotated[list[LinePart], Field(description="The probability by line, the likeliest first.")]
    findings: Annotated[list[DraftFinding], Field(description="What controls find, the gravest first.")]
    unusual: Annotated[list[UnusualLine], Field(description="Lines unlike the firm's own.")]
    fix: Annotated[SmallestFix | None, Field(description="The smallest fix; null where it was not asked for.")]
    notices: Annotated[list[str], Field(description="What a reader must know.", examples=[[]])]
    model_version: Annotated[str, Field(description="What scored it.", examples=["3"])]

    @classmethod
    def of(cls, checked: CheckedDraft, fix: Fix | None, *, asked: AskedDraft) -> Self:
        """`asked`: the draft in whose words it is told."""
        scored, pointers = checked.dispute, Pointers(asked.invoice_id, asked.line_ids)
        return cls(
            as_of=checked.as_of,
            probability=scored.probability,
            likelihood=Likelihood.of(likelihood(scored.probability)) if scored.probability is not None else None,
            rule_probability=scored.rule_probability,
            expected_loss=money_of(scored.expected_loss, scored.reporting_currency),
            caveat=scored.caveat,
            reasons=[Reason.model_validate(one) for one in scored.reasons],
            lines=[LinePart.model_validate(one) for one in scored.lines],
            findings=_findings(checked.findings, pointers, currency=scored.currency),
            unusual=[_unusual(one, pointers) for one in checked.unusual],
            fix=SmallestFix.of(fix, pointers, currency=scored.currency) if fix else None,
            notices=list(checked.notices),
            model_version=scored.model_version,
        )


def _findings(found: pl.DataFrame, pointers: Pointers, *, currency: str) -> list[DraftFinding]:
    told = []
    for row in found.to_dicts():
        control = _BY_NAME[row["control"]]
        pointer, expected = _of_field(row, pointers.of_line(row["line_id"]))
        told.append(
            DraftFinding(
                control=control.name,
                severity=control.severity,
                says=control.says,
                line_no=pointers.lines.get(row["line_id"]),
                pointer=pointer,
                record=control.entity,
                record_identifier=row[control.key],
                expected=expected,
                found=row["found"],
                unit=control.unit,
                difference=money_of(Decimal(row["difference"]) / MONEY_SCALE, row["currency"] or currency),
                rests_on=row["rests_on_table"],
                rests_on_identifier=row["rests_on_id"],
                clears=control.clears,
            )
        )
    return told


def _of_field(row: dict[str, Any], pointer: str) -> tuple[str, str | None]:
    """Where it is, and what it should be. A finding about one field of the head has its column as period, and before what is expected."""
    column, expected = row["period"], row["expected"]
    if column not in HEAD:
        return pointer, expected
    before = f"{column}: "
    named = f"{HEAD[column]}: {expected.removeprefix(before)}" if expected and expected.startswith(before) else expected
    return f"{WHOLE}/{HEAD[column]}", named


def _unusual(found: Found, pointers: Pointers) -> UnusualLine:
    return UnusualLine(
        line_no=pointers.lines.get(found.entity_id),
        line_identifier=found.entity_id,
        title=found.title,
        unusualness=found.unusualness or 0.0,
        reasons=[one.text for one in found.reasons],
    )
