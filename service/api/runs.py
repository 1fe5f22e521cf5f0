"""Scoring runs: which model read which data when."""

from typing import Annotated

from fastapi import APIRouter, Query

from service.api.described import refusals
from service.api.run_wire import ScoringRun, ScoringRunList
from service.database import reading
from service.problems import BadCursor
from service.recommendations import DEFAULT_LIMIT, LARGEST_LIMIT
from service.runs import list_runs as find_page
from service.serving import Running

router = APIRouter(prefix="/runs", tags=["runs"])


@router.get("", responses=refusals(BadCursor), summary="List scoring runs, the last published first")
def list_runs(
    running: Running,
    limit: Annotated[int, Query(description=f"Rows on a page; at most {LARGEST_LIMIT}.", ge=1)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
) -> ScoringRunList:
    with reading(running.engine) as session:
        found = find_page(session, limit=min(limit, LARGEST_LIMIT), cursor=cursor)
    return ScoringRunList(items=[ScoringRun.model_validate(run) for run in found.items], next_cursor=found.next_cursor)
