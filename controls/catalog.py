"""Every control, in the order in which people should meet them, and all that they find.

To add one: a file in this folder, its line below, its cases in tests/controls/cases/, and `make docs`.
"""

from typing import Final

import polars as pl

from controls.control import LEVEL, Control
from controls.line_arithmetic import line_arithmetic
from controls.po_missing import po_missing
from controls.rate_above_card import rate_above_card
from records.known import Facts, Known

CONTROLS: Final[tuple[Control, ...]] = (
    rate_above_card,
    line_arithmetic,
    po_missing,
)


def findings(known: Known) -> Facts:
    """All that all controls find, in knowledge time: `COLUMNS` of control.py, `control` (its name) and `severity` (its `LEVEL`).

    Ask for it by `known.derived(findings)`. At any instant a control finds one thing at most of an entity and period.
    """
    return Facts("finding", pl.concat(_told(one, known) for one in CONTROLS))


def _told(one: Control, known: Known) -> pl.LazyFrame:
    name, severity = pl.lit(one.name).alias("control"), pl.lit(LEVEL[one.severity], dtype=pl.Int64).alias("severity")
    return one.findings(known).frame.with_columns(name, severity)
