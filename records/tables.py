"""The canonical tables, declared once: key, columns, event time, known-at (how to read a declaration: table.py).

Every source is mapped onto these tables; every feature, control and label reads only them. Names follow EN 16931 (invoices, BT numbers),
Microsoft's Common Data Model (project work), LEDES/UTBMS (narrative codes), Peppol Invoice Response (dispute reasons).
Money has at most 4 places in the row's `currency` (ISO 4217), rates are per hour, durations whole minutes.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from records.table import Table, table

_TABLES: Final = (
    table(
        "client",
        sort_by="client_id",
        of_record="ERP",
        columns="""
        client_id, name, parent_client_id? > client, segment?, country?, currency, payment_terms_days?: integer, credit_code?,
        onboarded_on?◆,
        """,
    ),
    table(
        "contract",
        sort_by="client_id contract_id",
        of_record="CRM until signed, then PSA",
        columns="""
        contract_id, client_id > client, contract_no?, kind: time_and_materials|fixed_fee|retainer|hybrid, currency, signed_on?◆,
        starts_on◆, ends_on?, value?: money, cap_amount?: money, retainer_amount_month?: money, payment_terms_days?: integer,
        po_required: boolean, po_ref?, po_amount?: money, late_entry_cutoff_days?: integer, legal_entity?, billing_rules?,
        """,
    ),
    table(
        "contract_amendment",
        sort_by="contract_id effective_on",
        of_record="CRM, documents",
        columns="""
        amendment_id, contract_id > contract, seq: integer, signed_on?◆, effective_on, text?, changes?: json,
        """,
    ),
    table(
        "rate_card_line",
        sort_by="contract_id client_id effective_on",
        of_record="PSA",
        columns="""
        rate_id, contract_id? > contract, client_id? > client, role, person_id? > person, currency, bill_rate: money, effective_on◆,
        ends_on?,
        """,
    ),
    table(
        "billing_guideline",
        sort_by="client_id effective_on",
        of_record="client document",
        columns="""
        guideline_id, client_id > client, rule, parameters?: json, text?, effective_on◆, ends_on?,
        """,
    ),
    table(
        "person",
        sort_by="person_id",
        of_record="HRIS",
        columns="""
        person_id, role, grade?, practice?, office?, manager_id? > person, weekly_minutes: integer, hired_on?◆, left_on?●,
        """,
    ),
    table(
        "cost_rate",
        sort_by="person_id effective_on",
        of_record="HRIS (restricted)",
        columns="""
        cost_rate_id, person_id > person, currency, cost_per_hour: money, effective_on◆,
        """,
    ),
    table(
        "calendar_day",
        key="calendar_id day",
        sort_by="calendar_id day",
        of_record="HRIS",
        columns="""
        calendar_id, day◇: date, working: boolean, minutes: integer,
        """,
    ),
    table(
        "timesheet_deadline",
        sort_by="office effective_on",
        of_record="PSA",
        columns="""
        deadline_id, office?, due_day: wednesday|thursday|friday|saturday|sunday|next_monday|next_tuesday|next_wednesday, due_time: clock,
        time_zone: zone, effective_on◆,
        """,
    ),
    table(
        "absence",
        sort_by="person_id starts_on",
        of_record="HRIS",
        columns="""
        absence_id, person_id > person, starts_on, ends_on, minutes_per_day: integer, kind: leave|sick|holiday|training,
        registered_at◆,
        """,
    ),
    table(
        "project",
        sort_by="client_id project_id",
        of_record="PSA",
        columns="""
        project_id, client_id > client, contract_id? > contract, project_no?, name?, manager_id? > person, practice?, legal_entity?,
        billing_method: time|fixed|milestone|retainer|none, currency, starts_on◆, ends_on?, closed_on?●,
        """,
    ),
    table(
        "project_budget",
        sort_by="project_id approved_on",
        of_record="PSA",
        columns="""
        budget_id, project_id > project, baseline_no: integer, minutes: integer, cost_amount: money, revenue_amount: money,
        approved_on◆,
        """,
    ),
    table(
        "milestone",
        sort_by="project_id target_on",
        of_record="PSA",
        columns="""
        milestone_id, project_id > project, name?, amount?: money, currency, target_on, completed_on?●, accepted_on?●,
        invoice_id?● > invoice,
        """,
    ),
    table(
        "project_status",
        sort_by="project_id reported_on",
        of_record="PSA",
        columns="""
        status_id, project_id > project, reported_on◆, percent_complete?: number, remaining_minutes?: integer,
        health?: green|amber|red, note?,
        """,
    ),
    table(
        "assignment",
        sort_by="person_id starts_on",
        of_record="PSA",
        columns="""
        assignment_id, person_id > person, project_id > project, role, starts_on◆, ends_on?, planned_minutes_week?: integer,
        bill_rate?: money,
        """,
    ),
    table(
        "time_entry",
        sort_by="person_id worked_on",
        of_record="PSA",
        columns="""
        entry_id, person_id > person, project_id > project, task?, worked_on, minutes: integer, billable: boolean, role?,
        bill_rate?: money, currency?, cost_per_hour?: money, narrative?, task_code?, activity_code?, entered_at◆, submitted_at?●,
        approved_at?● {approver_id}, approver_id? > person, invoice_line_id?● > invoice_line,
        """,
    ),
    table(
        "expense",
        sort_by="project_id incurred_on",
        of_record="T&E",
        columns="""
        expense_id, person_id? > person, project_id > project, incurred_on, category, amount: money, tax_amount?: money, currency,
        billable: boolean, receipt: present|missing|not_required, entered_at◆, submitted_at?●, approved_at?● {approver_id},
        approver_id? > person, invoice_line_id?● > invoice_line,
        """,
    ),
    table(
        "invoice",
        sort_by="client_id issued_on",
        of_record="ERP",
        columns="""
        invoice_id, number?, client_id > client, contract_id? > contract, project_id? > project, kind: invoice|credit_note,
        drafted_at?◆, prepared_by? > person, issued_on?●◆, sent_at?●, due_on?, period_start_on?, period_end_on?, currency,
        net_amount: money, tax_amount?: money, gross_amount?: money, po_ref?, legal_entity?, preceding_invoice_id? > invoice,
        cancelled_at?●,
        """,
    ),
    table(
        "invoice_line",
        sort_by="invoice_id line_no",
        of_record="ERP",
        columns="""
        line_id, invoice_id > invoice, line_no: integer, kind: time|expense|milestone|retainer|adjustment, person_id? > person,
        role?, project_id? > project, quantity?: number, unit?: HUR|DAY|EA, unit_price?: money, net_amount: money, description?,
        period_start_on?, period_end_on?, task_code?, expense_code?, tax_code?, time_entry_id? > time_entry, expense_id? > expense,
        milestone_id? > milestone,
        """,
    ),
    table(
        "dispute",
        sort_by="invoice_id opened_at",
        of_record="ERP, CRM",
        columns="""
        dispute_id, invoice_id > invoice, line_id? > invoice_line, opened_at◆,
        reason_code: PRI|QTY|REF|DEL|QUA|ITM|PAY|PPD|LEG|UNR|OTH, text?, disputed_amount?: money, currency,
        resolved_at?● {outcome credited_amount}, outcome?: upheld|partly|rejected|withdrawn, credited_amount?: money,
        """,
    ),
    table(
        "credit_adjustment",
        sort_by="invoice_id adjusted_on",
        of_record="ERP",
        columns="""
        adjustment_id, invoice_id > invoice, line_id? > invoice_line, kind: credit_note|write_off|write_down|discount, amount: money,
        currency, reason?, adjusted_on◆,
        """,
    ),
    table(
        "payment",
        sort_by="client_id received_on",
        of_record="bank",
        columns="""
        payment_id, client_id > client, booked_on?◆, received_on◆, amount: money, currency, method?,
        status: initiated|in_transit|settled|failed|reversed, remittance_text?,
        """,
    ),
    table(
        "payment_allocation",
        sort_by="invoice_id allocated_on",
        of_record="ERP",
        columns="""
        allocation_id, payment_id > payment, invoice_id > invoice, amount: money, allocated_on◆, reversed_on?●,
        """,
    ),
    table(
        "collection_activity",
        sort_by="client_id performed_at",
        of_record="collections",
        columns="""
        activity_id, client_id > client, invoice_id? > invoice, kind: reminder|call|letter|escalation|hold, level?: integer,
        performed_at◆, actor?, outcome?: reached|no_answer|promised|disputed|paid, note?,
        """,
    ),
    table(
        "promise_to_pay",
        sort_by="client_id promised_at",
        of_record="collections",
        columns="""
        promise_id, client_id > client, invoice_id? > invoice, promised_at◆, promised_for_on, amount: money, currency,
        """,
    ),
    table(
        "revenue_schedule",
        sort_by="project_id period_start_on",
        of_record="ERP",
        columns="""
        schedule_id, project_id > project, period_start_on◆, period_end_on, method: milestone|percent_complete|straight_line|time,
        planned_amount: money, recognized_on?● {recognized_amount}, recognized_amount?: money, currency,
        """,
    ),
    table(
        "fx_rate",
        sort_by="base quote as_of_on",
        of_record="ERP",
        columns="""
        fx_id, base, quote, rate: number, as_of_on◆,
        """,
    ),
    table(
        "identity_link",
        sort_by="table id",
        of_record="this service",
        columns="""
        link_id, table, system, external_id, id, method, decided_at◆, decided_by?,
        """,
    ),
    table(
        "decision",
        sort_by="recommendation_id decided_at",
        of_record="this service",
        columns="""
        decision_id, recommendation_id, verdict: accept|dismiss|snooze|reopen, reason?, actor, decided_at◆,
        """,
    ),
)

TABLES: Final[Mapping[str, Table]] = MappingProxyType({table.name: table for table in _TABLES})
"""Every canonical table by name."""
