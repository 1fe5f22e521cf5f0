"""Drafts to be checked before anybody saves them: from what was sent to the rows it would be, held against the newest records.

Nothing of a draft is stored, and nothing is written anywhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final

from models.anomaly_model import standing_anomalies
from models.bundle import Bundle, RefusedModelError
from models.champion import standing_model
from models.draft_check import DISPUTE, CheckedDraft, DraftDesk
from models.fixes.draft import Draft, drafted
from models.fixes.smallest import Fix
from models.prior import shipped
from records.held import as_table
from records.lake import Lake
from records.tables import TABLES
from service.problems import FieldError, Invalid, NotFound, NotReady

UNSAVED: Final = "unsaved draft"
"""Id of a draft that names none; `source` of what is supposed."""
_HEAD: Final = "/body"


@dataclass(frozen=True)
class AskedDraft:
    """A draft as it was sent, by the canonical columns of `invoice` and `invoice_line`."""

    head: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]
    billed: Sequence[Sequence[str]]
    """For each line the time entries that it bills."""

    @property
    def invoice_id(self) -> str:
        """Its key on record; where it names none, one that no record has."""
        return str(self.head.get("invoice_id") or UNSAVED)

    @property
    def line_ids(self) -> list[str]:
        """The key of each line, made of its place where it names none."""
        return [str(line.get("line_id") or f"{self.invoice_id}-{place}") for place, line in enumerate(self.lines, start=1)]


class DraftDesks:
    """The desk of the newest records, made at the first draft after they changed. Safe beside other requests."""

    def __init__(self, home: Path) -> None:
        self._home, self._lock = home, Lock()
        self._desk: DraftDesk | None = None
        self._mark: object = None

    def check(self, asked: AskedDraft, *, now: datetime, fix: bool) -> tuple[CheckedDraft, Fix | None]:
        """What is found, and the smallest fix where it is asked for.

        Raises Invalid where the draft names what is not on record, and NotReady before anything is.
        """
        desk = self._newest(now)
        draft, notices = _supposed(desk, asked)
        checked = desk.check(draft)
        smallest = desk.fix(draft, checked) if fix else None
        return replace(checked, notices=(*notices, *checked.notices)), smallest

    def on_record(self, invoice_id: str, *, now: datetime) -> tuple[CheckedDraft, Fix]:
        """What is found of a draft on record, and its smallest fix. Raises NotFound where it is none, and NotReady before any records."""
        desk = self._newest(now)
        held = desk.standing("invoice", {"invoice_id": [invoice_id]})
        if not held or held[0]["issued_on"] is not None or held[0]["cancelled_at"] is not None:
            raise NotFound("No draft of that name is on record: it may have been issued or cancelled since.")
        draft = drafted(desk.known, invoice_id, as_of=desk.as_of)
        checked = desk.check(draft)
        return checked, desk.fix(draft, checked)

    def _newest(self, now: datetime) -> DraftDesk:
        lake = Lake(self._home / "lake")
        with self._lock:
            mark, held = lake.mark(), self._desk
            if held is not None and mark == self._mark and held.as_of.date() == now.date() and held.as_of <= now:
                return held
            if not lake.versions():
                raise NotReady("No records have been imported yet.")
            models = self._home / "models"
            unusual = standing_anomalies(models)
            desk = DraftDesk(lake, as_of=now, dispute=_dispute(models), anomalies=unusual[0] if unusual else None)
            self._desk, self._mark = desk, mark
            return desk


def _dispute(models: Path) -> Bundle | None:
    """The model that scores the worklist; before any training the prior that ships, if it fits."""
    found = standing_model(models, DISPUTE)
    if found is not None:
        return found[0]
    try:
        return shipped(DISPUTE)
    except RefusedModelError:
        return None


def _supposed(desk: DraftDesk, asked: AskedDraft) -> tuple[Draft, tuple[str, ...]]:
    """The rows that the draft would be, and what a reader must know of them. Raises Invalid."""
    errors = [*_unknown(desk, asked)]
    invoice_id = asked.invoice_id
    recorded = desk.standing("invoice", {"invoice_id": [invoice_id]})
    errors += _taken(asked, recorded)
    if errors:
        raise Invalid("The draft cannot be held against the records.", errors=tuple(errors))
    head = {"kind": "invoice", "drafted_at": desk.as_of, **asked.head, "invoice_id": invoice_id}
    lines = [
        {**line, "line_id": line_id, "line_no": place, "invoice_id": invoice_id}
        for place, (line_id, line) in enumerate(zip(asked.line_ids, asked.lines, strict=True), start=1)
    ]
    gone = _left_out(desk, invoice_id, kept={line["line_id"] for line in lines})
    told = {"invoice": [head], "invoice_line": [*lines, *gone]}
    rows = {table: as_table(table, said, recorded_at=desk.as_of, source=UNSAVED) for table, said in told.items()}
    wanted = {entry: line["line_id"] for line, ids in zip(lines, asked.billed, strict=True) for entry in ids}
    taken = _billed_elsewhere(desk, invoice_id, list(wanted))
    billed = {entry: line for entry, line in wanted.items() if entry not in taken}
    return Draft(invoice_id, str(asked.head["client_id"]), rows, billed), tuple(taken.values())


def _taken(asked: AskedDraft, recorded: Sequence[Mapping[str, Any]]) -> Iterator[FieldError]:
    for row in recorded:
        if row["issued_on"] is not None or row["cancelled_at"] is not None:
            yield FieldError(f"{_HEAD}/draft_identifier", "This invoice is no draft any more: leave the identifier out to check a new one.")
        if row["client_id"] != asked.head["client_id"]:
            yield FieldError(f"{_HEAD}/buyer_identifier", f"On record this draft is to {row['client_id']}.")


def _unknown(desk: DraftDesk, asked: AskedDraft) -> Iterator[FieldError]:
    """What the draft names and no record has."""
    named: dict[tuple[str, str], list[str]] = {}
    for column, field in (("client_id", "buyer_identifier"), ("contract_id", "contract_reference"), ("project_id", "project_reference")):
        if asked.head.get(column) is not None:
            named.setdefault((_table(column), str(asked.head[column])), []).append(f"{_HEAD}/{field}")
    of_line = (("project_id", "project_reference"), ("person_id", "person_identifier"), ("expense_id", "expense_identifier"))
    for place, (line, entries) in enumerate(zip(asked.lines, asked.billed, strict=True)):
        for column, field in (*of_line, ("milestone_id", "milestone_identifier")):
            if line.get(column) is not None:
                named.setdefault((_table(column), str(line[column])), []).append(f"{_HEAD}/lines/{place}/{field}")
        for number, entry in enumerate(entries):
            named.setdefault(("time_entry", entry), []).append(f"{_HEAD}/lines/{place}/time_entry_identifiers/{number}")
    for table in sorted({table for table, _ in named}):
        key = TABLES[table].key[0]
        ids = [one for of, one in named if of == table]
        held = {row[key] for row in desk.standing(table, {key: ids})}
        for one in ids:
            if one not in held:
                yield from (FieldError(pointer, f"No {table.replace('_', ' ')} {one} is on record.") for pointer in named[table, one])


def _table(column: str) -> str:
    return column.removesuffix("_id")


def _left_out(desk: DraftDesk, invoice_id: str, *, kept: set[str]) -> list[dict[str, Any]]:
    """Lines that the draft has on record and no longer has as it was sent."""
    recorded = desk.standing("invoice_line", {"invoice_id": [invoice_id]})
    return [{**row, "recorded_at": desk.as_of, "source": UNSAVED, "deleted": True} for row in recorded if row["line_id"] not in kept]


def _billed_elsewhere(desk: DraftDesk, invoice_id: str, entries: list[str]) -> dict[str, str]:
    """Of the entries that a line of another invoice bills already, which line: they stay with it."""
    held = {row["entry_id"]: row["invoice_line_id"] for row in desk.standing("time_entry", {"entry_id": entries}) if row["invoice_line_id"]}
    lines = [row for row in desk.standing("invoice_line", {"line_id": list(held.values())}) if row["invoice_id"] != invoice_id]
    invoices = desk.standing("invoice", {"invoice_id": [row["invoice_id"] for row in lines]})
    alive = {row["invoice_id"] for row in invoices if row["cancelled_at"] is None}
    of = {row["line_id"]: (row["line_no"], row["invoice_id"]) for row in lines if row["invoice_id"] in alive}
    told = {entry: of[line] for entry, line in held.items() if line in of}
    return {
        entry: f"Time entry {entry} is billed already, by line {number} of invoice {invoice}." for entry, (number, invoice) in told.items()
    }
