"""Every control, in the order in which people should meet them, and all that they find.

To add one: a file in this folder, its line below, its cases in tests/controls/cases/, and `make docs`.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Final

import polars as pl

from controls.amendment_not_reflected import amendment_not_reflected
from controls.approver_is_worker import approver_is_worker
from controls.block_narrative import block_narrative
from controls.cap_exceeded import cap_exceeded
from controls.cap_nearly_reached import cap_nearly_reached
from controls.client_format_rule import client_format_rule
from controls.control import LEVEL, Control
from controls.credit_note_without_invoice import credit_note_without_invoice
from controls.currency_mismatch import currency_mismatch
from controls.duplicate_line import duplicate_line
from controls.expense_approver_is_spender import expense_approver_is_spender
from controls.expense_not_approved import expense_not_approved
from controls.expense_not_billed import expense_not_billed
from controls.expense_outside_dates import expense_outside_dates
from controls.expense_over_policy import expense_over_policy
from controls.expense_without_receipt import expense_without_receipt
from controls.forbidden_task import forbidden_task
from controls.gross_arithmetic import gross_arithmetic
from controls.late_entry import late_entry
from controls.legal_entity_mismatch import legal_entity_mismatch
from controls.line_arithmetic import line_arithmetic
from controls.line_outside_period import line_outside_period
from controls.milestone_before_acceptance import milestone_before_acceptance
from controls.milestone_not_billed import milestone_not_billed
from controls.more_than_the_day_holds import more_than_the_day_holds
from controls.narrative_too_short import narrative_too_short
from controls.near_duplicate_line import near_duplicate_line
from controls.non_working_day import non_working_day
from controls.period_already_billed import period_already_billed
from controls.person_not_assigned import person_not_assigned
from controls.po_exhausted import po_exhausted
from controls.po_missing import po_missing
from controls.po_wrong import po_wrong
from controls.project_code_inconsistent import project_code_inconsistent
from controls.project_of_another_client import project_of_another_client
from controls.rate_above_card import rate_above_card
from controls.rate_below_card import rate_below_card
from controls.rate_of_wrong_date import rate_of_wrong_date
from controls.retainer_overused import retainer_overused
from controls.retainer_underused import retainer_underused
from controls.revenue_ahead import revenue_ahead
from controls.revenue_behind import revenue_behind
from controls.role_not_as_assigned import role_not_as_assigned
from controls.role_not_on_card import role_not_on_card
from controls.same_hours_on_two_projects import same_hours_on_two_projects
from controls.split_bill import split_bill
from controls.sum_of_lines import sum_of_lines
from controls.tax_mismatch import tax_mismatch
from controls.time_after_close import time_after_close
from controls.time_not_approved import time_not_approved
from controls.time_not_billed import time_not_billed
from controls.travel_time import travel_time
from controls.vague_line import vague_line
from controls.work_outside_assignment import work_outside_assignment
from controls.work_outside_contract import work_outside_contract
from controls.work_outside_project import work_outside_project
from records.known import ENTER, LEAVE, Facts, Known, micros

CONTROLS: Final[tuple[Control, ...]] = (
    rate_above_card,
    rate_of_wrong_date,
    rate_below_card,
    role_not_on_card,
    role_not_as_assigned,
    line_arithmetic,
    sum_of_lines,
    gross_arithmetic,
    currency_mismatch,
    tax_mismatch,
    legal_entity_mismatch,
    po_missing,
    work_outside_contract,
    time_after_close,
    work_outside_assignment,
    work_outside_project,
    person_not_assigned,
    late_entry,
    time_not_approved,
    approver_is_worker,
    duplicate_line,
    near_duplicate_line,
    same_hours_on_two_projects,
    more_than_the_day_holds,
    non_working_day,
    narrative_too_short,
    block_narrative,
    vague_line,
    forbidden_task,
    travel_time,
    po_wrong,
    po_exhausted,
    amendment_not_reflected,
    cap_exceeded,
    cap_nearly_reached,
    expense_not_approved,
    expense_approver_is_spender,
    expense_without_receipt,
    expense_over_policy,
    expense_outside_dates,
    milestone_before_acceptance,
    milestone_not_billed,
    time_not_billed,
    expense_not_billed,
    line_outside_period,
    period_already_billed,
    split_bill,
    retainer_overused,
    retainer_underused,
    revenue_ahead,
    revenue_behind,
    credit_note_without_invoice,
    project_of_another_client,
    project_code_inconsistent,
    client_format_rule,
)


BILLED: Final = frozenset({"invoice", "invoice_line", "time_entry", "expense"})
"""Tables whose rows an invoice is made of: what is found of others names no invoice."""


def findings(known: Known) -> Facts:
    """All that all controls find, in knowledge time: `COLUMNS` of control.py, `control` (its name) and `severity` (its `LEVEL`).

    Ask for it by `known.derived(findings)`. At any instant a control finds one thing at most of an entity and period.
    """
    others = pl.concat(_told(one, known) for one in CONTROLS if one.entity not in BILLED).lazy()
    return Facts("finding", pl.concat([known.derived(findings_on_bills).frame, others]))


def findings_on_bills(known: Known) -> Facts:
    """Those of `findings` that are about `BILLED`: what an invoice is judged by."""
    return known.derived(findings_about(BILLED))


@cache
def findings_about(entities: frozenset[str]) -> Callable[[Known], Facts]:
    """Those of `findings` that are about rows of these tables."""

    def found(known: Known) -> Facts:
        # One control after another: a plan of all of them at once takes longer to make than to work out, and holds all that each joins.
        return Facts("finding_about", pl.concat(_told(one, known) for one in CONTROLS if one.entity in entities).lazy())

    return found


def standing(known: Known, as_of: datetime, *, of: Callable[[Known], Facts] = findings) -> pl.DataFrame:
    """What stands of `findings`, or of those on bills, at an instant, the gravest and dearest first."""
    now = micros(as_of)
    held = known.derived(of).frame.filter((pl.col(ENTER) <= now) & (now < pl.col(LEAVE))).collect()
    return held.sort("severity", "difference", pl.struct(pl.exclude("severity", "difference")), descending=[True, True, False])


def _told(one: Control, known: Known) -> pl.DataFrame:
    name, severity = pl.lit(one.name).alias("control"), pl.lit(LEVEL[one.severity], dtype=pl.Int64).alias("severity")
    return one.found(known).with_columns(name, severity)
