"""What explains a finding, as one JSON value: read for one recommendation at a time, never searched."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from models.finding import Evidence, Finding, LinePart, Reason
from models.project_course import ProjectCourse


@dataclass(frozen=True)
class StoredExplanation:
    reasons: tuple[Reason, ...]
    evidence: tuple[Evidence, ...]
    facts: dict[str, str]
    predicted_dates: tuple[date, ...]
    clears: str = ""
    """Empty where it was scored before this was kept."""
    course: ProjectCourse | None = None
    """Of a project; None where it was scored before this was kept."""
    lines: tuple[LinePart, ...] = ()
    """Parts of the likelihood, for an invoice that was split; empty where it was scored before this was kept."""
    caveat: str = ""
    """As `clears`."""


_JSON: TypeAdapter[StoredExplanation] = TypeAdapter(StoredExplanation)


def pack(finding: Finding) -> dict[str, Any]:
    told = (finding.reasons, finding.evidence, finding.facts, finding.predicted_dates, finding.clears)
    stored = StoredExplanation(*told, course=finding.course, lines=finding.lines, caveat=finding.caveat)
    packed: dict[str, Any] = _JSON.dump_python(stored, mode="json")
    return packed


def unpack(packed: dict[str, Any]) -> StoredExplanation:
    return _JSON.validate_python(packed)
