"""Which public project will cost more than its first budget: the question of `margin`, asked of a register of budget and schedule changes.

The spine, the frame, the fit, the backtest and the forecast of the margin at completion are the product's. What the register lacks (time on
record, progress, billing) no signal can tell here, so the signals are of budgets and dates, and the label is of budgets instead of a final
margin: at the price of the first budget, points of budget on top are points of margin lost.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from features import project_burn
from features.burn import baselines, leading, newest_budgets, running
from features.feature import feature
from features.frame import build
from features.signal import NOW, Signal, count, standing, total
from features.windows import AS_OF
from models.project_book import ProjectBook
from models.risk import Compressed, Risk, Target, Use
from models.spine import aged
from records.known import DAY, ENTER, LEAVE, Facts, Known, day_end, micros
from records.lake import Lake
from training.history import History
from training.labels import DECIDED_AT, LABEL

OVER_POINTS: Final = 10
"""Hundredths of the first budget: contingencies of public works are of this size, so what is beyond them was not planned for."""
RAISED_POINTS: Final = 5
"""Hundredths of the budget as it stands: half as much, for a year."""
YEAR: Final = 365
SPREAD: Final = 0.15
"""Scale of the logistic around a rule's forecast, as a share of the budget: three quarters of the budgets move by less within a year."""
QUARTERS: Final = tuple(range(0, 6 * YEAR, 91))
"""Reports come every four to five months: each is met at least once."""
PRIOR_PROJECTS: Final = 8
"""Weight of the register's own share in an agency's, as for a person's in missing time."""
MONEY: Final = "money"
TIME: Final = "time"


def changes(known: Known) -> Facts:
    """The newest budget of each project beside the one before it: cost, cost_before (null for the first)."""
    held = known.derived(baselines)
    before = pl.col("cost").shift(1).over("project_id", order_by="baseline_no")
    told = Facts("change", held.frame.with_columns(cost_before=before))
    return leading(told, by="project_id", order=("baseline_no", "budget_id"), descending=(True, True))


def schedules(known: Known) -> Facts:
    """When each project is to end: ends, and first_ends as it was first told (microseconds)."""
    rows = known.versions("project").frame.filter(pl.col("ends_on").is_not_null()).with_columns(ends=day_end("ends_on"))
    told = rows.with_columns(first_ends=pl.col("ends").first().over("project_id", order_by=ENTER))
    return Facts("schedule", told.select("project_id", "ends", "first_ends", ENTER, LEAVE).sort("project_id", ENTER))


def phases(known: Known) -> Facts:
    """The phase last reported of each project."""
    rows = known.facts("project_status", take=("project_id", "reported_on", "note"))
    return leading(rows, by="project_id", order=("reported_on", "status_id"), descending=(True, True))


def exceeded(known: Known) -> Facts:
    """Projects by client: over is 1 where the newest budget is OVER_POINTS above the first."""
    first = known.derived(baselines).frame.sort("baseline_no").unique("project_id", keep="first").select("project_id", first="cost")
    newest = Facts("newest", known.derived(newest_budgets).frame.join(first, on="project_id"))
    owned = newest.joined(known.facts("project", take=("client_id",)), on="project_id", take=("client_id",))
    over = (pl.col("cost") > pl.col("first") * (100 + OVER_POINTS) // 100).cast(pl.Int64)
    return Facts("exceeded", owned.frame.with_columns(over=over).sort("client_id", "project_id", ENTER))


def _chance(over: Signal) -> Signal:
    return (over / SPREAD).apply(lambda beyond: 1.0 / (1.0 + (-beyond).exp()))


@feature(unit="percent", group=MONEY, phrase="the budget stands {seen} above the first one (usual: {usual})")
def budget_over(known: Known) -> Signal:
    """Share of the first budget by which the newest one lies above it."""
    return project_burn.project_budget_growth.compute(known) - 1.0


@feature(unit="share", group=MONEY, phrase="by the newest budget the likelihood is {seen} (usual: {usual})")
def over_chance(known: Known) -> Signal:
    """How likely the last budget lies OVER_POINTS above the first if the newest one stays."""
    return _chance(budget_over.compute(known) - OVER_POINTS / 100)


@feature(unit="percent", group=MONEY, phrase="the last report moved the budget by {seen} (usual: {usual})")
def budget_moved(known: Known) -> Signal:
    """Share of the budget before it by which the newest one differs."""
    held = known.derived(changes)
    now, before = (standing(held, of, by="project_id") for of in ("cost", "cost_before"))
    return (now / before - 1.0).apply(lambda moved: moved.clip(-1.0, 1.0))


@feature(unit="share", group=MONEY, phrase="if it moves on as it did, the likelihood is {seen} (usual: {usual})")
def moved_chance(known: Known) -> Signal:
    """How likely the budget is RAISED_POINTS above today's in a year if each report moves it as the last one did."""
    in_a_year = budget_moved.compute(known).apply(lambda moved: moved.fill_null(0.0)) * 3.0
    return _chance(in_a_year - RAISED_POINTS / 100)


@feature(unit="percent", group=MONEY, phrase="at its pace so far the last budget lies {seen} above the first one (usual: {usual})")
def budget_extrapolated(known: Known) -> Signal:
    """Share of the first budget by which the last one lies above it, if it grows until the planned end as it has grown so far."""
    passed = project_burn.project_elapsed.compute(known).apply(lambda share: share.clip(0.25, 1.0).fill_null(1.0))
    return (budget_over.compute(known) / passed).apply(lambda over: over.clip(-1.0, 3.0))


@feature(unit="share", group=TIME, phrase="its end was put off by {seen} of the planned time (usual: {usual})")
def schedule_slip(known: Known) -> Signal:
    """Time by which the planned end was put off, over the time planned at first."""
    held = known.derived(schedules)
    now, first = (standing(held, of, by="project_id") for of in ("ends", "first_ends"))
    begun = standing(known.derived(running), "starts", by="project_id")
    return ((now - first) / (first - begun)).apply(lambda slip: slip.clip(-1.0, 3.0))


@feature(unit="days", group=TIME, phrase="it is to end in {seen} (usual: {usual})")
def days_left(known: Known) -> Signal:
    """Days to the planned end; negative when it has passed."""
    return (standing(known.derived(schedules), "ends", by="project_id") - NOW) / DAY


@feature(unit="count", group=TIME, phrase="budgets on record: {seen} (usual: {usual})", missing="zero")
def budgets_so_far(known: Known) -> Signal:
    """How many reports with a budget are on record."""
    return count(known.derived(baselines), by="project_id")


@feature(unit="yes_no", group="phase", phrase="it is being built: {seen} (usual: {usual})", missing="zero")
def in_construction(known: Known) -> Signal:
    """Whether its last report puts it in construction."""
    return count(known.derived(phases).where(pl.col("note") == "Construction", name="built"), by="project_id")


@feature(unit="share", group="agency", phrase="of this agency's projects {seen} stand above their first budget (usual: {usual})")
def client_over_rate(known: Known) -> Signal:
    """Share of the agency's projects that stand OVER_POINTS above their first budget, drawn to the register's while there are few."""
    every = known.derived(exceeded)
    register = (total(every, "over", by=None) + 0.5) / (count(every, by=None) + 1.0)
    return (total(every, "over", by="client_id") + register * PRIOR_PROJECTS) / (count(every, by="client_id") + PRIOR_PROJECTS)


OVER: Final = Target("over", f"{OVER_POINTS} % or more above the first budget", Compressed(OVER_POINTS), over_chance, "the newest budget")
RAISED: Final = Target(
    "raised", f"raised by {RAISED_POINTS} % or more within a year", Compressed(RAISED_POINTS), moved_chance, "three times the last change"
)

OVERRUN: Final = Risk(
    name="overrun",
    says="A public project will cost more than its budget",
    entity="project",
    cluster="project_id",
    at_risk=running,
    ages_days=QUARTERS,
    burn_in_days=0,
    history=budgets_so_far,
    targets=(OVER, RAISED),
    uses=(
        Use(over_chance),
        Use(moved_chance),
        Use(budget_over),
        Use(budget_moved),
        Use(budget_extrapolated),
        Use(schedule_slip, 1),
        Use(days_left),
        Use(budgets_so_far),
        Use(in_construction),
        Use(client_over_rate),
        Use(project_burn.project_elapsed),
        Use(project_burn.project_planned_revenue),
    ),
    predicts_payment=False,
    stake="stake",
    book=ProjectBook,
    title="{reference} may end {outcome}",
    owner_role="delivery_lead",
    clears="It closes by itself once it has left the register.",
    actions=(("", "Read the register's reason for the last change."),),
    judged_ages_days=QUARTERS,
    outlook=budget_over,
)


@dataclass(frozen=True)
class Register(History):
    """The history of a register: rows and features as ever, labels from budgets that came later."""

    def labelled(self, target: Target, *, at: datetime) -> pl.DataFrame:
        """`raised` is decided after a year; `over` by the end of the register, which no cut before it can know."""
        end = micros(at)
        rows = self.lost(at=at)
        border = pl.lit(micros(self.known.until)) if target is OVER else pl.col(AS_OF) + YEAR * DAY
        base, later = ("revenue", "last") if target is OVER else ("today", "in_a_year")
        points = OVER_POINTS if target is OVER else RAISED_POINTS
        # Both ask for a year of the register: what was last reported of a project a month ago is no end.
        undecided = (pl.col(AS_OF) + YEAR * DAY > micros(self.known.until)) | (border > end)
        dropped = pl.when(undecided).then(pl.lit("undecided")).when(pl.col("today").is_null()).then(pl.lit("no_plan"))
        judged = rows.with_columns(dropped.alias("dropped"), border.alias(DECIDED_AT))
        label = pl.when(pl.col("dropped").is_null()).then((pl.col(later) * 100 >= pl.col(base) * (100 + points)).cast(pl.Int8))
        return judged.with_columns(label.alias(LABEL)).filter(pl.col("dropped").is_not_null() | (pl.col(DECIDED_AT) <= end))

    def lost(self, *, at: datetime) -> pl.DataFrame:
        """The rows up to a cut with today's budget, that in a year, and the last one; `lost`: share of the first that came on top."""
        budgets = self.known.derived(newest_budgets).frame.select("project_id", "cost", at=pl.col(ENTER)).collect().sort("at")
        rows = self.frame.filter(pl.col(AS_OF) <= micros(at)).with_columns(soon=pl.col(AS_OF) + YEAR * DAY)
        for moment, name in ((AS_OF, "today"), ("soon", "in_a_year")):
            held = budgets.rename({"cost": name}).with_columns(pl.col("at").alias(moment))
            rows = rows.sort(moment).join_asof(held.drop("at"), on=moment, by="project_id", check_sortedness=False)
        last = budgets.group_by("project_id").agg(last=pl.col("cost").last())
        found = rows.drop("soon").join(last, on="project_id", how="left").sort(AS_OF, "project_id")
        return found.with_columns(lost=pl.col("last") / pl.col("revenue") - 1.0)


def register(lake: Lake, *, until: datetime) -> Register:
    """As `training.history.history`, for this risk."""
    known = Known(lake, until=until)
    return Register(OVERRUN, lake, known, build(known, aged(known, OVERRUN), list(OVERRUN.features)))
