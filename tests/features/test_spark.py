"""Features on Spark are those of one machine, to the last bit, however the records are taken apart.

Every test runs over all features of all risks of the catalog: a new one is covered when it is listed there.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from features.divisions import CLIENTS, FIRM, PEOPLE, Division, needs
from features.feature import Feature
from features.frame import build
from features.signal import Signal, count, ordered
from features.spark import Records
from features.timesheets import deadlines, worked
from features.windows import AS_OF
from models.catalog import RISKS
from models.risk import Risk
from models.spine import aged, at_instants
from records.known import Known, LeakError
from records.lake import Lake
from tests.features.eventful import ENDED, eventful
from tests.ledger import Ledger, moment
from tests.random_ledgers import ledgers

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.timeout(600)
"""The first test of a run waits for Spark to start and to load: seconds on a machine of its own, minutes on a crowded one."""

FAR: Final = moment("2030-12-31")
BUCKETS: Final = 3
SEVERAL: Final = 12
"""Random ledgers in one lake: as many clusters of clients, each tied together in its own odd ways."""
SIGNALS: Final = tuple(dict.fromkeys(one for risk in RISKS for one in risk.computed))


def beside(told: Sequence[Ledger]) -> Ledger:
    """Firms that have nothing in common but rates and calendars, as one."""
    both = Ledger()
    for number, ledger in enumerate(told):
        for table, rows in ledger.rows.items():
            for row in rows:
                renamed = {
                    name: f"{number}{value}" if name.endswith("_id") and name != "calendar_id" and isinstance(value, str) else value
                    for name, value in row.items()
                }
                if table != "calendar_day" or not number:
                    both.rows[table].append(renamed)
    return both


def bits(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    return [tuple(value.hex() if isinstance(value, float) else value for value in row) for row in frame.rows()]


def spine_of(known: Known, risk: Risk) -> pl.DataFrame:
    """Rows as training asks for them, and at instants of their own."""
    instants = [ENDED - timedelta(days=days) for days in (0, 91, 200, 411)]
    return pl.concat([aged(known, risk).drop("began"), at_instants(known, risk, instants).drop("began")], how="diagonal")


def assert_same(known: Known, records: Records) -> None:
    for risk in RISKS:
        spine = spine_of(known, risk)
        here, there = build(known, spine, risk.computed), records.build(spine, risk.computed)
        assert here.schema == there.schema
        assert bits(here) == bits(there), risk.name


@pytest.fixture(scope="session")
def told(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Records:
    """The eventful firm, spread once."""
    lake = eventful().lake(tmp_path_factory.mktemp("spread"))
    records = Records(spark, lake, until=FAR, buckets=BUCKETS)
    spread(records)
    return records


def spread(records: Records) -> None:
    needed = needs(SIGNALS, FAR).values()
    for division in {one.division for one in needed}:
        records.spread(division, frozenset().union(*(one.tables for one in needed if one.division is division)))


@pytest.mark.slow
def test_the_eventful_firm_is_the_same(told: Records) -> None:
    assert_same(told.known(), told)


def drawn(examples: int) -> list[Ledger]:
    """Random ledgers, drawn one by one: together they are more than Hypothesis draws at once."""
    found: list[Ledger] = []

    @given(ledgers())
    @settings(max_examples=examples, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def draw(told: Ledger) -> None:
        found.append(told)

    draw()
    return found


@pytest.mark.slow
def test_firms_as_unlike_a_tidy_one_as_exports_are_the_same(spark: "SparkSession", tmp_path: Path) -> None:
    firms = drawn(SEVERAL)
    lake = beside(firms).lake(tmp_path)
    with Records(spark, lake, until=ENDED, buckets=BUCKETS) as records:
        spread(records)
        assert_same(Known(lake, until=ENDED), records)


def test_more_buckets_than_clients_leave_some_empty(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> None:
    told = Ledger().client("c1").invoice("i1", "c1", issued="2025-01-10", due="2025-02-10")
    lake = told.lake(tmp_path_factory.mktemp("few"))
    risk = RISKS[0]
    with Records(spark, lake, until=FAR, buckets=20) as records:
        spine = spine_of(records.known(), risk)
        assert bits(records.build(spine, risk.computed)) == bits(build(records.known(), spine, risk.computed))


def test_an_empty_lake_yields_what_one_machine_says_of_it(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> None:
    risk = RISKS[0]
    spine = pl.DataFrame({AS_OF: [0, 1], "client_id": ["c1", None], "invoice_id": ["i1", "i2"], "project_id": ["j1", None]})
    with Records(spark, Lake(tmp_path_factory.mktemp("nothing")), until=FAR) as records:
        assert bits(records.build(spine, risk.computed)) == bits(build(records.known(), spine, risk.computed))


def test_rows_after_the_end_of_the_records_are_refused(told: Records) -> None:
    with pytest.raises(LeakError, match="after"):
        told.build(pl.DataFrame({AS_OF: [2**60]}), ())


# --- which division answers what


def person_work(known: Known) -> Signal:
    """Work of a person."""
    return count(known.derived(worked), by="person_id")


def project_work(known: Known) -> Signal:
    """Work on a project."""
    return count(known.derived(worked), by="project_id")


def team_deadlines(known: Known) -> Signal:
    """Deadlines of a team: sums may be added up."""
    return count(known.derived(deadlines), by="practice")


def team_median(known: Known) -> Signal:
    """A median of a team, which nobody can put together from medians."""
    return ordered(known.derived(deadlines), "missing", how="median", by="practice")


def billed_work(known: Known) -> Signal:
    """Invoices and people, whom no division holds together."""
    known.facts("person")
    return count(known.facts("invoice", take=("client_id",)), by="client_id")


@pytest.mark.parametrize(
    ("compute", "division"),
    [(person_work, PEOPLE), (project_work, CLIENTS), (team_deadlines, PEOPLE), (team_median, FIRM), (billed_work, FIRM)],
)
def test_a_signal_is_asked_where_its_facts_lie_together(compute: Callable[[Known], Signal], division: Division) -> None:
    [need] = needs([Feature(compute.__name__, "count", "g", "{seen}", "zero", "says", compute)], FAR).values()
    assert need.division is division


def test_signals_of_dispute_alone_need_the_firm_in_one_piece() -> None:
    """What does is right, but does not grow with machines: lines, cards and people tie the clients of a draft together."""
    dispute, *_ = [risk for risk in RISKS if risk.name == "dispute"]
    others = tuple(dict.fromkeys(one for risk in RISKS if risk is not dispute for one in risk.computed))
    assert [name for name, need in needs(others, FAR).items() if need.division is FIRM] == []
    assert any(need.division is FIRM for need in needs(dispute.computed, FAR).values())
