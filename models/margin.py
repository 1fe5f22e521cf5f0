"""Margin: which project will earn less than it was sold for, while its scope, staffing or price can still be talked about.

Fires: at a third of its time a fixed-price project has used half of its budget, and its manager reports 35 % done.
Silent: a project that has used half of its budget at half of its time, bills what it works at the planned rates, and reports 50 % done.
"""

from typing import Final

from features import project_burn
from features.burn import POINTS, running
from models.project_book import ProjectBook
from models.risk import Compressed, Risk, Target, Use
from models.segment import Segment

FORTNIGHTS: Final = tuple(range(0, 365, 14))
"""Reports come every four weeks, and a manager can act between them: twice a report is often enough to learn from and to be asked."""

MARGIN: Final = Risk(
    name="margin",
    says=f"A project will end {POINTS} points of margin or more under its plan",
    entity="project",
    cluster="project_id",
    at_risk=running,
    ages_days=FORTNIGHTS,
    burn_in_days=0,
    history=project_burn.client_closed_projects,
    targets=(
        Target(
            "fell",
            f"{POINTS} points of margin or more under plan",
            Compressed(POINTS),
            project_burn.project_compression_chance,
            "cost at completion by the damped cost performance index, against the planned margin less five points",
        ),
    ),
    uses=(
        Use(project_burn.project_compression_chance, 1),
        Use(project_burn.project_forecast_fall, 1),
        Use(project_burn.project_cost_performance, -1),
        Use(project_burn.project_cost_performance_latest, -1),
        Use(project_burn.project_schedule_performance),
        Use(project_burn.project_burn),
        Use(project_burn.project_elapsed),
        Use(project_burn.project_complete),
        Use(project_burn.project_burn_ahead, 1),
        Use(project_burn.project_burn_unmatched, 1),
        Use(project_burn.project_effort_told, 1),
        Use(project_burn.project_remaining_to_plan, 1),
        Use(project_burn.project_budget_growth, 1),
        Use(project_burn.contract_amendments),
        Use(project_burn.project_uncharged_share, 1),
        Use(project_burn.project_uncharged_share_56d, 1),
        Use(project_burn.project_rate_to_plan, -1),
        Use(project_burn.project_value_fall, 1),
        Use(project_burn.project_billed),
        Use(project_burn.project_billed_ahead, -1),
        Use(project_burn.project_told_fall, 1),
        Use(project_burn.project_contract_fall, 1),
        Use(project_burn.project_remaining_fall, 1),
        Use(project_burn.project_cost_to_plan, 1),
        Use(project_burn.project_health, 1),
        Use(project_burn.project_days_since_report),
        Use(project_burn.project_overdue_milestones, 1),
        Use(project_burn.project_milestone_slip),
        Use(project_burn.project_fixed_price),
        Use(project_burn.project_by_the_hour),
        Use(project_burn.project_retainer),
        Use(project_burn.contract_capped),
        Use(project_burn.contract_cap_use, 1),
        Use(project_burn.project_plan_margin),
        Use(project_burn.project_planned_revenue),
        Use(project_burn.client_closed_projects),
    ),
    segments=(
        Segment("planned time passed", project_burn.project_elapsed, (0.2, 0.4, 0.6, 0.8, 1.0)),
        Segment("fixed price", project_burn.project_fixed_price, (0.5,)),
        Segment("planned revenue", project_burn.project_planned_revenue),
    ),
    predicts_payment=False,
    stake="stake",
    book=ProjectBook,
    clears="It closes by itself once the records show {reference} closed.",
    title="{reference} for {client} may end {outcome}",
    owner_role="delivery_lead",
    actions=(
        ("", "Go through what remains with the project's manager, and agree scope, staffing or price while there is time."),
        (project_burn.EFFORT, "Ask what the cost so far has brought, and estimate anew what remains."),
        (project_burn.SCOPE, "Look for work beyond the contract, and agree a change with the client before it is done."),
        (project_burn.PROGRESS, "Check the reported progress against what was delivered, and agree new dates."),
        (project_burn.MIX, "Compare the people on it with those planned; leave to juniors what they can do."),
        (project_burn.PRICE, "Compare the rates billed with the contract's."),
    ),
    judged_ages_days=FORTNIGHTS,
    outlook=project_burn.project_forecast_fall,
)
