"""Which change clears which finding: one table over all controls, and the flaws that no control says but the score knows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from models.fixes import beneath, heads, lines
from models.fixes.change import ASK_MINUTES, Cell, Change, Finding, all_of, named
from models.fixes.draft import Ground, Row

Build = Callable[[list[Finding], Ground], Iterator[Change]]
"""The findings of one control that one change could clear, to the changes that could, the likeliest first."""


@dataclass(frozen=True)
class Clearing:
    build: Build
    by: str | None
    """Column whose findings are cleared one by one; None where one message asks about all that stand on the draft."""


def _preceding(founds: list[Finding], ground: Ground) -> Iterator[Change]:
    says = "Ask which invoice the credit note corrects and by how much, and name it."
    yield Change("ask", says, minutes=ASK_MINUTES, fits=all_of(founds), answers=all_of(founds))
    del ground


_HEAD, _LINE, _EXPENSE = "invoice_id", "line_id", "expense_id"

CLEARS: Final[Mapping[str, Clearing]] = MappingProxyType(
    {
        "rate_above_card": Clearing(lines.card_price, _LINE),
        "rate_of_wrong_date": Clearing(lines.card_price, _LINE),
        "rate_below_card": Clearing(lines.card_price, _LINE),
        "role_not_on_card": Clearing(lines.role_on_card, _LINE),
        "role_not_as_assigned": Clearing(lines.assigned_role, _LINE),
        "line_arithmetic": Clearing(lines.amount_again, _LINE),
        "sum_of_lines": Clearing(heads.sum_again, _HEAD),
        "gross_arithmetic": Clearing(heads.gross_again, _HEAD),
        "currency_mismatch": Clearing(heads.contract_currency, _HEAD),
        "tax_mismatch": Clearing(heads.last_tax_rate, _HEAD),
        "legal_entity_mismatch": Clearing(heads.contract_entity, _HEAD),
        "po_missing": Clearing(heads.order_number, _HEAD),
        "po_wrong": Clearing(heads.order_number, _HEAD),
        "po_exhausted": Clearing(heads.more_on_order, _HEAD),
        "client_format_rule": Clearing(heads.form_of_field, _HEAD),
        "cap_exceeded": Clearing(heads.down_to_cap, _HEAD),
        "period_already_billed": Clearing(heads.days_of_lines, _HEAD),
        "split_bill": Clearing(heads.one_bill, _HEAD),
        "credit_note_without_invoice": Clearing(_preceding, _HEAD),
        "duplicate_line": Clearing(lines.copy_out, _LINE),
        "near_duplicate_line": Clearing(lines.copy_out, _LINE),
        "project_of_another_client": Clearing(lines.own_project, _LINE),
        "line_outside_period": Clearing(lines.days_on_record, _LINE),
        "vague_line": Clearing(lines.words_on_record, _LINE),
        "milestone_before_acceptance": Clearing(lines.accepted, _LINE),
        "narrative_too_short": Clearing(beneath.narratives, None),
        "time_not_approved": Clearing(beneath.time_approval, None),
        "approver_is_worker": Clearing(beneath.other_time_approver, None),
        "late_entry": Clearing(beneath.late_time, None),
        "time_after_close": Clearing(beneath.time_of_closed_project, None),
        "more_than_the_day_holds": Clearing(beneath.full_day, None),
        "forbidden_task": Clearing(beneath.unpaid_task, _LINE),
        "travel_time": Clearing(beneath.travel_beyond, _LINE),
        "work_outside_contract": Clearing(beneath.confirmed, None),
        "work_outside_assignment": Clearing(beneath.confirmed, None),
        "work_outside_project": Clearing(beneath.confirmed, None),
        "person_not_assigned": Clearing(beneath.confirmed, None),
        "same_hours_on_two_projects": Clearing(beneath.confirmed, None),
        "non_working_day": Clearing(beneath.confirmed, None),
        "block_narrative": Clearing(beneath.narratives, None),
        "expense_not_approved": Clearing(beneath.expense_approval, _EXPENSE),
        "expense_approver_is_spender": Clearing(beneath.other_expense_approver, _EXPENSE),
        "expense_without_receipt": Clearing(beneath.receipt, _EXPENSE),
        "expense_over_policy": Clearing(beneath.within_policy, _EXPENSE),
        "expense_outside_dates": Clearing(beneath.dated_expense, _EXPENSE),
    }
)
"""Control -> what clears its findings on a draft."""

NOT_ON_A_DRAFT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "amendment_not_reflected": "it is about a contract that lags behind its amendment: the contract is put right first",
        "cap_nearly_reached": "it is about a contract whose cap comes near, and nothing is over it",
        "milestone_not_billed": "it is about a milestone that is on no bill",
        "time_not_billed": "it is about time that is on no bill",
        "expense_not_billed": "it is about an expense that is on no bill",
        "retainer_overused": "it is about the work of a month under a contract, whatever is billed",
        "retainer_underused": "it is about the work of a month under a contract, whatever is billed",
        "revenue_ahead": "it is about revenue that was recognised, not billed",
        "revenue_behind": "it is about revenue that was recognised, not billed",
        "project_code_inconsistent": "it is about the codes of a project in another system",
    }
)
"""Control -> why none of its findings stands on a draft."""


def candidates(founds: Sequence[Finding], ground: Ground) -> tuple[Change, ...]:
    """Changes that could clear these findings, those of each finding the likeliest first."""
    made: list[Change] = []
    groups: dict[tuple[str, str], list[Finding]] = {}
    for one in sorted(founds, key=named):
        if one["control"] in CLEARS:
            by = CLEARS[one["control"]].by
            groups.setdefault((one["control"], one[by] if by else ""), []).append(one)
    for (control, _), told in groups.items():
        made += [change for change in CLEARS[control].build(told, ground) if change not in made]
    return tuple(_joined(made))


def _joined(made: list[Change]) -> list[Change]:
    """Changes that put the same values in the same places are one, which fits what each fits."""
    kept: list[Change] = []
    for one in made:
        same = next((other for other in kept if one.cells and other.cells == one.cells), None)
        if same is None:
            kept.append(one)
        else:
            kept[kept.index(same)] = _both(same, one)
    return kept


def _both(one: Change, other: Change) -> Change:
    return Change(
        *(one.kind, one.says, one.cells, one.source, one.minutes, one.held_back),
        *(one.fits | other.fits, one.answers | other.answers, one.lines | other.lines),
    )


def unsaid(ground: Ground, made: Sequence[Change]) -> tuple[Change, ...]:
    """Changes for what no control says and the score knows: days and hours that the time on record has otherwise, a draft beside this one.

    What `made` does already is not said again. Of the score's other flaws none says what to change: a price that rose may be agreed, days
    that were billed before may have been worked twice over.
    """
    told = [
        change for line in ground.lines for change in (lines.to_days_of(ground, line, fits=frozenset()), _hours(ground, line)) if change
    ]
    told += [heads.merged(ground, other, fits=frozenset()) for other in heads.drafted_beside(ground)]
    return tuple(one for one in told if all(one.cells != other.cells for other in made))


def _hours(ground: Ground, line: Row) -> Change | None:
    """The hours that are on record behind a line, where it bills more."""
    own = ground.entries(line["line_id"])
    if line["unit"] != "HUR" or line["quantity"] is None or not own:
        return None
    hours = Decimal(sum(one["minutes"] for one in own)) / 60
    if line["quantity"] - hours < _A_MINUTE:
        return None
    kept = hours.quantize(_PLACES)
    cell = Cell("invoice_line", line["line_id"], "quantity", line["quantity"], kept)
    says = f"{lines.label(line)}: bill {kept:.2f} hours, as its time on record comes to, instead of {line['quantity']:.2f}."
    return Change("correct", says, (cell,), ("time_entry", own[0]["entry_id"]), lines=lines.on_line(line))


_A_MINUTE: Final = Decimal(1) / 60
_PLACES: Final = Decimal("0.0001")
"""Of an hour, as bills show it."""
