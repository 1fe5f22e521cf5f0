"""A guideline document as a letter: numbered clauses in plain text, under lines that say whose it is and from when.

Client: C0001
Effective: 2026-01-01

3. Time
3.1 Time older than 30 days is not accepted.
    (a) Travel time is not billable.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from controls.guidelines.confining import read_together
from controls.guidelines.document import Clause, Reading, UnreadableDocumentError
from controls.guidelines.joining import joined

HEAD: Final = {"client": "client", "document": "document", "effective": "effective_on", "effective on": "effective_on", "ends": "ends_on"}
_HEAD: Final = re.compile(rf"({'|'.join(HEAD)}):\s*(\S.*)", re.IGNORECASE)
_NUMBER: Final = re.compile(r"(?:§\s*)?(\d{1,2}(?:\.\d{1,2})*)[.)]?\s+(?=[\"“(]?[A-Z])")
_LETTER: Final = re.compile(r"\(?([a-z])\)\s+")
_ENDED: Final = (".", ";", ":", "!", "?", ",")
HEADING_WORDS: Final = 6
"""A numbered line of so few words without a full stop, above a clause of its own number, is a heading."""


@dataclass
class _Open:
    """A clause while its lines are read."""

    number: str
    line: int
    words: list[str]

    def clause(self) -> Clause:
        return Clause(self.number or f"line {self.line}", " ".join(self.words), self.line)


def read_letter(text: str, *, client: str | None = None, effective_on: date | None = None) -> Reading:
    """The reading of a document in plain text; `client` and `effective_on` where the text does not say them.

    Raises UnreadableDocumentError when neither says them, or a day is none.
    """
    lines = [line.strip() for line in text.splitlines()]
    head = {HEAD[found[1].lower()]: found[2].strip() for line in lines if (found := _HEAD.fullmatch(line))}
    whose = head.get("client") or client
    starts = _day(head, "effective_on") or effective_on
    if not whose or starts is None:
        missing = "`Client: C0001`" if not whose else "`Effective: 2026-01-01`"
        raise UnreadableDocumentError(f"it does not say {'whose it is' if not whose else 'from when it holds'}; write a line {missing}")
    numbered = list(_clauses(lines))
    headings = _headings(numbered)
    clauses = tuple(_led([one for one in numbered if one.number not in headings]))
    rules, unread = read_together(clauses, headings)
    return Reading(
        client_id=whose,
        document=head.get("document", ""),
        effective_on=starts,
        ends_on=_day(head, "ends_on"),
        clauses=clauses,
        rules=joined(rules),
        unread=tuple(unread),
        faults=(),
        digest=hashlib.sha256(text.encode()).hexdigest(),
        text=text,
    )


def _clauses(lines: list[str]) -> Iterator[Clause]:
    """Numbered clauses and paragraphs, in their order."""
    open_: _Open | None = None
    parent = ""
    blank = True
    for place, line in enumerate(lines, start=1):
        number, rest = _numbered(line, parent, blank=blank)
        if not line or number or _HEAD.fullmatch(line):
            if open_:
                yield open_.clause()
            open_ = _Open(number, place, [rest]) if number else None
            parent = number.partition("(")[0] or parent
        elif open_ is None:
            open_ = _Open("", place, [line])
        else:
            open_.words.append(line)
        blank = not line
    if open_:
        yield open_.clause()


def _numbered(line: str, parent: str, *, blank: bool) -> tuple[str, str]:
    """The number that a line begins a clause with, and the rest of it; a number inside a sentence that wraps begins none."""
    if found := _NUMBER.match(line):
        if blank or _follows(found[1], parent):
            return found[1], line[found.end() :]
    elif (found := _LETTER.match(line)) and parent:
        return f"{parent}({found[1]})", line[found.end() :]
    return "", line


def _follows(number: str, parent: str) -> bool:
    """Whether a number is the next: 3.1 after 3, 3.2 or 4 after 3.1."""
    if not parent:
        return True
    now, last = [int(part) for part in number.split(".")], [int(part) for part in parent.split(".")]
    nexts = [[*last[:place], last[place] + 1] for place in range(len(last))]
    return now in ([*last, 1], *nexts)


def _headings(clauses: list[Clause]) -> dict[str, str]:
    """Text by number of what only stands above others."""
    told: dict[str, str] = {}
    for one, after in pairwise(clauses):
        below = after.number.startswith((f"{one.number}.", f"{one.number}("))
        if below and len(one.text.split()) <= HEADING_WORDS and not one.text.endswith(_ENDED):
            told[one.number] = one.text
    return told


def _led(clauses: list[Clause]) -> Iterator[Clause]:
    """The clauses, the parts of a list each with what leads into it: `We do not pay for: (a) internal meetings;`."""
    leads = {one.number: one for one in clauses if one.text.endswith(":")}
    used = {lead for one in clauses if (lead := one.number.partition("(")[0]) != one.number and lead in leads}
    for one in clauses:
        lead, _, letter = one.number.partition("(")
        if letter and lead in used:
            yield Clause(one.number, f"{leads[lead].text} ({letter} {one.text}", one.line)
        elif one.number not in used:
            yield one


def _day(head: dict[str, str], name: str) -> date | None:
    if name not in head:
        return None
    try:
        return date.fromisoformat(head[name])
    except ValueError as error:
        raise UnreadableDocumentError(f"{name} is {head[name]!r}; write a day such as 2026-01-01") from error
