"""Scoring runs over the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from service.api.wire import Wire


class ScoringRun(Wire):
    """One scoring of one risk: which model read which data when."""

    id: Annotated[str, Field(description="Opaque.", examples=["5b1f0c6e"])]
    risk: Annotated[str, Field(description="What was scored.", examples=["collections"])]
    as_of: Annotated[datetime, Field(description="End of the records it read.", examples=["2026-11-24T00:00:00Z"])]
    scored_at: Annotated[datetime, Field(description="When it scored.", examples=["2026-11-24T05:10:00Z"])]
    published_at: Annotated[datetime, Field(description="When it reached the worklist.", examples=["2026-11-24T05:10:02Z"])]
    is_current: Annotated[bool, Field(description="Whether the worklist shows it.", examples=[True])]
    findings: Annotated[int, Field(description="How many it found.", examples=[312], ge=0)]
    model_version: Annotated[str, Field(description="What scored it.", examples=["3"])]
    model_digest: Annotated[str, Field(description="SHA-256 of the model's files.", examples=["9f3c1d"])]
    lake_versions: Annotated[dict[str, int], Field(description="Version of each table of records read.", examples=[{"invoice": 4}])]
    withheld: Annotated[str, Field(description="Why its likelihoods are not shown, or empty.", examples=[""])]
    notices: Annotated[list[str], Field(description="What a reader must know about it.", examples=[[]])]


class ScoringRunList(Wire):
    """One page."""

    items: list[ScoringRun]
    next_cursor: Annotated[str | None, Field(description="Send it as `cursor` for the next page; null on the last.", examples=[None])]
