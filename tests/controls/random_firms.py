"""Firms in which everything that any case tells happens at once: rows of all cases, known in any order, corrected and deleted."""

from datetime import datetime
from functools import cache
from typing import Final

from hypothesis import strategies as st

from controls.catalog import CONTROLS
from records.tables import TABLES
from tests.controls.case import cases, told
from tests.ledger import Ledger, Row, moment

MOMENTS: Final = tuple(
    moment(when)
    for when in ("2025-01-01", "2025-02-28", "2025-03-10T09:00", "2025-04-01T09:00", "2025-04-02", "2025-04-20T10:00", "2025-06-30")
)
"""When rows come to be known: around the standing firm's work, its draft, its issue and its payment."""
_DELETED: Final = st.sampled_from([False] * 7 + [True])
MOST: Final = 8
"""Rows of a table in one firm."""

instants: Final[st.SearchStrategy[datetime]] = st.sampled_from(MOMENTS)


@cache
def _pool() -> dict[str, list[Row]]:
    """Every row of every case, and the standing ones."""
    found: dict[str, dict[str, Row]] = {}
    for case in (case for control in CONTROLS for case in cases(control.name)):
        for table, rows in case.ledger().rows.items():
            found.setdefault(table, {}).update({repr(row): row for row in rows})
    return {table: list(rows.values()) for table, rows in found.items()}


@st.composite
def random_firms(draw: st.DrawFn) -> Ledger:
    """The standing firm, with versions of any case's rows in it; no two with one key and one `recorded_at`, as the intake has it."""
    made = told({})
    for table, pool in _pool().items():
        key = (*TABLES[table].key, "recorded_at")
        there = {tuple(row[name] for name in key) for row in made.rows[table]}
        for template, recorded, deleted in draw(st.lists(st.tuples(st.sampled_from(pool), instants, _DELETED), max_size=MOST)):
            version: Row = {**template, "recorded_at": recorded, "deleted": deleted}
            name = tuple(version[column] for column in key)
            if name not in there:
                there.add(name)
                made.rows[table].append(version)
    return made
