"""The book of projects: plan, time and cost so far, what was reported, which milestones came when, and where the margin goes."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any, Final

import polars as pl

from features.burn import efforts, newest_budgets, newest_reports, plans
from models.finding import Evidence
from models.invoice_book import money
from models.margin_causes import Course, causes, margin_of
from models.project_course import Burn, Mark, ProjectCourse
from models.reasons import as_text
from models.subject import Subject
from records.known import ENTER, LEAVE, MONEY_SCALE, Facts, Known, micros

_LAST_REPORTS: Final = 6
"""Half a year of reports every four weeks."""
_HOUR: Final = 60
_SUMS: Final = ("minutes", "cost", "costed", "charged", "value", "priced")
FIXED: Final = ("milestone", "fixed", "retainer")
"""Ways of billing whose revenue does not grow with the hours."""
Row = dict[str, Any]


class ProjectBook:
    """Every project as known at one instant."""

    def __init__(self, known: Known, as_of: datetime) -> None:
        self._known, self._as_of, self._moment = known, as_of, micros(as_of)
        self._clients: dict[str, str] = dict(known.at(as_of, "client").select("client_id", "name").collect().rows())
        client_work = _client_work(known, self._moment)
        spent = client_work.group_by("project_id").agg(pl.col(_SUMS).sum()).collect()
        self._weeks = _weekly(client_work.collect())
        self._spent = {row["project_id"]: row for row in spent.to_dicts()}
        firm = known.whole(charged_and_worked, at=as_of)
        self._usual_charged = _over(firm["charged"], firm["minutes"])
        self._newest = self._by_project(known.derived(newest_reports))
        self._budgets = self._by_project(known.derived(newest_budgets))
        self._reports = self._listed("project_status", "reported_on", "status_id")
        self._milestones = self._listed("milestone", "target_on", "milestone_id")

    def subject(self, row: Row) -> Subject:
        project, client = str(row["project_id"]), str(row["client_id"])
        plan, forecast = self._plan(row), self._forecast(row)
        fee = row["revenue"] / MONEY_SCALE if row["billing_method"] in FIXED else None
        tables = (self._burn(row), self._told(project), self._reached(project, row["currency"]))
        course = self._course(row, plan, forecast, fee=fee)
        return Subject(
            reference=str(row["project_no"] or row["name"] or project),
            client_id=client,
            client_name=self._clients.get(client, client),
            due_on=row["ends_on"],
            evidence=tuple(table for table in tables if table.rows),
            facts={
                "Project": str(row["name"] or project),
                "Billed by": str(row["billing_method"]),
                "Planned margin": as_text("percent", course.planned, ""),
                "Margin if it goes on like this": as_text("percent", course.goes_on, ""),
            },
            course=course,
        )

    def _plan(self, row: Row) -> Course:
        hours = row["minutes"] / _HOUR
        an_hour = row["revenue"] / MONEY_SCALE / hours
        return Course(hours, row["cost"] / MONEY_SCALE / hours, an_hour / self._usual_charged, self._usual_charged)

    def _forecast(self, row: Row) -> Course:
        """Hours by the damped performance index, cost, price and what is charged as they were so far; the plan where nothing is known."""
        plan, spent = self._plan(row), self._spent.get(row["project_id"], dict.fromkeys(_SUMS, 0))
        newest = self._newest.get(row["project_id"])
        overrun = 1.0
        if newest is not None and newest["complete"] > 0 and newest["spent_minutes"] > 0:
            done = newest["complete"] / MONEY_SCALE
            overrun = (newest["spent_minutes"] / (done * row["minutes"])) ** done
        return Course(
            max(plan.hours * overrun, spent["minutes"] / _HOUR),
            spent["cost"] / MONEY_SCALE / (spent["costed"] / _HOUR) if spent["costed"] else plan.cost,
            spent["value"] / MONEY_SCALE / (spent["priced"] / _HOUR) if spent["value"] > 0 else plan.price,
            _over(spent["charged"], spent["minutes"]) if spent["charged"] > 0 else plan.charged,
        )

    def _course(self, row: Row, plan: Course, forecast: Course, *, fee: float | None) -> ProjectCourse:
        newest = self._budgets.get(row["project_id"], row)
        return ProjectCourse(
            planned=margin_of(plan, fee=fee),
            goes_on=margin_of(forecast, fee=fee),
            causes=causes(plan, forecast, granted=newest["minutes"] / _HOUR, fee=fee),
            burn=self._against_plan(row, granted=newest["cost"], at_completion=forecast.hours * forecast.cost),
        )

    def _against_plan(self, row: Row, *, granted: int, at_completion: float) -> Burn:
        read_on = (self._as_of - timedelta(microseconds=1)).date()
        weeks = [(min(day, read_on), round(cost / MONEY_SCALE)) for day, cost in self._weeks.get(row["project_id"], ())]
        return Burn(
            currency=str(row["currency"]),
            starts_on=row["starts_on"],
            ends_on=row["ends_on"] or read_on,
            read_on=read_on,
            planned=round(row["cost"] / MONEY_SCALE),
            granted=round(granted / MONEY_SCALE),
            spent=tuple(weeks),
            at_completion=round(at_completion),
            milestones=tuple(
                Mark(one["completed_on"] or one["target_on"], str(one["name"] or one["milestone_id"]), done=one["completed_on"] is not None)
                for one in self._milestones.get(row["project_id"], [])
            ),
        )

    def _burn(self, row: Row) -> Evidence:
        spent, currency = self._spent.get(row["project_id"], dict.fromkeys(_SUMS, 0)), str(row["currency"])
        hours = tuple(f"{minutes / _HOUR:,.0f}" for minutes in (row["minutes"], spent["minutes"]))
        cost, value = ((money(row[of], currency), money(spent[by], currency)) for of, by in (("cost", "cost"), ("revenue", "value")))
        rows = (
            ("Hours", *hours, as_text("percent", spent["minutes"] / row["minutes"], "")),
            ("Cost", *cost, as_text("percent", spent["cost"] / row["cost"], "")),
            ("Planned revenue, and value of the time charged", *value, as_text("percent", spent["value"] / row["revenue"], "")),
        )
        return Evidence("Plan and use", ("", "Planned", "So far", "Used"), rows, self._source("project_budget and time_entry"))

    def _told(self, project: str) -> Evidence:
        rows = tuple(
            (
                _day(one["reported_on"]),
                "" if one["percent_complete"] is None else f"{one['percent_complete']:.0f} %",
                "" if one["remaining_minutes"] is None else f"{one['remaining_minutes'] / _HOUR:,.0f}",
                str(one["health"] or ""),
                str(one["note"] or ""),
            )
            for one in self._reports.get(project, [])[-_LAST_REPORTS:]
        )
        columns = ("Reported", "Done", "Hours remaining", "Health", "Note")
        return Evidence("Status reports", columns, rows, self._source("project_status"))

    def _reached(self, project: str, currency: object) -> Evidence:
        rows = tuple(
            (
                str(one["name"] or one["milestone_id"]),
                "" if one["amount"] is None else f"{currency} {one['amount']:,.2f}",
                _day(one["target_on"]),
                _day(one["completed_on"]) or "open",
                _day(one["accepted_on"]),
            )
            for one in self._milestones.get(project, [])
        )
        return Evidence("Milestones", ("Milestone", "Amount", "Target", "Completed", "Accepted"), rows, self._source("milestone"))

    def _held(self, facts: Facts) -> pl.LazyFrame:
        return _holding(facts, self._moment)

    def _by_project(self, facts: Facts) -> dict[str, Row]:
        return {row["project_id"]: row for row in self._held(facts).collect().to_dicts()}

    def _listed(self, table: str, *order: str) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self._known.at(self._as_of, table).sort(order).collect().to_dicts():
            found[row["project_id"]].append(row)
        return found

    def _source(self, tables: str) -> str:
        return f"{tables} records, as known at {self._as_of:%Y-%m-%d %H:%M} UTC"


def _weekly(efforts: pl.DataFrame) -> dict[str, list[tuple[date, float]]]:
    """By project: the last day of each week with time on record, and the cost by then; what has no cost counts at the mean of what has."""
    # An entry happened when its day was over: an instant before that is of the day.
    sunday = pl.from_epoch(pl.col("happened") - 1, time_unit="us").dt.date().dt.truncate("1w").dt.offset_by("6d")
    weeks = efforts.group_by("project_id", sunday.alias("day")).agg(pl.col("cost", "minutes", "costed").sum())
    summed = weeks.sort("project_id", "day").with_columns(pl.col("cost", "minutes", "costed").cum_sum().over("project_id"))
    found: dict[str, list[tuple[date, float]]] = defaultdict(list)
    for project, day, cost, minutes, costed in summed.select("project_id", "day", "cost", "minutes", "costed").iter_rows():
        if costed:
            found[project].append((day, cost * minutes / costed))
    return found


def charged_and_worked(known: Known, at: datetime) -> dict[str, int]:
    """Minutes of client work that are charged, and all of them."""
    sums = _client_work(known, micros(at)).select(pl.col("charged", "minutes").sum()).collect()
    return {name: int(sums[name].item()) for name in sums.columns}


def _client_work(known: Known, moment: int) -> pl.LazyFrame:
    # The firm's own work is charged to nobody: it must not pass for a usual share of write-downs.
    sold = _holding(known.derived(plans), moment).select("project_id")
    return _holding(known.derived(efforts), moment).join(sold, on="project_id", how="semi")


def _holding(facts: Facts, moment: int) -> pl.LazyFrame:
    return facts.frame.filter((pl.col(ENTER) <= moment) & (moment < pl.col(LEAVE)))


def _over(part: float, whole: float) -> float:
    """A share before there is anything to count, or of nothing charged, is the whole."""
    return part / whole if part and whole else 1.0


def _day(value: date | None) -> str:
    return value.isoformat() if value is not None else ""
