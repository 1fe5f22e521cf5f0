"""What a project was planned to take and bring, what it has taken so far, and what its manager says of it; as facts in knowledge time.

Money is in the project's currency, in engine units. An entry without a cost counts with the mean cost of those that have one: `costed`
holds the minutes that do, so whoever adds up `cost` scales it by minutes over `costed`.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from features.timesheets import home_rates
from features.windows import AS_OF, Aggregate, aggregate
from records.known import DAY, ENTER, FOREVER, LEAVE, MONEY_SCALE, Facts, Known, day_end

POINTS: Final = 5
"""Points of margin under plan from which a project counts as compressed: less is within what staffing and rounding do by themselves."""
LATEST_END_DAYS: Final = 365
"""Days after the planned end for which a project that nobody closed is still looked at: after a year it was forgotten, not delayed."""
LOWERING: Final = ("write_down", "discount")
"""Adjustments that lower a margin. A credit note answers a dispute and a write-off ends a collection: each has a risk of its own, and one
loss must not stand on two worklists."""
_MINUTES_IN_AN_HOUR: Final = 60


def leading(facts: Facts, *, by: str, order: Sequence[str], descending: Sequence[bool]) -> Facts:
    """Of the facts of a key that hold at a time, the one that comes first in an order: spans that never overlap.

    `order` must tell any two facts of a key apart, so that no tie is left to the order in which rows came in.
    """
    frame = facts.frame
    edges = pl.concat([frame.select(by, at=pl.col(ENTER)), frame.select(by, at=pl.col(LEAVE))]).unique().sort(by, "at")
    spans = edges.with_columns(until=pl.col("at").shift(-1).over(by)).filter(pl.col("until").is_not_null())
    held = spans.join(frame, on=by).filter((pl.col(ENTER) <= pl.col("at")) & (pl.col("at") < pl.col(LEAVE)))
    first = held.sort(by, "at", *order, descending=[False, False, *descending], nulls_last=True).unique([by, "at"], keep="first")
    told = first.with_columns(pl.col("at").alias(ENTER), pl.col("until").alias(LEAVE)).drop("at", "until")
    by_which = ",".join(f"-{name}" if falling else name for name, falling in zip(order, descending, strict=True))
    return Facts(f"{facts.name}!{by_which}", told.sort(by, ENTER))


def baselines(known: Known) -> Facts:
    """Budgets: project_id, baseline_no, minutes, cost, revenue; those of nothing tell of no plan."""
    rows = known.facts("project_budget", take=("project_id", "baseline_no", "minutes", "cost_amount", "revenue_amount"))
    told = rows.where((pl.col("minutes") > 0) & (pl.col("cost_amount") > 0) & (pl.col("revenue_amount") > 0), name="planned")
    return Facts(told.name, told.frame.rename({"cost_amount": "cost", "revenue_amount": "revenue"}))


def plans(known: Known) -> Facts:
    """The first baseline of each project: what it was sold on."""
    return leading(known.derived(baselines), by="project_id", order=("baseline_no", "budget_id"), descending=(False, False))


def newest_budgets(known: Known) -> Facts:
    """The last baseline of each project: what was granted since."""
    return leading(known.derived(baselines), by="project_id", order=("baseline_no", "budget_id"), descending=(True, True))


def running(known: Known) -> Facts:
    """Client work with a plan, from its first day until it is closed; `stake`: POINTS of the planned revenue.

    Columns: project_id, client_id, contract_id, manager_id, name, project_no, billing_method, currency, starts_on, ends_on, starts and
    ends (microseconds), minutes, cost, revenue (of the plan).
    """
    take = ("client_id", "contract_id", "manager_id", "name", "project_no", "billing_method", "currency", "starts_on", "ends_on")
    held = known.facts("project", until=("closed_on",), take=take).where(pl.col("billing_method") != "none", name="billed")
    begun = held.since(day_end("starts_on"), name="begun")
    given_up = (day_end("ends_on") + LATEST_END_DAYS * DAY).fill_null(FOREVER)
    alive = begun.frame.with_columns(pl.min_horizontal(LEAVE, given_up).alias(LEAVE)).filter(pl.col(ENTER) < pl.col(LEAVE))
    spans = Facts(begun.name, alive.with_columns(starts=day_end("starts_on"), ends=day_end("ends_on")))
    planned = spans.joined(known.derived(plans), on="project_id", take=("minutes", "cost", "revenue"))
    return Facts("running", planned.frame.with_columns(stake=pl.col("revenue") * POINTS // 100).sort("project_id", ENTER))


def closed(known: Known) -> Facts:
    """Projects that were closed, from then on."""
    return known.facts("project", after=("closed_on",), take=("client_id", "closed_on"))


def efforts(known: Known) -> Facts:
    """Time on projects: project_id, minutes, cost, costed (minutes with a cost), charged (billable minutes), value, priced; `happened`."""
    entries = known.facts("time_entry", take=("project_id", "worked_on", "minutes", "billable", "bill_rate", "cost_per_hour", "currency"))
    projects = known.versions("project").frame.select("project_id", into="currency", since=pl.col(ENTER)).sort("since")
    placed = entries.frame.sort(ENTER).join_asof(projects, left_on=ENTER, right_on="since", by="project_id", check_sortedness=False)
    placed = placed.with_columns(pl.coalesce("currency", "into").alias("currency")).with_columns(into=pl.coalesce("into", "currency"))
    rates = home_rates(known)
    for currency, name in (("currency", "given"), ("into", "wanted")):
        quoted = rates.rename({"currency": currency, "per_home": name})
        placed = placed.drop("since").join_asof(quoted, left_on=ENTER, right_on="since", by=currency, check_sortedness=False)
    other = pl.col("wanted").fill_null(float(MONEY_SCALE)) / pl.col("given").fill_null(float(MONEY_SCALE))
    turned = pl.when(pl.col("currency") == pl.col("into")).then(1.0).otherwise(other).fill_null(1.0)
    minutes, billable = pl.col("minutes"), pl.col("billable").cast(pl.Int64)
    hours = minutes / _MINUTES_IN_AN_HOUR
    told = placed.with_columns(
        cost=(hours * pl.col("cost_per_hour").fill_null(0) * turned).round().cast(pl.Int64),
        costed=pl.when(pl.col("cost_per_hour").is_not_null()).then(minutes).otherwise(0),
        charged=minutes * billable,
        value=(hours * pl.col("bill_rate").fill_null(0) * turned).round().cast(pl.Int64) * billable,
        priced=pl.when(pl.col("bill_rate").is_not_null()).then(minutes * billable).otherwise(0),
        happened=day_end("worked_on"),
    )
    kept = ("entry_id", "project_id", "minutes", "cost", "costed", "charged", "value", "priced", "happened", ENTER, LEAVE)
    return Facts("effort", told.select(kept).sort("project_id", "happened", "entry_id"))


def reports(known: Known) -> Facts:
    """Status reports that say how much is done, each with what had been spent by the time it came in and with the one before it.

    Columns: project_id, status_id, reported (microseconds), complete (share x MONEY_SCALE), remaining (minutes, null if not said), health
    (0 green, 1 amber, 2 red, null if not said); spent_minutes, spent_cost, spent_costed, complete_before, cost_before (null without one).
    """
    take = ("project_id", "reported_on", "percent_complete", "remaining_minutes", "health")
    rows = known.facts("project_status", take=take).where(pl.col("percent_complete").is_not_null(), name="told").frame
    levels = pl.col("health").replace_strict({"green": 0, "amber": 1, "red": 2}, default=None, return_dtype=pl.Int64)
    told = rows.with_columns(
        reported=day_end("reported_on"),
        complete=pl.col("percent_complete").clip(0, 100 * MONEY_SCALE) // 100,
        remaining=pl.col("remaining_minutes"),
        health=levels,
    ).drop("reported_on", "percent_complete", "remaining_minutes")
    spent = known.derived(efforts)
    sums = {f"spent_{name}": Aggregate(spent, "sum", name, "project_id") for name in ("minutes", "cost", "costed")}
    at = told.with_columns(pl.col(ENTER).alias(AS_OF)).collect()
    valued = aggregate(at, list(sums.values())).rename({one.name: name for name, one in sums.items()})
    past = Facts("report", valued.drop(AS_OF).lazy())
    before = {
        f"{name}_before": Aggregate(past, "last", name if name == "complete" else f"spent_{name}", "project_id", event="reported")
        for name in ("complete", "cost")
    }
    compared = aggregate(valued.with_columns(pl.col(AS_OF) - 1), list(before.values()))
    return Facts("report", compared.rename({one.name: name for name, one in before.items()}).drop(AS_OF).lazy())


def newest_reports(known: Known) -> Facts:
    """The last report of each project."""
    return leading(known.derived(reports), by="project_id", order=("reported", "status_id"), descending=(True, True))


def overdue_milestones(known: Known) -> Facts:
    """Milestones not completed by the end of their target day, from then on until they are."""
    waiting = known.facts("milestone", until=("completed_on",), take=("project_id", "target_on"))
    return waiting.since(day_end("target_on"), name="overdue")


def reached_milestones(known: Known) -> Facts:
    """Milestones completed, with `slip_days` after their target; negative is early."""
    done = known.facts("milestone", after=("completed_on",), take=("project_id", "target_on", "completed_on"))
    slip = (pl.col("completed_on") - pl.col("target_on")).dt.total_days()
    return Facts(done.name, done.frame.with_columns(slip_days=slip))


def billings(known: Known) -> Facts:
    """What was billed for the work of a project: project_id, net. Expenses passed on, credit notes and cancelled invoices are left out."""
    lines = known.facts("invoice_line", take=("invoice_id", "project_id", "kind", "net_amount"))
    work = Facts(lines.name, lines.frame.filter(pl.col("kind") != "expense").rename({"project_id": "of_line", "kind": "line_kind"}))
    invoices = known.facts("invoice", until=("cancelled_at",), take=("project_id", "kind")).where(pl.col("kind") == "invoice", name="sold")
    both = work.joined(invoices, on="invoice_id", take=("project_id",))
    told = both.frame.with_columns(project_id=pl.coalesce("of_line", "project_id")).filter(pl.col("project_id").is_not_null())
    return Facts("billing", told.select("line_id", "invoice_id", "project_id", "net_amount", ENTER, LEAVE).rename({"net_amount": "net"}))


def reductions(known: Known) -> Facts:
    """What was given up of a project's invoices: project_id, amount; see LOWERING."""
    rows = known.facts("credit_adjustment", take=("invoice_id", "kind", "amount"))
    given = rows.where(pl.col("kind").is_in(LOWERING), name="granted")
    return given.joined(known.facts("invoice", take=("project_id",)), on="invoice_id", take=("project_id",))
