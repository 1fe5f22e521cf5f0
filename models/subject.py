"""Subject: what a finding is about, as a person reads it. One book for each kind of entity knows all of them as of one instant."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from models.dealings import Dealings
from models.finding import Evidence
from models.project_course import ProjectCourse


@dataclass(frozen=True)
class Subject:
    """The record behind one row of the spine."""

    reference: str
    """What people call it, such as an invoice's number."""
    client_id: str
    """Empty where it is of no one client, as a timesheet."""
    client_name: str
    """Of the client; of the team for what is of no one client."""
    due_on: date | None
    """Day on which an invoice is to be paid, deadline of a timesheet or planned end of a project."""
    issued_on: date | None = None
    """Day on which an invoice went to the client."""
    evidence: tuple[Evidence, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    """Further figures, ready to read: what they are -> value."""
    dealings: Dealings = field(default_factory=Dealings)
    course: ProjectCourse | None = None
    """Of a project, without the forecast that a model makes."""


class Book(Protocol):
    """Everything that may be said of a kind of entity as known at one instant."""

    def subject(self, row: dict[str, Any]) -> Subject:
        """`row`: one of the spine, with the columns of the risk's `at_risk`."""
        ...
