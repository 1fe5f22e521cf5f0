"""Who is scored when: the spine against plain Python over the records as known then, and one spine for training and for tonight."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.burn import LATEST_END_DAYS
from features.timesheets import LOOKED_AT, worked_days
from features.windows import AS_OF
from models.catalog import RISKS
from models.collections import COLLECTIONS
from models.dispute import DISPUTE, FRESH_DAYS
from models.risk import Risk
from models.spine import BEGAN, aged, at_instants
from records.known import DAY, ENTER, LEAVE, Known, instant_of, micros
from records.receivables import receivables
from tests.ledger import Ledger, moment, recorded_at
from tests.random_ledgers import ledgers, tidy_ledgers
from tests.random_rows import instants

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
DAY_LENGTH: Final = timedelta(days=1)
FAR: Final = moment("2030-12-31")

every_risk = pytest.mark.parametrize("risk", RISKS, ids=lambda risk: risk.name)
of_invoices = pytest.mark.parametrize("risk", [risk for risk in RISKS if risk.entity == "invoice"], ids=lambda risk: risk.name)
any_ledger = st.one_of(ledgers(), tidy_ledgers())


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> pytest.TempPathFactory:
    """A new folder for each example of hypothesis, which runs many in one test."""
    return tmp_path_factory


def stages(known: Known, at: datetime) -> dict[str, str]:
    """The stage of each invoice at an instant, which tests/records/test_receivables.py holds against the records."""
    spans = known.derived(receivables).frame.filter((pl.col(ENTER) <= micros(at)) & (micros(at) < pl.col(LEAVE)))
    return dict(spans.select("invoice_id", "stage").collect().rows())


def open_now(known: Known, told: Ledger, at: datetime) -> set[str]:
    del told
    return {invoice for invoice, stage in stages(known, at).items() if stage == "open"}


def fresh_and_quiet(known: Known, told: Ledger, at: datetime) -> set[str]:
    """Drafts and invoices issued in the last FRESH_DAYS, but for those that were ever known as disputed."""
    disputed = {
        row["invoice_id"]
        for instant in {recorded_at(row) for rows in told.rows.values() for row in rows if recorded_at(row) <= at}
        for row in known.at(instant, "dispute").collect().to_dicts()
        if row["invoice_id"] in stages(known, instant)
    }
    issued = dict(known.at(at, "invoice").select("invoice_id", "issued_on").collect().rows())
    stale = {name for name, day in issued.items() if day is not None and instant_of(day) + FRESH_DAYS * DAY_LENGTH <= at}
    return {name for name, stage in stages(known, at).items() if stage in {"draft", "open"}} - disputed - stale


Table = Callable[[str, datetime], list[dict[str, Any]]]
"""A table as known at an instant."""


def lacking_now(known: Known, told: Ledger, at: datetime) -> set[str]:
    """Timesheets that lacked a day when last looked at, and still do: day by day, from the tables as known at that instant."""
    del told

    @cache
    def table(name: str, instant: datetime) -> list[dict[str, Any]]:
        return known.at(instant, name).collect().to_dicts()

    people = known.versions("person").frame.sort(ENTER).unique("person_id", keep="first").collect().to_dicts()
    found = set()
    for person in people:
        for monday in {row["day"] - timedelta(days=row["day"].weekday()) for row in table("calendar_day", at)}:
            due = due_of(monday, known.at(instant_of(monday), "timesheet_deadline").collect().to_dicts())
            looked = [due + timedelta(microseconds=offset) for offset in LOOKED_AT if due + timedelta(microseconds=offset) <= at]
            if not looked or len(looked) == len(LOOKED_AT) or person[ENTER] > micros(looked[-1]):
                continue
            needed = days_due(known, person, monday, looked[-1], table=table)
            of_week = {monday + timedelta(days=number) for number in range(7)}
            entered = {row["worked_on"] for row in table("time_entry", looked[-1]) if row["person_id"] == person["person_id"]} & of_week
            if len(entered) < needed and days_since(known, person, monday, at) < needed:
                found.add(f"{person['person_id']}:{monday}")
    return found


def due_of(monday: date, rows: list[dict[str, Any]]) -> datetime:
    """Of the deadlines that were known when the week began and in force by then: the office's own, the newest."""
    held = [row for row in rows if row["effective_on"] <= monday and row["office"] in {None, "here"}]
    if not held:
        return datetime.combine(monday + timedelta(days=7), time(12), UTC)
    newest = min(held, key=lambda row: (row["office"] is None, -row["effective_on"].toordinal(), row["deadline_id"]))
    days = {"friday": 4, "sunday": 6, "next_monday": 7}[newest["due_day"]]
    clock = time.fromisoformat(newest["due_time"])
    return datetime.combine(monday + timedelta(days=days), clock, ZoneInfo(newest["time_zone"])).astimezone(UTC)


def days_due(known: Known, person: dict[str, Any], monday: date, at: datetime, *, table: Table) -> int:
    away: dict[date, int] = {}
    for row in (one for one in table("absence", at) if one["person_id"] == person["person_id"]):
        for number in range((row["ends_on"] - row["starts_on"]).days + 1):
            day = row["starts_on"] + timedelta(days=number)
            away[day] = max(away.get(day, 0), row["minutes_per_day"])
    gone = known.facts("person", after=("left_on",), take=("left_on",)).frame.filter(pl.col("person_id") == person["person_id"])
    leaving = [row for row in gone.sort(ENTER).collect().to_dicts()[:1] if row[ENTER] <= micros(at)]
    minutes = 0
    for row in table("calendar_day", at):
        here = monday <= row["day"] < monday + timedelta(days=7) and row["day"] >= (person["hired_on"] or row["day"])
        if here and not any(row["day"] > one["left_on"] for one in leaving):
            minutes += row["minutes"] - min(row["minutes"], away.get(row["day"], 0))
    return round(minutes * int(person["weekly_minutes"]) / 2400 / 480)


def days_since(known: Known, person: dict[str, Any], monday: date, at: datetime) -> int:
    """On how many days of the week time had come by an instant, counted anew when all of a day's had been taken out in between."""
    spans = known.derived(worked_days).frame.filter((pl.col("person_id") == person["person_id"]) & (pl.col(ENTER) <= micros(at)))
    return spans.filter(pl.col("worked_on").is_between(monday, monday + timedelta(days=6))).collect().height


def planned_and_not_closed(known: Known, told: Ledger, at: datetime) -> set[str]:
    """Client work that has begun, is not closed or forgotten, and has a budget of more than nothing."""
    del told
    budgets = known.at(at, "project_budget").filter((pl.col("minutes") > 0) & (pl.col("cost_amount") > 0) & (pl.col("revenue_amount") > 0))
    planned = set(budgets.select("project_id").collect()["project_id"])
    rows = known.at(at, "project").filter(pl.col("billing_method") != "none").collect().to_dicts()
    return {
        row["project_id"]
        for row in rows
        if row["project_id"] in planned
        and instant_of(row["starts_on"]) <= at
        and row["closed_on"] is None
        and (row["ends_on"] is None or at < instant_of(row["ends_on"] + timedelta(days=LATEST_END_DAYS)))
    }


AT_RISK: Final[Mapping[str, Callable[[Known, Ledger, datetime], set[str]]]] = MappingProxyType(
    {"collections": open_now, "dispute": fresh_and_quiet, "margin": planned_and_not_closed, "missing_time": lacking_now}
)
"""By risk: who is at risk at an instant."""


def test_every_risk_has_its_oracle() -> None:
    assert set(AT_RISK) == {risk.name for risk in RISKS}


def named(spine: pl.DataFrame, risk: Risk, at: datetime) -> list[str]:
    return spine.filter(pl.col(AS_OF) == micros(at))[risk.key].to_list()


@every_risk
@settings(max_examples=10, deadline=None)
@given(told=any_ledger, asked=st.lists(instants, min_size=1, max_size=4, unique=True))
def test_scored_is_who_is_at_risk_then_each_once(risk: Risk, told: Ledger, asked: list[datetime], places: pytest.TempPathFactory) -> None:
    known = told.known(places.mktemp("lake"))
    spine = at_instants(known, risk, asked)
    for at in asked:
        assert named(spine, risk, at) == sorted(AT_RISK[risk.name](known, told, at)), at
    assert spine.select(AS_OF, risk.key).rows() == sorted(spine.select(AS_OF, risk.key).rows())


@every_risk
@settings(max_examples=10, deadline=None)
@given(told=any_ledger)
def test_training_rows_are_the_scored_at_the_ages_of_the_risk(risk: Risk, told: Ledger, places: pytest.TempPathFactory) -> None:
    """Entity by entity: at each age after it first came to be at risk, the row that a scoring at that instant has, or none."""
    known = told.known(places.mktemp("lake"))
    trained = aged(known, risk)
    first: dict[str, int] = {}
    for name, enter in known.derived(risk.at_risk).frame.select(risk.key, ENTER).collect().rows():
        first[name] = min(enter, first.get(name, enter))
    wanted = {(name, began + age * DAY, age) for name, began in first.items() for age in risk.ages_days}
    scored = at_instants(known, risk, [EPOCH + timedelta(microseconds=at) for at in sorted({at for _, at, _ in wanted})])
    rows = pl.DataFrame(sorted(wanted), schema={risk.key: pl.String, AS_OF: pl.Int64, "age_days": pl.Int64}, orient="row")
    alive = scored.join(rows, on=rows.columns, how="semi")
    assert trained.equals(alive.select(trained.columns).sort(AS_OF, risk.key))


@every_risk
@settings(max_examples=8, deadline=None)
@given(told=any_ledger, at=instants)
def test_the_spine_of_the_past_is_the_same_whatever_is_recorded_later(
    risk: Risk, told: Ledger, at: datetime, places: pytest.TempPathFactory
) -> None:
    """To the last column: what a finding shows of an invoice comes from here too."""
    then = told.until(at).known(places.mktemp("then"), until=at.isoformat())
    now = told.known(places.mktemp("now"))
    assert aged(then, risk).equals(aged(now, risk).filter(pl.col(AS_OF) <= micros(at)))
    assert at_instants(then, risk, [at]).equals(at_instants(now, risk, [at]))


@of_invoices
def test_a_row_does_not_tell_when_its_invoice_will_be_paid_or_corrected(risk: Risk, tmp_path: Path) -> None:
    told = Ledger().invoice("i1", "c1", issued="2025-01-10", due="2025-02-09")
    now = moment("2025-01-24")
    unpaid = told.known(tmp_path / "unpaid", until="2025-01-24")
    told.payment("i1", "c1", on="2025-02-20").correct("invoice", "i1", recorded="2025-02-01", due_on="2025-03-01")
    paid = told.known(tmp_path / "paid")
    assert at_instants(unpaid, risk, [now]).height == 1
    assert at_instants(unpaid, risk, [now]).equals(at_instants(paid, risk, [now]))


@every_risk
def test_an_empty_lake_has_an_empty_spine_with_its_columns(risk: Risk, tmp_path: Path) -> None:
    known = Ledger().known(tmp_path)
    for spine in (aged(known, risk), at_instants(known, risk, [FAR])):
        assert spine.height == 0
        assert {risk.key, AS_OF, BEGAN, "age_days", risk.stake} <= set(spine.columns)


def _ages(known: Known, risk: Risk) -> list[tuple[str, int]]:
    return aged(known, risk).select(risk.key, "age_days").sort(risk.key, "age_days").rows()


def test_an_open_invoice_is_a_row_at_issue_and_each_week_until_it_is_paid(tmp_path: Path) -> None:
    told = Ledger().invoice("i1", "c1", issued="2025-01-10", due="2025-02-09").invoice("draft", "c1", issued=None, due=None)
    known = told.payment("i1", "c1", on="2025-02-07").known(tmp_path)
    assert _ages(known, COLLECTIONS) == [("i1", 0), ("i1", 7), ("i1", 14), ("i1", 21)]
    days = ("2025-01-10", "2025-01-17", "2025-01-24", "2025-01-31")
    assert aged(known, COLLECTIONS)[AS_OF].to_list() == [micros(moment(day)) for day in days]


def test_paid_at_the_very_instant_of_an_age_is_no_row_of_that_age(tmp_path: Path) -> None:
    told = Ledger().invoice("i1", "c1", issued="2025-01-10", due="2025-02-09").payment("i1", "c1", on="2025-01-24")
    assert _ages(told.known(tmp_path), COLLECTIONS) == [("i1", 0), ("i1", 7)]


def test_an_invoice_owed_again_goes_on_in_the_age_it_has(tmp_path: Path) -> None:
    told = Ledger().invoice("i1", "c1", issued="2025-01-10", due="2025-02-09").payment("i1", "c1", on="2025-01-12")
    told.correct("payment", "pay-i1-2025-01-12", recorded="2025-02-01", status="reversed")
    known = told.known(tmp_path, until="2025-02-28")
    assert _ages(known, COLLECTIONS) == [("i1", 0), ("i1", 28), ("i1", 35), ("i1", 42), ("i1", 49)]
    assert at_instants(known, COLLECTIONS, [moment("2025-02-02T12:00")])["age_days"].to_list() == [22]


def test_training_rows_end_with_the_records(tmp_path: Path) -> None:
    told = Ledger().invoice("i1", "c1", issued="2025-01-10", due="2025-02-09")
    ends = {"2025-01-24T23:59:59": [0, 7], "2025-01-24": [0, 7, 14], "2025-06-30": list(COLLECTIONS.ages_days)}
    for end, ages in ends.items():
        assert [age for _, age in _ages(told.known(tmp_path, until=end), COLLECTIONS)] == ages, end


def test_a_draft_is_asked_about_until_it_is_disputed_or_thirty_days_out(tmp_path: Path) -> None:
    told = Ledger()
    for name in ("quiet", "disputed"):
        told.invoice(name, "c1", issued="2025-01-10", due=None, recorded="2025-01-01T09:00")
    known = told.dispute("disputed", at="2025-01-20T10:00").known(tmp_path)
    assert _ages(known, DISPUTE) == [("disputed", 0), ("disputed", 14), ("quiet", 0), ("quiet", 14)]
    when = ("2025-01-20T09:59", "2025-01-20T10:00", "2025-02-09T23:59", "2025-02-09")
    scored = at_instants(known, DISPUTE, [moment(instant) for instant in when])
    assert [named(scored, DISPUTE, moment(instant)) for instant in when] == [["disputed", "quiet"], ["quiet"], ["quiet"], []]
