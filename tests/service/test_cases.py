"""One row a case: of what is found about one bill the dearest leads, nothing is lost, and pages neither repeat nor skip."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy.engine import Engine

from models.bearing import Bearing, Stage
from models.finding import Finding, Role, ScoringRun
from service.auth import Actor
from service.auth import Role as Reader
from service.database import reading, writing
from service.decisions import Choice, decide
from service.publishing import publish
from service.recommendations import Filters, RecommendationRow, count_view, list_case, list_recommendations
from service.status import Verdict

SEES: tuple[Role, ...] = ("billing_reviewer",)
DRAFT: tuple[Stage, ...] = ("draft",)
NOT_BILLED: tuple[Stage, ...] = ("unbilled",)
CASES = Filters(one_a_case=True)
DRAFTS = Filters(one_a_case=True, stages=DRAFT)
ANA = Actor("t1", "Ana", Reader.BILLING_REVIEWER)


@pytest.fixture
def filled(engine: Engine, new_run: Callable[..., ScoringRun], new_finding: Callable[..., Finding], now: datetime) -> Engine:
    """Seven drafts with three findings each, five older bills with one, and four entries on no bill."""

    def found(key: str, bears_on: Bearing, stake: int) -> Finding:
        one = new_finding(key, risk="vague_line", owner_role="billing_reviewer", stake=f"{stake}.00", probability=None)
        return replace(one, entity_type="invoice_line", bears_on=bears_on)

    told = [found(f"D{bill}-{line}", Bearing(f"D{bill}", "draft"), 100 * bill + line) for bill in range(1, 8) for line in range(3)]
    told += [found(f"O{bill}", Bearing(f"O{bill}", "issued"), 5000) for bill in range(5)]
    told += [found(f"E{entry}", Bearing("", "unbilled"), 9000) for entry in range(4)]
    with writing(engine) as session:
        publish(session, new_run("r1", risk="vague_line"), findings=told, closures=[], now=now)
    return engine


def listed(engine: Engine, filters: Filters, now: datetime, *, limit: int = 50) -> Sequence[RecommendationRow]:
    rows: list[RecommendationRow] = []
    cursor: str | None = None
    with reading(engine) as session:
        while True:
            page = list_recommendations(session, SEES, now=now, filters=filters, cursor=cursor, limit=limit)
            rows += page.items
            cursor = page.next_cursor
            if cursor is None:
                return rows


@pytest.mark.parametrize("limit", [2, 3, 50])
def test_each_draft_is_one_row_led_by_its_dearest_finding(filled: Engine, now: datetime, limit: int) -> None:
    rows = listed(filled, DRAFTS, now, limit=limit)
    assert [(row.entity_id, row.further, row.stage) for row in rows] == [(f"D{bill}-2", 2, "draft") for bill in range(7, 0, -1)]


def test_what_is_not_listed_is_counted_and_stands_beside_its_leader(filled: Engine, now: datetime) -> None:
    every = listed(filled, Filters(), now)
    assert len(every) == 7 * 3 + 5 + 4
    with reading(filled) as session:
        assert count_view(session, SEES, now=now, filters=DRAFTS).count == 7
        assert count_view(session, SEES, now=now, filters=DRAFTS).at_stake == {"GBP": Decimal(sum(100 * bill + 2 for bill in range(1, 8)))}
        assert count_view(session, SEES, now=now, filters=CASES).count == 7 + 5 + 4
        shown = set()
        for row in listed(filled, CASES, now):
            others = list_case(session, SEES, id=row.id, now=now, filters=Filters())
            assert len(others) == row.further
            shown |= {row.id, *(other.id for other in others)}
    assert shown == {row.id for row in every}


def test_once_the_leader_is_decided_the_next_leads(filled: Engine, now: datetime) -> None:
    first = listed(filled, DRAFTS, now)[0]
    with writing(filled) as session:
        decide(session, ANA, id=first.id, choice=Choice(Verdict.ACCEPT), now=now)
    again = listed(filled, DRAFTS, now)
    assert [(row.entity_id, row.further) for row in again[:2]] == [("D7-1", 1), ("D6-2", 2)]
    assert len(again) == 7


def test_records_on_no_bill_are_a_case_each(filled: Engine, now: datetime) -> None:
    rows = listed(filled, Filters(one_a_case=True, stages=NOT_BILLED), now)
    assert [row.further for row in rows] == [0, 0, 0, 0]
