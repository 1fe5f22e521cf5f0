"""A desk at which a draft of the controls' standing firm is judged and fixed, with its changes as one line of text each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import polars as pl
import yaml

from controls.catalog import CONTROLS
from controls.control import LEVEL, Control
from features.draft_lines import siblings
from features.line_signals import lines_at, signals
from models.fixes.change import Change
from models.fixes.draft import Draft, Judged, drafted
from models.fixes.smallest import Fix, Passing, smallest_fix
from records.held import Held
from records.known import ENTER, LEAVE, Known, micros
from records.lake import schema_of
from records.tables import TABLES
from tests.controls.case import AT, told
from tests.controls.case import _Plain as Plain
from tests.ledger import moment

CASES: Final = Path(__file__).parent / "cases.yaml"
LEAST: Final = 0.02
A_FLAW: Final = 0.05
"""What each flaw of a line adds to the likelihood at this desk."""


@dataclass(frozen=True)
class Desk:
    """The records of a firm, and the controls that are looked at."""

    rows: dict[str, pl.DataFrame]
    as_of: datetime
    controls: tuple[Control, ...] = CONTROLS

    @property
    def known(self) -> Known:
        return Known(Held(self.rows), until=self.as_of)

    def judge(self, draft: Draft) -> Judged:
        """All that is on record with the draft on top: what stands, and a likelihood that rises with flaws and drafts beside it."""
        held = dict(self.rows)
        for table, rows in draft.rows.items():
            key = [*TABLES[table].key, "recorded_at"]
            before = held.get(table, pl.DataFrame(schema=schema_of(table)))
            held[table] = pl.concat([before.join(rows, on=key, how="anti"), rows], how="diagonal_relaxed")
        known, now = Known(Held(held), until=self.as_of), micros(self.as_of)
        found = []
        for one in self.controls:
            stands = one.findings(known).frame.filter((pl.col(ENTER) <= now) & (now < pl.col(LEAVE)))
            found.append(stands.with_columns(control=pl.lit(one.name), severity=pl.lit(LEVEL[one.severity])).collect())
        findings = pl.concat(found).filter(pl.col("invoice_id") == draft.invoice_id)
        flaws = signals(lines_at(known, self.as_of, invoices=pl.Series([draft.invoice_id])))
        beside = known.derived(siblings).frame.filter((pl.col(ENTER) <= now) & (now < pl.col(LEAVE))).collect()
        count = float((flaws > 0).sum()) + beside.filter(pl.col("invoice_id") == draft.invoice_id).height
        return Judged(findings, LEAST + A_FLAW * count)

    def draft(self, invoice_id: str = "i") -> Draft:
        return drafted(self.known, invoice_id, as_of=self.as_of)

    def fix(self, draft: Draft | None = None, passing: Passing | None = None) -> Fix:
        return smallest_fix(draft or self.draft(), self.judge, known=self.known, as_of=self.as_of, passing=passing)


def desk(rows: dict[str, list[dict[str, Any]]], *, at: str = AT, controls: Iterable[Control] = CONTROLS) -> Desk:
    """The standing firm with these rows in it, as in the controls' cases."""
    frames = {table: one.filter(pl.col("recorded_at") <= moment(at)) for table, one in told(rows).frames().items()}
    return Desk(frames, moment(at), tuple(controls))


def read(file: Path = CASES) -> list[dict[str, Any]]:
    return yaml.load(file.read_text("utf-8"), Loader=Plain)  # type: ignore[no-any-return]  # noqa: S506 - dates stay text


def as_text(change: Change) -> str:
    """`correct: invoice_line l unit_price = 100.0000`; what is asked for without a value is a question mark."""
    cells = [f"{one.table} {one.record_id} {one.column} = {'?' if one.supposed else one.new}" for one in change.cells]
    return f"{change.kind}: {', '.join(cells)}" if cells else f"{change.kind}: {', '.join(sorted({name for name, _, _ in change.answers}))}"


def as_texts(changes: Sequence[Change]) -> list[str]:
    return [as_text(one) for one in changes]
