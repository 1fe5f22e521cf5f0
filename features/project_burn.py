"""How a project's effort and money run against its plan: signals of the plan, of the time on record, and of what its manager reports."""

from typing import Final

import polars as pl

from features.burn import (
    POINTS,
    billings,
    closed,
    efforts,
    newest_budgets,
    overdue_milestones,
    reached_milestones,
)
from features.feature import feature
from features.project_state import billed_by, bounded, complete, cost_performance, elapsed, plan, report, spent, spent_then, within
from features.signal import NOW, Signal, count, days_between, in_units, mean, standing, total
from records.known import MONEY_SCALE, Known

EFFORT = "effort"
PROGRESS = "progress"
PRICE = "price"
MIX = "mix"
SCOPE = "scope"
REPORT = "reports"
COURSE = "course"

FORECAST_SPREAD: Final = 0.033
"""Scale of the logistic around the rule's forecast: its standard deviation is six points, by which a forecast from CPI misses the final
margin at 20 to 40 % of a project (design note on modelling, R3)."""


@feature(unit="share", group=EFFORT, phrase="by cost over progress told, drawn to plan early on, the likelihood is {seen} (usual: {usual})")
def project_compression_chance(known: Known) -> Signal:
    """How likely the margin ends five points under plan by the damped cost performance index alone."""
    over = (project_forecast_fall.compute(known) - POINTS / 100) / FORECAST_SPREAD
    return over.apply(lambda beyond: 1.0 / (1.0 + (-beyond).exp()))


@feature(
    unit="percent", group=EFFORT, phrase="by cost over progress told the margin ends under plan by {seen} of the revenue (usual: {usual})"
)
def project_forecast_fall(known: Known) -> Signal:
    """Points of the planned margin that are lost when cost ends where the damped cost performance index points."""
    index, done = cost_performance(known), complete(known)
    # CPI to the power of the share done: one at the start, when it says little, and itself at the end.
    overrun = (index.apply(lambda value: value.log()) * done * -1.0).apply(lambda power: power.exp() - 1.0)
    return overrun.apply(lambda found: found.fill_null(0.0)) * (plan(known, "cost") / plan(known, "revenue"))


@feature(unit="percent", group=EFFORT, phrase="for what it cost, {seen} of the planned progress was told (usual: {usual})")
def project_cost_performance(known: Known) -> Signal:
    """Cost performance index: progress in the last report times planned cost, over the cost by then."""
    return cost_performance(known)


@feature(unit="percent", group=EFFORT, phrase="for what the last weeks cost, {seen} of the planned progress was told (usual: {usual})")
def project_cost_performance_latest(known: Known) -> Signal:
    """Cost performance index between the last report and the one before it."""
    done = (report(known, "complete") - report(known, "complete_before")) / MONEY_SCALE
    return (done * plan(known, "cost") / (report(known, "spent_cost") - report(known, "cost_before"))).apply(bounded)


@feature(unit="percent", group=PROGRESS, phrase="progress told was {seen} of the time used (usual: {usual})")
def project_schedule_performance(known: Known) -> Signal:
    """Progress in the last report over the share of the planned time that had passed by then."""
    return (complete(known) / elapsed(known, report(known, "reported"))).apply(bounded)


@feature(unit="percent", group=EFFORT, phrase="{seen} of the planned cost is used (usual: {usual})")
def project_burn(known: Known) -> Signal:
    """Cost so far over the planned cost."""
    return spent(known) / plan(known, "cost")


@feature(unit="percent", group=PROGRESS, phrase="{seen} of the planned time has passed (usual: {usual})")
def project_elapsed(known: Known) -> Signal:
    """Share of the planned time that has passed; above 100 % it is overdue."""
    return elapsed(known, NOW)


@feature(unit="percent", group=PROGRESS, phrase="{seen} is said to be done (usual: {usual})")
def project_complete(known: Known) -> Signal:
    """Progress in the last report."""
    return complete(known)


@feature(unit="percent", group=EFFORT, phrase="share of the budget used less share of the time passed: {seen} (usual: {usual})")
def project_burn_ahead(known: Known) -> Signal:
    """Share of the planned cost used less share of the planned time passed."""
    return project_burn.compute(known) - elapsed(known, NOW)


@feature(unit="percent", group=EFFORT, phrase="share of the budget used less progress told, at the last report: {seen} (usual: {usual})")
def project_burn_unmatched(known: Known) -> Signal:
    """Share of the planned cost used by the last report less the progress it told."""
    return spent_then(known) / plan(known, "cost") - complete(known)


@feature(unit="percent", group=SCOPE, phrase="time used and time said to remain make {seen} of the plan (usual: {usual})")
def project_effort_told(known: Known) -> Signal:
    """The manager's own estimate: minutes by the last report and minutes said to remain, over planned minutes."""
    return (report(known, "spent_minutes") + report(known, "remaining")) / plan(known, "minutes")


@feature(unit="percent", group=SCOPE, phrase="what is said to remain takes {seen} of what the plan leaves for it (usual: {usual})")
def project_remaining_to_plan(known: Known) -> Signal:
    """Minutes said to remain over planned minutes times the share not yet done."""
    left = plan(known, "minutes") * (complete(known) * -1.0 + 1.0)
    return (report(known, "remaining") / left).apply(bounded)


@feature(unit="percent", group=SCOPE, phrase="the last budget allows {seen} of the first one's time (usual: {usual})")
def project_budget_growth(known: Known) -> Signal:
    """Minutes of the last baseline over those of the first: extra work that was granted."""
    return standing(known.derived(newest_budgets), "minutes", by="project_id") / plan(known, "minutes")


@feature(unit="count", group=SCOPE, phrase="amendments of the contract on record: {seen} (usual: {usual})", missing="zero")
def contract_amendments(known: Known) -> Signal:
    """How many amendments of the contract are on record."""
    return count(known.facts("contract_amendment", take=("contract_id",)), by="contract_id")


@feature(unit="share", group="write-down", phrase="{seen} of the time is not charged (usual: {usual})")
def project_uncharged_share(known: Known) -> Signal:
    """Share of the time on record that is not billable."""
    worked = known.derived(efforts)
    return (total(worked, "charged", by="project_id") / total(worked, "minutes", by="project_id")) * -1.0 + 1.0


@feature(unit="share", group="write-down", phrase="in the last eight weeks {seen} of the time was not charged (usual: {usual})")
def project_uncharged_share_56d(known: Known) -> Signal:
    """Share of the time of the last 56 days that is not billable."""
    worked, window = known.derived(efforts), 56
    charged = total(worked, "charged", by="project_id", days=window, event="happened")
    return (charged / total(worked, "minutes", by="project_id", days=window, event="happened")) * -1.0 + 1.0


@feature(unit="percent", group=PRICE, phrase="an hour bills {seen} of what was planned (usual: {usual})")
def project_rate_to_plan(known: Known) -> Signal:
    """Billable value an hour of all time, over planned revenue an hour."""
    worked = known.derived(efforts)
    price = total(worked, "value", by="project_id") / total(worked, "priced", by="project_id")
    charged = total(worked, "charged", by="project_id") / total(worked, "minutes", by="project_id")
    return price * charged / (plan(known, "revenue") / plan(known, "minutes"))


@feature(unit="percent", group=PRICE, phrase="the margin on the time so far lies under plan by {seen} of its value (usual: {usual})")
def project_value_fall(known: Known) -> Signal:
    """Points by which the margin on the time so far, at the rates on record, lies under the planned one; negative is above."""
    worked = known.derived(efforts)
    worth = total(worked, "value", by="project_id") * (total(worked, "charged", by="project_id") / total(worked, "priced", by="project_id"))
    return (spent(known) / worth - plan(known, "cost") / plan(known, "revenue")).apply(within)


@feature(unit="percent", group=PRICE, phrase="{seen} of the planned revenue is billed (usual: {usual})")
def project_billed(known: Known) -> Signal:
    """Net amount billed so far, drafts with it, over the planned revenue."""
    return total(known.derived(billings), "net", by="project_id") / plan(known, "revenue")


@feature(unit="percent", group=PRICE, phrase="share of the revenue billed less share of the budget used: {seen} (usual: {usual})")
def project_billed_ahead(known: Known) -> Signal:
    """Share of the planned revenue billed less share of the planned cost used."""
    return project_billed.compute(known) - project_burn.compute(known)


@feature(
    unit="percent", group=SCOPE, phrase="by the manager's own estimate the margin ends under plan by {seen} of the revenue (usual: {usual})"
)
def project_told_fall(known: Known) -> Signal:
    """Points of the planned margin that are lost when what is said to remain is worked by the same people and nothing more is billed."""
    cost = project_effort_told.compute(known) * project_cost_to_plan.compute(known)
    return ((cost - 1.0) * (plan(known, "cost") / plan(known, "revenue"))).apply(within)


@feature(unit="percent", group=SCOPE, phrase="if all of it takes what is said to remain, {seen} of the revenue is lost (usual: {usual})")
def project_remaining_fall(known: Known) -> Signal:
    """Points of margin lost if all the work runs over plan as what is said to remain does, at a price that does not grow with it."""
    over = project_remaining_to_plan.compute(known).apply(lambda told: told.fill_null(1.0)) - 1.0
    return over * (plan(known, "cost") / plan(known, "revenue")) * billed_by(known, "milestone", "fixed", "retainer")


@feature(unit="percent", group=COURSE, phrase="the way it is billed, the margin runs under plan by {seen} of the revenue (usual: {usual})")
def project_contract_fall(known: Known) -> Signal:
    """Points of margin lost as the contract lets them be: by the manager's estimate at a fixed price, by the value of time elsewhere."""
    fixed = billed_by(known, "milestone", "fixed", "retainer")
    return project_told_fall.compute(known) * fixed + project_value_fall.compute(known) * (fixed * -1.0 + 1.0)


@feature(unit="percent", group=MIX, phrase="an hour costs {seen} of what was planned (usual: {usual})")
def project_cost_to_plan(known: Known) -> Signal:
    """Cost an hour over planned cost an hour: the mix of people."""
    worked = known.derived(efforts)
    an_hour = total(worked, "cost", by="project_id") / total(worked, "costed", by="project_id")
    return an_hour / (plan(known, "cost") / plan(known, "minutes"))


@feature(unit="count", group=REPORT, phrase="health in the last report, from 0 for green to 2 for red: {seen} (usual: {usual})")
def project_health(known: Known) -> Signal:
    """Health in the last report: green 0, amber 1, red 2."""
    return report(known, "health")


@feature(unit="days", group=REPORT, phrase="the last report is {seen} old (usual: {usual})")
def project_days_since_report(known: Known) -> Signal:
    """Days since the last status report."""
    return days_between(report(known, "reported"), NOW)


@feature(unit="count", group=PROGRESS, phrase="milestones overdue: {seen} (usual: {usual})", missing="zero")
def project_overdue_milestones(known: Known) -> Signal:
    """Milestones past their target day and not completed."""
    return count(known.derived(overdue_milestones), by="project_id")


@feature(unit="lateness", group=PROGRESS, phrase="milestones were reached {seen} (usual: {usual})")
def project_milestone_slip(known: Known) -> Signal:
    """Days after their target by which milestones were completed, on average; negative is early."""
    return mean(known.derived(reached_milestones), "slip_days", by="project_id")


@feature(unit="yes_no", group="contract", phrase="the price is fixed whatever the effort: {seen} (usual: {usual})", missing="zero")
def project_fixed_price(known: Known) -> Signal:
    """Whether it is billed by milestones or as a fixed sum."""
    return billed_by(known, "milestone", "fixed")


@feature(unit="yes_no", group="contract", phrase="it is billed by the hour: {seen} (usual: {usual})", missing="zero")
def project_by_the_hour(known: Known) -> Signal:
    """Whether the time worked is billed."""
    return billed_by(known, "time")


@feature(unit="yes_no", group="contract", phrase="it is billed as a retainer: {seen} (usual: {usual})", missing="zero")
def project_retainer(known: Known) -> Signal:
    """Whether it is billed as a retainer."""
    return billed_by(known, "retainer")


@feature(unit="percent", group="contract", phrase="by the manager's own estimate {seen} of the contract's cap is billed (usual: {usual})")
def contract_cap_use(known: Known) -> Signal:
    """Value of the time used and said to remain, at the price so far, over what the contract may bill at most."""
    worked = known.derived(efforts)
    price = total(worked, "value", by="project_id") / total(worked, "minutes", by="project_id")
    cap = standing(known.facts("contract", take=("cap_amount",)), "cap_amount", by="contract_id")
    return (project_effort_told.compute(known) * plan(known, "minutes") * price / cap).apply(bounded)


@feature(unit="yes_no", group="contract", phrase="what the contract bills is capped: {seen} (usual: {usual})", missing="zero")
def contract_capped(known: Known) -> Signal:
    """Whether the contract caps what may be billed."""
    capped = known.facts("contract", take=("cap_amount",)).where(pl.col("cap_amount").is_not_null(), name="capped")
    return count(capped, by="contract_id")


@feature(unit="percent", group="plan", phrase="the planned margin is {seen} (usual: {usual})")
def project_plan_margin(known: Known) -> Signal:
    """Planned margin: what the first budget leaves of its revenue."""
    return (plan(known, "cost") / plan(known, "revenue")) * -1.0 + 1.0


@feature(unit="money", group="plan", phrase="the planned revenue is {seen} (usual: {usual})")
def project_planned_revenue(known: Known) -> Signal:
    """Planned revenue, in the project's currency."""
    return in_units(plan(known, "revenue"))


@feature(unit="count", group="tenure", phrase="projects of this client that were closed so far: {seen} (usual: {usual})", missing="zero")
def client_closed_projects(known: Known) -> Signal:
    """How many projects of the client were closed."""
    return count(known.derived(closed), by="client_id")
