"""Draft check: a draft that nobody has recorded, judged as it would be once it is recorded. Nothing of it is kept.

One `DraftDesk` stands for one state of the records; a draft is checked as of the end of that state.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import polars as pl

from controls.catalog import findings_on_bills, standing
from features.around import Around, Firm
from features.divisions import Asked, needs
from models.anomaly_model import AnomalyModel
from models.bundle import Bundle
from models.catalog import risk_named
from models.finding import Finding
from models.fixes.draft import Draft, Judged
from models.fixes.smallest import Fix, smallest_fix
from models.numbers import numbers
from models.scoring import told
from models.spine import at_instants
from models.unusual import unusual_on
from models.unusual_lines import UNUSUAL_LINES
from records.known import Known
from records.lake import RAW, Lake

DISPUTE: Final = risk_named("dispute")


@dataclass(frozen=True)
class CheckedDraft:
    """What was found of a draft."""

    as_of: datetime
    findings: pl.DataFrame
    """As `controls.catalog.standing` has them, the gravest first; of the draft, its lines and what they bill."""
    dispute: Finding
    """Probability, reasons and lines."""
    unusual: tuple[Finding, ...]
    """Its lines that are unlike the firm's own, where a model of them stands."""
    notices: tuple[str, ...]


class DraftDesk:
    """One state of a firm's records, ready for drafts to be checked against it."""

    def __init__(self, lake: Lake, *, as_of: datetime, dispute: Bundle | None, anomalies: AnomalyModel | None) -> None:
        self.as_of, self._dispute, self._anomalies = as_of, dispute, anomalies
        self.known = Known(lake, until=as_of)
        self._firm = Firm(self.known, tables=_tables(as_of))
        self._tables: dict[str, pl.DataFrame] = {}

    def check(self, draft: Draft) -> CheckedDraft:
        """All that is found of a draft."""
        around, rows = self._scored(draft)
        book = DISPUTE.book(around, self.as_of)
        scored = told(around, DISPUTE, self._dispute, rows, book=book, as_of=self.as_of, reporting=self._reporting)
        (finding,) = scored.findings
        odd: tuple[Finding, ...] = ()
        if (model := self._anomalies) is not None:
            odd = unusual_on(around, UNUSUAL_LINES, model, invoice_id=draft.invoice_id, as_of=self.as_of, reporting=self._reporting)
        notices = tuple(note for note in (*scored.notices, scored.withheld) if note)
        return CheckedDraft(self.as_of, _concerning(draft, around, self.as_of), finding, odd, notices)

    def fix(self, draft: Draft, checked: CheckedDraft) -> Fix:
        """The smallest fix of a draft that was checked here."""
        known = Around(self._firm, draft.client_id, draft.rows, billed=draft.billed)
        before = Judged(checked.findings, checked.dispute.probability)
        return smallest_fix(draft, lambda one: before if one is draft else self._judged(one), known=known, as_of=self.as_of)

    def _judged(self, draft: Draft) -> Judged:
        around, rows = self._scored(draft)
        found = _concerning(draft, around, self.as_of)
        if self._dispute is None or rows.is_empty():
            return Judged(found, None)
        return Judged(found, float(numbers(DISPUTE, self._dispute, rows).probability[DISPUTE.decided_by.name][0]))

    def _scored(self, draft: Draft) -> tuple[Around, pl.DataFrame]:
        """The records with the draft on top, and its row of the frame."""
        around = Around(self._firm, draft.client_id, draft.rows, billed=draft.billed)
        spine = at_instants(around, DISPUTE, [self.as_of]).filter(pl.col("invoice_id") == draft.invoice_id)
        return around, around.build(spine, DISPUTE.computed)

    def standing(self, table: str, of: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
        """Rows of a table as they stand, of which each column named has one of its values."""
        return self._held(table).filter(pl.col(name).is_in(values) for name, values in of.items()).to_dicts()

    def _held(self, table: str) -> pl.DataFrame:
        if table not in self._tables:
            self._tables[table] = self.known.at(self.as_of, table).drop(RAW).collect()
        return self._tables[table]

    @cached_property
    def _reporting(self) -> str | None:
        """The currency of most invoices that could be disputed now, as a night's scoring has it."""
        counted = Counter(at_instants(self.known, DISPUTE, [self.as_of])["currency"].drop_nulls().to_list())
        return min(counted, key=lambda one: (-counted[one], one), default=None)


def _concerning(draft: Draft, around: Around, as_of: datetime) -> pl.DataFrame:
    """What stands about the draft, its lines, or what they bill."""
    lines = draft.rows["invoice_line"]
    about = {
        "invoice_id": [draft.invoice_id],
        "line_id": lines["line_id"].to_list(),
        "entry_id": [*draft.billed, *lines["time_entry_id"].drop_nulls()],
        "expense_id": lines["expense_id"].drop_nulls().to_list(),
        "milestone_id": lines["milestone_id"].drop_nulls().to_list(),
    }
    stands = standing(around, as_of, of=findings_on_bills)
    return stands.filter(pl.any_horizontal(pl.col(key).is_in(ids) for key, ids in about.items()))


def _tables(as_of: datetime) -> frozenset[str]:
    """All that checking a draft reads."""
    asked = Asked(as_of)
    asked.derived(DISPUTE.at_risk)
    asked.derived(findings_on_bills)
    DISPUTE.book(asked, as_of)
    return frozenset(asked.tables).union(*(one.tables for one in needs(DISPUTE.computed, as_of).values()))
