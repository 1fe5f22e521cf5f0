"""Scoring on Spark finds what one machine finds: the same findings, word for word, and the same closures."""

from typing import TYPE_CHECKING, Final

import pytest

from features.spark import Records
from models.catalog import RISKS
from models.closures import closures
from models.distributed import OnSpark
from models.risk import Risk
from models.scoring import score
from records.known import Known
from records.lake import Lake
from tests.features.eventful import eventful
from tests.ledger import moment

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.timeout(600)
"""The first test of a run waits for Spark to start and to load: seconds on a machine of its own, minutes on a crowded one."""

AT: Final = moment("2025-04-20T10:00")
"""Each risk has rows of the eventful firm."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return eventful().lake(tmp_path_factory.mktemp("scored"))


@pytest.fixture(scope="module")
def engine(spark: "SparkSession", lake: Lake) -> OnSpark:
    return OnSpark(Records(spark, lake, until=AT, buckets=3), RISKS, as_of=AT)


@pytest.mark.slow
@pytest.mark.parametrize("risk", RISKS, ids=lambda risk: risk.name)
def test_findings_and_closures_are_the_same(risk: Risk, engine: OnSpark, lake: Lake) -> None:
    known = Known(lake, until=AT)
    here = score(known, risk, None, as_of=AT)
    assert here.findings
    assert engine.score(risk, None) == here
    assert engine.closures(risk) == closures(known, risk, as_of=AT)
    assert engine.lake_versions == known.lake_versions


def test_a_firm_without_records_has_nothing_to_find(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> None:
    nothing = OnSpark(Records(spark, Lake(tmp_path_factory.mktemp("nothing")), until=AT), RISKS[:1], as_of=AT)
    assert nothing.score(RISKS[0], None).findings == ()
    assert nothing.closures(RISKS[0]) == ()
