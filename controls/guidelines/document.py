"""What a guideline document says: its clauses, the rules read from them, and what nobody has read or what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from controls.facts.guidelines import Value


@dataclass(frozen=True)
class Clause:
    """A numbered statement of the client, in its own words."""

    number: str
    """As the document has it; `line 12` for a paragraph without a number."""
    text: str
    line: int
    """Line of the file on which it begins, from 1; 0 for one from the records."""


@dataclass(frozen=True)
class Rule:
    """What a clause asks of a control. Two clauses that one rule is made of are both named."""

    control: str
    parameters: Mapping[str, Value]
    clauses: tuple[Clause, ...]
    currency: str | None = None
    """Of amounts among the parameters, where the clause names one."""

    @property
    def citation(self) -> str:
        return ", ".join(one.number for one in self.clauses)

    @property
    def line(self) -> int:
        return self.clauses[0].line


@dataclass(frozen=True)
class Fault:
    """Something that keeps a document from being used: where it stands, what is wrong, how to mend it."""

    line: int
    what: str
    mend: str


@dataclass(frozen=True)
class Unread:
    """A clause, or a sentence of one, of which no rule was made: left to a person."""

    clause: Clause
    text: str
    why: str


@dataclass(frozen=True)
class Reading:
    """All that was made of a document."""

    client_id: str
    document: str
    """What the client calls it, as people cite it."""
    effective_on: date
    ends_on: date | None
    clauses: tuple[Clause, ...]
    rules: tuple[Rule, ...]
    unread: tuple[Unread, ...]
    faults: tuple[Fault, ...]
    digest: str
    """SHA-256 of the document as it was read: what a person signs."""
    text: str = field(repr=False)
    """The document, to the letter."""


class UnreadableDocumentError(ValueError):
    """The file is no guideline document at all, or does not say whose it is or from when: what, and how to mend it."""
