"""The ceilings of what the tables allow, by risk, and which kind each is."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import polars as pl

from benchmarks.ceilings import contested_drafts, falling_margins, late_payment, late_sheets
from records.known import Known

Ceiling = Callable[[Known, pl.DataFrame, Path, str], pl.DataFrame]
"""(records, rows with entity_id and as_of, folder of the truth, mechanism of disputes) -> the rows with `probability`."""

CEILINGS: Final[Mapping[str, Ceiling]] = MappingProxyType(
    {
        "collections": lambda known, rows, _truth, _mechanism: late_payment.ceiling(known, rows),
        "dispute": lambda known, rows, truth, mechanism: contested_drafts.ceiling(known, rows, truth=truth, mechanism=mechanism),
        "missing_time": lambda known, rows, _truth, _mechanism: late_sheets.ceiling(known, rows),
        "margin": lambda known, rows, _truth, _mechanism: falling_margins.ceiling(known, rows),
    }
)
